"""How feeds are is told: at once what was asked for, once a day what lasts, and nothing twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from tests.fakes.station import Station, config, rss
from watcher.core.feeds.gave import Gave
from watcher.core.model.ids import FeedId
from watcher.core.model.message import Message, MessageKind
from watcher.daemon.feed_watch import FeedWatch
from watcher.daemon.page import feeds_with_costs

HTML = b"<html><head><link rel='alternate' type='application/rss+xml' href='/new.xml'></head></html>"
TO_DESK = "meta: {send_to: [desk]}"


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    made = Station(tmp_path)
    yield made
    await made.close()


def watching(station: Station) -> FeedWatch:
    return FeedWatch(station.world, station.active)


async def told(station: Station) -> list[Message]:
    await station.send()
    return [message for message in station.channels["desk"].sent if message.kind is MessageKind.META]


def changes(station: Station, health: str) -> float:
    return station.metrics.registry.get_sample_value("watcher_feed_changes_total", {"health": health}) or 0.0


async def test_what_lasts_a_day_is_told_once_a_day_and_the_same_list_not_again(station: Station) -> None:
    await station.begin(config(feeds=["wire", "paper"], more=TO_DESK))
    watch = watching(station)
    await watch.look()
    station.feeds["wire"] = HTML
    await station.poll()
    await watch.look()
    assert await told(station) == []
    assert changes(station, "not a feed") == 1
    for _ in range(4):
        station.clock.advance(hours=25)
        await station.poll()
        await watch.look()
    [message] = await told(station)
    assert message.title == "1 feed needs a look"
    assert "- wire: not a feed since" in message.text
    assert "https://wire.example/new.xml" in message.text
    assert "watcher feeds add https://wire.example/feed" in message.text


async def test_what_a_feed_costs_that_is_out_is_told_with_it(station: Station) -> None:
    await station.begin(config(feeds=["wire", "paper"], more=TO_DESK))
    station.feeds["wire"] = rss("Shells shipped from the port", "Fog over the bay, no shells")
    station.feeds["paper"] = rss("Shells shipped from the port")
    await station.poll()
    station.feeds["wire"] = HTML
    await station.poll()
    station.clock.advance(hours=25)
    await station.poll()
    await watching(station).look()
    [message] = await told(station)
    assert "It gave 2 of your 3 matches in 30 days; others cover all but 1." in message.text


async def test_what_feeds_cost_is_looked_up_only_where_one_is_out(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    await station.begin(config(feeds=["wire"], more=TO_DESK))
    asked: list[datetime] = []
    gave = station.store.gave

    async def counted(now: datetime) -> Mapping[FeedId, Gave]:
        asked.append(now)
        return await gave(now)

    monkeypatch.setattr(station.store, "gave", counted)
    specs = station.active.configuration().feeds
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    assert [view.cost for view in await feeds_with_costs(station.store, specs, station.clock.now())] == [""]
    assert asked == []
    station.feeds["wire"] = HTML
    await station.poll()
    [view] = await feeds_with_costs(station.store, specs, station.clock.now())
    assert view.cost == "It gave 1 of your 1 matches in 30 days; no other feed had it."
    assert len(asked) == 1


async def test_a_restart_repeats_no_list(station: Station) -> None:
    text = config(feeds=["wire", "paper"], more=TO_DESK)
    await station.begin(text)
    station.feeds["wire"] = HTML
    await station.poll()
    station.clock.advance(hours=25)
    await station.poll()
    await watching(station).look()
    assert len(await told(station)) == 1
    await station.restart(text)
    await watching(station).look()
    assert len(await told(station)) == 1


async def test_all_feeds_out_is_told_at_once_with_its_end(station: Station) -> None:
    await station.begin(config(feeds=["wire", "paper"], more=TO_DESK))
    watch = watching(station)
    await watch.look()
    station.feeds["wire"] = station.feeds["paper"] = HTML
    await station.poll()
    await watch.look()
    await watch.look()
    assert [message.title for message in await told(station)] == ["All 2 feeds are out"]
    station.feeds["wire"] = rss("Shells")
    await station.poll()
    await watch.look()
    assert [message.title for message in await told(station)][1:] == ["Feeds are read again"]


async def test_silence_that_the_user_set_is_told_at_once_with_its_end(station: Station) -> None:
    text = config(feeds=["wire", "paper"], more=TO_DESK).replace("name: wire,", "name: wire, silent_after: 6h,")
    await station.begin(text)
    watch = watching(station)
    station.feeds["wire"] = rss("One", at=station.clock.now())
    await station.poll()
    await watch.look()
    assert await told(station) == []
    station.clock.advance(hours=7)
    await station.poll()
    await watch.look()
    await watch.look()
    assert [message.title for message in await told(station)] == ["Feed wire is too quiet"]
    station.feeds["wire"] = rss("One", "Two", at=station.clock.now())
    await station.poll()
    await watch.look()
    assert [message.title for message in await told(station)][1:] == ["Feed wire has news again"]


async def test_a_clock_that_is_doubted_tells_of_nothing(station: Station) -> None:
    await station.begin(config(feeds=["wire", "paper"], more=TO_DESK))
    station.feeds["wire"] = station.feeds["paper"] = HTML
    await station.poll()
    station.clock.jump(hours=48)
    await watching(station).look()
    assert await told(station) == []
