"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FakeClock:
    """Implements ports.Clock; `advance` moves both the wall clock and the monotonic one."""

    def __init__(self, now: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)) -> None:
        self._now = now
        self._monotonic = 1000.0
        self._slept = 0.0

    def now(self) -> datetime:
        """The present of the test."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that only `advance` moves."""
        return self._monotonic

    def elapsed(self) -> float:
        """Seconds that `advance` and `sleep` move."""
        return self._monotonic + self._slept

    def advance(self, **parts: float) -> None:
        """Move on by a timedelta given by its parts: `clock.advance(hours=2)`."""
        step = timedelta(**parts)
        self._now += step
        self._monotonic += step.total_seconds()

    def jump(self, **parts: float) -> None:
        """Set the wall clock alone, as a wrong time server does."""
        self._now += timedelta(**parts)

    def sleep(self, **parts: float) -> None:
        """Let the machine sleep: the monotonic clock stands still, the others go on."""
        self._now += timedelta(**parts)
        self._slept += timedelta(**parts).total_seconds()
