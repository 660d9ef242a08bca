"""What two configurations have that the other has not: rules, feeds, channels, silences; and what was renamed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from watcher.core.language.tree import concepts_asked
from watcher.core.model.durations import in_words
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.policy import FeedSpec, Renames, Silence
from watcher.core.model.rule import Concept, Limit, Rule, Severity
from watcher.settings.configuration import ChannelSetup, Configuration
from watcher.settings.phrases import counted

K = TypeVar("K", bound=str)
V = TypeVar("V")

_KEYS: Final[Mapping[str, str]] = {
    "body": "condition",
    "excepts": "except",
    "raises": "raise",
    "is_paused": "paused",
    "trend": "over time",
    "request": "how it is asked",
}
"""How keys are called in files, by the field that holds them."""

_SILENT: Final = frozenset({"id", "was", "place", "named"})


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing that is another: `how` is added, removed, renamed, paused, resumed or changed; `said` what of it."""

    how: str
    name: str
    before: str = ""
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of a configuration, by kind, each in the order of names; `same` rules are as they were."""

    rules: tuple[Edit, ...]
    feeds: tuple[Edit, ...]
    channels: tuple[Edit, ...]
    muted: tuple[str, ...]
    same: int
    renames: Renames

    def asked_otherwise(self) -> frozenset[RuleId]:
        """Return the rules that may match something else now, by the ids of before and after."""
        hows = {"added", "removed", "changed", "paused", "resumed"}
        return frozenset(RuleId(edit.name) for edit in self.rules if edit.how in hows)

    def line(self) -> str:
        """Return it on one line: `1 changed (shells), 11 same, 1 feed added (wire), muted drones until Fri 27 Nov 2026
        15:20 CET`; only rules are counted without their kind, as what is edited each day.
        """
        said = [f"{len(names)} {how} ({_listed(names)})" for how, names in _by_way(self.rules)]
        said.append(f"{self.same} same")
        for kind, edits in (("feed", self.feeds), ("channel", self.channels)):
            said += [f"{counted(len(names), kind)} {how} ({_listed(names)})" for how, names in _by_way(edits)]
        return ", ".join([*said, *self.muted])


_MOST_NAMED: Final = 10
_MOST_COMPARED: Final = 500


def _listed(names: Sequence[str]) -> str:
    more = f", and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more}"


def _by_way(edits: Iterable[Edit]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield what was done to things of one kind, with their names; of what is renamed both."""
    found: dict[str, list[str]] = {"added": [], "renamed": [], "removed": []}
    for one in edits:
        found.setdefault(one.how, []).append(f"{one.before} is {one.name}" if one.how == "renamed" else one.name)
    yield from ((way, sorted(names)) for way, names in found.items() if names)


def difference(before: Configuration, now: Configuration) -> Difference:
    """Return what `now` has that `before` had not, and the other way round."""
    renames = renamed(before, now)
    old, new = {rule.id: rule for rule in before.rules}, {rule.id: rule for rule in now.rules}
    found = _rules(old, new, before.concepts, now.concepts, renames.rules)
    rules = tuple(edit for edit in found if edit.how != "changed" or edit.name not in now.held)  # it is as it was
    touched = {one.name for one in rules}
    return Difference(
        rules,
        tuple(_feeds(before.feeds, now.feeds)),
        tuple(_channels(before.channels, now.channels, renames.channels)),
        tuple(_muted(before.silences, now)),
        sum(id_ in old and id_ not in touched for id_ in new),
        renames,
    )


def renamed(before: Configuration, now: Configuration) -> Renames:
    """Return what rules and channels were called before: by `was`, and where one vanished while another appeared that
    is the same in all but its name.
    """
    told = now.renames()
    rules = _same_again(
        {rule.id: rule for rule in before.rules}, {rule.id: rule for rule in now.rules}, told.rules, _nameless
    )
    channels = _same_again(
        {name: setup for name, setup in before.channels.items() if setup.config is not None},
        {name: setup for name, setup in now.channels.items() if setup.config is not None},
        told.channels,
        _anonymous,
    )
    return Renames({**rules, **told.rules}, {**channels, **told.channels})


def asks_the_same(rule: Rule, concepts: Mapping[str, Concept], other: Rule, others: Mapping[str, Concept]) -> bool:
    """Return whether two rules are the same, the concepts that they use too; ids and names aside."""
    if _nameless(rule) != _nameless(other):
        return False
    return concepts_asked(rule, concepts) == concepts_asked(other, others)


def _nameless(rule: Rule) -> Rule:
    return replace(rule, id=RuleId(""), name="", was=())


def _anonymous(setup: ChannelSetup) -> ChannelSetup:
    return replace(setup, name=ChannelName(""), was=())


def _same_again(old: Mapping[K, V], new: Mapping[K, V], told: Mapping[K, K], bare: Callable[[V], V]) -> dict[K, K]:
    """Return which vanished name is which new one, where what it stands for tells it and no other is like it."""
    gone = {name: bare(old[name]) for name in old.keys() - new.keys() - told.keys()}
    come = {name: bare(new[name]) for name in new.keys() - old.keys() - set(told.values())}
    if max(len(gone), len(come)) > _MOST_COMPARED:
        return {}  # other files altogether
    twins = {name: [other for other, its in come.items() if its == value] for name, value in gone.items()}
    claimed = [name for names in twins.values() for name in names]
    return {name: its[0] for name, its in twins.items() if len(its) == 1 and claimed.count(its[0]) == 1}


