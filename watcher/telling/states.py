"""Why a message stands where it stands, in one sentence for whoever looks for an alert."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from watcher.core.model.message import AttemptClass, HoldReason, MessageState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from watcher.core.model.record import MessageRecord

_HELD: Final[Mapping[HoldReason, str]] = {
    HoldReason.SECRET: "its channel waits for its secret; it goes out when that is set",
    HoldReason.CHANNEL: "its channel is not in the configuration any more, or is off; it goes out when the channel is back",
    HoldReason.BREAKER: "its channel fails, so it is tried with one message now and then; the rest goes when one gets through",
    HoldReason.SUSPECT: "the program ended twice with this message in hand; it is tried each hour",
    HoldReason.REST: "it did not fit into the messages that told the rest; send it by hand",
    HoldReason.RESTORED: "the database was put back from a copy, so it may have been told already; it goes when you decide so: watcher deliveries restored",
    HoldReason.UNREADABLE: "its row in the database cannot be read; see: watcher db check",
    HoldReason.QUIET: "its channel is quiet now; it goes out when that is over",
    HoldReason.DIGEST: "it waits for the next digest",
    HoldReason.LIMIT: "its rule rang this channel often enough for now; it goes in one summary when the time is over",
}
_DEAD: Final[Mapping[AttemptClass, str]] = {
    AttemptClass.CONTENT: "the receiver refused it, short and plain too",
    AttemptClass.PERMANENT: "the receiver refused it for good",
    AttemptClass.RETRY: "it could not be delivered for too long",
    AttemptClass.THROTTLE: "the receiver asked to wait for too long",
    AttemptClass.UNKNOWN: "it may have arrived; no attempt was answered for too long",
}
_PLAIN: Final[Mapping[MessageState, str]] = {
    MessageState.SENDING: "it is being sent now",
    MessageState.SENT: "the receiver took it",
    MessageState.SKIPPED: "it was not needed any more: silenced, or told by another message",
    MessageState.DROPPED: "its rule drops what is over its limit",
}


def why(record: MessageRecord, zone: tzinfo = UTC) -> str:
    """Return why a message is in its state, and what happens next or what can be done; times are those of `zone`.

    Example: "held: its channel fails, so it is tried with one message now and then; ..."
    """
    return f"{record.state.value}: {reason(record, zone)}"


def reason(record: MessageRecord, zone: tzinfo) -> str:
    """Return why a message is in its state as `why` does, without naming the state."""
    if record.state is MessageState.HELD:
        return _HELD[record.hold] if record.hold is not None else "it waits"
    if record.state is MessageState.DEAD:
        given_up = _DEAD.get(record.dead_class or AttemptClass.RETRY, "it was given up")
        return f"{given_up}; send it again: watcher deliveries retry {record.id[:13]}"
    if record.state is MessageState.UNCONFIRMED:
        return f"the last attempt ended without an answer, so it may have arrived; {_again(record.next_try_at, zone)}"
    if record.state is MessageState.RETRYING:
        return f"the last attempt failed; {_again(record.next_try_at, zone)}"
    if record.state is MessageState.WAITING:
        due = f" until {_clock(record.next_try_at, zone)}" if record.next_try_at else ""
        return f"it waits{due} for its turn: a channel sends one message at a time, the oldest first"
    return _PLAIN[record.state]


def _again(at: datetime | None, zone: tzinfo) -> str:
    return f"it is tried again at {_clock(at, zone)}" if at is not None else "it is tried again soon"


def _clock(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%H:%M:%S %Z}"
