"""Copies that are told because the message they were folded into died: made in the transaction of its death, and
known at redrive.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, select, update

from watcher.core.alerts.promote import Promotion, messages_of_promotion, promotions
from watcher.core.model.alert import AlertDetail, AlertKind
from watcher.core.model.ids import AlertId
from watcher.core.model.message import AttemptClass, MessageState
from watcher.core.model.record import MessageClaim
from watcher.core.model.verdict import Outcome
from watcher.storage import alerts as alert_rows
from watcher.storage import details, dialects, health
from watcher.storage.lookup import Keys, Lookup
from watcher.storage.tables import alerts, messages, verdicts


def promote(connection: Connection, dead: MessageClaim, why: AttemptClass, now: datetime) -> None:
    """Make alerts of the folded copies that are to be told now that a message died; see core/alerts/promote.py."""
    if dead.for_recipient:
        return  # the other recipients have it
    spoken = list(connection.execute(select(alerts.c.id).where(alerts.c.message == dead.id)).scalars())
    found = details.alerts_of(connection, spoken)
    wanted = promotions([found[id_] for id_ in sorted(spoken) if id_ in found], why)
    known = _stored(connection, [one.alert.id for one in wanted])
    made = [one for one in wanted if one.alert.id not in known]
    if not made:
        return
    is_broken = dead.target in health.broken(connection)
    planned = messages_of_promotion(made, dead.target, dead.kind, dead.title, is_broken=is_broken)
    labels = {one.alert.id: [group.label for group in found[one.of].match.groups] for one in made}
    alert_rows.add(connection, [one.alert for one in made], planned, labels, now)
    alert_rows.add_members(connection, [fold for one in made for fold in one.folds], now)
    for one in made:
        _move_verdicts(connection, one)


def _stored(connection: Connection, wanted: Collection[AlertId]) -> set[str]:
    found: set[str] = set()
    for part in dialects.chunks(wanted):
        found.update(connection.execute(select(alerts.c.id).where(alerts.c.id.in_(part))).scalars())
    return found


def _move_verdicts(connection: Connection, made: Promotion) -> None:
    """Let what was folded into the dead alert be folded into the new one, and the copy that founds it wait for its
    message.
    """
    alert = made.alert
    # Verdicts are found by their articles, not by their alerts.
    articles = [alert.article, *(fold.article for fold in made.folds)]
    folded = verdicts.c.article.in_(articles), verdicts.c.alert == made.of, verdicts.c.outcome == Outcome.FOLDED
    own = verdicts.c.article == alert.article
    founds = {"alert": alert.id, "outcome": Outcome.WAITING, "reason": alert.note}
    connection.execute(update(verdicts).where(*folded, own).values(**founds))
    connection.execute(update(verdicts).where(*folded).values(alert=alert.id))


_MINE: Final = alerts.alias("mine")
_OTHER: Final = alerts.alias("other")
_IN_ONE_STORY: Final = and_(
    _OTHER.c.story == _MINE.c.story, _OTHER.c.rule == _MINE.c.rule, _OTHER.c.target == _MINE.c.target
)


def _sent(ids: Keys, others: ColumnElement[bool]) -> Select[Any]:
    is_sent = and_(messages.c.id == _OTHER.c.message, dialects.unindexed(messages.c.state) == MessageState.SENT)
    return (
        select(_MINE.c.id.label("mine"), _OTHER.c.id.label("other"))
        .join(_OTHER, others)
        .join(messages, is_sent)
        .where(_MINE.c.id.in_(ids), _OTHER.c.message != _MINE.c.message)
    )


_SENT_LATER: Final = Lookup(
    _MINE.c.id,
    lambda ids: (
        _sent(ids, _IN_ONE_STORY)
        .where(
            _MINE.c.kind == AlertKind.FIRST,
            _OTHER.c.kind == AlertKind.FIRST,
            _OTHER.c.created_at > _MINE.c.created_at,
        )
        .order_by(_MINE.c.id, _OTHER.c.created_at, _OTHER.c.id)
    ),
)
_FOUNDED_IT: Final = Lookup(_MINE.c.id, lambda ids: _sent(ids, _MINE.c.promoted_from == _OTHER.c.id))
_CAME_OF_IT: Final = Lookup(_MINE.c.id, lambda ids: _sent(ids, _OTHER.c.promoted_from == _MINE.c.id))


def told_meanwhile(connection: Connection, wanted: Collection[AlertId]) -> dict[AlertId, tuple[AlertDetail, ...]]:
    """Return, for alerts of messages that were asked for again, the later ones of the same rule, target and story
    whose message was sent.
    """
    pairs = [(AlertId(row.mine), AlertId(row.other)) for row in _SENT_LATER.rows(connection, wanted)]
    every = details.alerts_of(connection, {sent for _, sent in pairs})
    found: dict[AlertId, tuple[AlertDetail, ...]] = {}
    for alert, sent in pairs:
        if sent in every:
            found[alert] = (*found.get(alert, ()), every[sent])
    return found


def told_instead(connection: Connection, wanted: Collection[AlertId]) -> dict[AlertId, AlertId]:
    """Return, for alerts whose news another alert of their fold told (its message was sent), that alert."""
    rows = [*_FOUNDED_IT.rows(connection, wanted), *_CAME_OF_IT.rows(connection, wanted)]
    return {AlertId(row.mine): AlertId(row.other) for row in rows}
