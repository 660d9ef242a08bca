"""What silences held: kept until their end was told, and for show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from watcher.core.alerts.muted import say_end
from watcher.core.model.alert import Muted
from watcher.core.model.ids import ArticleId, ChannelName, RuleId, StoryId
from watcher.core.model.record import MutedRecord
from watcher.core.model.rule import Severity
from watcher.storage import dialects, outbox
from watcher.storage.tables import articles, muted


def end(connection: Connection, in_force: Collection[str], now: datetime) -> int:
    """Queue for each target what silences that are over held, once; see ports.Store.end_silences."""
    over = muted.c.told_at.is_(None) & muted.c.silence.not_in(sorted(in_force))
    pairs = connection.execute(select(muted.c.silence, muted.c.target).where(over).distinct()).all()
    for silence, target in sorted((row.silence, row.target) for row in pairs):
        mine = over & (muted.c.silence == silence) & (muted.c.target == target)
        held = _records(connection, connection.execute(select(muted).where(mine)).all())
        title, text = say_end(silence, held)
        outbox.notify(connection, [ChannelName(target)], f"silence {silence} {now.isoformat()}", title, text, now)
        connection.execute(update(muted).where(mine).values(told_at=now))
    return len(pairs)


def muted_records(connection: Connection, silence: str | None, limit: int) -> list[MutedRecord]:
    """Return what a silence, or all of them, held, the newest first."""
    chosen = select(muted).order_by(muted.c.at.desc(), muted.c.article).limit(limit)
    if silence is not None:
        chosen = chosen.where(muted.c.silence == silence)
    return _records(connection, connection.execute(chosen).all())


def of_article(connection: Connection, article: ArticleId) -> list[MutedRecord]:
    """Return by which silences an article was kept from which targets, in order."""
    order = (muted.c.rule, muted.c.target, muted.c.silence)
    return _records(
        connection, connection.execute(select(muted).where(muted.c.article == article).order_by(*order)).all()
    )


def _records(connection: Connection, rows: Sequence[Row[Any]]) -> list[MutedRecord]:
    texts: dict[str, tuple[str, str]] = {}
    for part in dialects.chunks(row.article for row in rows):
        kept = select(articles.c.id, articles.c.title, articles.c.url).where(articles.c.id.in_(part))
        texts |= {row.id: (row.title, row.url) for row in connection.execute(kept)}
    return [_record(row, *texts.get(row.article, ("", ""))) for row in rows]


def _record(row: Row[Any], title: str, url: str) -> MutedRecord:
    held = Muted(
        row.silence,
        ArticleId(row.article),
        RuleId(row.rule),
        ChannelName(row.target),
        StoryId(row.story),
        Severity(row.severity),
    )
    return MutedRecord(held, row.at, title, url, row.told_at)
