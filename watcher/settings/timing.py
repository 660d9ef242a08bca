"""Reads `schedules`, `routes`, and `quiet`, `digest` and `limit` of channels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from watcher.core.alerts.schedule import never_comes, never_ends
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.policy import FeedSpec
from watcher.core.model.rule import Limit
from watcher.core.model.timing import EVERY_WEEKDAY, Days, Digest, Quiet, Route, Times, Timing, Window, WrapTime
from watcher.settings.calendars import read_calendar
from watcher.settings.cron import WEEKDAYS, read_cron
from watcher.settings.issues import Issues
from watcher.settings.models import ModelReader
from watcher.settings.phrases import short
from watcher.settings.schema import LimitModel, check_name
from watcher.settings.sections import Named
from watcher.settings.timing_schema import (
    THEN,
    DigestModel,
    QuietModel,
    RouteModel,
    ScheduleModel,
    TimingModel,
    WhenModel,
    WrapModel,
)
from watcher.settings.yaml_text import ListNode, MapNode, ScalarNode, YamlNode

TIMING_KEYS: Final = tuple(TimingModel.model_fields)
"""The keys of a channel that say when it rings, whatever its type."""

Schedule = Times | Window


def limit_of(written: LimitModel | None) -> Limit | None:
    """Return the limit that was written; None where there is none."""
    if written is None or not written.stories:
        return None
    return Limit(written.stories, written.per, drops=written.then == "drop")


@dataclass(frozen=True, slots=True)
class OfChannel:
    """What every channel may say: when it may ring (None = nothing, or a mistake), whether it is paused, where its
    alerts go while it takes none, and after how long each is given up.
    """

    timing: Timing | None = None
    paused: bool = False
    otherwise: ChannelName | None = None
    give_up: timedelta | None = None


class TimingReader:
    """Reads when things may ring; `zone` is `defaults.zone`, None where the user wrote none.

    `calendars` are the texts of the calendar files by name, None = they are not at hand.
    """

    def __init__(self, issues: Issues, models: ModelReader, zone: str | None, calendars: Mapping[str, str]) -> None:
        self._issues = issues
        self._models = models
        self._zone = zone
        self._calendars = calendars
        self._schedules: dict[str, Schedule | None] = {}

    def read_schedules(self, named: Named) -> Mapping[str, Schedule]:
        """Return the schedules by name; those with mistakes are left out."""
        for name, (key, node) in named.items():
            wrong = check_name(name)
            if wrong:
                self._issues.error(key, wrong, hint="write it without blanks: `monday-morning`")
            self._schedules[name] = self._schedule(name, key, node)
        return {name: one for name, one in self._schedules.items() if one is not None}

    def split(self, node: MapNode) -> tuple[MapNode, MapNode]:
        """Return what a channel's mapping says about itself, and what it says about when it rings."""
        mine = tuple(pair for pair in node.pairs if pair[0].text in TIMING_KEYS)
        return replace(node, pairs=tuple(pair for pair in node.pairs if pair not in mine)), replace(node, pairs=mine)

    def channel(self, name: ChannelName, node: MapNode) -> OfChannel:
        """Return what every channel may say, whatever its type."""
        if not node.pairs:
            return OfChannel()
        model, _ = self._models.read(node, TimingModel, "channel", f"channel {name}")
        if model is None:
            return OfChannel()
        timing = Timing(
            self._quiet(model.quiet, node.get("quiet")),
            self._digest(model.digest, node.get("digest")),
            limit_of(model.limit),
            self._wrap(model.wrap),
        )
        otherwise = ChannelName(model.otherwise) if model.otherwise else None
        return OfChannel(timing, model.paused, otherwise, model.give_up)

    def _wrap(self, model: WrapModel | None) -> WrapTime | None:
        if model is None:
            return None
        at: time | None = model.at
        return WrapTime(None if at is None else Times("wrap", (at,), zone=ZoneInfo(self._zone or "UTC")))

    def routes(
        self,
        nodes: Sequence[YamlNode],
        channels: Collection[str],
        rules: Mapping[RuleId, RuleId] | None,
        feeds: Sequence[FeedSpec] | None,
    ) -> tuple[Route, ...]:
        """Return the routes in order; `rules` as `names_of` gives it, None = names are not checked."""
        found = (self._route(number, node, channels, rules, feeds) for number, node in enumerate(nodes, 1))
        return tuple(route for route in found if route is not None)

    def _route(
        self,
        number: int,
        node: YamlNode,
        channels: Collection[str],
        rules: Mapping[RuleId, RuleId] | None,
        feeds: Sequence[FeedSpec] | None,
    ) -> Route | None:
        what = f"route {number}"
        model, _ = self._models.read(node, RouteModel, "route", what)
        if model is None or not isinstance(node, MapNode):
            return None
        before = self._issues.errors()
        if bool(model.send_to) == bool(model.send_only_to):
            hint = "`send_to` adds channels, `send_only_to` takes the place of all others"
            self._issues.error(node, f"{what} needs `send_to` or `send_only_to`, and only one of them", hint=hint)
        for key in ("send_to", "send_only_to"):
            self._refuse_unknown(node.get(key), channels, "channel")
        when = node.get("when")
        if isinstance(when, MapNode):
            known = {feed.name for feed in feeds} if feeds is not None else None
            self._refuse_unknown(when.get("rule"), rules, "rule")
            self._refuse_unknown(when.get("feed"), known, "feed")
        quiet, digest = self._quiet(model.quiet, node.get("quiet")), self._digest(model.digest, node.get("digest"))
        if self._issues.errors() > before:
            return None
        names = model.send_only_to or model.send_to
        targets = tuple(ChannelName(name) for name in dict.fromkeys(names))
        return _fitted(
            Route(number, targets, replaces=bool(model.send_only_to), timing=Timing(quiet, digest)), model.when, rules
        )

    def _refuse_unknown(self, node: YamlNode | None, known: Collection[str] | None, what: str) -> None:
        for item in _texts(node) if known is not None else ():
            if item.text not in known:  # type: ignore[operator] # looked at above
                hint = self._issues.did_you_mean(item.text, known or ())
                self._issues.error(item, f"there is no {what} `{short(item.text)}`", hint=hint)

    def _quiet(self, model: QuietModel | None, node: YamlNode | None) -> Quiet | None:
        if model is None or node is None:
            return None
        found = self._find(model.during, _inner(node, "during"))
        if isinstance(found, Times):
            hint = f"give `{found.name}` `from` and `until`, or name another schedule"
            self._issues.error(node, f"`{found.name}` is a time, and quiet hours need a window", hint=hint)
            return None
        if found is not None and never_ends(found):
            hint = f"give `{found.name}` another `from` or `until`, or `days`"
            self._issues.error(
                node, f"`{found.name}` is all day, every day, so that nothing would ever be told", hint=hint
            )
            return None
        return None if found is None else Quiet(found, THEN[model.then], model.pass_)

    def _digest(self, model: DigestModel | None, node: YamlNode | None) -> Digest | None:
        if model is None or node is None:
            return None
        found = self._find(model.at, _inner(node, "at"))
        if isinstance(found, Window):
            hint = f"give `{found.name}` `at` or `cron`, or name another schedule"
            self._issues.error(node, f"`{found.name}` is a window, and a digest needs a time", hint=hint)
            return None
        if found is not None and never_comes(found):
            hint = f"mend the days and months of `{found.name}`"
            self._issues.error(
                node, f"the time of `{found.name}` never comes, so that nothing would ever be told", hint=hint
            )
            return None
        return None if found is None else Digest(found, model.holds)

    def _find(self, name: str, node: YamlNode) -> Schedule | None:
        if name not in self._schedules:
            hint = self._issues.did_you_mean(name, self._schedules) or "define it under `schedules:`"
            self._issues.error(node, f"there is no schedule `{short(name)}`", hint=hint)
        return self._schedules.get(name)

    def _schedule(self, name: str, key: ScalarNode, node: YamlNode) -> Schedule | None:
        what = f"schedule {short(name)}"
        before = self._issues.errors()
        model, _ = self._models.read(node, ScheduleModel, "schedule", what)
        if model is None or not isinstance(node, MapNode):
            return None
        self._refuse_mixed(model, node, what)
        zone = model.zone or self._zone
        if zone is None:
            hint = "add `zone: Europe/Paris` to it, or to `defaults`"
            self._issues.error(key, f"{what} needs a time zone", hint=hint)
        days = Days(self._weekdays(model, node), not_on=self._left_out(model, node))
        times = model.at
        if model.cron is not None:
            times, days = self._cron(model.cron, node, days)
        if self._issues.errors() > before or zone is None:
            return None
        if model.from_ is not None and model.until is not None:
            return Window(name, model.from_, model.until, days, ZoneInfo(zone))
        return Times(name, tuple(sorted(set(times))), days, ZoneInfo(zone))

    def _refuse_mixed(self, model: ScheduleModel, node: MapNode, what: str) -> None:
        """Note a schedule that is neither one nor the other, or both."""
        given = [bool(model.at), model.cron is not None, model.from_ is not None or model.until is not None]
        if sum(given) != 1:
            hint = 'write `at: "06:30"`, `cron: "30 6 * * 1-5"`, or `from: "23:00"` with `until: "06:30"`'
            self._issues.error(node, f"{what} is a time or a window, and one of them only", hint=hint)
        elif given[2] and (model.from_ is None or model.until is None):
            missing = "from" if model.from_ is None else "until"
            self._issues.error(node, f"{what} needs `{missing}`", hint=f'add `{missing}: "06:30"`')
        if model.cron is not None and model.days:
            self._issues.error(node.key("days") or node, f"{what}: the days stand in `cron`", hint="delete `days`")

    def _cron(self, text: str, node: MapNode, days: Days) -> tuple[tuple[time, ...], Days]:
        try:
            times, found = read_cron(text)
        except ValueError as error:
            hint = 'write minute, hour, day, month, weekday: "30 6 * * 1-5"'
            self._issues.error(node.get("cron") or node, str(error), hint=hint)
            return (), days
        return times, replace(found, not_on=days.not_on)

    def _weekdays(self, model: ScheduleModel, node: MapNode) -> frozenset[int]:
        found: set[int] = set()
        for item, text in zip(_texts(node.get("days")), model.days, strict=False):
            span = _span(text)
            if span is None:
                hint = "write mon-fri, or a list: [mon, wed, fri]"
                self._issues.error(item, f"`{short(text)}` is no day of the week", hint=hint)
            else:
                found |= span
        return frozenset(found) or EVERY_WEEKDAY

    def _left_out(self, model: ScheduleModel, node: MapNode) -> frozenset[date]:
        found: set[date] = set()
        for item, text in zip(_texts(node.get("not_on")), model.not_on, strict=False):
            if text.lower().endswith(".ics"):
                found |= self._calendar(text, item)
                continue
            try:
                found.add(date.fromisoformat(text))
            except ValueError:
                hint = "write dates such as 2026-12-25, or the name of an .ics file"
                self._issues.error(item, f"`{short(text)}` is not a date", hint=hint)
        return frozenset(found)

    def _calendar(self, name: str, node: YamlNode) -> frozenset[date]:
        text = self._calendars.get(name.removeprefix("./"))
        if text is None:
            hint = self._issues.did_you_mean(name, self._calendars) or "it stands below the configuration directory"
            self._issues.error(node, f"the calendar {short(name)} is not there", hint=hint)
            return frozenset()
        days, wrong = read_calendar(text)
        for sentence in wrong[:3]:
            self._issues.warn(node, f"{short(name)}: {sentence}")
        return days


def _fitted(route: Route, when: WhenModel, rules: Mapping[RuleId, RuleId] | None) -> Route:
    named = [RuleId(name) for name in when.rule]
    today = [rules.get(name, name) for name in named] if rules is not None else named
    return replace(
        route,
        severities=frozenset(when.severity) or None,
        rules=frozenset(today) or None,
        feeds=frozenset(when.feed) or None,
        tags=frozenset(tag.casefold() for tag in when.tags) or None,
    )


def _span(text: str) -> set[int] | None:
    """Return the weekdays of `mon-fri` or `sat`; None when it is neither. `fri-mon` goes over the weekend."""
    first, _, last = (part.strip().lower()[:3] for part in text.partition("-"))
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        return None
    begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    return {(begin + number) % 7 for number in range((end - begin) % 7 + 1)}


def _inner(node: YamlNode, key: str) -> YamlNode:
    return (node.get(key) or node) if isinstance(node, MapNode) else node


def _texts(node: YamlNode | None) -> Iterable[ScalarNode]:
    items = node.items if isinstance(node, ListNode) else (node,)
    return [item for item in items if isinstance(item, ScalarNode) and item.text]
