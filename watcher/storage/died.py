"""What died of its age while a channel took nothing: the first message that goes through there names it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, select

from watcher.core.alerts.behind import MOST_DIED, has_died_of_age
from watcher.core.model.ids import MessageId
from watcher.core.model.message import Died, MessageState
from watcher.core.model.record import MessageClaim
from watcher.storage.alerts import alert_ids
from watcher.storage.tables import alerts, articles, messages
from watcher.storage.types import UNREADABLE

_MOST: Final = 500
"""So many dead messages of one outage are looked at, the newest."""


def with_what_died(connection: Connection, claims: Sequence[MessageClaim]) -> list[MessageClaim]:
    """Return claims, those by which a broken channel is tried with what died there since it broke."""
    return [_with_its_dead(connection, one) if one.health.breaker_since is not None else one for one in claims]


def _with_its_dead(connection: Connection, claim: MessageClaim) -> MessageClaim:
    try:
        with connection.begin_nested():
            died, in_all = _died(connection, claim)
    except UNREADABLE:  # what cannot be read is no reason to try no more
        return claim
    return replace(claim, died=died, died_in_all=in_all)


def _died(connection: Connection, claim: MessageClaim) -> tuple[tuple[Died, ...], int]:
    rows = connection.execute(
        select(messages.c.id, messages.c.dead_class, messages.c.for_recipient)
        .where(
            messages.c.target == claim.target,
            messages.c.state == MessageState.DEAD,
            messages.c.final_at >= claim.health.breaker_since,
        )
        .order_by(messages.c.final_at.desc(), messages.c.created_at.desc(), messages.c.id)
        .limit(_MOST)
    ).all()
    dead = [row.id for row in rows if has_died_of_age(row.dead_class, row.for_recipient)]
    if not dead:
        return (), 0
    told = alert_ids(connection, dead)
    pairs = [(MessageId(message), alert) for message in dead for alert in told.get(message, ())]
    titles = {
        row.id: row.title
        for row in connection.execute(
            select(alerts.c.id, articles.c.title)
            .join(articles, articles.c.id == alerts.c.article)
            .where(alerts.c.id.in_([alert for _, alert in pairs[:MOST_DIED]]))
        )
    }
    return tuple(Died(message, titles.get(alert, "")) for message, alert in pairs[:MOST_DIED]), len(pairs)
