"""Routing: to which channels an alert goes, and which of them must wait.

1. the rule's `send_to`
2. each route that fits, in the order of the files, adds its channels; one that `replaces` takes the place of all before
3. without any of these the default channels
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

from watcher.core.alerts.elsewhere import REFUSES, instead_of, say_also, say_instead
from watcher.core.alerts.timing import About, fits
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import HoldReason
from watcher.core.model.policy import CONSOLE, ChannelState, Policy
from watcher.core.model.rule import Rule
from watcher.core.model.timing import Route

_HOLDS: Final = {
    ChannelState.NO_SECRET: HoldReason.SECRET,
    ChannelState.OFF: HoldReason.CHANNEL,
    ChannelState.BREAKER: HoldReason.BREAKER,
}
_WORDS: Final = {ChannelState.NO_SECRET: "waits for its secret", ChannelState.OFF: "does not exist or is off"}


@dataclass(frozen=True, slots=True)
class Target:
    """One channel of an alert; `hold` says why its messages wait, `note` what the alert says about it. `instead_of`
    are the channels in whose place it is told, if it is told for no other reason.
    """

    name: ChannelName
    hold: HoldReason | None = None
    note: str = ""
    instead_of: tuple[ChannelName, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """Why an alert goes to a channel: a route, or None for what the rule itself names; `is_default` = neither of
    them names any.
    """

    name: ChannelName
    route: Route | None = None
    is_default: bool = False


def route(
    rule: Rule, policy: Policy, broken: AbstractSet[ChannelName], about: About | None = None
) -> tuple[Target, ...]:
    """Return the targets of an alert of a rule, each once; `about` None = at the rule's severity, whatever the feed.

    A channel that cannot take messages keeps its target: the message is held, not lost. If none of them can be made
    ready by waiting (secrets missing, switched off), the default channels, and in the end the console, are told too,
    and the alert says so.
    """
    names = named(rule, policy, about or About(rule.id, rule.severity))
    targets = tuple(Target(name, _hold(name, policy, broken)) for name in names)
    states = {name: _state(name, policy) for name in names}
    if not all(state in _WORDS for state in states.values()):
        return _with_ways_round(targets, policy, broken)
    others = _named_instead(names, policy, broken) or tuple(
        name for name in policy.default_targets if name not in names and _state(name, policy) is ChannelState.READY
    )
    instead = others or tuple(name for name in (CONSOLE,) if name not in names)
    note = "all channels of this rule are off: " + ", ".join(
        f"{name} {_WORDS[state]}" for name, state in states.items()
    )
    return (*targets, *(Target(name, _hold(name, policy, broken), note, names) for name in instead))


def _with_ways_round(targets: Sequence[Target], policy: Policy, broken: AbstractSet[ChannelName]) -> tuple[Target, ...]:
    """Return the targets of an alert with those that are told instead of the broken ones, where none of them is one
    already; both say so.
    """
    mine = {target.name for target in targets}
    found: dict[ChannelName, Target] = {}
    for target in targets:
        way = policy.otherwise.get(target.name, ()) if target.hold is HoldReason.BREAKER else ()
        other = instead_of(way, policy.channels, broken)
        if other is not None and other not in mine:
            found[target.name] = replace(target, note=say_also(other))
            stands_in = found.setdefault(other, Target(other, None, say_instead(target.name, REFUSES)))
            found[other] = replace(stands_in, instead_of=(*stands_in.instead_of, target.name))
        else:
            found[target.name] = target
    return tuple(found.values())


def _named_instead(
    names: Sequence[ChannelName], policy: Policy, broken: AbstractSet[ChannelName]
) -> tuple[ChannelName, ...]:
    """Return the channels that those which are off name for their alerts."""
    named_by = [name for name in names if name in policy.otherwise_named]
    found = (instead_of(policy.otherwise[name], policy.channels, broken) for name in named_by)
    return tuple(dict.fromkeys(filter(None, found)))


def named(rule: Rule, policy: Policy, about: About) -> tuple[ChannelName, ...]:
    """Return the channels that the configuration names for an alert of a rule, each once; at least the console."""
    return tuple(dict.fromkeys(way.name for way in ways(rule, policy, about)))


def ways(rule: Rule, policy: Policy, about: About) -> tuple[Way, ...]:
    """Return why an alert of a rule goes to which channels, in order; a channel may be named several times.

    send_to: [desk], route 1 adds bot, route 2 replaces all by me  ->  me (route 2)
    """
    found = [Way(name) for name in rule.send_to]
    for one in policy.routes:
        if fits(one, about):
            added = [Way(name, one) for name in one.send_to]
            found = added if one.replaces else found + added
    return tuple(found) or tuple(Way(name, is_default=True) for name in policy.default_targets or (CONSOLE,))


def sample_route(policy: Policy) -> tuple[Target, ...]:
    """Return the console, the only target of sample feeds, or nothing once a real channel is ready."""
    real = any(state is ChannelState.READY for name, state in policy.channels.items() if name != CONSOLE)
    return () if real else (Target(CONSOLE),)


def _state(name: ChannelName, policy: Policy) -> ChannelState:
    # The console always exists, whether or not the configuration lists it.
    return policy.channels.get(name, ChannelState.READY if name == CONSOLE else ChannelState.OFF)


def _hold(name: ChannelName, policy: Policy, broken: AbstractSet[ChannelName]) -> HoldReason | None:
    state = _state(name, policy)
    if state is not ChannelState.READY:
        return _HOLDS[state]
    return HoldReason.BREAKER if name in broken else None
