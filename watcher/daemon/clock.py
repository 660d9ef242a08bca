"""The real clock, the only place that reads it."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """Implements ports.Clock with the machine's clocks."""

    def now(self) -> datetime:
        """Return the present as an aware UTC time."""
        return datetime.now(UTC)  # noqa: TID251 - here time enters the program

    def monotonic(self) -> float:
        """Return seconds on a clock that no one sets."""
        return time.monotonic()

    def elapsed(self) -> float:
        """Return seconds on a clock that no one sets and that goes on while the machine sleeps, where the system has
        one.
        """
        return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
