"""What a document as a whole says about its signs: links and leads that tell nothing, dates that moved at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from watcher.core.dedup.leads import lead
from watcher.core.dedup.titles import title_of
from watcher.core.identity.addresses import address_text
from watcher.core.identity.brake import DATE, MANY, is_most
from watcher.core.identity.compare import Manner, starts_of
from watcher.core.model.alert import KnownArticle
from watcher.core.model.article import Article
from watcher.core.model.identity import FeedMemory
from watcher.core.model.match import ReadArticle

_FAR: Final = timedelta(hours=24)
_TITLES_A_LEAD: Final = 2
"""A headline may be rewritten once over the same lead; a lead under more titles is the feed's own furniture."""


def manner_of(reads: Sequence[ReadArticle], known: Sequence[KnownArticle], memory: FeedMemory) -> Manner:
    """Return how a document is compared: what is unstable in its feed, which links, leads and title starts repeat."""
    unstable = frozenset(memory.unstable)
    articles = [read.article for read in reads]
    stored = [one.article for one in known if one.article is not None]
    here, ever = _titles_by_lead(articles), _titles_by_lead(articles + stored)
    common = {words for words, titles in here.items() if len(titles) > 1}
    common |= {words for words, titles in ever.items() if len(titles) > _TITLES_A_LEAD}
    return Manner(
        unstable=unstable,
        shared=shared_links(reads, known, unstable),
        leads=frozenset(common),
        starts=starts_of(title_of(article).tokens for article in articles + stored),
        is_small=len(reads) < MANY,
        trusts_guids=any(read.keys.guid is not None for read in reads),
        dates_count=DATE not in unstable,
    )


def _titles_by_lead(articles: Iterable[Article]) -> dict[tuple[str, ...], set[tuple[str, ...]]]:
    found: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for article in articles:
        if words := lead(article):
            found.setdefault(words, set()).add(title_of(article).tokens)
    return found


def shared_links(
    reads: Sequence[ReadArticle], known: Sequence[KnownArticle], unstable: frozenset[str]
) -> frozenset[str]:
    """Return the links that this document gives to two titles, or that the feed gave to two articles that are other
    news.
    """
    here: dict[str, set[tuple[str, ...]]] = {}
    for read in reads:
        if link := address_text(read.article.url, unstable):
            here.setdefault(link, set()).add(title_of(read.article).tokens)
    before: dict[str, set[tuple[str, ...]]] = {}
    for one in known:
        if one.article is not None and (link := address_text(one.article.url, unstable)):
            before.setdefault(link, set()).add(title_of(one.article).tokens)
    return frozenset(
        {link for link, titles in here.items() if len(titles) > 1}
        | {link for link, titles in before.items() if len(titles) > 1}
    )


def is_mass_move(pairs: Sequence[tuple[ReadArticle, KnownArticle]]) -> bool:
    """Return whether two thirds of at least five items with unchanged text moved their dates far, or to one minute."""
    same = [(read, known) for read, known in pairs if read.keys.content == known.keys.content]
    moves = [(read, move) for read, known in same if (move := moved_by(read, known))]
    if not is_most(len(moves), len(same)):
        return False
    far = sum(move > _FAR for _, move in moves)
    minutes = {
        read.article.published_at.replace(second=0, microsecond=0) for read, _ in moves if read.article.published_at
    }
    return is_most(far, len(same)) or len(minutes) == 1


def moved_by(read: ReadArticle, known: KnownArticle) -> timedelta:
    """Return how far the publication time of one item moved, 0 where one has none."""
    if read.article.published_at is None or known.published_at is None:
        return timedelta(0)
    return abs(read.article.published_at - known.published_at)
