"""Covered words: those that `except` terms use up, so that a hit which touches them does not count."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from watcher.core.matching.hits import FieldRegion, Hit
from watcher.core.model.article import Field


class Cover:
    """The words of some hits and regions, joined where they touch, so that one look-up tells."""

    def __init__(self, hits: Iterable[Hit], regions: Iterable[FieldRegion] = ()) -> None:
        self._starts: dict[Field, list[int]] = {}
        self._ends: dict[Field, list[int]] = {}
        places = {*regions, *((hit.field, hit.start, hit.end) for hit in hits)}
        for field, start, end in sorted(places, key=lambda place: place[1:]):
            starts, ends = self._starts.setdefault(field, []), self._ends.setdefault(field, [])
            if ends and start < ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)

    def __bool__(self) -> bool:
        return bool(self._starts)

    def touches(self, hit: Hit) -> bool:
        """Say whether a hit uses a covered word."""
        starts = self._starts.get(hit.field)
        if starts is None:
            return False
        at = bisect_left(starts, hit.end) - 1
        return at >= 0 and self._ends[hit.field][at] > hit.start
