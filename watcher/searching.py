"""The doors of the store for finding stored articles and for counting alerts; `ports.Store` holds them with all the
others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from watcher.core.alerts.by_day import Alerted
from watcher.core.matching.word_index import Asked
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId


class Listed(NamedTuple):
    """A stored article and when it was first seen."""

    article: ArticleId
    seen_at: datetime


def after_of(article: Article) -> Listed:
    """Return where to go on behind a stored article."""
    assert article.first_seen_at is not None, "what is stored was seen"
    return Listed(article.id, article.first_seen_at)


class Searched(Protocol):
    """Finds stored articles, samples left out."""

    async def found(self, asked: Asked | None, since: datetime) -> Sequence[Listed]:
        """Return the articles first seen since then that have the words asked for, and perhaps others, newest first;
        all of them for None.
        """
        ...

    async def some(self, asked: Asked, limit: int) -> Sequence[Article]:
        """Return so many of the articles that have the words asked for, and perhaps others, in no order; where it is
        fewer there are no more.
        """
        ...

    async def count_articles(self) -> int:
        """Return how many articles are stored."""
        ...

    async def articles_by_id(self, wanted: Sequence[ArticleId]) -> Sequence[Article]:
        """Return stored articles in this order; those that are gone by now, or cannot be read, are left out."""
        ...

    async def articles_since(self, after: Listed | datetime, limit: int) -> Sequence[Article]:
        """Return the next stored articles, oldest first, after one of them or since a time; those that cannot be
        read are left out, and none is returned only where no more follow.
        """
        ...

    async def index_more(self, limit: int) -> float:
        """Put so many articles into the index that were stored before there was one; return the share that is done,
        1.0 = all. Until then all others count as found.

        Raises:
            StorageError: the store was opened for reading only.
        """
        ...


class AlertsCounted(Protocol):
    """Counts what came."""

    async def alerted(self, since: datetime) -> Sequence[Alerted]:
        """Return how many alerts came in each quarter of an hour since then, each once for all its channels; in no
        order.
        """
        ...
