"""Relating: of which earlier article is this one a copy, and how do we know.

    revision      the same item of the same feed, or the same address in it, with other text
    same_article  the same address in another feed
    near_copy     the same text under another address (near_copy)

The nearest level wins, then the earliest article. When unsure there is no relation, and the article is alerted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

import regex

from watcher.core.articles.urls import url_key
from watcher.core.dedup.habits import Habits
from watcher.core.dedup.likeness import Agreement, compare_summaries, gap, hours, title_likeness
from watcher.core.dedup.near_copy import RECURRING, Copy, near_copy
from watcher.core.dedup.titles import title_of
from watcher.core.model.alert import Member
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId
from watcher.core.model.verdict import Evidence, Level, NearMiss, Relation

RANK: Final = {Level.REVISION: 0, Level.SAME_ARTICLE: 1, Level.NEAR_COPY: 2}
_ONE_DAY: Final = timedelta(hours=24)
_LONGEST_GAP: Final = timedelta(days=7)
"""An address that comes back later than this with another item is a page that is used again."""
_RELATED_TITLES: Final = 0.2
_AGREEING_TITLES: Final = 0.5


def relate(
    new: Member, others: Sequence[Member], habits: Habits, gone: Collection[ArticleId] = ()
) -> Relation | NearMiss | None:
    """Return the earlier article that `new` is nearest to; when it is news, the one it came closest to, with the
    guard that refused.

    `others` are earlier articles in order of arrival, never `new` itself in its present text. `habits` tell what the
    sources gave before, `gone` which articles their feed no longer lists.
    """
    best: Relation | None = None
    miss: NearMiss | None = None
    for other in others:
        found = relation(new, other, habits, is_gone=other.article.id in gone)
        if isinstance(found, Relation):
            if best is None or RANK[found.level] < RANK[best.level]:
                best = found
        elif found is not None and (miss is None or found.closeness > miss.closeness):
            miss = found
    return best or miss


def relation(new: Member, other: Member, habits: Habits, *, is_gone: bool = False) -> Relation | NearMiss | None:
    """Return what `new` is to one earlier article; a near miss names the guard that refused."""
    recurring = habits.times(new)
    level, evidence = _same_item(new, other)
    if evidence is None:
        level, evidence = _same_url(new, other, recurring)
    if evidence is not None:
        return Relation(level, other.article.id, evidence)
    found = near_copy(new, other, habits, left=is_gone and new.article.feed == other.article.feed)
    if found is None:
        return None
    if isinstance(found, Copy):
        return Relation(Level.NEAR_COPY, other.article.id, found.because)
    return NearMiss(other.article.id, found.guard, round(found.closeness, 2))


def _same_item(new: Member, other: Member) -> tuple[Level, Evidence | None]:
    """A later text of one article; core.identity said already what is one article within a feed."""
    if new.article.id != other.article.id:
        return Level.REVISION, None
    level = Level.SAME_ARTICLE if new.keys.content == other.keys.content else Level.REVISION
    return level, _evidence("article", new.article, other.article, ("same feed",))


def _same_url(new: Member, other: Member, recurring: int) -> tuple[Level, Evidence | None]:
    """The same address in another feed; within one, core.identity weighed it already."""
    if new.article.feed == other.article.feed or new.keys.url is None or new.keys.url != other.keys.url:
        return Level.SAME_ARTICLE, None
    one, two = new.article, other.article
    apart = gap(one, two)
    if apart is not None and apart > _LONGEST_GAP:
        return Level.SAME_ARTICLE, None
    if url_key(one.url).sure and url_key(two.url).sure:
        guard, believed = "titles related", are_related(one, two)
    else:
        guard, believed = "titles agree", do_agree(one, two)
    if not believed or (recurring >= RECURRING and not do_agree(one, two)):
        return Level.SAME_ARTICLE, None
    return Level.SAME_ARTICLE, _evidence("url", one, two, (guard, "7 d"))


def _evidence(equal: str, one: Article, two: Article, guards: tuple[str, ...]) -> Evidence:
    key = url_key(one.url)
    return {
        "equal": equal,
        "url": key.text,
        "removed": tuple(dict.fromkeys((*key.removed, *url_key(two.url).removed))),
        "similarity": round(title_likeness(one, two), 2),
        "hours": hours(gap(one, two)),
        "guards": guards,
    }


def are_related(one: Article, two: Article) -> bool:
    """Return whether titles or summaries have something in common, or one article has no title to compare."""
    first, second = title_of(one), title_of(two)
    if not first.tokens or not second.tokens or first.placeholder or second.placeholder:
        return True
    if title_likeness(one, two) >= _RELATED_TITLES:
        return True
    summaries = compare_summaries(one, two)
    return summaries.agreement in {Agreement.EQUAL, Agreement.ALIKE} and summaries.words > 3


def do_agree(one: Article, two: Article) -> bool:
    """Return whether two titles say the same: equal, or at least half of their words in common; placeholders never
    do.
    """
    first, second = title_of(one), title_of(two)
    if first.placeholder or second.placeholder or not first.tokens:
        return False
    return first.tokens == second.tokens or title_likeness(one, two) >= _AGREEING_TITLES


_PAGE_NUMBER: Final = regex.compile(r"(?<![0-9])(?!(?:19|20)\d{6}(?!\d))(\d{5,})(?:\.[a-z]+)?$")


def page_of(article: Article) -> str:
    """Return what stays of a page's address when its slug is rewritten ("ferry-sinks-51200"): folder, long number,
    publication time; "" = none.
    """
    text = url_key(article.url).text
    number = _PAGE_NUMBER.search(text)
    if number is None or article.published_at is None:
        return ""
    return f"{text.rpartition('/')[0]} {number.group(1)} {article.published_at.isoformat()}"
