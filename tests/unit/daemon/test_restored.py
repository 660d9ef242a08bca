"""A database that is put back from a copy: nothing of before is sent by itself, nothing new is held, all is offered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.station import Station, config, rss
from watcher.core.model.ids import ChannelName
from watcher.daemon.restored import RestoreWatch
from watcher.storage.backup import back_up
from watcher.storage.restore import Restored, candidate
from watcher.storage.store import SqlStore

TEXT = config(channels=["desk", "me"], more="meta: {send_to: [me]}")
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A station that told one story and has another one waiting."""
    made = Station(tmp_path)
    await made.begin(TEXT)
    made.feeds["wire"] = rss("Shells shipped to the north", at=made.clock.now())
    await made.poll()
    await made.send()
    made.feeds["wire"] = rss("Shells found in a wood", at=made.clock.now())
    await made.poll()
    yield made
    await made.close()


async def go_back(station: Station, folder: Path, text: str = TEXT) -> Restored:
    """Take a copy, let an hour go by in which the old database tells more, and put the copy back."""
    back_up(f"sqlite:///{folder}/watcher.db", folder / "copy.db")
    station.clock.advance(minutes=30)
    station.feeds["wire"] = rss("Shells near the dam", at=station.clock.now())
    await station.poll()
    await station.send()
    station.clock.advance(minutes=30)
    await station.store.close()
    with candidate(folder / "copy.db", folder / "watcher.db") as copy:
        done = copy.put_in_place(station.clock.now())
    station._begin()
    await station.adopt(text)
    return done


async def test_what_waited_and_what_the_feeds_list_of_before_is_held_and_offered_in_one_message(
    station: Station, tmp_path: Path
) -> None:
    done = await go_back(station, tmp_path)
    assert done.held == 1
    told = len(station.channels["desk"].sent)
    watch = RestoreWatch(station.world, station.meta)
    await watch.look()
    assert await station.send() == 0, "no feed was asked yet: nothing is told"
    station.clock.advance(minutes=1)
    await station.poll()
    await watch.look()
    await station.send()
    assert len(station.channels["desk"].sent) == told
    held = [one for one in await station.states() if one[1] == "held"]
    assert held == [("desk", "held", "restored")] * 2
    [notice] = station.channels["me"].sent
    assert "2 alerts are held" in notice.title
    assert "- desk: Shells near the dam" in notice.text
    assert "watcher deliveries restored --send" in notice.text
    await watch.look()
    await station.send()
    assert len(station.channels["me"].sent) == 1


async def test_news_after_a_restore_goes_at_once(station: Station, tmp_path: Path) -> None:
    await go_back(station, tmp_path)
    station.clock.advance(minutes=1)
    station.feeds["wire"] = rss("Shells fall on a bridge", at=station.clock.now())
    await station.poll()
    await station.send()
    assert station.told("desk")[-1] == ["Shells fall on a bridge"]


async def test_undated_news_is_of_before_in_the_first_document_only(station: Station, tmp_path: Path) -> None:
    await go_back(station, tmp_path)
    station.feeds["wire"] = rss("Shells one")
    await station.poll()
    await station.send()
    assert ["Shells one"] not in station.told("desk")
    station.clock.advance(minutes=5)
    station.feeds["wire"] = rss("Shells two at the river", "Shells one")
    await station.poll()
    await station.send()
    assert station.told("desk")[-1] == ["Shells two at the river"]


@pytest.mark.parametrize("send", [True, False])
async def test_what_is_offered_is_sent_as_one_summary_or_dropped(station: Station, tmp_path: Path, send: bool) -> None:
    await go_back(station, tmp_path)
    await station.poll()
    before = len(station.channels["desk"].sent)
    assert isinstance(station.store, SqlStore)
    now = station.clock.now()
    assert await station.store.decide_restored(ChannelName("me"), now, send=send) == 0
    assert await station.store.decide_restored(None, now, send=send) == 2
    await station.send()
    new = station.told("desk")[before:]
    assert [sorted(one) for one in new] == ([["Shells found in a wood", "Shells near the dam"]] if send else [])
    assert not [one for one in await station.states() if one[1] == "held"]


async def test_a_feed_that_answers_only_days_later_gives_news_as_ever(station: Station, tmp_path: Path) -> None:
    await go_back(station, tmp_path)
    old = station.clock.now() - MINUTE
    station.clock.advance(days=8)
    station.feeds["wire"] = rss("Shells long ago", at=old)
    await station.poll()
    await station.send()
    assert ["Shells long ago"] in station.told("desk")


async def test_a_database_that_was_never_put_back_tells_nothing(station: Station) -> None:
    watch = RestoreWatch(station.world, station.meta)
    await watch.look()
    await watch.look()
    await station.send()
    assert "me" not in station.channels or station.channels["me"].sent == []
