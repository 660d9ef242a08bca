"""Spans: the hits of one group as people are shown them."""

from __future__ import annotations

from collections.abc import Iterable

from watcher.core.matching.plan import Hit
from watcher.core.model.match import Span

_MOST_SPANS = 1000  # a page that repeats one word a hundred thousand times is marked only so far


def spans_of(hits: Iterable[Hit]) -> tuple[Span, ...]:
    """Return the longest of the hits of one group, in field and text order; at most the first thousand."""
    return tuple([span_of(hit) for hit in _longest(hits)[:_MOST_SPANS]])


def span_of(hit: Hit) -> Span:
    """Return one hit as a span."""
    return Span(hit.field, hit.start, hit.end, hit.term, hit.concept)


def _longest(hits: Iterable[Hit]) -> list[Hit]:
    """Drop hits that lie within another; of two on the same words the one without a wildcard stays."""
    in_order = sorted(hits)
    if len(in_order) < 2:
        return in_order
    kept: list[Hit] = []
    for hit in in_order:
        if kept and kept[-1].field is hit.field and hit.end <= kept[-1].end:
            continue
        kept.append(hit)
    return kept
