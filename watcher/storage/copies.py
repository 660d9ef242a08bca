"""The keys under which articles of alerts are found by their copies; which keys, and what they are worth, the core
decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from watcher.core.dedup.habits import MOST_CARRIERS
from watcher.core.dedup.search import POSTINGS, SEARCH_SPAN, postings_of, search_keys
from watcher.core.model.alert import Member
from watcher.core.model.ids import KEY_VERSION, ArticleId
from watcher.storage import dialects
from watcher.storage.tables import article_keys, copy_keys, items


def write(connection: Connection, members: Iterable[Member], now: datetime) -> None:
    """Keep articles under their search keys; where one stands already it stays as it was."""
    rows = [
        {"key": key, "seen_at": now, "article": member.article.id, "key_version": KEY_VERSION}
        for member in members
        for key in search_keys(member)
    ]
    rows.sort(key=lambda row: (row["key"], row["article"]))
    if rows:
        connection.execute(dialects.insert(copy_keys).on_conflict_do_nothing(), rows)


def postings(connection: Connection, members: Sequence[Member], now: datetime) -> dict[bytes, list[ArticleId]]:
    """Return the newest articles kept under the search keys of `members`, per key, the newest last.

    Keys of which this finds too many rows lose the oldest, so that no look-up grows with the number of equal headlines.
    """
    asked = {key for member in members for key in search_keys(member)}
    found: list[tuple[bytes, ArticleId]] = []
    for part in dialects.chunks(asked):
        rows = connection.execute(
            select(copy_keys.c.key, copy_keys.c.article)
            .where(copy_keys.c.key.in_(part), copy_keys.c.seen_at > now - SEARCH_SPAN)
            .order_by(copy_keys.c.seen_at, copy_keys.c.article)
        )
        found += [(row.key, ArticleId(row.article)) for row in rows]
    kept = postings_of(found)
    for key in sorted(key for key, ids in kept.items() if len(ids) > 2 * POSTINGS):
        _trim(connection, key)
    return {key: ids[-POSTINGS:] for key, ids in kept.items()}


def _trim(connection: Connection, key: bytes) -> None:
    oldest = (
        select(copy_keys.c.seen_at)
        .where(copy_keys.c.key == key)
        .order_by(copy_keys.c.seen_at.desc())
        .offset(POSTINGS)
        .limit(1)
    )
    last = connection.execute(oldest).scalar()
    if last is not None:
        connection.execute(delete(copy_keys).where(copy_keys.c.key == key, copy_keys.c.seen_at < last))


def habits(
    connection: Connection, keys: Iterable[bytes], since: datetime
) -> dict[bytes, dict[ArticleId, bytes | None]]:
    """Return, per pattern or lead key, some articles first seen since then that carry it, with their title key."""
    # One key at a time: joined with a list of keys, SQLite reads whole feeds, and a limit would hold for all of them
    # together.
    carrying = (
        select(article_keys.c.article)
        .join(items, items.c.id == article_keys.c.article)
        .where(
            article_keys.c.key == bindparam("key"),
            article_keys.c.kind.in_(("pattern", "lead")),
            items.c.first_seen_at > bindparam("since", type_=items.c.first_seen_at.type),
        )
        .limit(MOST_CARRIERS)
    )
    by_key = {
        key: list(connection.execute(carrying, {"key": key, "since": since}).scalars()) for key in sorted(set(keys))
    }
    titles: dict[str, bytes] = {}
    for part in dialects.chunks({id_ for found in by_key.values() for id_ in found}):
        kept = select(article_keys.c.article, article_keys.c.key).where(
            article_keys.c.article.in_(part), article_keys.c.kind == "title", article_keys.c.latest
        )
        titles.update((row.article, row.key) for row in connection.execute(kept))
    return {key: {ArticleId(id_): titles.get(id_) for id_ in found} for key, found in by_key.items() if found}


def prune(connection: Connection, now: datetime, limit: int) -> None:
    """Forget keys of articles too old to have copies."""
    old = select(copy_keys.c.key, copy_keys.c.seen_at, copy_keys.c.article).where(
        copy_keys.c.seen_at < now - SEARCH_SPAN
    )
    for row in connection.execute(old.limit(limit)).all():
        connection.execute(
            delete(copy_keys).where(
                copy_keys.c.key == row.key, copy_keys.c.seen_at == row.seen_at, copy_keys.c.article == row.article
            )
        )
