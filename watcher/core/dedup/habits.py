"""What a source gave before: a title pattern that it repeats is a series, a lead over several titles is boilerplate.

"Rates for Monday", "Rates for Tuesday"                              one pattern, carried by two articles
"Sign up for our newsletter ..." over "Grain talks", "Port strike"   one lead, over two titles
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from watcher.core.model.alert import Member
from watcher.core.model.article import ArticleKeys
from watcher.core.model.ids import ArticleId

MOST_CARRIERS = 16
"""So many articles of a habit are looked at; a source that did something so often has the habit."""


_NOBODY: Final[Mapping[ArticleId, bytes | None]] = {}


class Habits:
    """The articles of the last 30 days that carried a pattern or lead key of their source, with their title key;
    grows as articles arrive.
    """

    def __init__(self, stored: Mapping[bytes, Mapping[ArticleId, bytes | None]] | None = None) -> None:
        self._stored = stored or {}
        self._added: dict[bytes, dict[ArticleId, bytes | None]] = {}

    def add(self, id_: ArticleId, keys: ArticleKeys) -> None:
        """Note that an article carries its keys."""
        for key in habit_keys(keys):
            carried = self._added.setdefault(key, {})
            if len(carried) < MOST_CARRIERS:
                carried[id_] = keys.title

    def times(self, member: Member, *others: Member) -> int:
        """Return how many articles of the member's source had its title pattern, without itself and `others`."""
        key = member.keys.pattern or b""
        carried = self._stored.get(key, _NOBODY).keys() | self._added.get(key, _NOBODY).keys()
        return len(carried - {member.article.id, *(other.article.id for other in others)})

    def is_boilerplate(self, member: Member) -> bool:
        """Return whether the member's source gave its lead to another title."""
        key = member.keys.lead or b""
        return any(
            id_ != member.article.id and title != member.keys.title
            for carried in (self._stored.get(key, _NOBODY), self._added.get(key, _NOBODY))
            for id_, title in carried.items()
        )

    def carriers(self) -> dict[bytes, dict[ArticleId, bytes | None]]:
        """Return what was added, in the form that a store gives."""
        return self._added


def habit_keys(keys: ArticleKeys) -> tuple[bytes, ...]:
    """Return the keys under which the habits of an article's source are found."""
    return tuple(key for key in (keys.pattern, keys.lead) if key is not None)


def all_habit_keys(members: Iterable[Member]) -> set[bytes]:
    """Return the habit keys of several articles."""
    return {key for member in members for key in habit_keys(member.keys)}
