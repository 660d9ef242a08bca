"""The daemon's answers to the page."""

from __future__ import annotations

from typing import Any

from watcher.core.alerts.summary import summarise
from watcher.core.model.alert import AlertDetail
from watcher.core.model.ids import MessageId
from watcher.core.model.message import ChannelHealth, Message, MessageKind
from watcher.core.model.policy import ChannelState
from watcher.core.model.record import MessageClaim
from watcher.daemon.active import Active
from watcher.daemon.state import DaemonState
from watcher.ports import Clock, Store
from watcher.telemetry.metrics import Metrics
from watcher.web.source import Overview, PageSource

LIVE_SECONDS = 30.0
"""A tick older than this means that the loop or the scheduler stands still."""

_ALERTS = 15
_MESSAGES = 25


def page_source(state: DaemonState, store: Store, active: Active, clock: Clock, metrics: Metrics) -> PageSource:
    """Return the page's source, bound to a running daemon."""

    async def overview() -> Overview:
        now = clock.now()
        ruling, configuration = active.ruling(), active.configuration()
        broken = {health.name: health for health in await store.channel_health() if health.breaker_since is not None}
        channels = []
        for name, setup in configuration.channels.items():
            if name in broken:
                words = f"refuses our messages since {broken[name].breaker_since:%d %b %H:%M} UTC: {broken[name].breaker_reason}"
            elif setup.state is ChannelState.READY:
                words = "ready"
            else:
                words = f"waiting: {setup.reason}"
            channels.append((str(name), words))
        return Overview(
            now=now,
            phase=state.phase.value,
            revision=state.revision,
            stale_since=state.stale_since,
            stale_problems=state.stale_problems,
            last_reload=state.last_reload,
            stats=await store.stats(now),
            alerts=[show(alert, active) for alert in await store.recent_alerts(limit=_ALERTS)],
            feeds=await store.feeds(),
            messages=await store.messages(limit=_MESSAGES),
            channels=channels,
            rules=[(rule.id, rule.name) for rule in ruling.policy.rules.values()],
        )

    def live() -> dict[str, Any]:
        age = max(0.0, clock.monotonic() - state.tick_at)
        return {"live": age < LIVE_SECONDS, "tick_age_seconds": round(age, 1)}

    def ready() -> tuple[bool, dict[str, Any]]:
        is_ready, reasons = state.readiness()
        return is_ready, {"ready": is_ready, "reasons": reasons, "degraded": state.degraded}

    return PageSource(overview, live, ready, metrics.text)


def show(alert: AlertDetail, active: Active) -> Message:
    """Return a stored alert as a message would show it."""
    ruling = active.ruling()
    claim = MessageClaim(
        id=MessageId(""),
        target=alert.target,
        kind=MessageKind.ALERT,
        attempt=1,
        owner="",
        created_at=alert.created_at,
        lease_until=alert.created_at,
        health=ChannelHealth(alert.target),
        alerts=(alert,),
    )
    return summarise(
        claim, rules=ruling.policy.rules, publishers=ruling.policy.publishers, public_url=ruling.public_url
    )
