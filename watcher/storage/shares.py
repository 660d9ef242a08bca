"""Dividing summaries that are longer than their channel lists, before the first of their messages is sent, and what
was refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select, update

from watcher.core.alerts.shares import Share, divide, divide_off, divide_refused
from watcher.core.model.alert import NewMessage
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId
from watcher.core.model.message import HoldReason, MessageKind, MessageState
from watcher.storage import alerts, holds
from watcher.storage.lookup import Lookup
from watcher.storage.tables import alerts as alert_table
from watcher.storage.tables import deliveries, messages

_WHOLE: Final = Lookup(
    messages.c.id,
    lambda ids: select(messages).where(
        messages.c.id.in_(ids), messages.c.kind == MessageKind.SUMMARY, messages.c.repeat.is_(False)
    ),
)


def divide_long(connection: Connection, ids: Sequence[MessageId], lists_at_most: Mapping[ChannelName, int]) -> None:
    """Divide those of these messages that list too much; what may have arrived stays as it is, for only its own key
    tells of a repeat.
    """
    summaries = list(_WHOLE.rows(connection, ids))
    listed = alerts.alert_ids(connection, [row.id for row in summaries])
    for row in summaries:
        most = lists_at_most.get(ChannelName(row.target))
        if most is not None and len(listed.get(row.id, ())) > most:
            _divide(connection, row, most)


def _divide(connection: Connection, row: Row[Any], most: int) -> None:
    ranked = holds.rank_of(connection, alerts.alert_ids(connection, [row.id])[row.id])
    shares = divide(MessageId(row.id), ChannelName(row.target), row.title, ranked, most)
    connection.execute(delete(deliveries).where(deliveries.c.message == row.id))
    first, *others = shares.messages
    alerts.deliver(connection, [(first.id, alert) for alert in first.alerts])
    connection.execute(update(messages).where(messages.c.id == row.id).values(title=first.title))
    for number, share in enumerate(others, start=1):
        _queue(connection, row, share, number, None)
    if shares.rest is not None:
        _queue(connection, row, shares.rest, len(shares.messages), HoldReason.REST)


def divide_apart(connection: Connection, id_: MessageId) -> None:
    """Divide a message that was marked as refused into its articles, oldest first: a denial goes after what it
    denies. Each is held, or may go, as the whole is.
    """
    row = connection.execute(select(messages).where(messages.c.id == id_)).one()
    chosen = (
        select(alert_table.c.id, alert_table.c.article)
        .join(deliveries, deliveries.c.alert == alert_table.c.id)
        .where(deliveries.c.message == id_)
        .order_by(alert_table.c.created_at, alert_table.c.id)
    )
    listed = [(AlertId(one.id), ArticleId(one.article)) for one in connection.execute(chosen)]
    _part(connection, row, divide_refused(id_, ChannelName(row.target), row.title, listed))


def let_leave(
    connection: Connection, id_: MessageId, groups: Sequence[Sequence[AlertId]], since: datetime | None = None
) -> None:
    """Put alerts that leave a message into messages of their own, which go, or are held, as it is; with `since` their
    age counts from there, else from where that of the whole does.
    """
    row = connection.execute(select(messages).where(messages.c.id == id_)).one()
    listed = alerts.alert_ids(connection, [id_])[id_]
    parts = divide_off(id_, ChannelName(row.target), row.title, listed, groups)
    _part(connection, row, parts)
    if since is not None:
        left = messages.c.id.in_([part.id for part in parts[1:]])
        connection.execute(update(messages).where(left).values(released_at=since))


def _part(connection: Connection, row: Row[Any], shares: Sequence[Share]) -> None:
    first, *others = shares
    id_ = first.id
    connection.execute(delete(deliveries).where(deliveries.c.message == id_))
    alerts.deliver(connection, [(id_, alert) for alert in first.alerts])
    connection.execute(update(messages).where(messages.c.id == id_).values(title=first.title))
    as_the_whole = {"state": row.state, "hold": row.hold, "next_try_at": row.next_try_at, "repeat": row.repeat}
    for number, share in enumerate(others, start=1):
        _queue(connection, row, share, number, None)
        connection.execute(update(messages).where(messages.c.id == share.id).values(as_the_whole))


def _queue(connection: Connection, row: Row[Any], share: Share, number: int, hold: HoldReason | None) -> None:
    message = NewMessage(share.id, ChannelName(row.target), row.kind, share.alerts, title=share.title)
    if hold is not None:
        message = replace(message, state=MessageState.HELD, hold=hold)
    # They go one after the other, since a channel sends the oldest first.
    holds.queue(connection, message, row.created_at + timedelta(microseconds=number))
    inherited = {"plain": row.plain, "released_at": row.released_at, "let_go": row.let_go}
    connection.execute(update(messages).where(messages.c.id == share.id).values(inherited))
