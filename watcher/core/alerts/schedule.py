"""Times of day as moments: when a window begins and ends, when a digest is due, also where the clock is changed.

Local times are kept, not distances: `23:00` to `06:30` lasts 6.5 or 8.5 hours in the nights of a change.

| a local time that       | is read as                               | in Paris                                    |
|-------------------------|------------------------------------------|---------------------------------------------|
| a change of clock skips | the first moment after the gap           | 02:30 on 29 March 2026 is 03:00             |
| a change of clock doubles | the first of both; at the end of a window the second | 02:30 on 25 October 2026 |
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import Final

from watcher.core.model.timing import Days, Times, Window

LOOKS_AHEAD: Final = 366
"""So many days are looked through for the next time; what comes more rarely never comes."""

_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_FOUR_YEARS: Final = tuple(date(2024, 1, 1) + timedelta(days=number) for number in range(1461))
"""With a 29 February."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One time of a schedule: its name is the local date and time, the same on every machine and once a day."""

    name: str
    at: datetime


def moment(day: date, at: time, zone: tzinfo, *, is_end: bool = False) -> datetime:
    """Return when it is that time of day there, in UTC."""
    local = datetime.combine(day, at, zone).replace(fold=int(is_end))
    while not _exists(local):
        local += _MINUTE
    return local.astimezone(UTC)


def _exists(local: datetime) -> bool:
    back = local.astimezone(UTC).astimezone(local.tzinfo)
    return back.replace(tzinfo=None) == local.replace(tzinfo=None)


class Oddity(StrEnum):
    """What a change of the clock does to a local time."""

    SKIPPED = "skipped"
    DOUBLED = "doubled"


def oddity(day: date, at: time, zone: tzinfo) -> Oddity | None:
    """Return what a change of the clock does to a local time on a day; None = nothing."""
    local = datetime.combine(day, at, zone)
    if not _exists(local):
        return Oddity.SKIPPED
    return Oddity.DOUBLED if local.utcoffset() != local.replace(fold=1).utcoffset() else None


def say_odd(odd: Oddity, read_as: time, *, is_end: bool = False) -> str:
    """Return how such a time is read: "is skipped by a change of the clock: it is read as 03:00"."""
    if odd is Oddity.SKIPPED:
        return f"is skipped by a change of the clock: it is read as {read_as:%H:%M}"
    return f"comes twice by a change of the clock: the {'second' if is_end else 'first'} is meant"


def next_odd(at: time, days: Days, zone: tzinfo, now: datetime) -> tuple[date, Oddity] | None:
    """Return the next day of `days` within a year on which a change of the clock skips or doubles a time of day."""
    today = now.astimezone(zone).date()
    for day in (today + number * _DAY for number in range(LOOKS_AHEAD)):
        if days.holds(day) and (odd := oddity(day, at, zone)) is not None:
            return day, odd
    return None


def end_of(window: Window, now: datetime) -> datetime | None:
    """Return when the window ends that holds now, in UTC, or None when none does."""
    today = now.astimezone(window.zone).date()
    for day in (today - _DAY, today):
        last = day if window.begins < window.ends else day + _DAY
        if not window.days.holds(day):
            continue
        ends_at = moment(last, window.ends, window.zone, is_end=True)
        if moment(day, window.begins, window.zone) <= now < ends_at:
            return ends_at
    return None


def next_begin(window: Window, now: datetime) -> datetime | None:
    """Return when a window begins next after `now`, in UTC; None when it does not within a year."""
    today = now.astimezone(window.zone).date()
    days = (today + number * _DAY for number in range(LOOKS_AHEAD))
    begins = (moment(day, window.begins, window.zone) for day in days if window.days.holds(day))
    return next((at for at in begins if at > now), None)


def next_slot(times: Times, now: datetime) -> Slot | None:
    """Return the next time after `now`; None when there is none within a year."""
    today = now.astimezone(times.zone).date()
    days = (today + number * _DAY for number in range(-1, LOOKS_AHEAD))
    return next((slot for day in days for slot in _slots(times, day) if slot.at > now), None)


def last_slot(times: Times, now: datetime) -> Slot | None:
    """Return the last time that is not after `now`; None when there was none within a year."""
    today = now.astimezone(times.zone).date()
    days = (today - number * _DAY for number in range(-1, LOOKS_AHEAD))
    slots = (slot for day in days for slot in reversed(list(_slots(times, day))))
    return next((slot for slot in slots if slot.at <= now), None)


def never_ends(window: Window) -> bool:
    """Return whether a window lasts all day and begins on every day, so that its end is its next begin."""
    return window.begins == window.ends and all(window.days.holds(day) for day in _FOUR_YEARS)


def never_comes(times: Times) -> bool:
    """Return whether no day of four years is one of them, as 30 February."""
    return not times.times or not any(times.days.holds(day) for day in _FOUR_YEARS)


def longest_wait(times: Times, now: datetime) -> timedelta | None:
    """Return the longest time from one to the next in the coming year; None when there are not two."""
    today = now.astimezone(times.zone).date()
    every = [slot.at for number in range(LOOKS_AHEAD) for slot in _slots(times, today + number * _DAY)]
    return max((later - at for at, later in pairwise(every)), default=None)


def _slots(times: Times, day: date) -> Iterator[Slot]:
    if times.days.holds(day):
        for at in sorted(times.times):
            yield Slot(f"{day.isoformat()} {at:%H:%M}", moment(day, at, times.zone))
