"""The planted news of a simulation, and the pieces in which outlets tell them.

A *news* is one thing that happened. A *piece* is what an outlet writes about it: a row of states, one after each
edit. A state knows how many planted updates (toll, denial, correction, status) of its news it tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from tests.manners import words
from tests.manners.words import Event, Telling

_APART = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Truth:
    """What a text tells: a planted news with so many of its updates; without a news it is idle talk."""

    news: str = ""
    updates: int = 0

    def __str__(self) -> str:
        return f"{self.news}.{self.updates}" if self.news else ""

    def __bool__(self) -> bool:
        """Return whether it tells news."""
        return bool(self.news)

    @classmethod
    def of(cls, text: str) -> Truth:
        """Return the truth that `str` wrote."""
        news, dot, updates = text.rpartition(".")
        return cls(news, int(updates)) if dot else cls()


@dataclass(frozen=True, slots=True)
class State:
    """A piece from `at` on."""

    at: datetime
    telling: Telling
    truth: Truth


@dataclass(frozen=True, slots=True)
class Piece:
    """What an outlet lists as one item; `number` counts its pieces."""

    number: int
    at: datetime
    states: tuple[State, ...]

    def state(self, now: datetime) -> State:
        """Return the newest state at a time."""
        known = [state for state in self.states if state.at <= now]
        return known[-1] if known else self.states[0]

    def edited(self, *states: State) -> Piece:
        """Return the piece with later states."""
        return replace(self, states=(*self.states, *states))


@dataclass
class World:
    """Makes news of which no two that are near in time say the same of one place."""

    rng: Random
    _count: int = 0
    _lately: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def news(self, at: datetime) -> tuple[str, Event]:
        """Return the id of a news that happened at a time, and what happened."""
        apart = _APART
        while True:
            found = words.event(self.rng)
            before = self._lately.get((found.kind, found.place))
            if before is None or abs(at - before) > apart:
                break
            apart *= 0.98  # a world of many feeds is short of towns
        self._lately[found.kind, found.place] = at
        self._count += 1
        return f"n{self._count}", found

    def moments(self, start: datetime, days: float, per_day: float) -> Iterator[datetime]:
        """Return moments at random, so many a day on average, in order."""
        at = start
        while True:
            at += timedelta(days=self.rng.expovariate(per_day))
            if at >= start + timedelta(days=days):
                return
            yield at.replace(second=self.rng.randrange(60), microsecond=0)
