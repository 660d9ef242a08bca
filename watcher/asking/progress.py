"""How far long work is, in one line on a terminal that somebody looks at, and nowhere else."""

from __future__ import annotations

import sys
import time
from typing import Final

_WIDTH: Final = 28
_EVERY_SECONDS: Final = 0.1


class Bar:
    """A bar on standard error, drawn at most ten times a second; nothing where that is no terminal."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._shown = sys.stderr.isatty()
        self._next = 0.0
        self._drawn = False

    def at(self, share: float, said: str = "") -> None:
        """Draw that this share of the work is done; `said` stands behind it."""
        now = time.monotonic()
        if not self._shown or now < self._next:
            return
        self._next = now + _EVERY_SECONDS
        share = min(max(share, 0.0), 1.0)
        bar = "█" * round(share * _WIDTH)
        sys.stderr.write(f"\r\x1b[K{self._label}  {bar:<{_WIDTH}}  {share:>4.0%}  {said}".rstrip())
        sys.stderr.flush()
        self._drawn = True

    def end(self) -> None:
        """Take the bar away, so that what follows begins at the start of a line."""
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = False
