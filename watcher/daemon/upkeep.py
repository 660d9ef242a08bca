"""Upkeep: gauges, retention, and the tick by which liveness is judged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from watcher.daemon.active import Active
from watcher.daemon.tasks import Wake
from watcher.daemon.world import World
from watcher.errors import StorageError
from watcher.ports import Maintenance, Shown

log = structlog.get_logger()


class _Doors(Maintenance, Shown, Protocol):
    """Numbers are asked for here, and the old goes."""


class Upkeep:
    """Keeps the numbers fresh and the store small."""

    def __init__(self, world: World, active: Active) -> None:
        self._store: _Doors = world.store
        self._active = active
        self._world = world
        self._clock = world.clock
        self._state = world.state
        self._metrics = world.metrics
        self.heart = Wake()

    async def beat(self, stopping: Callable[[], bool]) -> None:
        """Note that loop and scheduler are alive, at each ring."""
        self._state.tick_at = self._clock.monotonic()
        while True:
            await self.heart.wait()
            if stopping():
                return
            self._state.tick_at = self._clock.monotonic()
            self._world.is_clock_trusted()

    async def gauges(self) -> None:
        """Renew the gauges from the store."""
        now = self._clock.now()
        try:
            stats = await self._store.stats(now)
        except StorageError as error:
            self._state.database_problem = str(error)
            raise
        channels = self._world.ruling().channels
        self._state.broken_channels = tuple(
            health.name
            for health in await self._store.channel_health()
            if health.breaker_since is not None and health.name in channels
        )
        for status, count in stats.feeds.items():
            self._metrics.feeds.labels(status).set(count)
        for state, count in stats.messages.items():
            self._metrics.messages.labels(state).set(count)
        self._metrics.oldest_waiting.set(_age(stats.oldest_waiting_at, now))
        self._metrics.oldest_due.set(_age(stats.oldest_poll_due_at, now))
        self._metrics.pending_matches.set(stats.pending_matches)
        self._metrics.database_bytes.set(stats.database_bytes)

    async def retention(self) -> None:
        """Delete what is older than `keep`, unless the clock is not to be trusted."""
        if not self._world.is_clock_trusted():
            return
        pruned = await self._store.prune(self._active.configuration().keep, self._clock.now())
        if pruned.articles or pruned.keys or pruned.messages:
            log.info(
                "retention",
                articles=pruned.articles,
                keys=pruned.keys,
                messages=pruned.messages,
                more_to_do=pruned.capped or None,
            )


def _age(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())
