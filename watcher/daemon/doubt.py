"""Tells people that the clock is doubted, and that it is believed again."""

from __future__ import annotations

from datetime import datetime

from watcher.daemon.meta import Meta
from watcher.daemon.world import World
from watcher.telling import notices


class ClockTeller:
    """Tells `meta` at once that the clock is doubted, and once more when it is believed again; keeps the reason for
    health and page.
    """

    def __init__(self, world: World, meta: Meta) -> None:
        self._watch = world.watch
        self._state = world.state
        self._meta = meta
        self._clock = world.clock
        self._since: datetime | None = None
        self._began = 0.0

    async def look(self) -> None:
        """Look once; call it every few seconds."""
        why = self._watch.doubt()
        self._state.clock_doubt = why
        if why and self._since is None:
            self._since, self._began = self._clock.now(), self._clock.elapsed()
            await self._meta.tell(f"clock {self._since.isoformat()}", *notices.clock_doubted(why))
        elif not why and self._since is not None:
            key, self._since = f"clock ended {self._since.isoformat()}", None
            # By the count that nobody sets: the difference of two times of a clock that was wrong says nothing.
            minutes = round((self._clock.elapsed() - self._began) / 60)
            await self._meta.tell(key, *notices.clock_believed(minutes))
