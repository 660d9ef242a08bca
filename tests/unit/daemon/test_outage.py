"""An outage of our own network is told once, blames no feed, and ends with the first answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.station import Station, config, rss
from watcher.core.model.message import MessageKind
from watcher.core.model.outcome import FeedProblem, FeedStatus, FetchFailed, FetchProblemKind, NotModified
from watcher.core.model.policy import FeedSpec
from watcher.daemon.outage import OutageWatch

NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"]
TEXT = config(feeds=NAMES, more="meta: {send_to: [desk]}")
DOWN = FetchFailed(FeedProblem(FetchProblemKind.CONNECT, "no route"))


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    made = Station(tmp_path)
    yield made
    await made.close()


def spec(name: str) -> FeedSpec:
    return FeedSpec(url=f"https://{name}.example/feed", name=name)


def titles(station: Station) -> list[str]:
    return [message.title for message in station.channels["desk"].sent if message.kind is MessageKind.META]


async def test_an_outage_is_told_once_and_lets_no_backoff_grow(station: Station) -> None:
    await station.begin(TEXT)
    station.feeds.unreachable.add("*")
    for _ in range(6):
        station.clock.advance(minutes=5)
        await station.poll()
    records = await station.store.feeds()
    assert titles(station) == ["No feed can be reached"]
    assert "our own network" in station.channels["desk"].sent[-1].text
    assert max(record.state.failures for record in records) == 1, "only those that were asked before it showed"
    assert sum(record.state.status is FeedStatus.OK for record in records) == 4
    assert station.state.degraded
    assert "the network is out" in station.state.degraded_by()[0]


async def test_after_an_outage_all_feeds_are_asked_at_once_and_its_end_is_told(station: Station) -> None:
    await station.begin(TEXT)
    station.feeds.unreachable.add("*")
    await station.poll()
    station.clock.advance(minutes=6)
    station.feeds.unreachable.clear()
    station.feeds["h"] = rss("Shells shipped")
    await station.poll()
    assert not station.state.degraded
    assert await station.store.due_feeds("x", station.clock.now())
    await station.poll()
    await station.send()
    assert titles(station) == ["No feed can be reached", "Feeds can be reached again"]
    assert station.told("desk")[-1] == ["Shells shipped"] or ["Shells shipped"] in station.told("desk")


async def test_some_dead_feeds_are_no_outage_and_back_off(station: Station) -> None:
    await station.begin(TEXT)
    station.feeds.unreachable.update("abcdefg")
    for _ in range(4):
        station.clock.advance(hours=1)
        await station.poll()
    assert max(record.state.failures for record in await station.store.feeds()) > 1


def test_a_slow_failure_beside_a_quick_answer_says_nothing() -> None:
    watch = OutageWatch(8)
    assert not watch.note(spec("a"), 0.0, 1.0, NotModified())
    assert not any(watch.note(spec(name), 0.0, 30.0, DOWN) for name in NAMES)
    assert any(watch.note(spec(name), 31.0, 60.0, DOWN) for name in NAMES)


def test_where_few_hosts_are_configured_all_of_them_must_fail() -> None:
    watch = OutageWatch(3)
    assert [watch.note(spec(name), 1.0, 2.0, DOWN) for name in "aabc"] == [False, False, False, True]
    alone = OutageWatch(1)
    assert not any(alone.note(spec("a"), float(n), float(n), DOWN) for n in range(9))


@pytest.mark.parametrize("url", ["http://localhost:8000/", "http://127.0.0.1/", "http://192.168.1.4/rss", "file:x.xml"])
def test_machines_of_the_user_s_own_say_nothing_of_the_network(url: str) -> None:
    watch = OutageWatch(2)
    for name in "ab":
        watch.note(spec(name), 1.0, 2.0, DOWN)
    assert watch.is_out
    watch.note(FeedSpec(url=url, name="near"), 3.0, 4.0, NotModified())
    assert watch.is_out


def test_a_refusal_is_an_answer() -> None:
    watch = OutageWatch(2)
    for name in "ab":
        watch.note(spec(name), 1.0, 2.0, DOWN)
    watch.note(spec("c"), 3.0, 4.0, FetchFailed(FeedProblem(FetchProblemKind.HTTP_STATUS, "500", 500)))
    assert not watch.is_out
