"""The keys under which articles of alerts are found by their copies; which keys, and what they are worth, the core
decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, select

from watcher.core.dedup.habits import MOST_CARRIERS
from watcher.core.dedup.search import POSTINGS, SEARCH_SPAN, postings_of, search_keys
from watcher.core.model.alert import Member
from watcher.core.model.ids import KEY_VERSION, ArticleId, public_id
from watcher.storage import dialects
from watcher.storage.changes import Change
from watcher.storage.lookup import Lookup, given
from watcher.storage.tables import copy_keys
from watcher.storage.types import microseconds

_ADD: Final = Change(dialects.insert(copy_keys).on_conflict_do_nothing())


def write(connection: Connection, members: Iterable[Member], now: datetime) -> None:
    """Keep articles under their search keys; where one stands already it stays as it was."""
    rows = [
        {"key": key, "seen_at": now, "article": member.article.id, "key_version": KEY_VERSION}
        for member in members
        for key in search_keys(member)
    ]
    rows.sort(key=lambda row: (row["key"], row["article"]))
    _ADD.run(connection, *rows)


_SINCE: Final = given("since", copy_keys.c.seen_at)
_KEPT: Final = Lookup(
    copy_keys.c.key,
    lambda keys: (
        select(copy_keys.c.key, copy_keys.c.article)
        .where(copy_keys.c.key.in_(keys), copy_keys.c.seen_at > _SINCE)
        .order_by(copy_keys.c.seen_at, copy_keys.c.article)
    ),
)


def postings(connection: Connection, members: Sequence[Member], now: datetime) -> dict[bytes, list[ArticleId]]:
    """Return the newest articles kept under the search keys of `members`, per key, the newest last."""
    asked = {key for member in members for key in search_keys(member)}
    rows = _KEPT.rows(connection, asked, since=now - SEARCH_SPAN)
    kept = postings_of((row.key, ArticleId(row.article)) for row in rows)
    return {key: ids[-POSTINGS:] for key, ids in kept.items()}


def trim(connection: Connection, found: Mapping[bytes, Sequence[ArticleId]]) -> None:
    """Take the oldest from keys that have too many, of those whose postings were `found`: so no look-up grows with the
    number of equal headlines. Takes rows that other feeds wrote, so only in turn.
    """
    full = sorted(key for key, ids in found.items() if len(ids) >= POSTINGS)
    for part in dialects.chunks(full):
        counted = select(copy_keys.c.key).where(copy_keys.c.key.in_(part)).group_by(copy_keys.c.key)
        for key in sorted(connection.execute(counted.having(func.count() > 2 * POSTINGS)).scalars()):
            _trim(connection, key)


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
    carried = dialects.carriers(connection, keys, microseconds(since), MOST_CARRIERS)
    return {key: {ArticleId(public_id("a", id_)): title for id_, title in found} for key, found in carried}


def prune_copies(connection: Connection, now: datetime, limit: int) -> None:
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
