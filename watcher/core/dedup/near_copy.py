"""Near copies: the same text under another address, and the guards that keep other news from looking like one.

    1. equal titles    the usual wire copy; short titles, long gaps and unknown times ask for equal summaries as well
    2. longer title    one title is the other with words put in, and the summaries are equal
    3. new headline    another headline over the same long lead

A score alone always fails: each single similarity, at any threshold, merged 11 to 28 of 28 hard pairs of different news. So every
way demands several agreeing facts, and one disagreeing fact is enough to alert again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import regex

from watcher.core.articles.urls import host_of, url_key
from watcher.core.dedup.facts import markers, numbers
from watcher.core.dedup.leads import lead
from watcher.core.dedup.likeness import Agreement, Summaries, compare_summaries, gap, hours, is_same_source
from watcher.core.dedup.titles import AGGREGATORS, COPY_STRENGTH, KEY_STRENGTH, Title, strength_of, title_of
from watcher.core.model.article import Article
from watcher.core.model.verdict import Evidence

DAY: Final = timedelta(hours=24)
WEEK: Final = timedelta(days=7)
SAME_HOURS: Final = timedelta(hours=6)
RECURRING: Final = 2
"""As many earlier articles of one pattern in one source make it a series ("Rates for Monday", "Agency schedule").

Source: all 26 dangerous pairs of equal titles in a set of 5,681 were series or placeholders.
"""
_WORDS_OF_A_SUMMARY: Final = 5
_WORDS_OF_A_LONG_SUMMARY: Final = 8
_WORDS_OF_A_LEAD: Final = 15
_MOST_PUT_IN: Final = 4


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles with all that the ways below look at."""

    one: Article
    two: Article
    first: Title
    second: Title
    summaries: Summaries
    apart: timedelta | None
    same_source: bool

    def within(self, span: timedelta) -> bool:
        """Return whether the gap is known and at most `span`."""
        return self.apart is not None and self.apart <= span


def near_copy(article: Article, other: Article, recurring: int) -> Evidence | None:
    """Return why `article` is a copy of `other`, or None when that is not sure.

    `recurring` counts earlier articles of the same source with the same title pattern.

    Source: the guards are those of the lemon24/reader and Feedly experience: same text, not similar title; never within one source.
    """
    first, second = title_of(article), title_of(other)
    if recurring >= RECURRING or first.placeholder or second.placeholder:
        return None
    if first.tokens != second.tokens and not has_long_lead(article, other):
        return None
    pair = Pair(
        one=article,
        two=other,
        first=first,
        second=second,
        summaries=compare_summaries(article, other),
        apart=gap(article, other),
        same_source=is_same_source(article, other),
    )
    for name, holds in (("title", _equal_titles), ("longer title", _longer_title), ("lead", _same_lead)):
        if guards := holds(pair):
            return _evidence(pair, name, guards)
    return None


def has_long_lead(*articles: Article) -> bool:
    """Return whether all articles have a lead long enough to make them copies under other titles."""
    return all(len(lead(article)) >= _WORDS_OF_A_LONG_SUMMARY for article in articles)


def _evidence(pair: Pair, equal: str, guards: tuple[str, ...]) -> Evidence:
    return {
        "equal": equal,
        "title": pair.first.text,
        "removed": tuple(dict.fromkeys((*pair.first.removed, *pair.second.removed))),
        "summaries": pair.summaries.agreement.value,
        "similarity": round(pair.summaries.similarity, 2),
        "hours": hours(pair.apart),
        "guards": ("not recurring", "no placeholder", *guards),
    }


# -- equal titles -----------------------------------------------------------------------------------


def _equal_titles(pair: Pair) -> tuple[str, ...]:
    if pair.first.tokens != pair.second.tokens or pair.first.strength < KEY_STRENGTH:
        return ()
    if pair.first.suffix != pair.second.suffix and not _is_credit(pair):
        return ()
    if pair.same_source:
        return _later_take(pair) or _same_page(pair)
    equal = pair.summaries.agreement is Agreement.EQUAL
    if pair.first.strength < COPY_STRENGTH:
        long = equal and pair.summaries.words > _WORDS_OF_A_SUMMARY and pair.within(DAY)
        return ("short title, equal summaries", "24 h", "other source") if long else ()
    if pair.within(DAY):
        return (
            ("summaries agree", "24 h", "other source") if pair.summaries.agreement is not Agreement.DIFFERENT else ()
        )
    if equal and pair.summaries.words >= _WORDS_OF_A_SUMMARY and (pair.apart is None or pair.within(WEEK)):
        return ("equal summaries", "7 d", "other source")
    return ()


