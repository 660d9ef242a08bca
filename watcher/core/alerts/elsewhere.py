"""Where the alerts of a channel go that takes none: to the channel that it names, else to that of `meta`.

    otherwise: desk -> me           while desk refuses all messages, its alerts go to me, and say so
    otherwise: desk -> me -> ops    while me refuses them too, to ops
    otherwise: desk -> me           where me refuses them too, to the other channels of `meta.send_to`, in order
    nothing named                   to those of `meta.send_to`

No way leads back to where it began, and no alert is sent back to a channel that it was sent on from. What another
channel is told so is an alert of its own there: its hours hold it, copies fold into it, and what it was told already
is not told again. What somebody muted on a channel is not told instead of it either.
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
_ALSO: Final = "also sent to "


def say_instead(channel: ChannelName, why: str) -> str:
    """Return what an alert says that another channel could not tell, such as "sent here because desk is off"."""
    return f"sent here because the channel {channel} {why}"


def was_sent_on_from(note: str, channel: ChannelName) -> bool:
    """Return whether an alert came, maybe over others, from a channel that could not tell it."""
    return any(part.startswith(say_instead(channel, "")) for part in note.split("; "))


def say_also(channel: ChannelName) -> str:
    """Return what an alert says that was told elsewhere before its own channel takes it."""
    return f"{_ALSO}{channel}"


def said_also(note: str) -> tuple[ChannelName, ...]:
    """Return to which channels an alert was meant to go as well."""
    parts = note.split("; ")
    return tuple(ChannelName(part.removeprefix(_ALSO)) for part in parts if part.startswith(_ALSO))


def with_what_was_sent(note: str, sent: Container[ChannelName]) -> str:
    """Return a note as it is true now: of other channels only those that took the alert.

    "sirens; also sent to me", and me took nothing -> "sirens"
    """
    return "; ".join(
        part for part in note.split("; ") if not part.startswith(_ALSO) or part.removeprefix(_ALSO) in sent
    )


def ways_round(
    named: Mapping[ChannelName, ChannelName], channels: Iterable[ChannelName], meta: Sequence[ChannelName]
) -> dict[ChannelName, tuple[ChannelName, ...]]:
    """Return, by channel, where its alerts go instead, in order: where the ways lead that the files name, which make no
    circle, then to all other channels of `meta`.

        named {desk: me}, meta [ops, me]  ->  desk: me, ops; me: ops; ops: me
    """
    found = {}
    for name in dict.fromkeys((*channels, *named)):
        way = [one for one in _from(name, named) if one != name]
        way += [one for one in meta if one != name and one not in way]
        if way:
            found[name] = tuple(way)
    return found


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
    """Return a decision with the ways round of all channels that are ready, where what it gives up is told elsewhere.
    What an open breaker holds is told at the next look at what waits.
    """
    if decision.state is not MessageState.DEAD:
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
