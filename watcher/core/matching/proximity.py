"""How near and how often hits stand; positions are those of tokens within one field."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from watcher.core.matching.plan import Hit
from watcher.core.model.article import Field


def close_hits(rows: Sequence[Sequence[Hit]], distance: int, *, ordered: bool) -> list[list[Hit]] | None:
    """Return, for each item, its hits that stand near enough to a hit of every other item; None when there are none.

    From the last word of the leftmost hit to the first word of each other one are at most `distance` positions; neighbours are one apart. Hits that
    share a word are not near, they are the same. `ordered` asks for the order of the items.
    """
    kept: list[set[Hit]] = [set() for _ in rows]
    for field in {hit.field for hit in rows[0]} if rows else ():
        lines = [sorted((hit for hit in row if hit.field is field), key=_first_token) for row in rows]
        for leftmost, line in enumerate(lines[:1] if ordered else lines):
            for hit in line:
                found = _after(hit, leftmost, lines, distance, ordered=ordered)
                for item, hits in enumerate(found or ()):
                    kept[item].update(hits)
    return [sorted(hits) for hits in kept] if all(kept) and kept else None


def occurrences(hits: Iterable[Hit]) -> int:
    """Return how often something occurs: hits that share a word count once.

    A summary is mostly cut from the content, so of these two the larger number counts.
    """
    counts: dict[Field, int] = {}
    field, end = None, 0
    for hit in sorted(hits):
        if hit.field is not field or hit.start >= end:
            counts[hit.field] = counts.get(hit.field, 0) + 1
            field, end = hit.field, hit.end
        else:
            end = max(end, hit.end)
    body = max(counts.pop(Field.SUMMARY, 0), counts.pop(Field.CONTENT, 0))
    return sum(counts.values()) + body


def _after(
    hit: Hit, leftmost: int, lines: Sequence[Sequence[Hit]], distance: int, *, ordered: bool
) -> list[list[Hit]] | None:
    """Return, for each item, its hits near enough after `hit`, which stands for its own item; None when one has none."""
    near = [
        [hit] if item == leftmost else list(_between(line, hit.last + 1, hit.last + distance))
        for item, line in enumerate(lines)
    ]
    if ordered:
        for item in range(1, len(near)):
            reached = min((other.last for other in near[item - 1]), default=None)
            near[item] = [other for other in near[item] if reached is not None and other.first > reached]
        for item in range(len(near) - 2, -1, -1):
            limit = max((other.first for other in near[item + 1]), default=-1)
            near[item] = [other for other in near[item] if other.last < limit]
    return near if all(near) else None


def _between(line: Sequence[Hit], first: int, last: int) -> Sequence[Hit]:
    """Return the hits of one field, in order, whose first word is token `first` to `last`."""
    return line[bisect_left(line, first, key=_first_token) : bisect_right(line, last, key=_first_token)]


def _first_token(hit: Hit) -> int:
    return hit.first
