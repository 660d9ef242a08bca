"""Identifying: is an arriving article one that its feed gave us before, and has it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from watcher.core.articles.urls import url_key
from watcher.core.dedup.keys import shared_urls
from watcher.core.dedup.near_copy import RECURRING
from watcher.core.dedup.relate import are_related, do_agree
from watcher.core.model.alert import Disposition, JudgeContext, KnownArticle
from watcher.core.model.ids import ArticleId
from watcher.core.model.match import ReadArticle
from watcher.core.model.verdict import Stage

_URL_KNOWN_FOR: Final = timedelta(days=7)
_TITLES_A_URL: Final = 3
"""A feed that gives one URL to more titles than this uses it for something else than naming an article."""


@dataclass(frozen=True, slots=True)
class Identified:
    """An arriving article and the stored one that it is, if any."""

    read: ReadArticle
    id: ArticleId
    disposition: Disposition
    known: KnownArticle | None = None


def without_shared_urls(reads: Sequence[ReadArticle], known: Sequence[KnownArticle]) -> tuple[ReadArticle, ...]:
    """Return the articles, those without their URL key whose URL stands for several items of the document or the feed."""
    here = shared_urls((read.keys.url, read.article.title) for read in reads)
    before = shared_urls(
        ((one.keys.url, one.title) for one in (*known, *_as_known(reads))),
        most=_TITLES_A_URL,
    )
    shared = here | before
    return tuple(
        replace(read, keys=replace(read.keys, url=None)) if read.keys.url in shared else read for read in reads
    )


class Roll:
    """The articles that a feed is known to have given, found by key; those of the document in hand are added as they are judged."""

    def __init__(self, context: JudgeContext) -> None:
        self._context = context
        self._by_key: dict[tuple[str, bytes], list[KnownArticle]] = {}
        for known in context.known:
            self.add(known)

    def add(self, known: KnownArticle) -> None:
        """Make an article known; the latest one under a key is found first."""
        for kind in ("item", "guid", "url"):
            if key := getattr(known.keys, kind):
                self._by_key.setdefault((kind, key), []).insert(0, known)

    def identify(self, read: ReadArticle) -> Identified:
        """Return what the article is to its feed.

        The item key decides, then the guid without scheme and host, then the URL, which is believed for a week, while titles agree
        and their pattern is not a series.
        """
        found = self._first("item", read.keys.item) or self._first("guid", read.keys.guid) or self._by_url(read)
        if found is None:
            return Identified(read, read.article.id, Disposition.NEW)
        same = found.keys.content == read.keys.content
        article = read.article.seen_at(found.first_seen_at) if found.first_seen_at else read.article
        article = replace(article, text=found.text if same else found.text + 1)
        return Identified(
            read=replace(read, article=replace(article, id=found.id)),
            id=found.id,
            disposition=Disposition.UNCHANGED if same else Disposition.REVISED,
            known=found,
        )

    def _first(self, kind: str, key: bytes | None) -> KnownArticle | None:
        found = self._by_key.get((kind, key)) if key else None
        return found[0] if found else None

    def _by_url(self, read: ReadArticle) -> KnownArticle | None:
        if read.keys.url is None or self._context.recurring(read.keys.pattern) >= RECURRING:
            return None
        sure = url_key(read.article.url).sure
        for known in self._by_key.get(("url", read.keys.url), ()):
            if known.first_seen_at and self._context.now - known.first_seen_at > _URL_KNOWN_FOR:
                continue
            before = replace(read.article, title=known.title, summary="", content="")
            if are_related(read.article, before) if sure else do_agree(read.article, before):
                return known
        return None


def remembered(read: ReadArticle, id_: ArticleId, stage: Stage) -> KnownArticle:
    """Return an article of this document as the next ones see it."""
    article = read.article
    return KnownArticle(id_, read.keys, stage, article.title, article.text, article.first_seen_at)


def _as_known(reads: Sequence[ReadArticle]) -> list[KnownArticle]:
    return [remembered(read, read.article.id, Stage.MATCHED) for read in reads]
