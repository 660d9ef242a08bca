"""The part of the store that finds stored articles; what the methods promise stands in searching.Searched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from watcher.core.alerts.by_day import Alerted
from watcher.core.matching.word_index import Asked
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId
from watcher.searching import Listed
from watcher.storage import search
from watcher.storage.alerted import alerted_since
from watcher.storage.writer import Readers, Writer


class Searching:
    """Implements searching.Searched and searching.AlertsCounted on a database."""

    _readers: Readers

    @property
    def _writer(self) -> Writer:
        raise NotImplementedError

    async def found(self, asked: Asked | None, since: datetime) -> Sequence[Listed]:
        """Return articles that may have the words."""
        return await self._readers.run(lambda db: search.found_by_words(db, asked, since))

    async def some(self, asked: Asked, limit: int) -> Sequence[Article]:
        """Return some articles that may have the words."""
        return await self._readers.run(lambda db: search.some_by_words(db, asked, limit))

    async def count_articles(self) -> int:
        """Return how many articles are stored."""
        return await self._readers.run(search.count_articles)

    async def articles_by_id(self, wanted: Sequence[ArticleId]) -> Sequence[Article]:
        """Return stored articles."""
        return await self._readers.run(lambda db: search.articles_by_id(db, wanted))

    async def articles_since(self, after: Listed | datetime, limit: int) -> Sequence[Article]:
        """Return the next articles, oldest first."""
        return await self._readers.run(lambda db: search.articles_since(db, after, limit))

    async def index_more(self, limit: int) -> float:
        """Put articles of before into the index."""
        return await self._writer.run(lambda db: search.index_more(db, limit), turn=False)

    async def alerted(self, since: datetime) -> Sequence[Alerted]:
        """Return how many alerts came when."""
        return await self._readers.run(lambda db: alerted_since(db, since))
