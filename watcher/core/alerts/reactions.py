"""What reactions to our own messages ask for: which are new or taken back, and how often a message is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from watcher.core.model.ids import StoryId
from watcher.core.model.reaction import Mark, Meaning, OwnMessage, Reaction

LOOKED_FOR: Final = timedelta(days=3)
"""So long after a message was sent its reactions are looked at."""

_PAUSES: Final = (
    (timedelta(hours=1), timedelta(seconds=30)),
    (timedelta(hours=6), timedelta(minutes=5)),
    (timedelta(days=1), timedelta(minutes=15)),
)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_READERS_AT_MOST: Final = 25
"""So many reactions of one meaning to one message are acted on: the first by the ids of their readers."""

_OPPOSITE: Final[Mapping[Meaning, Meaning]] = {
    Meaning.USEFUL: Meaning.NOT_USEFUL,
    Meaning.NOT_USEFUL: Meaning.USEFUL,
}


@dataclass(frozen=True, slots=True)
class Changed:
    """What is to be done: what `new` marks ask for, and what marks that are `gone` asked for taken back."""

    new: tuple[Mark, ...] = ()
    gone: tuple[Mark, ...] = ()


def pause_after(age: timedelta) -> timedelta:
    """Return how long after a look at a message of this age it is looked at again."""
    return next((pause for limit, pause in _PAUSES if age < limit), _LONGEST_PAUSE)


def marks_of(emoji: Mapping[str, Meaning], seen: Iterable[tuple[str, Iterable[str]]]) -> frozenset[Mark]:
    """Return what readers ask for by the reactions of a message: the name of each and who gave it.

    The tone of a skin says nothing: `+1::skin-tone-3` is `+1`.
    """
    found = ((emoji.get(name.partition("::")[0]), users) for name, users in seen)
    return frozenset((meaning, user) for meaning, users in found if meaning is not None for user in users)


def changed(own: OwnMessage, seen: frozenset[Mark]) -> Changed:
    """Return what reactions ask for that were not acted on yet, and which of those that were are gone."""
    known = {one.mark for one in own.reactions}
    order = list(Meaning)
    counts = {meaning: sum(one is meaning for one, _ in known) for meaning in Meaning}
    new: list[Mark] = []
    for meaning, user in sorted(seen - known, key=lambda mark: (order.index(mark[0]), mark[1])):
        counts[meaning] += 1
        if counts[meaning] <= _READERS_AT_MOST:
            new.append((meaning, user))
    return Changed(tuple(new), tuple(sorted(known - seen, key=lambda mark: (order.index(mark[0]), mark[1]))))


def heirs_of(
    gone: Mark, own: OwnMessage, seen: frozenset[Mark], messages: Iterable[OwnMessage], now: datetime
) -> list[Reaction]:
    """Return who else asks for what is gone from `own`, which tells of one story, the newest first.

    Any message that tells of this story alone counts, by what was seen there last; on `own` what is `seen` now does,
    acted on or not.
    """
    known = {one.mark: one for one in own.reactions}
    found = [known.get(mark, Reaction(own.id, *mark, now)) for mark in seen if mark[0] is gone[0] and mark != gone]
    stories = _stories(own)
    for message in messages:
        if message.id != own.id and _stories(message) == stories:
            found += [one for one in message.reactions if one.meaning is gone[0]]
    return sorted(found, key=lambda one: (one.at, one.message, one.user), reverse=True)


def _stories(message: OwnMessage) -> set[StoryId]:
    return {story for _, _, story in message.alerts}


def other_vote(gone: Mark, seen: frozenset[Mark]) -> Meaning | None:
    """Return the other vote that a reader still gives where one of two is gone, None = they give none."""
    opposite = _OPPOSITE.get(gone[0])
    return opposite if opposite is not None and (opposite, gone[1]) in seen else None
