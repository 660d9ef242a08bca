"""Silences that somebody makes while the program runs: what they are called, and what is said of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from watcher.core.model.ids import ChannelName, RuleId, StoryId
from watcher.core.model.policy import Silence

SPANS: Final = {
    "1h": timedelta(hours=1),
    "2h": timedelta(hours=2),
    "8h": timedelta(hours=8),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
    "7d": timedelta(days=7),
}
"""How long something can be muted from the page or by a link; the files take any length."""

MUTED_AT_MOST: Final = 500
"""So many silences by hand may be in force: each is looked at with every match."""


SAME_WITHIN: Final = timedelta(minutes=10)
"""What is asked for again within this is the same: a second press, a link that is opened twice."""

_BY_REACTION: Final = ", by a reaction on "
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Muteable(StrEnum):
    """What can be muted by hand."""

    RULE = "rule"
    FEED = "feed"
    STORY = "story"


@dataclass(frozen=True, slots=True)
class Mute:
    """What somebody asks for: something muted for `lasts`, on one channel where one is given; `title` is its name for
    people.
    """

    kind: Muteable
    what: str
    lasts: timedelta
    by: str
    because: str = ""
    channel: ChannelName | None = None
    title: str = ""


def silence_by_hand(asked: Mute, now: datetime, taken: Collection[str]) -> Silence:
    """Return the silence that was asked for, from now on, under a name that is not `taken`.

    One of a rule is called as the rule, a second one `shells (2)`, as in the files.
    """
    base = asked.what if asked.kind is not Muteable.STORY else f"story {asked.what[:13]}"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base} ({number})"
    return Silence(
        name,
        rule=RuleId(asked.what) if asked.kind is Muteable.RULE else None,
        feed=asked.what if asked.kind is Muteable.FEED else "",
        story=StoryId(asked.what) if asked.kind is Muteable.STORY else None,
        starts_at=now,
        ends_at=now + asked.lasts,
        because=asked.because,
        channel=asked.channel,
        by=asked.by,
    )


def by_reaction(user: str, channel: ChannelName) -> str:
    """Return by whom something was done that a reader asked for by a reaction."""
    return f"{user}{_BY_REACTION}{channel}"


def is_by_reaction(by: str) -> bool:
    """Return whether a reaction asked for something, which ends when the reaction is taken away."""
    return _BY_REACTION in by


def same_muted(silences: Sequence[Silence], asked: Mute) -> list[Silence]:
    """Return the silences of what is asked for on the same channel, the one that ends last first.

    Those of reactions stand beside those of links and the page: neither ends with the other.
    """
    of_reaction = is_by_reaction(asked.by)
    same = [
        one
        for one in silences
        if _muted(one, asked.kind) == asked.what
        and one.channel == asked.channel
        and is_by_reaction(one.by) == of_reaction
    ]
    return sorted(same, key=lambda one: one.ends_at or _NEVER, reverse=True)


def is_muted_already(silence: Silence, asked: Mute, now: datetime) -> bool:
    """Return whether a silence does what is asked for; a second press some minutes later asks for the same."""
    return (silence.ends_at or _NEVER) >= now + asked.lasts - SAME_WITHIN


def longer(silence: Silence, asked: Mute, now: datetime) -> Silence:
    """Return a silence with the end that is asked for now; its name and start stay, so that what it held is told at
    its end.
    """
    return replace(silence, ends_at=now + asked.lasts, because=asked.because, by=asked.by)


def _muted(silence: Silence, kind: Muteable) -> str | None:
    return {Muteable.RULE: silence.rule, Muteable.FEED: silence.feed or None, Muteable.STORY: silence.story}[kind]


def say_muted(asked: Mute, silence: Silence) -> str:
    """Return what was done: "muted the rule shells until 27 Nov 15:20 UTC on desk"."""
    where = f" on {asked.channel}" if asked.channel else ""
    titled = f" ({asked.title})" if asked.title else ""
    assert silence.ends_at is not None
    until = f"{silence.ends_at.day} {silence.ends_at:%b %H:%M} UTC"
    because = f": {asked.because}" if asked.because else ""
    return f"muted the {asked.kind} {asked.what}{titled} until {until}{where}{because}"
