"""Precision: which share of a rule's alerts people call useful, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from watcher.core.model.ids import AlertId
from watcher.core.model.vote import Vote, VoteValue

FEW: Final = 8
"""Under so many alerts that somebody voted on, no share is told."""

_Z: Final = 1.96  # of 100 such intervals 95 hold the true share


@dataclass(frozen=True, slots=True)
class Precision:
    """Of how many alerts people said that they were useful and not useful."""

    useful: int
    not_useful: int

    @property
    def voted(self) -> int:
        """How many alerts somebody voted on."""
        return self.useful + self.not_useful

    def interval(self) -> tuple[float, float] | None:
        """Return between which shares the true one lies, 0 to 1; None where too few voted.

        Source: E. B. Wilson, Probable inference, JASA 22 (1927), the score interval.
        """
        if self.voted < FEW:
            return None
        share = self.useful / self.voted
        spread = _Z * math.sqrt(share * (1 - share) / self.voted + _Z**2 / (4 * self.voted**2))
        middle, scale = share + _Z**2 / (2 * self.voted), 1 + _Z**2 / self.voted
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)

    def said(self) -> str:
        """Return it as people read it.

        >>> Precision(30, 10).said()
        '30 useful, 10 not useful: 75 % useful, likely 60 to 86 %'
        >>> Precision(3, 1).said()
        '3 useful, 1 not useful: too few to tell a share'
        """
        counts = f"{self.useful} useful, {self.not_useful} not useful"
        bounds = self.interval()
        if bounds is None:
            return f"{counts}: too few to tell a share"
        low, high = bounds
        share = 100 * self.useful / self.voted
        return f"{counts}: {share:.0f} % useful, likely {low * 100:.0f} to {high * 100:.0f} %"


def verdicts(votes: Iterable[Vote]) -> Mapping[AlertId, bool]:
    """Return of each alert whether it was useful: one voice that says so is enough."""
    found: dict[AlertId, bool] = {}
    for vote in votes:
        found[vote.alert] = found.get(vote.alert, False) or vote.value is VoteValue.USEFUL
    return found


def precision_of(votes: Iterable[Vote]) -> Precision:
    """Return how many alerts were useful, each counted once however many voted on it."""
    found = list(verdicts(votes).values())
    return Precision(sum(found), len(found) - sum(found))
