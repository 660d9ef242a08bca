"""Find copies of told articles by what their leads say, and derive title, pattern and lead keys as they are compared
now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column, Connection, Row, text

from watcher.core.dedup.keys import text_keys
from watcher.core.dedup.search import SEARCH_SPAN, search_keys
from watcher.core.model.alert import Member
from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import ArticleId, FeedId, public_id
from watcher.storage.types import EPOCH

revision = "0010"
down_revision = "0009"

_VERSION = 2
_BATCH = 1000


def upgrade() -> None:
    """Make the table, and derive keys anew from each stored text; keys of articles without a text go as they expire."""
    op.create_table(
        "copy_keys",
        Column("key", sa.LargeBinary(16), nullable=False),
        Column("seen_at", sa.BigInteger(), nullable=False),
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("key_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["items.id"], name="fk_copy_keys_article", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "seen_at", "article", name="pk_copy_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_copy_keys_article", "copy_keys", ["article"])
    op.create_index("ix_copy_keys_seen_at", "copy_keys", ["seen_at"])
    connection = op.get_bind()
    connection.execute(text("DELETE FROM article_keys WHERE kind = 'start'"))
    last = b""
    while rows := connection.execute(_TEXTS, {"last": last, "limit": _BATCH}).all():
        _derive(connection, rows)
        last = rows[-1].id


_TEXTS = text(
    "SELECT id, feed, guid, url, title, summary, content, source, feed_name, published_at, first_seen_at "
    "FROM articles WHERE id > :last ORDER BY id LIMIT :limit"
)
_OLD = text("DELETE FROM article_keys WHERE article = :article AND kind IN ('title', 'pattern') AND latest")
_NEW = text(
    "INSERT OR REPLACE INTO article_keys (key, kind, article, key_version, latest) "
    "VALUES (:key, :kind, :article, :version, 1)"
)
_OTHERS = text("SELECT kind, key FROM article_keys WHERE article = :article AND latest")
_TOLD = text("SELECT min(joined_at) FROM alert_members WHERE article = :article")
_FOUND_BY = text(
    "INSERT OR IGNORE INTO copy_keys (key, seen_at, article, key_version) VALUES (:key, :seen_at, :article, :version)"
)
_NEWEST = text("SELECT max(joined_at) FROM alert_members")


def _derive(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    newest = connection.execute(_NEWEST).scalar() or 0
    horizon = newest - SEARCH_SPAN // timedelta(microseconds=1)
    for row in rows:
        article = _article(row)
        connection.execute(_OLD, {"article": row.id})
        for kind, key in text_keys(article).items():
            if key is not None:
                connection.execute(_NEW, {"key": key, "kind": kind, "article": row.id, "version": _VERSION})
        told_at = connection.execute(_TOLD, {"article": row.id}).scalar()
        if told_at is not None and told_at > horizon:
            member = Member(article, _keys(connection, row.id))
            for key in search_keys(member):
                values = {"key": key, "seen_at": told_at, "article": row.id, "version": _VERSION}
                connection.execute(_FOUND_BY, values)


def _keys(connection: Connection, article: bytes) -> ArticleKeys:
    found = {row.kind: row.key for row in connection.execute(_OTHERS, {"article": article})}
    return ArticleKeys(
        item=found.get("item", b""),
        content=b"",
        guid=found.get("guid"),
        url=found.get("url"),
        title=found.get("title"),
    )


def _article(row: Row[Any]) -> Article:
    return Article(
        id=ArticleId(public_id("a", row.id)),
        feed=FeedId(public_id("f", row.feed)),
        guid=row.guid,
        url=row.url,
        title=row.title,
        summary=row.summary,
        content=row.content,
        source=row.source,
        feed_name=row.feed_name,
        published_at=_moment(row.published_at),
        first_seen_at=_moment(row.first_seen_at),
    )


def _moment(stored: int | None) -> datetime | None:
    return None if stored is None else EPOCH + timedelta(microseconds=stored)
