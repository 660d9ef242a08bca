"""Watches how the feeds are: each change is an event and a metric, and `meta` is told of what lasts.

1. A feed whose `silent_after` is over is told at once, and that it has news again.
2. All feeds out at once is told at once, and its end.
3. What else needs a look for `meta.feed_dead_after` stands in one message a day, at 08:00 of `defaults.zone`, unless a
   channel of `meta` has a wrap, where it stands; the same list is not told again the next day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import structlog

from watcher.core.feeds.condition import OUT, Condition
from watcher.core.model.ids import ChannelName, digest
from watcher.core.model.policy import CONSOLE, FeedSpec
from watcher.daemon.active import Active
from watcher.daemon.page import feed_views, feeds_with_costs
from watcher.daemon.world import World
from watcher.ports import Maintenance, Notices, Shown
from watcher.settings.phrases import counted
from watcher.web.source import FeedView

log = structlog.get_logger()

_AT: Final = timedelta(hours=8)
_MOST_LISTED: Final = 20
_ALL_OUT: Final = "all feeds out"


class _Doors(Notices, Shown, Maintenance, Protocol):
    """How the feeds are is looked up; what is told is queued, once a day by a claimed slot."""


class FeedWatch:
    """Remembers in memory how each feed was at the last look; what was told is remembered by the store."""

    def __init__(self, world: World, active: Active) -> None:
        self._world = world
        self._store: _Doors = world.store
        self._active = active
        self._clock = world.clock
        self._metrics = world.metrics
        self._before: dict[str, Condition] = {}
        self._silent: dict[str, bool] = {}
        self._all_out: bool | None = None
        self._day: date | None = None

    async def look(self) -> None:
        """Look at every feed once; nothing is told while the wall clock cannot be believed. While the network is out,
        which is told by itself, only silence is: it was asked for.
        """
        now = self._clock.now()
        configuration = self._active.configuration()
        specs = {spec.name: spec for spec in configuration.feeds}
        views = feed_views(configuration.feeds, await self._store.feeds(), now)
        self._note_changes(views)
        if not self._world.is_clock_trusted():
            return
        polled = [view for view in views if view.record is not None and not specs[view.name].sample]
        told = await self._tell_silence(polled, specs, now)
        if not self._world.state.outage:
            told += await self._tell_all_out(polled, now)
            told += await self._tell_daily(polled, now)
        if told:
            self._world.send_bell.ring()

    def _note_changes(self, views: Sequence[FeedView]) -> None:
        for condition in Condition:
            count = sum(view.health.condition is condition for view in views)
            self._metrics.feed_health.labels(condition.value).set(count)
        for view in views:
            condition, before = view.health.condition, self._before.get(view.name)
            if before is None or before is condition:
                continue
            self._metrics.feed_changes.labels(condition.value).inc()
            say = log.warning if view.health.needs_look else log.info
            say("feed changed", feed=view.name, before=before.value, now=condition.value, reason=view.seen or None)
        self._before = {view.name: view.health.condition for view in views}

    async def _tell_silence(self, views: Sequence[FeedView], specs: Mapping[str, FeedSpec], now: datetime) -> int:
        """Tell of each feed whose own `silent_after` is over, and of its end."""
        told = 0
        for view in views:
            if specs[view.name].silent_after is None:
                continue
            holds = view.health.condition is Condition.TOO_QUIET
            if self._silent.get(view.name) is holds or (not holds and view.health.condition in OUT):
                continue
            assert view.record is not None
            title = f"Feed {view.name} is too quiet" if holds else f"Feed {view.name} has news again"
            text = f"{view.seen} {view.to_do}" if holds else "It brought something new."
            told += await self._note(f"silent feed {view.record.state.feed}", holds, title, text, now)
            self._silent[view.name] = holds
        return told

    async def _tell_all_out(self, views: Sequence[FeedView], now: datetime) -> int:
        holds = len(views) > 1 and all(view.health.condition in OUT for view in views)
        if self._all_out is holds:
            return 0
        self._all_out = holds
        views = await self._with_costs(views, now)
        title = f"All {len(views)} feeds are out" if holds else "Feeds are read again"
        text = "\n".join(_listed(views)) if holds else "Not all of them are out any more."
        return await self._note(_ALL_OUT, holds, title, text, now)

    async def _tell_daily(self, views: Sequence[FeedView], now: datetime) -> int:
        """Tell once a day what needs a look for long enough; a list that was told is not told again."""
        configuration = self._active.configuration()
        today = (now.astimezone(ZoneInfo(configuration.defaults.zone)) - _AT).date()
        if today == self._day:
            return 0
        self._day = today
        if set(self._targets()) & set(configuration.wraps()):
            return 0  # it stands in their wrap
        if not await self._store.claim_slot("feeds", today.isoformat(), now):
            return 0
        dead_after = configuration.meta.feed_dead_after
        told = {name for name, is_silent in self._silent.items() if is_silent}
        lasting = [view for view in views if view.name not in told and _lasts(view, now, dead_after)]
        if not lasting:
            return 0
        lasting = await self._with_costs(lasting, now)
        facts = [f"{view.name} {view.health.condition.value} {view.health.since}" for view in lasting]
        title = f"{counted(len(lasting), 'feed')} {'needs' if len(lasting) == 1 else 'need'} a look"
        key = f"feeds {digest('feeds', *facts).hex()}"
        return await self._store.notify(self._targets(), key, title, "\n".join(_listed(lasting)), now)

    async def _with_costs(self, views: Sequence[FeedView], now: datetime) -> list[FeedView]:
        """Return the views with what each feed gave lately, which only a message needs."""
        wanted = {view.name for view in views}
        specs = [spec for spec in self._active.configuration().feeds if spec.name in wanted]
        return await feeds_with_costs(self._store, specs, now)

    async def _note(self, condition: str, holds: bool, title: str, text: str, now: datetime) -> int:
        if holds:
            return await self._store.note_condition(condition, True, self._targets(), title, text, now)
        return await self._store.end_condition(condition, self._targets(), title, text, now)

    def _targets(self) -> list[ChannelName]:
        return list(self._world.ruling().meta_targets) or [CONSOLE]


def _lasts(view: FeedView, now: datetime, dead_after: timedelta) -> bool:
    """Return whether a feed needs a look for so long; silence has lasted when it is too long."""
    health = view.health
    if not health.needs_look or health.condition in {Condition.UNSTABLE, Condition.SLOW}:
        return False
    if health.condition is Condition.TOO_QUIET:
        return True
    return health.since is not None and now - health.since >= dead_after


def _listed(views: Sequence[FeedView]) -> list[str]:
    lines = []
    for view in views[:_MOST_LISTED]:
        since = f" since {view.health.since:%d %b %H:%M} UTC" if view.health.since is not None else ""
        lines.append(
            f"- {view.name}: {view.health.condition.value}{since}. {view.seen} {view.to_do} {view.cost}".rstrip()
        )
    if len(views) > _MOST_LISTED:
        lines.append(f"and {len(views) - _MOST_LISTED} more: watcher feeds list --troubled")
    return lines
