"""When a channel may ring: times of day, windows of quiet, digests; as the configuration names them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, time, tzinfo
from enum import StrEnum

from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.rule import Limit, Severity

EVERY_WEEKDAY = frozenset(range(7))
"""Monday is 0."""


@dataclass(frozen=True, slots=True)
class Days:
    """On which days something happens. `is_either`: a day of the month or a weekday is enough, as crontab has it."""

    weekdays: frozenset[int] = EVERY_WEEKDAY
    month_days: frozenset[int] = frozenset(range(1, 32))
    months: frozenset[int] = frozenset(range(1, 13))
    not_on: frozenset[date] = frozenset()
    is_either: bool = False

    def holds(self, day: date) -> bool:
        """Return whether `day` is one of them."""
        if day in self.not_on or day.month not in self.months:
            return False
        both = (day.weekday() in self.weekdays, day.day in self.month_days)
        return any(both) if self.is_either else all(both)


@dataclass(frozen=True, slots=True)
class Times:
    """Times of day in a zone, on some days: when a digest goes."""

    name: str
    times: tuple[time, ...]
    days: Days = Days()
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Window:
    """A time of day from `begins` to `ends`, over midnight where that is not later; `days` are those it begins on."""

    name: str
    begins: time
    ends: time
    days: Days = Days()
    zone: tzinfo = UTC


class Then(StrEnum):
    """What becomes of what was held: one message at the end, each on its own, or nothing."""

    SUMMARY = "summary"
    SEND = "send"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Quiet:
    """A window in which a channel does not ring. What is of severity `passes` or above does; None = nothing does."""

    during: Window
    then: Then = Then.SUMMARY
    passes: Severity | None = Severity.CRITICAL


@dataclass(frozen=True, slots=True)
class Digest:
    """What is of severity `holds` or below goes to a channel at these times only, as one message."""

    at: Times
    holds: Severity = Severity.NORMAL


@dataclass(frozen=True, slots=True)
class WrapTime:
    """When a channel is told what its day was; None = never."""

    at: Times | None


@dataclass(frozen=True, slots=True)
class Timing:
    """When what a route or a channel takes may ring. Limit and wrap are those of a channel, over all its rules; `wrap`
    None = nothing is said of it.
    """

    quiet: Quiet | None = None
    digest: Digest | None = None
    limit: Limit | None = None
    wrap: WrapTime | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Where alerts go that fit all that is given: `None` asks nothing, else one of the words is enough.

    `replaces` takes the place of the rule's targets and those of earlier routes.
    """

    number: int
    send_to: tuple[ChannelName, ...]
    replaces: bool = False
    severities: frozenset[Severity] | None = None
    rules: frozenset[RuleId] | None = None
    feeds: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    timing: Timing = Timing()
