"""Counting what `none` stops: articles by rule, term and day, and what the newest articles are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select

from watcher.core.model.alert import Disposition, Judged
from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId
from watcher.core.model.record import STOPPED_DAYS, StoppedBy
from watcher.storage import dialects, values
from watcher.storage import tables as t
from watcher.storage.articles import printable

_MOST_CHARS = 2000  # of a part, to see how frequent words are: some thousand texts are held at once


def count(connection: Connection, judged: Sequence[Judged], now: datetime) -> None:
    """Count the new articles that a `none` stopped; samples, and articles that are known already, are not counted."""
    found = Counter(
        (one.rule, printable(one.term))
        for each in judged
        if each.disposition is Disposition.NEW and not each.read.article.sample
        for one in each.read.excluded
    )
    if not found:
        return
    statement = dialects.insert(t.stopped)
    total = {"articles": t.stopped.c.articles + statement.excluded.articles}
    rows = [
        {"rule": rule, "term": term, "day": day_of(now), "articles": articles}
        for (rule, term), articles in sorted(found.items())
    ]
    connection.execute(statement.on_conflict_do_update(index_elements=["rule", "term", "day"], set_=total), rows)


def stopped_records(connection: Connection, now: datetime) -> list[StoppedBy]:
    """Return what `none` stopped in the last days, the most frequent first."""
    articles = func.sum(t.stopped.c.articles).label("total")
    lately = (
        select(t.stopped.c.rule, t.stopped.c.term, articles)
        .where(t.stopped.c.day > now - STOPPED_DAYS)
        .group_by(t.stopped.c.rule, t.stopped.c.term)
        .order_by(articles.desc(), t.stopped.c.rule, t.stopped.c.term)
    )
    return [StoppedBy(RuleId(row.rule), row.term, int(row.total)) for row in connection.execute(lately)]


def prune_stopped(connection: Connection, now: datetime) -> None:
    """Forget the days that nobody is shown any more."""
    connection.execute(delete(t.stopped).where(t.stopped.c.day < now - STOPPED_DAYS - timedelta(days=1)))


def newest_articles(connection: Connection, limit: int) -> list[Article]:
    """Return the newest articles that are no samples, newest first."""
    return [values.article_of(row) for row in connection.execute(_newest(select(t.articles), limit))]


def newest_texts(connection: Connection, limit: int) -> list[str]:
    """Return title, and the beginnings of summary and content, of the newest articles that are no samples, each as
    one text.
    """
    beginnings = (func.substr(column, 1, _MOST_CHARS) for column in (t.articles.c.summary, t.articles.c.content))
    newest = _newest(select(t.articles.c.title, *beginnings), limit)
    return ["\n".join(row) for row in connection.execute(newest)]


def _newest(columns: Select[Any], limit: int) -> Select[Any]:
    return columns.where(t.articles.c.sample.is_(False)).order_by(t.articles.c.first_seen_at.desc()).limit(limit)


def day_of(now: datetime) -> datetime:
    """Return the beginning of the day in UTC."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