def _earlier(old: Collection[K], new: Collection[K], renames: Mapping[K, K]) -> dict[K, K]:
    """Return what names of today were before, where they are new and the earlier one was there."""
    return {today: name for name, today in renames.items() if name in old and today in new and today not in old}


def _rules(
    old: Mapping[RuleId, Rule],
    new: Mapping[RuleId, Rule],
    concepts: Mapping[str, Concept],
    now: Mapping[str, Concept],
    renames: Mapping[RuleId, RuleId],
) -> Iterator[Edit]:
    earlier = _earlier(old, new, renames)
    yield from (Edit("added", id_) for id_ in sorted(new.keys() - old.keys() - earlier.keys()))
    yield from (Edit("renamed", today, id_) for today, id_ in sorted(earlier.items()))
    yield from (Edit("removed", id_) for id_ in sorted(old.keys() - new.keys() - set(earlier.values())))
    others = {name for name in concepts.keys() & now.keys() if concepts[name] != now[name]}
    for id_ in sorted(new):
        before = old.get(earlier.get(id_, id_))
        if before is not None:
            asked = sorted(others & concepts_asked(new[id_], now).keys()) if others else []
            yield from _edits(before, new[id_], asked)


def _edits(before: Rule, now: Rule, concepts: Sequence[str]) -> Iterator[Edit]:
    """Yield what an edit did to a rule; `concepts` are others than before."""
    former = "" if before.id == now.id else before.id
    if before.is_paused != now.is_paused:
        yield Edit("paused" if now.is_paused else "resumed", now.id, former)
    said = _said(replace(before, is_paused=now.is_paused), now, {"name"} if former else set())
    said += [f"concept {name}" for name in concepts]
    if said:
        yield Edit("changed", now.id, former, tuple(said))


def _feeds(old: Sequence[FeedSpec], new: Sequence[FeedSpec]) -> Iterator[Edit]:
    known = {name: feed for feed in old for name in (feed.url, *([feed.name] if feed.named else []))}
    found: set[str] = set()
    for feed in new:
        names = (feed.url, feed.name, *feed.was)
        before = next((known[name] for name in names if name in known), None)
        if before is None:
            yield Edit("added", feed.name)
            continue
        found.add(before.url)
        if before.name != feed.name:
            yield Edit("renamed", feed.name, before.name)
        if said := _said(before, feed, {"name"}):
            yield Edit("changed", feed.name, "", tuple(said))
    yield from (Edit("removed", feed.name) for feed in old if feed.url not in found)


def _channels(
    old: Mapping[ChannelName, ChannelSetup],
    new: Mapping[ChannelName, ChannelSetup],
    renames: Mapping[ChannelName, ChannelName],
) -> Iterator[Edit]:
    earlier = _earlier(old, new, renames)
    for name in sorted(new.keys() - old.keys()):
        yield Edit("renamed", name, earlier[name]) if name in earlier else Edit("added", name)
    yield from (Edit("removed", name) for name in sorted(old.keys() - new.keys() - set(earlier.values())))
    for name in sorted(new.keys() & old.keys()):
        if _anonymous(old[name]) != _anonymous(new[name]):
            yield Edit("changed", name)  # what of it may be a secret


def _said(before: Rule | FeedSpec, now: Rule | FeedSpec, but: set[str]) -> list[str]:
    """Return which keys are others, with both values where they are short."""
    said = []
    for field in dataclasses.fields(now):
        if field.name in _SILENT | but or not field.compare:
            continue
        was, has = getattr(before, field.name), getattr(now, field.name)
        if was != has:
            words = _in_a_word(was), _in_a_word(has)
            key = _KEYS.get(field.name, field.name)
            said.append(f"{key}: {words[0]} -> {words[1]}" if all(words) else key)
    return said


def _in_a_word(value: object) -> str:
    """Return a value as it is written, "" where that takes more than a word."""
    match value:
        case Severity():
            return value.word
        case timedelta():
            return in_words(value)
        case Limit():
            return f"{value.stories} per {in_words(value.per)}"
        case None:
            return "none"
        case tuple() if value and all(isinstance(item, str) for item in value):
            return ", ".join(value)
        case _:
            return ""


def _muted(before: Sequence[Silence], now: Configuration) -> Iterator[str]:
    """Yield which silences are new, such as `muted shells until Fri 27 Nov 2026 15:20 CET`, and which are gone."""
    names = {one.name for one in now.silences}
    yield from (f"no longer muted: {one.name}" for one in before if one.name not in names)
    for one in now.silences:
        if one not in before and one.ends_at is not None:
            until = one.ends_at.astimezone(ZoneInfo(now.defaults.zone))
            yield f"muted {one.name} until {until:%a %d %b %Y %H:%M %Z}"
