"""The daemon's answers to the page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from watcher.core.alerts.by_day import by_day, first_day
from watcher.core.alerts.muted import holdings
from watcher.core.alerts.release import can_be_released
from watcher.core.feeds.condition import COSTLY, health_of
from watcher.core.feeds.gave import NOTHING, Gave
from watcher.core.model.alert import AlertDetail
from watcher.core.model.ids import FeedId
from watcher.core.model.message import AlertSummary, ChannelHealth
from watcher.core.model.policy import ChannelState, FeedSpec
from watcher.core.model.record import FeedRecord, StoppedBy
from watcher.daemon.active import Active
from watcher.daemon.state import Phase
from watcher.daemon.world import World
from watcher.errors import OutOfDescriptors, ParseError, StaleRevision, StorageError
from watcher.pipeline import Ruling, alert_of
from watcher.ports import Shown
from watcher.settings.configuration import ChannelSetup
from watcher.telling.explained import decided, tell
from watcher.telling.feed_words import feed_cost, feed_seen, feed_to_do
from watcher.telling.outlets import outlet_of
from watcher.telling.summary import alert_in_zone
from watcher.web.source import ArticleView, Card, FeedView, HandSource, Overview, PageSource

log = structlog.get_logger()

LIVE_SECONDS = 30.0
"""A tick older than this means that the loop or the scheduler stands still."""

EXPLAIN_SECONDS = 10.0
"""How long a reader of the page waits for a free worker and its answer."""

_CARDS = 15
_CHANNELS_EACH = 4
"""How many channels one alert has at most in a usual house; with more of them the page shows fewer alerts."""

_MESSAGES = 25

_MUTED = 5000
"""So much of what silences held is looked at, the newest: one page must not read the whole table."""


def page_source(world: World, active: Active, hand: HandSource) -> PageSource:
    """Return the page's source, bound to a running daemon."""
    state, clock = world.state, world.clock
    store: Shown = world.store

    def usual_zone() -> tzinfo:
        return ZoneInfo(active.configuration().defaults.zone)

    async def overview() -> Overview:
        now = clock.now()
        ruling, configuration, zone = world.ruling(), active.configuration(), usual_zone()
        broken = {health.name: health for health in await store.channel_health() if health.breaker_since is not None}
        muted = await store.muted(limit=_MUTED + 1)
        return Overview(
            now=now,
            phase=state.phase.value,
            revision=state.revision,
            stale_since=state.stale_since,
            stale_problems=state.stale_problems,
            last_reload=state.last_reload,
            stats=await store.stats(now),
            alerts=_cards(await store.recent_alerts(limit=_CARDS * _CHANNELS_EACH), ruling, zone),
            feeds=await feeds_with_costs(store, configuration.feeds, now),
            messages=await store.messages(limit=_MESSAGES),
            channels=[
                (str(name), _channel(setup, broken.get(name), zone, is_left=name not in ruling.channels))
                for name, setup in configuration.channels.items()
            ],
            rules=[(rule.id, rule.name) for rule in ruling.policy.rules.values()],
            stopped=_by_rule(await store.stopped(now)),
            silences=holdings(ruling.policy.silences, muted[:_MUTED], now),
            silences_cut_at=_MUTED if len(muted) > _MUTED else 0,
            days=by_day(await store.alerted(first_day(now, zone)), now, zone),
            zone=zone,
        )

    live, ready = _probes(world)
    article = _article_view(world, usual_zone)
    return PageSource(
        overview,
        article,
        live,
        ready,
        world.metrics.text,
        hand,
        is_open=lambda: state.phase is not Phase.STARTING,
        zone=usual_zone,
    )


def _article_view(world: World, zone: Callable[[], tzinfo]) -> Callable[[str], Awaitable[ArticleView | None]]:
    """Return what answers with one article and what the rules of now make of it."""
    store: Shown = world.store

    async def article(id_: str) -> ArticleView | None:
        try:
            record = await store.article(id_)
        except StorageError:
            return None  # the beginning of several ids
        if record is None:
            return None
        view = ArticleView(
            world.clock.now(),
            record.article,
            (),
            decided(record, world.ruling().policy.silences),
            zone=zone(),
            outlet=outlet_of(record.article, world.ruling().policy.feeds),
            was_kept_back=can_be_released(
                (one.outcome for one in record.verdicts), is_kept_back=bool(record.kept_back)
            ),
        )
        try:
            async with asyncio.timeout(EXPLAIN_SECONDS):
                told = await world.reader.explain(record.article, world.ruling().revision)
        except (TimeoutError, ParseError, StaleRevision, OutOfDescriptors) as error:
            log.warning("article not explained", article_id=record.article.id, reason=str(error) or "too busy")
            return replace(view, unexplained="The rules could not be tried on it now; try again in a minute.")
        return replace(view, rules=[tell(one, record.article) for one in told.explanations], others=told.others)

    return article


