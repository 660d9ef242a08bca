"""Hits: where a term stands in an article, and the spans that people are shown of several hits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple, TypeAlias

from watcher.core.model.article import Field
from watcher.core.model.match import Span, place_of

FieldRegion: TypeAlias = tuple[Field, int, int]
"""Code points [start, end) of a field."""

FIELD_ORDER = {field: rank for rank, field in enumerate(Field)}

MOST_SPANS = 1000
"""So many spans of one part of a rule are kept; a page that repeats one word a hundred thousand times is marked only
so far.
"""


class Hit(NamedTuple):
    """One occurrence of a term; sorts in field and text order, longer before shorter at one start.

    `weak` is that of its term; `row` says what a name of a list stands for.
    """

    rank: int
    start: int
    minus_end: int
    wild: bool
    term: str
    concept: str
    field: Field
    first: int
    last: int
    weak: str = ""
    row: str = ""

    @property
    def end(self) -> int:
        """The code point after its last."""
        return -self.minus_end


def hits_within(hits: Sequence[Hit], region: FieldRegion) -> list[Hit]:
    """Return those of some sorted hits that lie in a region."""
    field, start, end = region
    rank = FIELD_ORDER[field]
    first, last = bisect_left(hits, (rank, start)), bisect_left(hits, (rank, end))
    return [hit for hit in hits[first:last] if hit.end <= end]


def spans_of(hits: Iterable[Hit]) -> tuple[Span, ...]:
    """Return the longest of some hits, in field and text order; at most the first thousand."""
    return tuple([span_of(hit) for hit in longest_hits(hits)[:MOST_SPANS]])


def longest_hits(hits: Iterable[Hit]) -> list[Hit]:
    """Return the longest of some hits, in field and text order."""
    kept: list[Hit] = []
    for hit in sorted(hits):
        # Of two on the same words the one without a wildcard comes first, and stays.
        if kept and kept[-1].field is hit.field and hit.end <= kept[-1].end:
            continue
        kept.append(hit)
    return kept


def is_one_weak_word(hits: Iterable[Hit]) -> bool:
    """Say whether hits are of weak terms, all of one word: the same, its forms, or one within the other; true of
    none.
    """
    by_word: dict[str, list[Hit]] = {}
    for hit in hits:
        if not hit.weak:
            return False
        by_word.setdefault(hit.weak, []).append(hit)
    several = combinations(by_word.values(), 2)
    return all(_is_within(one, other) for ones, others in several for one in ones for other in others)


def _is_within(one: Hit, other: Hit) -> bool:
    """Say whether one of two hits stands within the other, or on the same letters."""
    if one.field is not other.field:
        return False
    inner, outer = sorted((one, other), key=lambda hit: hit.end - hit.start)
    return outer.start <= inner.start and inner.end <= outer.end


def longest(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return what `spans_of` returns, of the hits of plain terms that are spans already."""
    kept: list[Span] = []
    for span in sorted(spans, key=_without_wildcard_first):
        if kept and kept[-1].field is span.field and span.end <= kept[-1].end:
            continue
        kept.append(span)
    return tuple(kept[:MOST_SPANS])


def span_of(hit: Hit) -> Span:
    """Return one hit as a span."""
    return Span(hit.field, hit.start, hit.end, hit.term, hit.concept)


def _without_wildcard_first(span: Span) -> tuple[int, int, int, bool, str, str]:
    rank, start, minus_end, term, concept = place_of(span)
    return rank, start, minus_end, "*" in term, term, concept
