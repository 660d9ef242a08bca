"""How alike two articles are in title, summary and time; numbers only, no decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from watcher.core.articles.urls import site
from watcher.core.dedup.differences import Difference, compare
from watcher.core.dedup.facts import markers, numbers
from watcher.core.dedup.leads import Lead, dateline_of, lead_of
from watcher.core.dedup.titles import LETTERS_A_WORD, is_unspaced, title_of
from watcher.core.model.article import Article


class Agreement(StrEnum):
    """What two summaries say about each other."""

    EQUAL = "equal"  # the same, or one the start of the other, or nearly the same with equal facts
    ALIKE = "alike"
    MISSING = "missing"  # one of them says nothing beyond its title
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Summaries:
    """Two summaries compared; `words` is the length of the shorter one, `similarity` from 0 to 1, `clash` why they
    are DIFFERENT.
    """

    agreement: Agreement
    similarity: float = 0.0
    words: int = 0
    clash: str = ""


def compare_summaries(one: Article, two: Article) -> Summaries:
    """Return how two summaries agree, word by word.

    Different numbers, negations or ordinals, and words that stand for one another, make them DIFFERENT whatever else
    they share.
    """
    first, second = lead_of(one), lead_of(two)
    if not first.tokens or not second.tokens:
        return Summaries(Agreement.MISSING)
    words = min(words_of(first.tokens), words_of(second.tokens))
    if _containment(first, second) < _ALIKE:
        return Summaries(Agreement.DIFFERENT, 0.0, words, "other summaries")
    places = dateline_of(one), dateline_of(two)
    if all(places) and places[0] != places[1]:
        return Summaries(Agreement.DIFFERENT, 0.0, words, f"datelines {places[0]} | {places[1]}")
    return _compared(compare(first.tokens, second.tokens), words)


def _compared(found: Difference, words: int) -> Summaries:
    if clash := _facts_apart(found) or found.clash:
        return Summaries(Agreement.DIFFERENT, found.likeness, words, clash)
    if found.likeness < _ALIKE:
        return Summaries(Agreement.DIFFERENT, found.likeness, words, "other summaries")
    return Summaries(Agreement.EQUAL if found.likeness >= _EQUAL else Agreement.ALIKE, found.likeness, words)


def _facts_apart(found: Difference) -> str:
    one, two = (*found.one, "".join(found.one)), (*found.two, "".join(found.two))
    if numbers(found.one) != numbers(found.two):
        return f"numbers {_said(numbers(found.one))} | {_said(numbers(found.two))}"
    if markers(one) != markers(two):
        return f"turning words {_said(markers(one))} | {_said(markers(two))}"
    return ""


def _said(facts: frozenset[str]) -> str:
    return ", ".join(sorted(facts)) or "-"


def words_of(tokens: Sequence[str]) -> int:
    """Return how many words long tokens are; letters of scripts without blanks, and of Hangul, count in part."""
    if all(map(str.isascii, tokens)):
        return len(tokens)
    return round(sum(max(1.0, len(token) / LETTERS_A_WORD) if is_unspaced(token) else 1.0 for token in tokens))


_ALIKE: Final = 0.5
_EQUAL: Final = 0.9


_FEW_WORDS: Final = 8


def _containment(first: Lead, second: Lead) -> float:
    """Return the share of the shorter lead's words that the longer has, too; of a script without blanks that of
    letter pairs.
    """
    one, two = first.words, second.words
    if min(len(one), len(two)) < _FEW_WORDS:
        one, two = shingles(first.tokens), shingles(second.tokens)
    return len(one & two) / max(1, min(len(one), len(two)))


def title_likeness(one: Article, two: Article) -> float:
    """Return the Jaccard likeness of two titles' words (letter pairs in scripts without blanks), 0 to 1."""
    return jaccard(shingles(title_of(one).tokens), shingles(title_of(two).tokens))


def shingles(tokens: Iterable[str]) -> frozenset[str]:
    """Return what tokens are compared by: words, and pairs of letters in scripts without blanks and Hangul."""
    found: set[str] = set()
    for token in tokens:
        if is_unspaced(token) and len(token) > 1:
            found.update(token[i : i + 2] for i in range(len(token) - 1))
        else:
            found.add(token)
    return frozenset(found)


def jaccard(one: frozenset[str], two: frozenset[str]) -> float:
    """Return the share of common elements, 0 for two empty sets."""
    union = len(one | two)
    return len(one & two) / union if union else 0.0


def gap(one: Article, two: Article) -> timedelta | None:
    """Return the time between two articles by their publishers' words, else by when we first saw them; None =
    unknown.
    """
    first = _moments(one, two)
    return abs(first[0] - first[1]) if first else None


def hours(span: timedelta | None) -> float:
    """Return a gap in hours for people, -1 = unknown."""
    return -1.0 if span is None else round(span.total_seconds() / 3600, 2)


def is_same_source(one: Article, two: Article) -> bool:
    """Return whether two articles come from one publisher: the same name, the same site, or, without either, the same
    feed.
    """
    if one.source and (one.source == two.source or one.source.strip().casefold() == two.source.strip().casefold()):
        return True
    first, second = site(one.url), site(two.url)
    if first and first == second and "google.com" not in first:
        return True
    return one.feed == two.feed and not (one.source and two.source)


def _moments(one: Article, two: Article) -> tuple[datetime, datetime] | None:
    if one.published_at and two.published_at:
        return one.published_at, two.published_at
    first, second = one.published_at or one.first_seen_at, two.published_at or two.first_seen_at
    if one.first_seen_at and two.first_seen_at:
        return one.first_seen_at, two.first_seen_at
    return (first, second) if first and second else None
