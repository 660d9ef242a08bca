"""Whether all is well enough for the sign of life: a dead-man service hears nothing, or the failure address is asked,
as soon as it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from watcher.core.model.record import Stats

POLL_LATE: Final = timedelta(minutes=15)
"""A feed that is due for so long is not polled any more."""

MESSAGE_LATE: Final = timedelta(minutes=30)
"""A message that could have gone for so long does not get through."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the program knows of itself, beside its numbers: `degraded` is what is not as it should be, in a few words
    each. `since` is when this process began: what was late before it is not its own delay.
    """

    stats: Stats
    degraded: Sequence[str] = ()
    troubles: Sequence[str] = ()
    since: datetime | None = None


def ailing(pulse: Pulse, now: datetime) -> tuple[str, ...]:
    """Return what keeps the sign of life from being given, in sentences; () = all is well."""
    found = [*pulse.troubles, *pulse.degraded]
    due_at, waiting_at = pulse.stats.oldest_poll_due_at, pulse.stats.ready_since
    if due_at is not None and now - max(due_at, pulse.since or due_at) > POLL_LATE:
        found.append(f"a feed is due since {due_at:%Y-%m-%d %H:%M} UTC and is not polled")
    if waiting_at is not None and now - max(waiting_at, pulse.since or waiting_at) > MESSAGE_LATE:
        found.append(f"a message waits since {waiting_at:%Y-%m-%d %H:%M} UTC and is not sent")
    return tuple(found)
