"""Finding: which articles of its feed an entry is compared with, by what brings the two together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Final

from watcher.core.dedup.titles import title_of
from watcher.core.identity.addresses import address_text, numbered
from watcher.core.model.alert import KnownArticle
from watcher.core.model.ids import ArticleId
from watcher.core.model.match import ReadArticle

MOST_A_KEY: Final = 50
"""As many of the newest articles under one key are compared."""


class Finder:
    """The articles that no entry is yet, by what brings an entry and an article together; links count without their
    `unstable` parts, and those that are `shared` not at all.
    """

    def __init__(self, free: Sequence[KnownArticle], unstable: frozenset[str], shared: frozenset[str]) -> None:
        self._unstable = unstable
        self._shared = shared
        self._by: dict[object, list[KnownArticle]] = {}
        self._free = free
        self._published: dict[datetime, list[KnownArticle]] = {}
        for known in free:
            for key in self._keys(known.keys.item, known.keys.guid, known.keys.content, _url_of(known)):
                self._by.setdefault(key, []).append(known)
            if known.published_at is not None:
                self._published.setdefault(known.published_at, []).append(known)

    def candidates(self, read: ReadArticle) -> list[KnownArticle]:
        """Return the articles to compare an entry with, the newest of each key."""
        keys = self._keys(read.keys.item, read.keys.guid, read.keys.content, read.article.url)
        return self._first((*(self._by.get(key, ()) for key in keys), self._of_title_and_time(read)))

    def by_sight(self, read: ReadArticle) -> list[KnownArticle]:
        """Return the articles with the link or the title of an entry."""
        link = address_text(read.article.url, self._unstable)
        found = self._first([self._by.get(("link", link), ())]) if link else []
        same = self._of_title.get(title_of(read.article).tokens, [])
        # A title that the feed repeats tells nothing.
        return found + (same if len({one.published_at for one in same}) <= 1 else [])[:MOST_A_KEY]

    @cached_property
    def _of_title(self) -> dict[tuple[str, ...], list[KnownArticle]]:
        """The articles by their titles, those without words left out."""
        found: dict[tuple[str, ...], list[KnownArticle]] = {}
        for known in self._free:
            if known.article is not None and (title := title_of(known.article).tokens):
                found.setdefault(title, []).append(known)
        return found

    def _of_title_and_time(self, read: ReadArticle) -> list[KnownArticle]:
        """Return the articles with the title and publication time of an entry; few have its time, and only the titles
        of these are taken apart.
        """
        at = read.article.published_at
        near = [known for known in self._published.get(at, ()) if known.article is not None] if at is not None else []
        title = title_of(read.article).tokens if near else ()
        if not title:
            return []
        return [known for known in near if known.article is not None and title_of(known.article).tokens == title]

    def _keys(self, item: bytes, guid: bytes | None, content: bytes, url: str) -> list[object]:
        link = address_text(url, self._unstable)
        found: list[object] = [("item", item), ("content", content)]
        found += [("guid", guid)] if guid else []
        if link and link not in self._shared:
            found += [("link", link), ("number", numbered(link) or link)]
        return found

    def _first(self, under_keys: Iterable[Sequence[KnownArticle]]) -> list[KnownArticle]:
        found: dict[ArticleId, KnownArticle] = {}
        for articles in under_keys:
            for known in articles[:MOST_A_KEY]:
                found.setdefault(known.id, known)
        return list(found.values())


def _url_of(known: KnownArticle) -> str:
    return known.article.url if known.article is not None else ""
