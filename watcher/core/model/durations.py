"""Lengths of time as people read them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

_UNITS: Final = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"))


def in_words(length: timedelta) -> str:
    """Return a length of time in its largest two units: "2 h", "1 d 12 h", "0 min"; seconds only below a minute."""
    if timedelta(0) < length < timedelta(minutes=1):
        return f"{int(length.total_seconds())} s"
    parts, rest = [], length
    for unit, word in _UNITS:
        count, rest = divmod(rest, unit)
        if count:
            parts.append(f"{count} {word}")
    return " ".join(parts[:2]) or "0 min"
