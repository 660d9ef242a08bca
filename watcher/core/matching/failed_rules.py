"""When a rule that failed on an article is tried on it again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

WAITS: Final = (*(timedelta(minutes=1 << doublings) for doublings in range(9)), timedelta(hours=6))
"""After each failure: a minute, doubled each time, at most six hours."""


def wait(attempts: int) -> timedelta:
    """Return how long a rule waits that failed `attempts` times, one or more."""
    return WAITS[min(attempts, len(WAITS)) - 1]


def is_due(attempts: int, next_try_at: datetime, now: datetime) -> bool:
    """Return whether a rule that failed so many times is to be tried now.

    A time further ahead than its wait was stored by a clock that ran ahead and was set back since: it means now.

    >>> now = datetime(2026, 11, 23, 14)
    >>> is_due(1, now + timedelta(seconds=50), now), is_due(1, now + timedelta(days=365), now)
    (False, True)
    """
    return not now < next_try_at <= now + wait(attempts)
