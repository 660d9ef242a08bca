"""Claims: what a text says that a later text of its story may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Turn(StrEnum):
    """What turns a story round; all but CONFIRMATION and END are told at once."""

    DENIAL = "denial"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    DEATH = "death"
    CONFIRMATION = "confirmation"
    END = "end"


AT_ONCE: Final = frozenset({Turn.DENIAL, Turn.CORRECTION, Turn.WITHDRAWAL, Turn.DEATH})
TAKES_BACK: Final = frozenset({Turn.DENIAL, Turn.CORRECTION, Turn.WITHDRAWAL})


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of one text: figures by kind ("dead": {6}), and the turns with the words before each, which say who
    makes it.

    `events` are ordinals ("repetition second"), `types` designators ("Hwasong-18" by its sound): others of these are
    another event.
    """

    lang: str = ""
    figures: Mapping[str, frozenset[int]] = field(default_factory=dict)
    turns: Mapping[Turn, frozenset[str]] = field(default_factory=dict)
    events: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that a text changes in its story: `what` in one or two words, the figures or "" for a turn, and
    whether it cannot wait.

    `by` holds the beginnings of the words before a turn, so that denials by two sides are two facts.
    """

    what: str
    before: str = ""
    now: str = ""
    at_once: bool = False
    takes_back: bool = False
    by: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The change in words: "killed 6 -> 10", "denied"."""
        if not self.now:
            return self.what
        return f"{self.what} {self.before} → {self.now}" if self.before else f"{self.what}: {self.now}"
