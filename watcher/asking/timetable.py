"""Who gets what and when, as `check` says it: routes, hours and the next time of each schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from watcher.core.alerts.lasting import LONG
from watcher.core.alerts.schedule import end_of, longest_wait, moment, next_begin, next_odd, next_slot, say_odd
from watcher.core.model.ids import ChannelName
from watcher.core.model.rule import Rule
from watcher.core.model.timing import Days, Route, Then, Times, Timing, Window
from watcher.settings.configuration import Configuration

_LONG = timedelta(hours=25)
"""A digest that is further apart is warned of; a day with a change of the clock is no longer than this."""

_THEN = {Then.SUMMARY: "then one message", Then.SEND: "then each on its own", Then.DROP: "what comes then is dropped"}


@dataclass(frozen=True, slots=True)
class NextTime:
    """One schedule: its next time (None = never within a year), and what is said of it."""

    name: str
    next_at: datetime | None
    said: str


def ways(rule: Rule, configuration: Configuration) -> list[str]:
    """Return what changes where and when alerts of a rule go, a line each.

    me: quiet 23:00 to 06:30, then one message; critical passes
    critical: also bot, hook
    tags wire: only desk; digest morning holds up to normal
    """
    lines = [
        f"{name}: {', '.join(said)}" for name in _named(rule, configuration) if (said := _own(name, configuration))
    ]
    fitting = [route for route in configuration.routes if route.rules is None or rule.id in route.rules]
    return [*lines, *map(way_of, fitting)]


def next_times(configuration: Configuration, now: datetime) -> list[NextTime]:
    """Return the schedules in order, each with its next time from `now` on."""
    return [
        _next_window(one, now) if isinstance(one, Window) else _next_time(one, now)
        for one in configuration.schedules.values()
    ]


def _named(rule: Rule, configuration: Configuration) -> list[ChannelName]:
    routed = [name for one in configuration.routes if one.rules is None or rule.id in one.rules for name in one.send_to]
    return list(dict.fromkeys([*(rule.send_to or configuration.defaults.send_to), *routed]))


def _own(name: ChannelName, configuration: Configuration) -> list[str]:
    setup = configuration.channels.get(name)
    said = list(_timing(setup.timing)) if setup is not None and setup.timing is not None else []
    wrap = configuration.wraps().get(name)
    if wrap is not None:
        said.append(f"wrap at {wrap.times[0]:%H:%M}")
    if way := configuration.ways_round().get(name):
        said.append(f"while it takes no messages: {way[0]}")
    return said


def odd_silences(configuration: Configuration, now: datetime) -> list[str]:
    """Return what is to be said of silences of the files: those that are over, and those of more than a week."""
    said = []
    for one in configuration.silences:
        span = one.lasts or (one.ends_at - one.starts_at if one.ends_at and one.starts_at else None)
        if one.ends_at is not None and one.ends_at <= now:
            said.append(f"silence {one.name}: is over, and mutes nothing; take it out")
        elif (span is not None and span > LONG) or (span is None and one.ends_at is None):
            how_long = f"{span.total_seconds() / 86400:.0f} days" if span is not None else "without an end"
            said.append(f"silence {one.name}: {how_long}, more than a week; what it holds: watcher deliveries silenced")
    return said


def way_of(route: Route) -> str:
    """Return a route in a line: what it takes, to whom, and when ("critical: also bot, hook")."""
    asked = [
        ", ".join(one.word for one in sorted(route.severities or (), reverse=True)),
        f"feed {', '.join(sorted(route.feeds))}" if route.feeds else "",
        f"tags {', '.join(sorted(route.tags))}" if route.tags else "",
    ]
    when = " and ".join(filter(None, asked)) or "all"
    how = "only" if route.replaces else "also"
    return "; ".join([f"{when}: {how} {', '.join(route.send_to)}", *_timing(route.timing)])


def _timing(timing: Timing) -> Iterator[str]:
    if timing.quiet is not None:
        during, passes = timing.quiet.during, timing.quiet.passes
        yield f"quiet {during.begins:%H:%M} to {during.ends:%H:%M}, {_THEN[timing.quiet.then]}"
        yield f"{passes.word} passes" if passes is not None else "nothing passes"
    if timing.digest is not None:
        yield f"digest {timing.digest.at.name} holds up to {timing.digest.holds.word}"
    if timing.limit is not None:
        over = "the rest is dropped" if timing.limit.drops else "then one message"
        yield f"at most {timing.limit.stories} in {timing.limit.per.total_seconds() / 60:.0f} min, {over}"


def _next_time(one: Times, now: datetime) -> NextTime:
    slot = next_slot(one, now)
    if slot is None:
        return NextTime(one.name, None, "never within a year")
    apart = longest_wait(one, now)
    said = f"next {slot.at.astimezone(one.zone):%a %d %b %H:%M %Z}"
    if apart is not None:
        hours = f"{apart.total_seconds() / 3600:.0f} h"
        said += f", the longest wait is {hours}" + (": more than a day" if apart > _LONG else "")
    odd = [line for at in one.times if (line := _odd(at, one, now))]
    return NextTime(one.name, slot.at, "; ".join([said, *odd]))


def _odd(at: time, one: Times | Window, now: datetime, *, is_end: bool = False) -> str:
    """Return how a time of day is read where the next change of the clock skips or doubles it, "" where none does."""
    days = Days(not_on=one.days.not_on) if is_end else one.days  # a window ends on the day after it began
    found = next_odd(at, days, one.zone, now)
    if found is None:
        return ""
    day, odd = found
    read_as = moment(day, at, one.zone, is_end=is_end).astimezone(one.zone).time()
    return f"{at:%H:%M} of {day:%d %b} {say_odd(odd, read_as, is_end=is_end)}"


def _next_window(one: Window, now: datetime) -> NextTime:
    found = _window(one, now)
    odd = [line for line in (_odd(one.begins, one, now), _odd(one.ends, one, now, is_end=True)) if line]
    return replace(found, said="; ".join([found.said, *odd]))


def _window(one: Window, now: datetime) -> NextTime:
    ends = end_of(one, now)
    if ends is not None:
        return NextTime(one.name, now, f"now, until {ends.astimezone(one.zone):%a %d %b %H:%M %Z}")
    begins = next_begin(one, now)
    if begins is None:
        return NextTime(one.name, None, "never within a year")
    until = end_of(one, begins)
    local = f"next {begins.astimezone(one.zone):%a %d %b %H:%M}"
    return NextTime(one.name, begins, f"{local} to {until.astimezone(one.zone):%a %d %b %H:%M %Z}" if until else local)