def _probes(world: World) -> tuple[Callable[[], dict[str, Any]], Callable[[], tuple[bool, dict[str, Any]]]]:
    """Return what answers whether the daemon lives and whether it is ready."""
    state, clock = world.state, world.clock

    def live() -> dict[str, Any]:
        # Before the schedule runs there is no tick; that the loop answers is all that is known.
        is_starting = state.phase is Phase.STARTING
        age = 0.0 if is_starting else max(0.0, clock.monotonic() - state.tick_at)
        return {"live": age < LIVE_SECONDS, "tick_age_seconds": round(age, 1)}

    def ready() -> tuple[bool, dict[str, Any]]:
        is_ready, reasons = state.readiness()
        found = {"reasons": reasons, "degraded": state.degraded, "degraded_by": state.degraded_by()}
        return is_ready, {"ready": is_ready, **found}

    return live, ready


async def feeds_with_costs(store: Shown, specs: Sequence[FeedSpec], now: datetime) -> list[FeedView]:
    """Return what `feed_views` does, with what it costs that feeds are out; that is looked up only where some are."""
    records = await store.feeds()
    views = feed_views(specs, records, now)
    if all(view.health.condition not in COSTLY for view in views):
        return views
    return feed_views(specs, records, now, await store.gave(now))


def feed_views(
    specs: Sequence[FeedSpec], records: Sequence[FeedRecord], now: datetime, gave: Mapping[FeedId, Gave] = NOTHING
) -> list[FeedView]:
    """Return how the configured feeds are, those that need a look first; `gave` is what each gave lately, for what it
    costs that one is out.
    """
    known = {record.name: record for record in records}
    matches = next((one.matches for one in gave.values()), 0)
    views = []
    for spec in specs:
        record = known.get(spec.name)
        state, notes = (record.state, record.notes) if record is not None else (None, ())
        health = health_of(spec, state, now, notes)
        seen, to_do = feed_seen(spec, state, health, now, notes), feed_to_do(spec, state, health)
        costs = state is not None and health.condition in COSTLY
        cost = feed_cost(gave.get(state.feed), matches) if state is not None and costs else ""
        views.append(FeedView(spec.name, health, seen, to_do, cost, record))
    return sorted(views, key=lambda view: (not view.health.needs_look, view.name))


def _channel(setup: ChannelSetup, trouble: ChannelHealth | None, zone: tzinfo, *, is_left: bool) -> str:
    """Return the state of a channel in words; `trouble` = its health while its breaker is open. One that is ready by
    the files and that nothing is sent to is `is_left`.
    """
    if is_left and setup.state is ChannelState.READY:
        return "off: everybody it writes to asked for no more; what is for it is held"
    if trouble is not None and trouble.breaker_since is not None:
        return f"refuses our messages since {trouble.breaker_since.astimezone(zone):%d %b %H:%M %Z}: {trouble.breaker_reason}"
    return "ready" if setup.state is ChannelState.READY else f"waiting: {setup.reason}"


def _by_rule(stops: Iterable[StoppedBy]) -> Mapping[str, Sequence[StoppedBy]]:
    found: dict[str, list[StoppedBy]] = {}
    for stop in stops:
        found.setdefault(stop.rule, []).append(stop)
    return found


def _cards(alerts: Iterable[AlertDetail], ruling: Ruling, zone: tzinfo) -> list[Card]:
    """Return what the alerts tell, each once, in the order given: every channel has an alert of its own for the same
    news.
    """
    told: dict[tuple[str, ...], list[AlertDetail]] = {}
    for alert in alerts:
        told.setdefault((alert.rule, alert.story, alert.kind.value, alert.article.id), []).append(alert)
    cards: list[Card] = []
    stories: set[str] = set()
    for same in list(told.values())[:_CARDS]:
        story = same[0].story
        channels = tuple(sorted({str(alert.target) for alert in same}))
        anchor = "" if story in stories else story
        cards.append(Card(alert_in_zone(as_read(same[0], ruling), zone), channels, anchor, same[0].article.id))
        stories.add(story)
    return cards


def as_read(alert: AlertDetail, ruling: Ruling) -> AlertSummary:
    """Return a stored alert as people read it."""
    return alert_of(
        alert, ruling, lambda error: log.error("unexpected error", room="page", alert=alert.id, exc_info=error)
    )