def _is_credit(pair: Pair) -> bool:
    """A name behind one of two titles only is a credit when the text is the same; two names, or another text, are two headlines."""
    one_only = not (pair.first.suffix and pair.second.suffix)
    return one_only and pair.summaries.agreement is Agreement.EQUAL and pair.summaries.words >= _WORDS_OF_A_LONG_SUMMARY


def _later_take(pair: Pair) -> tuple[str, ...]:
    """The wire's own words say that this is the same item again ("UPDATE 2-"); its summary tells what the take adds."""
    if pair.first.take == pair.second.take or not pair.within(DAY) or pair.first.strength < COPY_STRENGTH:
        return ()
    said = [numbers(lead(article)) for article in (pair.one, pair.two)]
    same_facts = said[0] == said[1] or not all(said)
    same_turn = markers(lead(pair.one)) == markers(lead(pair.two))
    return ("later take", "equal numbers", "24 h") if same_facts and same_turn else ()


def _same_page(pair: Pair) -> tuple[str, ...]:
    """One source gives one title twice: a series, unless the address shows one page, or is hidden by an aggregator."""
    if (
        pair.summaries.agreement is Agreement.DIFFERENT
        or pair.first.strength < COPY_STRENGTH
        or not pair.within(SAME_HOURS)
    ):
        return ()
    hidden = [host_of(article.url) in AGGREGATORS for article in (pair.one, pair.two)]
    if all(hidden):
        return (
            ("hidden addresses", "same time") if pair.apart == timedelta(0) and pair.one.feed != pair.two.feed else ()
        )
    if any(hidden):
        return ("hidden address", "6 h")
    return ("same page name", "6 h") if _same_page_name(pair.one.url, pair.two.url) else ()


_DIGITS: Final = regex.compile(r"\d+")
_TELLING_NAME: Final = regex.compile(r"(?:[^-_/]+[-_]){3,}[^-_/]+|.*(?<!\d)\d{5,7}(?!\d).*")


def _same_page_name(one: str, two: str) -> bool:
    """Return whether two paths end in the same telling name ("ferry-sinks-off-karo") and no number in them differs."""
    first, second = url_key(one).text, url_key(two).text
    if not first or not second or _DIGITS.findall(first) != _DIGITS.findall(second):
        return False
    name = first.partition("?")[0].rpartition("/")[2]
    return first.rpartition("/")[2] == second.rpartition("/")[2] and _TELLING_NAME.fullmatch(name) is not None


# -- other titles -----------------------------------------------------------------------------------


def _is_wire_pair(pair: Pair, words: int) -> bool:
    """Two sources, one day, and the same summary of some length: what a copy with another title must have."""
    return (
        not pair.same_source
        and pair.within(DAY)
        and pair.summaries.agreement is Agreement.EQUAL
        and pair.summaries.words >= words
        and min(pair.first.strength, pair.second.strength) >= KEY_STRENGTH
        and markers(pair.first.tokens) == markers(pair.second.tokens)
        and not pair.first.unspaced
        and not pair.second.unspaced
    )


def _longer_title(pair: Pair) -> tuple[str, ...]:
    if not _is_wire_pair(pair, _WORDS_OF_A_LONG_SUMMARY) or numbers(pair.first.tokens) != numbers(pair.second.tokens):
        return ()
    short, long = sorted((pair.first, pair.second), key=lambda title: len(title.tokens))
    put_in = len(long.tokens) - len(short.tokens)
    if short.strength < COPY_STRENGTH or not 0 < put_in <= _MOST_PUT_IN or not _is_within(short.tokens, long.tokens):
        return ()
    return ("equal numbers", "no turning word", "same order", "equal summaries", "24 h", "other source")


def _same_lead(pair: Pair) -> tuple[str, ...]:
    if not _is_wire_pair(pair, _WORDS_OF_A_LEAD):
        return ()
    one, two = frozenset(pair.first.tokens), frozenset(pair.second.tokens)
    shared = frozenset(lead(pair.one)) & frozenset(lead(pair.two))
    about = min(strength_of(tuple(one & shared)), strength_of(tuple(two & shared)))
    ordered = [token for token in pair.first.tokens if token in two] == [
        token for token in pair.second.tokens if token in one
    ]
    told = numbers(one ^ two) <= numbers(shared)
    if about < 2 or strength_of(tuple(one & two)) < 2 or not ordered or not told:
        return ()
    return ("equal numbers", "no turning word", "same order", "long equal summaries", "24 h", "other source")


def _is_within(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Return whether all tokens of `short` stand in `long` in the same order."""
    rest = iter(long)
    return all(token in rest for token in short)
