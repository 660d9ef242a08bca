"""Stories: articles about one event, and what later articles find them by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from watcher.core.model.claim import Claims
from watcher.core.model.ids import RuleId, StoryId

FACTS_LANG = "*"
"""Where a language is asked for, this one stands for the facts that no language hides: names by sound, numbers,
designators.
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a story went: its outlets, how many of them did not copy it, and in how many languages."""

    outlets: int
    independent: int
    languages: int = 1

    @classmethod
    def of(cls, outlets: Collection[str], independent: Collection[str], langs: Iterable[str]) -> Reach:
        """Return the reach of a story by its outlets and the languages of its articles ("" = unknown)."""
        return cls(len(outlets), len(independent), max(1, sum(bool(lang) for lang in set(langs))))

    @property
    def copies(self) -> int:
        """How many outlets have nothing but copies."""
        return self.outlets - self.independent


@dataclass(frozen=True, slots=True)
class Story:
    """One event as its articles tell it.

    `members` counts its articles by language ("" = unknown). `weights` is the sum of their word vectors, each of
    length 1, so that a dot product with it, divided by the members of one language, is the average likeness to these.
    `facts` are what no language hides, with the number of articles that say each. `mean_at` is the mean time of the
    members; `rules` are those that matched one. `headlines` are its newest ones. `claims` unites what its texts
    claim, by language, and `heard_in` says since when each language tells it. `outlets` says since when each
    publisher has it, `independent` the same for those that did not copy it.
    """

    id: StoryId
    title: str
    first_at: datetime
    last_at: datetime
    mean_at: datetime
    members: Mapping[str, int]
    weights: Mapping[str, float]
    facts: Mapping[str, int] = field(default_factory=dict)
    rules: frozenset[RuleId] = frozenset()
    headlines: tuple[str, ...] = ()
    claims: Mapping[str, Claims] = field(default_factory=dict)
    heard_in: Mapping[str, datetime] = field(default_factory=dict)
    outlets: Mapping[str, datetime] = field(default_factory=dict)
    independent: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many articles it has, in all languages."""
        return sum(self.members.values())

    @property
    def reach(self) -> Reach:
        """How far it went."""
        return Reach.of(self.outlets, self.independent, self.members)


@dataclass(frozen=True, slots=True)
class WordCounts:
    """In how many stories of one language words stood lately: `stories` of all, `words` of those asked for (absent =
    none).
    """

    stories: float = 0.0
    words: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoryChanges:
    """What the store writes after a reading.

    `filed` are the words, by language, under which a changed story is found from now on. `began` counts, by language,
    in how many more stories each word stands; `stories_begun` how many stories a language has more. `merged` names,
    for a story that is gone, the one that it is now.
    """

    stories: tuple[Story, ...] = ()
    filed: Mapping[StoryId, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    began: Mapping[tuple[str, str], float] = field(default_factory=dict)
    stories_begun: Mapping[str, float] = field(default_factory=dict)
    merged: Mapping[StoryId, StoryId] = field(default_factory=dict)
