"""A stop has one total deadline, whatever hangs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.station import Station, config, rss
from watcher.core.model.record import MessageClaim
from watcher.daemon import loop, stop


def test_the_bounds_of_a_stop_fit_into_25_seconds_and_nothing_is_sent_in_the_last_10() -> None:
    assert loop.GRACE_SECONDS + 10 <= 25
    assert stop.CHORES_SECONDS + 10 <= 25
    assert loop.GRACE_SECONDS < stop.WORK_SECONDS < stop.LAST_SECONDS < 25


async def test_what_hangs_is_cut_off_at_one_deadline_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stop, "CHORES_SECONDS", 0.05)
    monkeypatch.setattr(stop, "WORK_SECONDS", 0.1)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        names = ("page", "retention", "polls", "sends")
        hanging = [group.create_task(asyncio.Event().wait(), name=name) for name in names]
        await stop.end_in_time(hanging[2:], hanging[:2])
    assert all(task.cancelled() for task in hanging)


async def test_nobody_waits_for_a_deadline_when_nothing_hangs() -> None:
    async with asyncio.timeout(stop.CHORES_SECONDS / 2), asyncio.TaskGroup() as group:
        page, polls = (group.create_task(asyncio.sleep(0)) for _ in range(2))
        await stop.end_in_time([polls], [page])


HANGING_THREAD = """
import asyncio, threading
from watcher.daemon import stop
stop.LAST_SECONDS = 0.2
async def main():
    stop.end_for_good()
    asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)
asyncio.run(main())
raise SystemExit(5)
"""


def test_a_thread_that_hangs_does_not_keep_the_process_from_ending_with_0() -> None:
    done = subprocess.run([sys.executable, "-c", HANGING_THREAD], capture_output=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A station with nothing adopted."""
    made = Station(tmp_path)
    yield made
    await made.close()


class SlowClaims:
    """A store whose claim of messages comes back after the stop, as from a database that is busy."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._inner: Any = station.store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def claim_messages(self, *args: Any) -> Sequence[MessageClaim]:
        """Claim, and let the stop come meanwhile."""
        claims: Sequence[MessageClaim] = await self._inner.claim_messages(*args)
        self._station.sender.stopping = True
        return claims


async def test_what_is_claimed_while_the_stop_comes_is_given_back_unsent(station: Station) -> None:
    await station.begin(config(channels=["desk"], send_to=["desk"]))
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    station.use_store(SlowClaims(station))
    station.sender.wake.ring()
    async with asyncio.timeout(10):
        await station.sender.run()
    assert station.channels["desk"].sent == []
    assert await station.states() == [("desk", "waiting", "")]


async def test_sends_that_are_cut_off_from_outside_are_given_back_too(station: Station) -> None:
    await station.begin(config(channels=["desk"], send_to=["desk"]))
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    claimed = await station.sender._claim()
    assert len(claimed) == 1
    async with asyncio.TaskGroup() as group:
        running = group.create_task(station.sender.run())
        await asyncio.sleep(0)
        running.cancel()
    assert await station.states() == [("desk", "waiting", "")]
