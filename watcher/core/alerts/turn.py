"""Decides whose turn it is to be sent: the oldest of each channel, and of those suspected of ending the program one
at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from watcher.core.feeds.suspicion import LONGEST_PAUSE, to_begin
from watcher.core.model.ids import ChannelName, MessageId
from watcher.core.model.message import HoldReason, MessageState
from watcher.core.model.suspicion import Suspicion


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that could be sent now."""

    id: MessageId
    target: ChannelName
    created_at: datetime
    suspicion: Suspicion


def to_send(due: Sequence[Candidate], *, has_suspect_in_hand: bool) -> list[MessageId]:
    """Return the messages to send now, oldest first, at most one a channel and one suspect in all.

    A channel whose suspect may not go yet sends what is not suspected meanwhile.
    """
    in_order = sorted(due, key=lambda one: (one.created_at, one.id))
    # One that was set aside waits until nothing else of its channel is due: it had its turn.
    in_order.sort(key=lambda one: one.suspicion.is_set_aside)
    allowed = set(to_begin([(one.id, one.suspicion) for one in in_order], has_suspect_in_hand=has_suspect_in_hand))
    first: dict[ChannelName, MessageId] = {}
    for one in in_order:
        if one.id in allowed:
            first.setdefault(one.target, one.id)
    return list(first.values())


def after_end(
    claimed_from: MessageState | None,
    hold: HoldReason | None,
    next_try_at: datetime | None,
    thought: Suspicion,
    now: datetime,
) -> tuple[MessageState, HoldReason | None, datetime | None]:
    """Return state, hold and next try of a message whose sender ended in the middle: due again, or held as a suspect
    for an hour.

    A message is never dead for that. What was held before, such as the probe of a breaker, is held again.
    """
    if thought.is_set_aside:
        return MessageState.HELD, HoldReason.SUSPECT, now + LONGEST_PAUSE
    if claimed_from is MessageState.HELD:
        return MessageState.HELD, hold, next_try_at
    return MessageState.RETRYING, None, now
