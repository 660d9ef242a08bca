"""What a database that was put back from a copy holds back until somebody decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from watcher.core.alerts.restored import after_restore
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import FINAL_STATES, HoldReason, MessageState
from watcher.storage import epoch, holds
from watcher.storage.tables import feeds, messages

_IS_OFFERED = (messages.c.state == MessageState.HELD) & (messages.c.hold == HoldReason.RESTORED)


def begin_epoch(connection: Connection, now: datetime) -> int:
    """Note that the database is put back now, make all feeds due, and hold what waits in it; return how many
    messages.
    """
    epoch.note_restored(connection, now)
    connection.execute(update(feeds).where(feeds.c.next_poll_at > now).values(next_poll_at=now))
    waiting = select(messages.c.id, messages.c.kind, messages.c.state, messages.c.hold).where(
        messages.c.state.not_in(sorted(FINAL_STATES))
    )
    held = 0
    for row in connection.execute(waiting).all():
        state = after_restore(row.kind, row.state, row.hold)
        if state is None:
            continue
        is_held = state is MessageState.HELD
        changes: dict[str, Any] = {
            "state": state,
            "hold": HoldReason.RESTORED if is_held else None,
            "final_at": None if is_held else now,
            "owner": None,
            "lease_until": None,
            "next_try_at": None,
        }
        if row.state is MessageState.SENDING:
            changes["repeat"] = True
        connection.execute(update(messages).where(messages.c.id == row.id).values(**changes))
        held += is_held
    return held


def decide_restored(connection: Connection, target: ChannelName | None, now: datetime, *, send: bool) -> int:
    """Let go what is offered since a restore, or drop it; see by_hand.ByHand.decide_restored."""
    chosen = select(messages.c.target).where(_IS_OFFERED)
    if target is not None:
        chosen = chosen.where(messages.c.target == target)
    targets = sorted(set(connection.execute(chosen).scalars()))
    if send:
        return sum(holds.release_channel(connection, one, {HoldReason.RESTORED}, now) for one in targets)
    dropped = update(messages).where(_IS_OFFERED, messages.c.target.in_(targets))
    gone = dropped.values(state=MessageState.SKIPPED, hold=None, next_try_at=None, final_at=now)
    return int(connection.execute(gone).rowcount)
