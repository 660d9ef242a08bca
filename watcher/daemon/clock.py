"""The real clock; the only place that reads it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import structlog

from watcher.ports import Clock

log = structlog.get_logger()

JUMP_SECONDS = 3600.0
"""A wall clock that moved this much against the monotonic one is not trusted until it agrees for as long."""


class SystemClock:
    """Implements ports.Clock with the machine's clocks."""

    def now(self) -> datetime:
        """Return the present as an aware UTC time."""
        return datetime.now(UTC)  # noqa: TID251 - here time enters the program

    def monotonic(self) -> float:
        """Return seconds on a clock that no one sets."""
        return time.monotonic()


class ClockWatch:
    """Tells whether the wall clock can be believed: what ages, expires or is deleted by it must wait while it cannot."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall = clock.now()
        self._steady = clock.monotonic()
        self._distrust_until = self._steady

    def is_trusted(self) -> bool:
        """Look at both clocks; return False for an hour after one moved by more than an hour against the other."""
        wall, steady = self._clock.now(), self._clock.monotonic()
        drift = (wall - self._wall).total_seconds() - (steady - self._steady)
        if abs(drift) > JUMP_SECONDS:
            self._distrust_until = steady + JUMP_SECONDS
            log.error("the clock jumped; nothing is deleted, too old or given up for an hour", seconds=round(drift))
        self._wall, self._steady = wall, steady
        return steady >= self._distrust_until
