"""Copies that are told because the message they were folded into died: made in the transaction of its death, and
known at redrive.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, and_, select, update

from watcher.core.alerts.promote import Promotion, messages_of_promotion, promotions
from watcher.core.model.alert import AlertDetail, AlertKind
from watcher.core.model.ids import AlertId
from watcher.core.model.message import AttemptClass, MessageState
from watcher.core.model.record import MessageClaim
from watcher.core.model.verdict import Outcome
from watcher.storage import alerts as alert_rows
from watcher.storage import details, dialects, health
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


def told_meanwhile(connection: Connection, wanted: Collection[AlertId]) -> dict[AlertId, tuple[AlertDetail, ...]]:
    """Return, for alerts of messages that were asked for again, the later ones of the same rule, target and story
    whose message was sent.
    """
    mine, other = alerts.alias("mine"), alerts.alias("other")
    same = and_(other.c.story == mine.c.story, other.c.rule == mine.c.rule, other.c.target == mine.c.target)
    pairs: list[tuple[AlertId, AlertId]] = []
    for part in dialects.chunks(wanted):
        later = (
            select(mine.c.id, other.c.id)
            .join(other, same)
            .join(messages, and_(messages.c.id == other.c.message, messages.c.state == MessageState.SENT))
            .where(
                mine.c.id.in_(part),
                mine.c.kind == AlertKind.FIRST,
                other.c.kind == AlertKind.FIRST,
                other.c.created_at > mine.c.created_at,
                other.c.message != mine.c.message,
            )
            .order_by(mine.c.id, other.c.created_at, other.c.id)
        )
        pairs += [(AlertId(row[0]), AlertId(row[1])) for row in connection.execute(later)]
    every = details.alerts_of(connection, {sent for _, sent in pairs})
    found: dict[AlertId, tuple[AlertDetail, ...]] = {}
    for alert, sent in pairs:
        if sent in every:
            found[alert] = (*found.get(alert, ()), every[sent])
    return found


def told_instead(connection: Connection, wanted: Collection[AlertId]) -> dict[AlertId, AlertId]:
    """Return, for alerts whose news another alert of their fold group told (its message was sent), that alert."""
    found: dict[AlertId, AlertId] = {}
    mine, other = alerts.alias("mine"), alerts.alias("other")
    for part in dialects.chunks(wanted):
        for is_one_group in (mine.c.promoted_from == other.c.id, other.c.promoted_from == mine.c.id):
            pairs = (
                select(mine.c.id, other.c.id)
                .join(other, is_one_group)
                .join(messages, and_(messages.c.id == other.c.message, messages.c.state == MessageState.SENT))
                .where(mine.c.id.in_(part), mine.c.message != other.c.message)
            )
            found |= {AlertId(row[0]): AlertId(row[1]) for row in connection.execute(pairs)}
    return found
