"""Finding stored articles, in memory: without an index every article may be one that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tests.fakes.memory.polls import Polling
from watcher.core.matching.word_index import Asked
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId
from watcher.searching import Listed


class Finding(Polling):
    """Implements searching.Searched."""

    async def found(self, asked: Asked | None, since: datetime) -> Sequence[Listed]:
        """Return all articles since then."""
        return sorted((one for one in self._listed() if one.seen_at >= since), key=lambda one: one[::-1], reverse=True)

    async def some(self, asked: Asked, limit: int) -> Sequence[Article]:
        """Return any articles."""
        return await self.articles_by_id([one.article for one in self._listed()[:limit]])

    async def count_articles(self) -> int:
        """Return how many there are."""
        return len(self._listed())

    async def articles_by_id(self, wanted: Sequence[ArticleId]) -> Sequence[Article]:
        """Return stored articles."""
        kept = {one.id: one.article for one in self._items.values() if one.article and not one.article.sample}
        return [kept[id_] for id_ in wanted if id_ in kept]

    async def articles_since(self, after: Listed | datetime, limit: int) -> Sequence[Article]:
        """Return the next articles, oldest first."""
        ordered = sorted(self._listed(), key=lambda one: one[::-1])
        if isinstance(after, Listed):
            chosen = [one for one in ordered if one[::-1] > after[::-1]]
        else:
            chosen = [one for one in ordered if one.seen_at >= after]
        return await self.articles_by_id([one.article for one in chosen[:limit]])

    async def index_more(self, limit: int) -> float:
        """There is no index."""
        return 1.0

    def _listed(self) -> list[Listed]:
        return [
            Listed(one.id, one.article.first_seen_at)
            for one in self._items.values()
            if one.article is not None and one.article.first_seen_at is not None and not one.article.sample
        ]
