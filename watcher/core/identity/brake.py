"""The brake: which parts of its guids, links and dates a feed changes all by itself, so that they stop making news.

It counts readings, not days. A part is unstable when it changed at two successive readings of one item that never
left the document, or for two thirds of at least five items in one reading (a date only by the first test, and only
while none stood still over a reading: a date that stood still is a date, not a clock). It is trusted again after
twenty readings in which it stood still.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from watcher.core.identity.addresses import GUID, HOST, PARAMETER
from watcher.core.model.identity import FeedMemory
from watcher.core.model.ids import ArticleId

DATE: Final = "date"
MANY: Final = 5
"""In a document of fewer items, what most of them do may be chance."""
_TRUSTED_AFTER: Final = 20


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed between two successive readings: of each item that both list, the parts that differ."""

    parts: Mapping[ArticleId, frozenset[str]] = field(default_factory=dict)
    listed: int = 0  # items that both readings list, changed or not
    keeps_dates: bool = False  # one of them is dated, and its date stood still

    def names(self) -> frozenset[str]:
        """Return every part that changed somewhere."""
        return frozenset(part for parts in self.parts.values() for part in parts)

    def articles_with(self, part: str) -> tuple[ArticleId, ...]:
        """Return the articles whose part changed, in order."""
        return tuple(id_ for id_, parts in self.parts.items() if part in parts)


def is_most(count: int, of: int) -> bool:
    """Return whether a count is two thirds or more of at least five."""
    return of >= MANY and count * 3 >= of * 2


def observe(memory: FeedMemory, changes: Changes) -> FeedMemory:
    """Return the memory with the parts that are unstable from now on, and without those that stood still for long
    enough.
    """
    changed = changes.names()
    unstable = {part: 0 if part in changed else still + 1 for part, still in memory.unstable.items()}
    if not changes.listed:
        unstable = dict(memory.unstable)
    for part in sorted(changed):
        articles = changes.articles_with(part)
        again = not set(articles).isdisjoint(memory.changed.get(part, ()))
        if part == DATE and memory.keeps_dates:
            continue
        if again or (part != DATE and is_most(len(articles), changes.listed)):
            unstable[part] = 0
    kept = {part: still for part, still in unstable.items() if still < _TRUSTED_AFTER}
    keeps_dates = memory.keeps_dates or (changes.keeps_dates and DATE not in kept)
    return replace(memory, unstable=kept, keeps_dates=keeps_dates)


def changed_at_once(memory: FeedMemory, changes: Changes) -> frozenset[str]:
    """Return the parts that most of the document changed in this reading and that nobody doubted before: its identity
    moved.
    """
    return frozenset(
        part
        for part in changes.names() - set(memory.unstable)
        if is_most(len(changes.articles_with(part)), changes.listed)
        and set(changes.articles_with(part)).isdisjoint(memory.changed.get(part, ()))
    )


def stood_still(memory: FeedMemory) -> FeedMemory:
    """Return the memory after a reading in which the server said that nothing changed."""
    unstable = {part: still + 1 for part, still in memory.unstable.items() if still + 1 < _TRUSTED_AFTER}
    keeps_dates = memory.keeps_dates or (memory.began_at is not None and DATE not in memory.unstable)
    notes = notes_of(unstable, memory.kept_back)
    return replace(memory, unstable=unstable, changed={}, keeps_dates=keeps_dates, notes=notes)


def notes_of(unstable: Collection[str], kept_back: int) -> tuple[str, ...]:
    """Return what the health of a feed says about its brake."""
    said = [_say(part) for part in sorted(unstable)]
    if said and kept_back:
        said.append(f"{kept_back} {'entry was' if kept_back == 1 else 'entries were'} kept back for that so far")
    return tuple(said)


def _say(part: str) -> str:
    if part == DATE:
        return "the dates of its items move at every poll, so they do not tell two pieces of news apart"
    if part == GUID:
        return "the guids of its items change from poll to poll, so they do not count"
    if part == HOST:
        return "the host in its links changes from poll to poll, so it does not count"
    name = part.removeprefix(PARAMETER)
    return f"the parameter {name!r} of its links changes from poll to poll, so it does not count"
