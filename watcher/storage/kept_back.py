"""What an unstable part of a feed keeps from being news: a row for each article, rule and target."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from watcher.core.model.alert import KeptBack
from watcher.core.model.ids import ArticleId, ChannelName, RuleId
from watcher.core.model.record import KeptBackRecord
from watcher.core.model.rule import Severity
from watcher.storage import dialects
from watcher.storage.tables import kept_back

_SINCE = frozenset({"first_at"})


def write(connection: Connection, kept: Sequence[KeptBack], now: datetime) -> None:
    """Note that entries were kept back in one more reading."""
    if not kept:
        return
    times: dict[tuple[str, str, str], int] = {}
    for part in dialects.chunks({one.article for one in kept}):
        rows = connection.execute(select(kept_back).where(kept_back.c.article.in_(part)))
        times |= {(row.article, row.rule, row.target): row.times for row in rows}
    rows_to_add = [
        {
            "article": one.article,
            "rule": one.rule,
            "target": one.target,
            "severity": int(one.severity),
            "why": one.why,
            "url": one.url,
            "published_at": one.published_at,
            "times": times.get((one.article, one.rule, one.target), 0) + 1,
            "first_at": now,
            "last_at": now,
        }
        for one in kept
    ]
    connection.execute(dialects.upsert(kept_back, keep=_SINCE), rows_to_add)


def since(connection: Connection, moment: datetime, limit: int) -> list[KeptBackRecord]:
    """Return what was kept back since then, the newest first."""
    order = (kept_back.c.last_at.desc(), kept_back.c.article, kept_back.c.rule, kept_back.c.target)
    chosen = select(kept_back).where(kept_back.c.last_at >= moment).order_by(*order).limit(limit)
    return [_record(row) for row in connection.execute(chosen)]


def kept_of(connection: Connection, article: ArticleId) -> list[KeptBackRecord]:
    """Return for which rules and targets an article is kept back, in order."""
    chosen = select(kept_back).where(kept_back.c.article == article).order_by(kept_back.c.rule, kept_back.c.target)
    return [_record(row) for row in connection.execute(chosen)]


def forget(connection: Connection, article: ArticleId, rule: RuleId, target: ChannelName) -> None:
    """Take out what was released."""
    its = (kept_back.c.article == article, kept_back.c.rule == rule, kept_back.c.target == target)
    connection.execute(delete(kept_back).where(*its))


def _record(row: Row[Any]) -> KeptBackRecord:
    kept = KeptBack(
        ArticleId(row.article),
        RuleId(row.rule),
        ChannelName(row.target),
        Severity(row.severity),
        row.why,
        row.url,
        row.published_at,
    )
    return KeptBackRecord(kept, row.times, row.first_at, row.last_at)
