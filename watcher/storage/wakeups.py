"""What one process tells others on the same database of: what they would else find at their next look."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Wakeup(StrEnum):
    """What there is to look at."""

    FEEDS = "feeds"
    MESSAGES = "messages"
    REVISION = "revision"


Heard = Callable[[Wakeup], None]
"""Is called in a thread of the store's own."""


class SilentServer:
    """Stands for a listener where there is nobody else to hear."""

    def close(self) -> None:
        """Do nothing."""
