"""How near and how often hits stand; positions are those of tokens within one field."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import NamedTuple

from watcher.core.matching.hits import Hit
from watcher.core.model.article import Field


def close_hits(items: Sequence[Sequence[Hit]], distance: int, *, ordered: bool) -> list[list[Hit]] | None:
    """Return, for each item, its hits that stand near enough to a hit of every other item; None when there are none.

    From the last word of the leftmost hit to the first word of each other one are at most `distance` positions;
    neighbours are one apart. Hits that share a word are not near, they are the same. `ordered` asks for the order of
    the items.

    The work grows with the number of hits, not with that of their pairs: what stands near one hit is a stretch of
    each other item's hits.
    """
    kept: list[set[Hit]] = [set() for _ in items]
    for field in {hit.field for hit in items[0]} if items else ():
        lines = [_Line([hit for hit in hits if hit.field is field]) for hits in items]
        for leftmost in range(1 if ordered else len(lines)):
            kept[leftmost].update(_keep_near(lines, leftmost, distance, ordered=ordered))
        for line, hits in zip(lines, kept, strict=True):
            hits.update(line.kept())
    return [sorted(hits) for hits in kept] if all(kept) and kept else None


def _keep_near(lines: Sequence[_Line], leftmost: int, distance: int, *, ordered: bool) -> Iterator[Hit]:
    """Yield the hits of the line `leftmost` that all others stand near behind, and keep those of the others."""
    for hit in lines[leftmost].hits:
        near = _near(lines, leftmost, hit, distance, ordered=ordered)
        if near is not None:
            yield hit
            for line, stretch in zip(lines, near, strict=True):
                line.keep(stretch)


def _near(
    lines: Sequence[_Line], leftmost: int, hit: Hit, distance: int, *, ordered: bool
) -> Sequence[_Stretch] | None:
    """Return the stretch of each line near behind a hit of the `leftmost`; None where a line has nothing there."""
    stretches = [line.after(hit.last, hit.last + distance) for line in lines]
    stretches[leftmost] = _Stretch(0, 0, 0)
    near = _in_order(lines, hit, stretches) if ordered else stretches
    others = (stretch for item, stretch in enumerate(near) if item != leftmost)
    return near if all(stretch.start < stretch.end for stretch in others) else None


def count_occurrences(hits: Iterable[Hit], repeating: Container[Field] = ()) -> int:
    """Return how often something occurs: hits that share a word count once.

    A summary is mostly cut from the content, so of these two the larger number counts. `repeating` are those of the two
    that begin with the title, whose words are counted there.
    """
    counts: dict[Field, int] = {}
    field, end = None, 0
    for hit in sorted(hits):
        if hit.field is not field or hit.start >= end:
            counts[hit.field] = counts.get(hit.field, 0) + 1
            field, end = hit.field, hit.end
        else:
            end = max(end, hit.end)
    title = counts.pop(Field.TITLE, 0)
    told = (counts.pop(field, 0) + (0 if field in repeating else title) for field in (Field.SUMMARY, Field.CONTENT))
    return max(told) + sum(counts.values())


class _Stretch(NamedTuple):
    """Hits `start` to `end` of a line, less those whose last word is not before position `limit`."""

    start: int
    end: int
    limit: int


class _Line:
    """The hits of one item in one field, in the order of their first words, and which of them are kept."""

    def __init__(self, hits: Iterable[Hit]) -> None:
        self.hits = sorted(hits, key=_first_token)
        self._firsts = [hit.first for hit in self.hits]
        self._next = list(range(len(self.hits) + 1))  # of each hit the first one not yet kept from there on

    def after(self, position: int, last: int) -> _Stretch:
        """Return the hits whose first word stands after `position`, at `last` at the latest."""
        return _Stretch(bisect_right(self._firsts, position), bisect_right(self._firsts, last), sys.maxsize)

    def earliest_end(self, stretch: _Stretch) -> int:
        """Return where the hit of a stretch that ends first ends; only hits that begin before the best so far can end
        earlier.
        """
        best = self.hits[stretch.start].last
        for at in range(stretch.start + 1, stretch.end):
            if self._firsts[at] > best:
                break
            best = min(best, self.hits[at].last)
        return best

    def before(self, stretch: _Stretch, limit: int) -> _Stretch:
        """Return the hits of a stretch that end before position `limit`; its last one does, or it is empty."""
        end = min(stretch.end, bisect_left(self._firsts, limit))
        while end > stretch.start and self.hits[end - 1].last >= limit:
            end -= 1
        return _Stretch(stretch.start, end, limit)

    def last_first(self, stretch: _Stretch) -> int:
        """Return where the last hit of a stretch begins."""
        return self._firsts[stretch.end - 1]

    def keep(self, stretch: _Stretch) -> None:
        """Keep the hits of a stretch; those that were kept before are passed over."""
        at = self._unkept(stretch.start)
        while at < stretch.end:
            if self.hits[at].last < stretch.limit:
                self._next[at] = at + 1
            at = self._unkept(at + 1)

    def kept(self) -> Iterator[Hit]:
        """Yield the hits that are kept."""
        return (hit for at, hit in enumerate(self.hits) if self._next[at] != at)

    def _unkept(self, at: int) -> int:
        passed = []
        while self._next[at] != at:
            passed.append(at)
            at = self._next[at]
        for each in passed:
            self._next[each] = at
        return at


def _in_order(lines: Sequence[_Line], first: Hit, stretches: Sequence[_Stretch]) -> list[_Stretch]:
    """Return of each stretch the part by which a row of hits in the order of the items, begun by `first`, can go."""
    near = list(stretches)
    reached = first.last
    for item in range(1, len(near)):
        start = max(near[item].start, lines[item].after(reached, reached).start)
        near[item] = near[item]._replace(start=start)
        if start >= near[item].end:
            return near
        reached = lines[item].earliest_end(near[item])
    for item in range(len(near) - 2, 0, -1):
        near[item] = lines[item].before(near[item], lines[item + 1].last_first(near[item + 1]))
    return near


def _first_token(hit: Hit) -> int:
    return hit.first
