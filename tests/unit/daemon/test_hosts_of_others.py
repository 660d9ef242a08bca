"""What a host told another process on the database counts here too."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.fakes.station import Station, config, rss
from tests.fakes.store import MemoryStore
from watcher.core.model.ids import FeedId
from watcher.core.model.record import FeedClaim, Throttled


class _SharedStore(MemoryStore):
    """A store in which another process left word of the host of each feed."""

    until: datetime | None = None

    async def claim_feeds(
        self, owner: str, now: datetime, limit: int, lease: timedelta, only: Collection[FeedId] | None = None
    ) -> Sequence[FeedClaim]:
        """Claim, with the word of the other process."""
        claims = await super().claim_feeds(owner, now, limit, lease, only)
        if self.until is None:
            return claims
        told = tuple(Throttled(FeedId(name), self.until) for name in ("theirs", "also theirs"))
        return [replace(claim, throttled=told) for claim in claims]


async def test_a_host_that_throttled_other_processes_rests_here(tmp_path: Path) -> None:
    store: Any = _SharedStore()
    station = Station(tmp_path, store)
    station.feeds["wire"] = rss("Rain")
    await station.begin(config())
    assert station.world.hosts.rest("wire.example") is None
    store.until = station.clock.now() + timedelta(minutes=20)
    await station.poll()
    assert station.world.hosts.rest("wire.example") == timedelta(minutes=20)
    await station.close()
