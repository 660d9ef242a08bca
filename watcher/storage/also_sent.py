"""What an alert says of other channels that were told it, as it is true when it is claimed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, select

from watcher.core.alerts.elsewhere import said_also, with_what_was_sent
from watcher.core.model.alert import AlertDetail
from watcher.core.model.ids import AlertId, ChannelName
from watcher.core.model.message import MessageState
from watcher.storage.lookup import Lookup
from watcher.storage.tables import alerts, messages

_SENT: Final = Lookup(
    alerts.c.article,
    lambda ids: (
        select(alerts.c.article, alerts.c.rule, alerts.c.kind, alerts.c.target)
        .join(messages, messages.c.id == alerts.c.message)
        .where(alerts.c.article.in_(ids), messages.c.state == MessageState.SENT)
    ),
)


def checked(connection: Connection, found: Mapping[AlertId, AlertDetail]) -> dict[AlertId, AlertDetail]:
    """Return alerts that name as told only the other channels that took them."""
    meant = {one.id: one for one in found.values() if said_also(one.note)}
    if not meant:
        return dict(found)
    sent: dict[tuple[str, str, str], set[ChannelName]] = {}
    for row in _SENT.rows(connection, {one.article.id for one in meant.values()}):
        sent.setdefault((row.article, row.rule, row.kind), set()).add(ChannelName(row.target))
    true = {
        id_: replace(one, note=with_what_was_sent(one.note, sent.get((one.article.id, one.rule, one.kind), set())))
        for id_, one in meant.items()
    }
    return {**found, **true}
