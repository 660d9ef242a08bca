"""What a broken channel is tried with: one message of all that waits for it, so that the first that goes through tells
everything.

| what waits behind the breaker                     | becomes                                              |
|---------------------------------------------------|------------------------------------------------------|
| alerts and summaries, none of which was received  | one summary, the weightiest alert first; still held  |
| what may have arrived, or was refused as it looks | stays as it is: its own key tells of a repeat        |
| what is about us                                  | stays as it is                                       |
| a summary of which the oldest alerts are too old  | keeps these, and the others leave it                 |
| what died of its age meanwhile                    | is named by the first message that goes through      |

A summary is as old as the oldest of what it holds, and as often tried: nothing waits longer behind a breaker for having
company.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from watcher.core.alerts.holding import HeldMessage, Weight, let_go
from watcher.core.alerts.timing import LOOK
from watcher.core.model.alert import NewMessage
from watcher.core.model.ids import AlertId, ChannelName, MessageId
from watcher.core.model.message import AttemptClass, ChannelHealth, HoldReason, MessageState

MOST_DIED: Final = 10
"""So many headlines of what died of its age are listed; the others are counted."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A message that an open breaker holds; its age counts from `since`, `tries` and `first_tried_at` are those since
    then. `is_plain`: its usual form was refused, or that of a message of which it was a part. `is_let_go`: no schedule
    holds it any more.
    """

    held: HeldMessage
    since: datetime
    tries: int = 0
    first_tried_at: datetime | None = None
    is_plain: bool = False
    is_let_go: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """Alerts that leave a message that is too old for them; their age counts from `since`."""

    message: MessageId
    alerts: tuple[AlertId, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class Trial:
    """What becomes of all that waits: a summary of those in `merged`, or None, and what leaves others."""

    summary: NewMessage | None = None
    merged: tuple[MessageId, ...] = ()
    since: datetime | None = None
    tries: int = 0
    first_tried_at: datetime | None = None
    is_let_go: bool = False
    leaving: tuple[Gone, ...] = ()


def is_tried_soon(health: ChannelHealth, now: datetime) -> bool:
    """Return whether a channel is broken and will be tried before the next look at what waits."""
    if health.breaker_since is None or (health.throttled_until is not None and health.throttled_until > now + LOOK):
        return False
    return health.next_probe_at is None or health.next_probe_at <= now + LOOK


def has_died_of_age(dead_class: AttemptClass | None, for_recipient: str | None) -> bool:
    """Return whether a dead message died because its channel took nothing for too long: the receiver did not refuse
    what it says, and it is not what one recipient alone did not get.
    """
    return dead_class is not AttemptClass.CONTENT and not for_recipient


def trial_of(
    target: ChannelName, waiting: Sequence[Behind], weights: Mapping[AlertId, Weight], too_old: datetime
) -> Trial:
    """Return what a broken channel is tried with next of all that waits for it, the oldest first; what waits since
    `too_old` or longer dies at its next try, and takes nothing younger along.

        one (01:40), two (06:30)                            -> a summary of both, since 01:40
        a summary since 1 Nov: one (1 Nov), two (7 Nov)     -> on 8 Nov two leaves it
    """
    aged = [_leaving(one, weights, too_old) for one in waiting if one.since <= too_old]
    leaving = tuple(left for left in aged if left is not None)
    young = [one for one in waiting if one.since > too_old and not one.is_plain]
    gone = let_go(target, [one.held for one in young], weights)
    if gone.summary is None:
        return Trial(leaving=leaving)
    return _together(gone.summary, [one for one in young if one.held.id in gone.merged], leaving)


def _together(summary: NewMessage, merged: Sequence[Behind], leaving: tuple[Gone, ...]) -> Trial:
    tried = [one.first_tried_at for one in merged if one.first_tried_at is not None]
    return Trial(
        replace(summary, state=MessageState.HELD, hold=HoldReason.BREAKER),
        tuple(one.held.id for one in merged),
        min(one.since for one in merged),
        max(one.tries for one in merged),
        min(tried, default=None),
        any(one.is_let_go for one in merged),
        leaving,
    )


def _leaving(one: Behind, weights: Mapping[AlertId, Weight], too_old: datetime) -> Gone | None:
    if one.held.is_begun:
        return None
    young = tuple(id_ for id_ in one.held.alerts if weights[id_].created_at > too_old)
    if not young or len(young) == len(one.held.alerts):
        return None
    return Gone(one.held.id, young, min(weights[id_].created_at for id_ in young))
