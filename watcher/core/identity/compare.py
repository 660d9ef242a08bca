"""Comparing an arriving entry with a known article of its feed: the signs of the pair."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from watcher.core.dedup.differences import compare
from watcher.core.dedup.facts import markers, numbers
from watcher.core.dedup.keys import mask
from watcher.core.dedup.leads import lead
from watcher.core.dedup.likeness import Agreement, compare_summaries, shingles
from watcher.core.dedup.titles import read_title, strength_of, title_of
from watcher.core.identity.addresses import compare_guids, compare_links
from watcher.core.identity.signs import Date, Guid, Lead, Signs, Stay, Text, Title
from watcher.core.model.alert import KnownArticle
from watcher.core.model.article import Article
from watcher.core.model.match import ReadArticle

HALF: Final = 0.5
_FEW_WORDS: Final = 3
"""Leads this short agree by chance."""
_LONGEST_START: Final = 6
A_MINUTE: Final = timedelta(minutes=1)
"""Publication times closer than this neither agree nor differ: servers that write the time of the answer move them by
seconds.
"""

HALF_A_DAY: Final = timedelta(hours=12)
"""A daily item may come out in the evening, and the next one in the morning."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How this feed names its items, as far as this document and its memory tell.

    `unstable` are the parts that do not count, `shared` the links that tell no article, `leads` the leads that stand
    under several titles, `starts` the first words that several titles share ("border brief"). `is_small`: fewer than
    five items.
    """

    unstable: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    leads: frozenset[tuple[str, ...]] = frozenset()
    starts: frozenset[tuple[str, ...]] = frozenset()
    is_small: bool = True
    hosts_moved: bool = False
    trusts_guids: bool = True
    dates_count: bool = True


def signs_of(read: ReadArticle, known: KnownArticle, manner: Manner) -> Signs:
    """Return the signs of one pair."""
    one, two = read.article, known.article or _bare(known)
    text, date = _text_and_date(read, known, manner)
    stay = Stay.BACK if known.is_absent else (Stay.SMALL if manner.is_small else Stay.STAYED)
    guid = Guid.SILENT
    if manner.trusts_guids:
        guids = (one.guid, one.url), (two.guid, two.url)
        guid = compare_guids(*guids, manner.unstable, hosts_moved=manner.hosts_moved)
    title = compare_titles(one, two, manner.starts, date)
    if not known.is_whole and title is not Title.EQUAL and date is not Date.SAME:
        title = Title.OTHER  # its text is gone: an equal guid or link alone is not believed
    return Signs(
        guid=guid,
        link=compare_links(one.url, two.url, manner.unstable, manner.shared),
        title=title,
        lead=_compare_leads(one, known, manner),
        text=text,
        date=date,
        stay=stay,
    )


def _bare(known: KnownArticle) -> Article:
    return Article(known.id, known.feed, title=known.title, published_at=known.published_at)


def _text_and_date(read: ReadArticle, known: KnownArticle, manner: Manner) -> tuple[Text, Date]:
    """Return which text of the article the entry has, and how the date agrees with that of this text."""
    published_at = read.article.published_at
    if read.keys.content == known.keys.content:
        text, before = Text.SAME, known.published_at
    else:
        had = [one for one in known.earlier if one.content == read.keys.content]
        same_time = [one for one in had if one.published_at == published_at]
        text = Text.EARLIER if had else Text.OTHER
        before = (same_time or had)[-1].published_at if had else known.published_at
    return text, _compare_dates(published_at, before) if manner.dates_count else Date.NONE


def _compare_dates(one: datetime | None, two: datetime | None) -> Date:
    if one is None or two is None:
        return Date.NONE
    if one.replace(microsecond=0) == two.replace(microsecond=0):
        return Date.SAME
    move = abs(one - two)
    if move < A_MINUTE:
        return Date.NONE
    return Date.LATER if move >= HALF_A_DAY else Date.MOVED


def compare_titles(one: Article, two: Article, starts: frozenset[tuple[str, ...]], date: Date) -> Title:
    """Return how two titles agree; a start that the feed's titles repeat is left out.

    Of a pair that says another date, a start that both have ("Border brief: ...") counts as repeated too.
    """
    first, second = title_of(one), title_of(two)
    if not first.tokens or not second.tokens or first.placeholder or second.placeholder:
        return Title.NONE
    if first.tokens == second.tokens:
        return Title.EQUAL
    if mask(first.tokens) == mask(second.tokens):
        return Title.SERIES
    skipped = _repeated(one, two, first.tokens, second.tokens, starts, date)
    left, right = _content(first.tokens, skipped), _content(second.tokens, skipped)
    if not left or not right:
        return Title.OTHER
    shared, longer = len(left & right), max(len(left), len(right))
    # Behind a repeated start ("Air raid alert: Odesa region", "... Sumy region") half of the rest is too little.
    return Title.SHARED if (shared > HALF * longer if skipped else shared >= HALF * longer) else Title.OTHER


def _repeated(
    one: Article,
    two: Article,
    first: tuple[str, ...],
    second: tuple[str, ...],
    starts: frozenset[tuple[str, ...]],
    date: Date,
) -> int:
    """Return how many first words two titles share only because this feed begins its titles so."""
    both = [size for size in range(2, _LONGEST_START + 1) if first[:size] == second[:size] and first[:size] in starts]
    label = label_of(one.title)
    if label and date is not Date.SAME and label == label_of(two.title):
        both.append(len(label))
    return max(both, default=0)


@lru_cache(maxsize=16384)
def _content(tokens: tuple[str, ...], skipped: int) -> frozenset[str]:
    return shingles(token for token in tokens[skipped:] if strength_of((token,)) > 0)


@lru_cache(maxsize=16384)
def label_of(title: str) -> tuple[str, ...]:
    """Return the words before the colon or dash at the start of a title ("Border brief: ..."), () for none."""
    for mark in (": ", " - ", " – ", " — ", " | "):
        before, found, after = title.partition(mark)
        if found and after.strip():
            words = read_title(before).tokens
            if 0 < len(words) <= _LONGEST_START:
                return words
    return ()


def starts_of(titles: Iterable[tuple[str, ...]], least: int = 3) -> frozenset[tuple[str, ...]]:
    """Return the starts of two to six words that at least `least` different titles share, the longest of each first."""
    counts: dict[tuple[str, ...], int] = {}
    for tokens in set(titles):
        for size in range(2, min(_LONGEST_START, len(tokens) - 1) + 1):
            counts[tokens[:size]] = counts.get(tokens[:size], 0) + 1
    return frozenset(start for start, count in counts.items() if count >= least)


def _compare_leads(one: Article, known: KnownArticle, manner: Manner) -> Lead:
    first = lead(one)
    if not first or first in manner.leads or known.article is None:
        return Lead.NONE
    if not known.is_whole:
        return Lead.NONE
    found = compare_summaries(one, known.article)
    if found.agreement is Agreement.MISSING:
        return Lead.NONE
    if found.words <= _FEW_WORDS:
        return Lead.SHARED if found.agreement is Agreement.EQUAL and found.similarity == 1.0 else Lead.OTHER
    if found.agreement in {Agreement.EQUAL, Agreement.ALIKE}:
        return Lead.SHARED
    if found.similarity < HALF:
        return Lead.OTHER
    return Lead.FULLER if _is_fuller(first, lead(known.article)) else Lead.NEAR


def _is_fuller(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Return whether one of two leads only adds to the other: "shells fell" / "two shells fell late"."""
    mine, theirs = numbers(one), numbers(two)
    adds = mine != theirs and (mine <= theirs or theirs <= mine)
    return adds and markers(one) == markers(two) and not compare(one, two).clash
