"""How alike two articles are in title, summary and time; numbers only, no decisions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from watcher.core.articles.urls import site
from watcher.core.dedup.facts import markers, numbers
from watcher.core.dedup.leads import lead
from watcher.core.dedup.titles import is_unspaced, title_of
from watcher.core.model.article import Article


class Agreement(StrEnum):
    """What two summaries say about each other."""

    EQUAL = "equal"  # the same, or one the start of the other, or nearly the same with equal facts
    ALIKE = "alike"
    MISSING = "missing"  # one of them says nothing beyond its title
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Summaries:
    """Two summaries compared; `words` is the length of the shorter one, `similarity` from 0 to 1."""

    agreement: Agreement
    similarity: float = 0.0
    words: int = 0


def compare_summaries(one: Article, two: Article) -> Summaries:
    """Return how two summaries agree; different numbers, negations or ordinals make them DIFFERENT whatever else they share."""
    first, second = lead(one), lead(two)
    words = min(len(first), len(second))
    if not words:
        return Summaries(Agreement.MISSING)
    if _starts(first, second) or _starts(second, first):
        return Summaries(Agreement.EQUAL, 1.0, words)
    similarity = jaccard(shingles(first), shingles(second))
    if numbers(first) != numbers(second) or markers(first) != markers(second) or similarity < 0.5:
        return Summaries(Agreement.DIFFERENT, similarity, words)
    return Summaries(Agreement.EQUAL if similarity >= 0.9 else Agreement.ALIKE, similarity, words)


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
    """Return the time between two articles by their publishers' words, else by when we first saw them; None = unknown."""
    first = _moments(one, two)
    return abs(first[0] - first[1]) if first else None


def hours(span: timedelta | None) -> float:
    """Return a gap in hours for people, -1 = unknown."""
    return -1.0 if span is None else round(span.total_seconds() / 3600, 2)


def is_same_source(one: Article, two: Article) -> bool:
    """Return whether two articles come from one publisher: the same name, the same site, or, without either, the same feed."""
    if one.source and (one.source == two.source or one.source.strip().casefold() == two.source.strip().casefold()):
        return True
    first, second = site(one.url), site(two.url)
    if first and first == second and "google.com" not in first:
        return True
    return one.feed == two.feed and not (one.source and two.source)


def _starts(short: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Return whether `short` is the start of `whole`; a cut may fall inside its last word."""
    size = len(short)
    if size > len(whole) or short[:-1] != whole[: size - 1]:
        return False
    return short[-1] == whole[size - 1] or (
        size > 3 and whole[size - 1].startswith(short[-1]) and not short[-1][-1].isdecimal()
    )


def _moments(one: Article, two: Article) -> tuple[datetime, datetime] | None:
    if one.published_at and two.published_at:
        return one.published_at, two.published_at
    first, second = one.published_at or one.first_seen_at, two.published_at or two.first_seen_at
    if one.first_seen_at and two.first_seen_at:
        return one.first_seen_at, two.first_seen_at
    return (first, second) if first and second else None
