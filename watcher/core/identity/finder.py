"""Finding: which articles of its feed an entry is compared with, by what brings the two together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
        self._sight: dict[object, list[KnownArticle]] = {}
        for known in free:
            for key in self._keys(known.keys.item, known.keys.guid, known.keys.content, _url_of(known)):
                self._by.setdefault(key, []).append(known)
            if known.article is not None:
                title = title_of(known.article).tokens
                self._by.setdefault((title, known.published_at), []).append(known)
                if title:
                    self._sight.setdefault(title, []).append(known)

    def candidates(self, read: ReadArticle) -> list[KnownArticle]:
        """Return the articles to compare an entry with, the newest of each key."""
        keys = self._keys(read.keys.item, read.keys.guid, read.keys.content, read.article.url)
        title = title_of(read.article).tokens
        if title and read.article.published_at is not None:
            keys.append((title, read.article.published_at))
        return self._first(keys, self._by)

    def by_sight(self, read: ReadArticle) -> list[KnownArticle]:
        """Return the articles with the link or the title of an entry."""
        link = address_text(read.article.url, self._unstable)
        found = self._first([("link", link)], self._by) if link else []
        title = title_of(read.article).tokens
        same = self._sight.get(title, [])
        # A title that the feed repeats tells nothing.
        return found + (same if len({one.published_at for one in same}) <= 1 else [])[:MOST_A_KEY]

    def _keys(self, item: bytes, guid: bytes | None, content: bytes, url: str) -> list[object]:
        link = address_text(url, self._unstable)
        found: list[object] = [("item", item), ("content", content)]
        found += [("guid", guid)] if guid else []
        if link and link not in self._shared:
            found += [("link", link), ("number", numbered(link) or link)]
        return found

    def _first(self, keys: Iterable[object], index: Mapping[object, list[KnownArticle]]) -> list[KnownArticle]:
        found: dict[ArticleId, KnownArticle] = {}
        for key in keys:
            for known in index.get(key, ())[:MOST_A_KEY]:
                found.setdefault(known.id, known)
        return list(found.values())


def _url_of(known: KnownArticle) -> str:
    return known.article.url if known.article is not None else ""
