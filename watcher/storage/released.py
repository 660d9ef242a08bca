"""Writing a release by hand: the new alerts, and what the article leaves for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, select, update

from watcher.core.alerts.release import RELEASED_NOTE, Release, messages_of_release, release
from watcher.core.model.decided import Released
from watcher.core.model.ids import AlertId, ArticleId
from watcher.core.model.rule import Severity
from watcher.core.model.verdict import Level, Outcome
from watcher.errors import StorageError
from watcher.storage import alerts as alert_rows
from watcher.storage import dialects, feeds, health, kept_back, revisions, show
from watcher.storage.tables import alert_members, alerts, verdicts


def release_article(connection: Connection, id_: ArticleId, now: datetime) -> Released:
    """Give an article that was folded or passed over an alert of its own; see ports.Store.release_article."""
    feeds.hold(connection, [id_])
    record = show.article(connection, id_)
    if record is None:
        raise StorageError(f"no stored article has the id {id_}; see: watcher stories suppressed")
    joined = {verdict.alert for verdict in record.verdicts if verdict.alert is not None}
    made = release(
        record.article,
        record.verdicts,
        record.kept_back,
        _severities(connection, joined),
        revisions.active_number(connection) or 0,
    )
    _write(connection, made, now)
    targets = tuple(dict.fromkeys(alert.target for alert in made.made))
    return Released(record.article.id, targets, made.kept)


def _severities(connection: Connection, wanted: set[AlertId]) -> dict[AlertId, Severity]:
    found: dict[AlertId, Severity] = {}
    for part in dialects.chunks(wanted):
        rows = connection.execute(select(alerts.c.id, alerts.c.severity).where(alerts.c.id.in_(part)))
        found |= {AlertId(row.id): Severity(row.severity) for row in rows}
    return found


def _write(connection: Connection, made: Release, now: datetime) -> None:
    planned = messages_of_release(made, set(health.broken(connection)))
    alert_rows.add(connection, made.made, planned, {}, now)
    for alert in made.made:
        kept_back.forget(connection, alert.article, alert.rule, alert.target)
    for verdict, alert in made.alerts:
        left = and_(alert_members.c.article == alert.article, alert_members.c.level != Level.NEW)
        mine = select(alerts.c.id).where(
            alerts.c.rule == alert.rule, alerts.c.target == alert.target, alerts.c.id != alert.id
        )
        connection.execute(delete(alert_members).where(left, alert_members.c.alert.in_(mine)))
        its = (
            verdicts.c.article == verdict.article,
            verdicts.c.text == verdict.text,
            verdicts.c.rule == verdict.rule,
            verdicts.c.target == verdict.target,
        )
        told = {"outcome": Outcome.WAITING, "alert": alert.id, "story": alert.story, "reason": RELEASED_NOTE}
        connection.execute(update(verdicts).where(*its).values(**told))
