"""Covered words: those that `except` terms use up, so that a hit which touches them does not count."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from watcher.core.matching.hits import Hit
from watcher.core.model.article import Field


class Cover:
    """The words of some hits, joined where they touch, so that one look-up tells."""

    def __init__(self, hits: Iterable[Hit]) -> None:
        self._starts: dict[Field, list[int]] = {}
        self._ends: dict[Field, list[int]] = {}
        for hit in sorted(set(hits)):
            starts, ends = self._starts.setdefault(hit.field, []), self._ends.setdefault(hit.field, [])
            if ends and hit.start < ends[-1]:
                ends[-1] = max(ends[-1], hit.end)
            else:
                starts.append(hit.start)
                ends.append(hit.end)

    def __bool__(self) -> bool:
        return bool(self._starts)

    def touches(self, hit: Hit) -> bool:
        """Say whether a hit uses a covered word."""
        starts = self._starts.get(hit.field)
        if starts is None:
            return False
        at = bisect_left(starts, hit.end) - 1
        return at >= 0 and self._ends[hit.field][at] > hit.start
