"""Where the alerts of a channel go that takes none: to the channel that it names, else to that of `meta`.

    otherwise: desk -> me           while desk refuses all messages, its alerts go to me, and say so
    otherwise: desk -> me -> ops    while me refuses them too, to ops
    nothing named                   to the first channel of `meta.send_to`, at another address

No way leads back to where it began. What another channel is told so is an alert of its own there: its hours hold it,
copies fold into it, and what it was told already is not told again.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from watcher.core.model.ids import ChannelName
from watcher.core.model.message import Decision, MessageState
from watcher.core.model.policy import CONSOLE, ChannelState, Policy

REFUSES: Final = "takes no messages now"
GAVE_UP: Final = "gave it up"
IS_OFF: Final = "is off"


def say_instead(channel: ChannelName, why: str) -> str:
    """Return what an alert says that another channel could not tell, such as "sent here because desk is off"."""
    return f"sent here because the channel {channel} {why}"


def say_also(channel: ChannelName) -> str:
    """Return what an alert says that was told elsewhere before its own channel takes it."""
    return f"also sent to {channel}"


def ways_round(
    named: Mapping[ChannelName, ChannelName], channels: Iterable[ChannelName], meta: Sequence[ChannelName]
) -> dict[ChannelName, tuple[ChannelName, ...]]:
    """Return, by channel, where its alerts go instead, in order; `named` are the ways that the files name, which make
    no circle.

        named {desk: me}, meta [ops, me]  ->  desk: me, ops; me: ops; ops: me
    """
    steps = dict(named)
    for name in channels:
        if name not in steps:
            found = next((other for other in meta if other != name and name not in _from(other, steps)), None)
            if found is not None:
                steps[name] = found
    return {name: _from(steps[name], steps) for name in steps}


def _from(name: ChannelName, steps: Mapping[ChannelName, ChannelName]) -> tuple[ChannelName, ...]:
    """Return a channel and those that it leads to."""
    found = [name]
    while (name := steps.get(name, name)) not in found:
        found.append(name)
    return tuple(found)


def circle_of(name: ChannelName, named: Mapping[ChannelName, ChannelName]) -> tuple[ChannelName, ...]:
    """Return the circle that a channel's way makes, from it to itself; () where it makes none."""
    found = [name]
    while (name := named.get(name, name)) not in found:
        found.append(name)
    return (*found, name) if name == found[0] and len(found) > 1 else ()


def instead_of(
    way: Sequence[ChannelName], channels: Mapping[ChannelName, ChannelState], broken: Container[ChannelName]
) -> ChannelName | None:
    """Return the first channel of a way that takes messages now, None where none does."""
    return next((name for name in way if is_ready(name, channels) and name not in broken), None)


def is_ready(name: ChannelName, channels: Mapping[ChannelName, ChannelState]) -> bool:
    """Return whether a channel is ready by the configuration; the console is, whether that lists it or not."""
    return channels.get(name, ChannelState.READY if name == CONSOLE else ChannelState.OFF) is ChannelState.READY


def with_ways(decision: Decision, policy: Policy) -> Decision:
    """Return a decision with the ways round of all channels that are ready, where what it holds or gives up is told
    elsewhere.
    """
    if not decision.opened and decision.state is not MessageState.DEAD:
        return decision
    return replace(decision, otherwise=ready_ways(policy))


def ready_ways(policy: Policy) -> dict[ChannelName, tuple[ChannelName, ...]]:
    """Return the ways round without the channels that are off."""
    return {
        name: tuple(other for other in way if is_ready(other, policy.channels))
        for name, way in policy.otherwise.items()
    }


def first_free(way: Sequence[ChannelName], broken: Container[ChannelName]) -> ChannelName | None:
    """Return the first channel of a way that is not broken."""
    return next((name for name in way if name not in broken), None)
