"""Upkeep: deleting what is old, claiming the slots of scheduled jobs, and looking for damage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, exists, func, select, update

from watcher.core.model.ids import ArticleId
from watcher.core.model.message import FINAL_STATES
from watcher.core.model.policy import Keep
from watcher.core.model.record import Pruned
from watcher.storage import dialects, feeds, known_articles, migrate, search, values
from watcher.storage import tables as t
from watcher.storage.sqlite import DAMAGED

BATCH = 500
"""Rows that one transaction of a retention run deletes, so that polls and sends get their turn."""

SHARE = 4
"""A run deletes at most one article in so many: a clock that jumps ahead must not empty the store."""

_FILLING, _FILLING_BYTES = "filling", 256 * 1024


def allowance(connection: Connection, table: Table = t.articles) -> int:
    """Return how many rows of a table one retention run may delete."""
    count = connection.execute(select(func.count()).select_from(table)).scalar_one()
    return max(1, count // SHARE)


def prune_articles(connection: Connection, keep: Keep, now: datetime, limit: int) -> int:
    """Delete the text of old articles that stand behind no message still to be sent; return how many."""
    ids = _held(connection, _old_articles(keep, now).limit(min(limit, BATCH)), t.articles.c.id)
    for part in dialects.chunks(ids):
        for row in connection.execute(select(t.articles).where(t.articles.c.id.in_(part))).all():
            left = known_articles.left_of(values.article_of(row))
            connection.execute(update(t.items).where(t.items.c.id == row.id).values(signs=left))
        search.take_from_index(connection, part)
        connection.execute(delete(t.articles).where(t.articles.c.id.in_(part)))
        connection.execute(update(t.texts).where(t.texts.c.article.in_(part)).values(body=None))
    return len(ids)


def has_old(connection: Connection, keep: Keep, now: datetime) -> bool:
    """Return whether articles are left that a retention run would delete."""
    return connection.execute(_old_articles(keep, now).limit(1)).first() is not None


def _old_articles(keep: Keep, now: datetime) -> Select[Any]:
    behind = (
        select(t.alert_members.c.article)
        .join(t.deliveries, t.deliveries.c.alert == t.alert_members.c.alert)
        .join(t.messages, t.messages.c.id == t.deliveries.c.message)
        .where(t.messages.c.state.not_in(sorted(FINAL_STATES)))
    )
    return (
        select(t.articles.c.id)
        .where(t.articles.c.changed_at < now - keep.articles, t.articles.c.id.not_in(behind))
        .order_by(t.articles.c.changed_at, t.articles.c.id)
    )


def prune_messages(connection: Connection, keep: Keep, now: datetime, limit: int = BATCH) -> int:
    """Delete messages that have been final for long, with the alerts that only they told of; return how many
    messages.
    """
    horizon = now - max(keep.keys, keep.articles)
    old = select(t.messages.c.id).where(t.messages.c.final_at < horizon).order_by(t.messages.c.final_at)
    ids = list(connection.execute(old.limit(min(limit, BATCH))).scalars())
    for part in dialects.chunks(ids):
        connection.execute(delete(t.messages).where(t.messages.c.id.in_(part)))
    told = exists().where(t.deliveries.c.alert == t.alerts.c.id)
    connection.execute(delete(t.alerts).where(t.alerts.c.message.is_(None), t.alerts.c.created_at < horizon, ~told))
    return len(ids)


def prune_keys(connection: Connection, keep: Keep, now: datetime, limit: int = BATCH) -> tuple[int, int]:
    """Delete items that their feeds have not listed for long, once neither text nor alert needs them; return how many
    items and keys went.
    """
    has_text = exists().where(t.articles.c.id == t.items.c.id)
    is_member = exists().where(t.alert_members.c.article == t.items.c.id)
    is_founder = exists().where(t.alerts.c.article == t.items.c.id)
    old = (
        select(t.items.c.id)
        .where(t.items.c.absent_since < now - keep.keys, ~has_text, ~is_member, ~is_founder)
        .order_by(t.items.c.absent_since, t.items.c.id)
        .limit(min(limit, BATCH))
    )
    ids = _held(connection, old, t.items.c.id)
    keys = 0
    for part in dialects.chunks(ids):
        keys += int(connection.execute(delete(t.article_keys).where(t.article_keys.c.article.in_(part))).rowcount)
        connection.execute(delete(t.items).where(t.items.c.id.in_(part)))
    return len(ids), keys


def _held(connection: Connection, old: Select[Any], id_: ColumnElement[Any]) -> list[ArticleId]:
    """Return the articles to delete, once nothing is written of their feeds any more."""
    ids = list(connection.execute(old).scalars())
    if not ids or not dialects.is_shared(connection):
        return ids
    feeds.hold(connection, ids)
    return list(connection.execute(old.where(id_.in_(ids))).scalars())


def prune_refused(connection: Connection, keep: Keep, now: datetime) -> None:
    """Forget entries that were refused long ago."""
    connection.execute(delete(t.refused_entries).where(t.refused_entries.c.at < now - keep.articles))


def with_more(left: Pruned, *, articles: int = 0, keys: int = 0, messages: int = 0, capped: bool = False) -> Pruned:
    """Return the sum of what a run has deleted so far and one batch more."""
    return Pruned(left.articles + articles, left.keys + keys, left.messages + messages, left.capped or capped)


def claim_slot(connection: Connection, job: str, slot: str, now: datetime) -> bool:
    """Return True for the first caller that names this job and slot."""
    row = {"name": job, "slot": slot, "at": now}
    return connection.execute(dialects.insert(t.job_runs).on_conflict_do_nothing(), row).rowcount == 1


def newest_at(connection: Connection) -> datetime | None:
    """Return the newest time at which a feed was polled or a message queued, or None."""
    times = [
        connection.execute(select(func.max(column))).scalar_one()
        for column in (t.feeds.c.last_poll_at, t.messages.c.created_at)
    ]
    return max((moment for moment in times if moment is not None), default=None)


def fill(connection: Connection) -> None:
    """Write some pages, to see whether the disk takes them; `empty` deletes them."""
    connection.execute(dialects.upsert(t.meta), {"name": _FILLING, "value": "." * _FILLING_BYTES})


def empty(connection: Connection) -> None:
    """Delete what `fill` wrote."""
    connection.execute(delete(t.meta).where(t.meta.c.name == _FILLING))


def check(connection: Connection) -> list[str]:
    """Return what is wrong with the database, in sentences."""
    found = dialects.find_damage(connection)
    if any(one.startswith(DAMAGED) for one in found):
        return found
    version = migrate.version(connection)
    if version != t.HEAD:
        return [
            *found,
            f"the schema is {version or 'missing'}, this version works with {t.HEAD}; run `watcher db migrate`",
        ]
    told = exists().where(t.deliveries.c.alert == t.alerts.c.id)
    silent = connection.execute(select(func.count()).select_from(t.alerts).where(~told)).scalar_one()
    if silent:
        found.append(f"{silent} alerts are in no message")
    return found
