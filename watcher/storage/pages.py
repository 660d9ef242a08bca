"""Pages that are to be read whole: wanted with their article, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from watcher.core.model.alert import Disposition, Judged
from watcher.core.model.ids import ArticleId
from watcher.core.model.page import PageNote, PageOutcome, PageResult, WantedPage
from watcher.core.model.policy import FeedSpec, FullText
from watcher.core.model.verdict import Stage
from watcher.storage import dialects, search, values
from watcher.storage.tables import articles
from watcher.storage.tables_of_pages import pages


def want(connection: Connection, spec: FeedSpec, judged: Sequence[Judged], now: datetime) -> None:
    """Note the pages of what is new, or is a later text, in a feed that asks for them; what was only noted has none."""
    if spec.full_text is FullText.NO:
        return
    rows = [
        {
            "article": one.id,
            "outcome": PageOutcome.WANTED,
            "said": "",
            "feed_chars": len(one.read.article.summary) + len(one.read.article.content),
            "page_chars": 0,
            "attempts": 0,
            "next_try_at": now,
            "at": now,
        }
        for one in judged
        if one.disposition is not Disposition.UNCHANGED and one.stage is Stage.MATCHED and one.read.article.url
    ]
    if rows:
        connection.execute(dialects.upsert(pages), rows)


def wanted(connection: Connection, now: datetime, limit: int) -> list[WantedPage]:
    """Return the articles whose pages are due, longest due first."""
    due = (
        select(articles, pages.c.attempts)
        .join(pages, pages.c.article == articles.c.id)
        .where(pages.c.next_try_at <= now)
        .order_by(pages.c.next_try_at, pages.c.article)
        .limit(limit)
    )
    return [WantedPage(values.article_of(row), row.attempts) for row in connection.execute(due)]


def is_wanted(connection: Connection, article: ArticleId, text: int) -> bool:
    """Return whether the page of this text of an article is still to be read: another process may have been quicker,
    or a poll brought a later text, which wants its page anew.
    """
    chosen = (
        select(pages.c.outcome)
        .join(articles, articles.c.id == pages.c.article)
        .where(pages.c.article == article, articles.c.text == text)
    )
    return connection.execute(chosen).scalar() is PageOutcome.WANTED


def write(connection: Connection, result: PageResult, now: datetime) -> None:
    """Write what became of a page, and the article's text with it."""
    note = result.note
    connection.execute(
        update(pages)
        .where(pages.c.article == result.article)
        .values(
            outcome=note.outcome,
            said=note.said,
            page_chars=note.page_chars,
            attempts=result.attempts,
            next_try_at=result.next_try_at,
            at=now,
        )
    )
    if result.read is not None:
        text = result.read.article.content
        search.take_from_index(connection, [result.article])
        connection.execute(update(articles).where(articles.c.id == result.article).values(content=text))
        indexed = search.articles_by_id(connection, [result.article])
        search.add_to_index(connection, [(one, "") for one in indexed], now)


def note_of(connection: Connection, article: ArticleId) -> PageNote | None:
    """Return what became of an article's page, None where none was asked for."""
    row = connection.execute(select(pages).where(pages.c.article == article)).first()
    return None if row is None else _note(row)


def _note(row: Row[Any]) -> PageNote:
    return PageNote(row.outcome, row.said, row.feed_chars, row.page_chars, row.at)
