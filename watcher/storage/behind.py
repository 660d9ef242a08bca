"""Making one message of all that waits behind a breaker, right before its channel is tried."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from watcher.core.alerts.behind import Behind, Trial, is_tried_soon, trial_of
from watcher.core.model.ids import MessageId
from watcher.core.model.message import ChannelHealth, HoldReason, MessageState
from watcher.core.model.policy import Policy, RetryPolicy
from watcher.storage import health, holds, shares
from watcher.storage.tables import messages


def gather_for_trials(connection: Connection, policy: Policy, now: datetime) -> None:
    """Give each broken channel that is tried soon one message of all that waits for it; see core/alerts/behind.py."""
    broken = health.broken(connection)
    known = health.healths(connection, now) if broken else {}
    for name in sorted(broken):
        if name in known and is_tried_soon(known[name], now):
            _gather(connection, known[name], now - policy.give_up.get(name, RetryPolicy().give_up), now)


def _gather(connection: Connection, channel: ChannelHealth, too_old: datetime, now: datetime) -> None:
    is_held = (messages.c.state == MessageState.HELD) & (messages.c.hold == HoldReason.BREAKER)
    rows = connection.execute(
        select(messages)
        .where(messages.c.target == channel.name, is_held)
        .order_by(messages.c.created_at, messages.c.id)
    ).all()
    held = holds.held_messages(connection, rows)
    waiting = [
        Behind(
            one,
            max(row.released_at or row.created_at, channel.breaker_since or row.created_at),
            row.tries,
            row.first_tried_at,
            is_plain=row.plain,
            is_let_go=row.let_go,
        )
        for row, one in zip(rows, held, strict=True)
    ]
    weights = holds.weights(connection, {alert for one in held for alert in one.alerts})
    _write(connection, trial_of(channel.name, waiting, weights, too_old), now)


def read(connection: Connection, id_: MessageId) -> None:
    """Read all that is read of a message where its channel is tried."""
    rows = connection.execute(select(messages).where(messages.c.id == id_)).all()
    holds.weights(connection, {alert for one in holds.held_messages(connection, rows) for alert in one.alerts})


def _write(connection: Connection, trial: Trial, now: datetime) -> None:
    for gone in trial.leaving:
        shares.let_leave(connection, gone.message, [gone.alerts], gone.since)
    if trial.summary is None:
        return
    holds.put_together(connection, trial.summary, trial.merged, now)
    changes = {
        "released_at": trial.since,
        "tries": trial.tries,
        "first_tried_at": trial.first_tried_at,
        "let_go": trial.is_let_go,
    }
    connection.execute(update(messages).where(messages.c.id == trial.summary.id).values(changes))
