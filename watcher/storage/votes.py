"""Votes: what people say of alerts, kept with the text that they speak of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, select

from watcher.core.alerts.votes import taken_back, vote_change
from watcher.core.model.article import Article
from watcher.core.model.by_hand import HandChange
from watcher.core.model.ids import AlertId, ArticleId, RuleId
from watcher.core.model.policy import Keep
from watcher.core.model.vote import AlertName, Vote, VoteValue
from watcher.errors import StorageError
from watcher.storage import by_hand, details, dialects, show, values
from watcher.storage import tables as t
from watcher.storage.tables_by_hand import votes
from watcher.storage.types import is_id


def alert_name(connection: Connection, id_or_part: str) -> AlertName | None:
    """Return what an alert is known by; see by_hand.HandShown.alert."""
    id_ = show.find(connection, t.alerts.c.id, id_or_part)
    found = None if id_ is None else _named(connection, id_)
    return None if found is None else found[0]


def add_vote(connection: Connection, alert: AlertId, value: VoteValue, by: str, now: datetime) -> Vote:
    """Keep what somebody says of an alert; see by_hand.ByHand.vote."""
    found = _named(connection, alert) if is_id("l", alert) else None
    if found is None:
        raise StorageError(
            f"there is no alert {alert}; its id stands in: watcher stories show, watcher deliveries show"
        )
    row = connection.execute(select(votes).where(_of(alert, by), votes.c.value == value)).first()
    if row is not None:
        return _vote(row)
    name, text = found
    vote = Vote(alert, name.rule, name.article, value, by, now)
    columns = {
        "alert": vote.alert,
        "by": vote.by,
        "rule": vote.rule,
        "article": vote.article,
        "value": vote.value,
        "at": vote.at,
        "title": name.title,
        "body": None if text is None else values.pack_article(text),
    }
    connection.execute(dialects.upsert(votes), columns)
    by_hand.note(connection, vote_change(vote, name))
    return vote


def take_back_vote(connection: Connection, alert: AlertId, voter: str, by: str, now: datetime) -> Vote:
    """Forget what somebody said of an alert; see by_hand.ByHand.take_back_vote."""
    is_one = is_id("l", alert)
    row = connection.execute(select(votes).where(_of(alert, voter))).first() if is_one else None
    if row is None:
        raise StorageError(f"there is no vote of {voter} on {alert}, or it was taken back already")
    connection.execute(delete(votes).where(_of(alert, voter)))
    vote = _vote(row)
    name = AlertName(vote.alert, vote.rule, vote.article, row.title)
    by_hand.note(connection, HandChange(now, by, taken_back(vote, by, name)))
    return vote


def all_votes(connection: Connection, rule: RuleId | None) -> list[Vote]:
    """Return what people said of the alerts of one rule, or of all, the newest first."""
    columns = [votes.c[name] for name in ("alert", "rule", "article", "value", "by", "at")]
    chosen = select(*columns).order_by(votes.c.at.desc(), votes.c.alert, votes.c.by)
    if rule is not None:
        chosen = chosen.where(votes.c.rule == rule)
    return [_vote(row) for row in connection.execute(chosen)]


def voted_texts(connection: Connection, alerts: Sequence[AlertId]) -> Mapping[AlertId, Article]:
    """Return the articles of alerts as they were told; see by_hand.HandShown.voted_texts."""
    found: dict[AlertId, Article] = {}
    for part in dialects.chunks(alerts):
        rows = select(votes.c.alert, votes.c.body).where(votes.c.alert.in_(part), votes.c.body.is_not(None))
        found |= {AlertId(row.alert): values.unpack_text(row.body) for row in connection.execute(rows)}
    return found


def prune_votes(connection: Connection, keep: Keep, now: datetime) -> None:
    """Delete what was said long ago."""
    connection.execute(delete(votes).where(votes.c.at < now - keep.matched))


def _named(connection: Connection, alert: str) -> tuple[AlertName, Article | None] | None:
    """Return an alert's name and its article as it was told, None where the text is gone."""
    row = connection.execute(select(t.alerts).where(t.alerts.c.id == alert)).first()
    if row is None:
        return None
    text = details.texts_of(connection, [(row.article, row.text)]).get((row.article, row.text))
    name = AlertName(AlertId(row.id), RuleId(row.rule), ArticleId(row.article), "" if text is None else text.title)
    return name, text


def _of(alert: str, voter: str) -> ColumnElement[bool]:
    return (votes.c.alert == alert) & (votes.c.by == voter)


def _vote(row: Row[Any]) -> Vote:
    return Vote(AlertId(row.alert), RuleId(row.rule), ArticleId(row.article), row.value, row.by, row.at)
