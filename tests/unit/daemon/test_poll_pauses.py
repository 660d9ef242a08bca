"""How long polls rest when the database takes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.station import Station, config
from tests.unit.daemon.test_loops import Failing
from tests.unit.daemon.test_poll_loop import due_again
from watcher.daemon import poll


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A station with nothing adopted."""
    made = Station(tmp_path)
    yield made
    await made.close()


async def test_polls_go_on_soon_after_a_server_went_away_and_later_while_it_stays_away(station: Station) -> None:
    await station.begin(config(feeds=["wire"]))
    store = station.store
    for seconds in poll.PAUSES_SECONDS:
        station.use_store(Failing(store, "commit"))
        await due_again(station)
        await station.poller.poll_once()
        station.clock.advance(seconds=seconds - 0.1)
        assert await station.poller.poll_once() == 0
        station.clock.advance(seconds=0.2)
    assert await station.poller.poll_once() == 1
    station.use_store(Failing(store, "commit"))
    await due_again(station)
    await station.poller.poll_once()
    station.clock.advance(seconds=poll.PAUSES_SECONDS[0])
    assert await station.poller.poll_once() == 1
