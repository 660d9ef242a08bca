"""Dividing summaries that are longer than their channel lists, before the first of their messages is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select, update

from watcher.core.alerts.shares import Share, divide
from watcher.core.model.alert import NewMessage
from watcher.core.model.ids import ChannelName, MessageId
from watcher.core.model.message import HoldReason, MessageKind, MessageState
from watcher.storage import alerts, holds
from watcher.storage.lookup import Lookup
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


def _queue(connection: Connection, row: Row[Any], share: Share, number: int, hold: HoldReason | None) -> None:
    message = NewMessage(share.id, ChannelName(row.target), MessageKind.SUMMARY, share.alerts, title=share.title)
    if hold is not None:
        message = replace(message, state=MessageState.HELD, hold=hold)
    # They go one after the other, since a channel sends the oldest first.
    holds.queue(connection, message, row.created_at + timedelta(microseconds=number))
    inherited = {"plain": row.plain, "released_at": row.released_at, "let_go": row.let_go}
    connection.execute(update(messages).where(messages.c.id == share.id).values(inherited))
