"""Whether the wall clock can be believed, and what waits while it cannot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.station import Station, config, rss
from watcher.daemon.clock_watch import ClockWatch
from watcher.daemon.doubt import ClockTeller
from watcher.daemon.upkeep import Upkeep

NOW = FakeClock().now()
YEAR = timedelta(days=365)
TWO = config(feeds=["wire", "post"])


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A station of two feeds, each polled once."""
    made = Station(tmp_path)
    await made.begin(TWO)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("newest", "trusted"),
    [
        (None, True),  # a first start
        (NOW, True),
        (NOW - timedelta(days=3), True),  # a long weekend
        (NOW - timedelta(days=31), False),
        (NOW - YEAR, False),
        (NOW + timedelta(minutes=59), True),
        (NOW + timedelta(minutes=61), False),
        (NOW + YEAR, False),
    ],
)
def test_a_start_is_doubted_where_the_clock_disagrees_with_what_is_stored(
    newest: datetime | None, trusted: bool
) -> None:
    clock = FakeClock()
    watch = ClockWatch(clock, newest)
    assert watch.is_trusted() is trusted
    clock.advance(hours=1, seconds=1)
    assert watch.is_trusted()


def test_servers_that_agree_end_the_doubt_of_a_start() -> None:
    clock = FakeClock()
    watch = ClockWatch(clock, NOW - YEAR)
    watch.note_date("a.example", clock.now() - timedelta(minutes=20))
    assert watch.is_trusted()


@pytest.mark.parametrize("offset", [YEAR, -YEAR, timedelta(hours=2), timedelta(days=-1)])
def test_servers_that_disagree_make_the_clock_doubted_until_an_hour_after_they_agree(offset: timedelta) -> None:
    clock = FakeClock()
    watch = ClockWatch(clock, NOW - timedelta(hours=1))
    watch.note_date("a.example", NOW + offset)
    assert watch.is_trusted(), "one server alone does not outweigh what is stored"
    watch.note_date("b.example", NOW + offset)
    assert not watch.is_trusted()
    for host in ("a.example", "b.example"):
        watch.note_date(host, clock.now())
    clock.advance(minutes=59)
    assert not watch.is_trusted()
    clock.advance(minutes=2)
    assert watch.is_trusted()


def test_one_server_is_believed_where_nothing_vouches_for_the_clock() -> None:
    watch = ClockWatch(FakeClock())
    watch.note_date("a.example", NOW - YEAR)
    assert not watch.is_trusted()


def test_a_host_has_one_vote_however_often_it_answers() -> None:
    watch = ClockWatch(FakeClock(), NOW)
    for _ in range(9):
        watch.note_date("a.example", NOW - YEAR)
    watch.note_date("b.example", NOW)
    assert watch.is_trusted()


def test_a_sleep_of_the_machine_is_no_wrong_clock_but_a_jump_is() -> None:
    clock = FakeClock()
    watch = ClockWatch(clock, NOW)
    clock.sleep(hours=9)
    assert watch.is_trusted()
    clock.jump(hours=2)
    assert not watch.is_trusted()
    clock.sleep(hours=2)
    assert watch.is_trusted()


async def test_after_a_sleep_the_age_limit_holds(station: Station) -> None:
    station.clock.sleep(hours=2)
    station.feeds["wire"] = rss("Shells of long ago", at=station.clock.now() - timedelta(days=400))
    await station.poll()
    await station.send()
    assert await station.states() == []


async def test_a_start_a_year_ahead_that_is_mended_loses_no_news(tmp_path: Path) -> None:
    station = Station(tmp_path)
    await station.begin(TWO)
    # Its first document is empty: what is dated before that counts as seen.
    station.clock.advance(hours=6)
    station.clock.jump(days=365)

    def truth() -> datetime:
        return station.clock.now() - YEAR

    station.feeds.server_time = truth
    await station.restart(TWO)
    station.feeds["wire"] = rss("Shells in the wrong year", at=truth() - timedelta(minutes=30))
    await station.poll()
    station.clock.advance(minutes=10)
    station.clock.jump(days=-365)
    station.feeds.server_time = station.clock.now
    station.feeds["post"] = rss("Shells after the mend", at=station.clock.now() - timedelta(hours=2))
    await station.poll()
    for _ in range(3):
        await station.send()
        station.clock.advance(minutes=1)
    assert sorted(title for titles in station.told("desk") for title in titles) == [
        "Shells after the mend",
        "Shells in the wrong year",
    ]
    assert not station.watch.is_trusted()
    await station.close()


async def test_a_first_start_a_year_ahead_is_told_by_the_first_answer(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.feeds.server_time = lambda: station.clock.now() - YEAR
    more = config(feeds=["wire"], more="").replace("every: 5m", "every: 5m, first_poll: alert")
    await station.adopt(more)
    station.feeds["wire"] = rss("Shells at once", at=station.clock.now() - YEAR - timedelta(minutes=5))
    await station.poll()
    await station.send()
    assert station.told("desk") == [["Shells at once"]]
    await station.close()


@pytest.mark.parametrize("step", [timedelta(days=400), timedelta(days=-1), timedelta(days=-400), timedelta(hours=2)])
async def test_news_is_told_once_across_a_jump_of_the_clock_and_back(station: Station, step: timedelta) -> None:
    polls: list[int] = []
    for round_, moved in enumerate([timedelta(), step, -step]):
        station.clock.jump(seconds=moved.total_seconds())
        station.feeds["wire"] = rss(f"Shells number {['one', 'two', 'three'][round_]} seen", at=station.clock.now())
        station.clock.advance(minutes=6)
        polls.append(await station.poller.poll_once())
        await station.send()
    for _ in range(40):
        station.clock.advance(minutes=6)
        polls.append(await station.poller.poll_once())
        await station.send()
    assert sorted(title for titles in station.told("desk") for title in titles) == [
        f"Shells number {word} seen" for word in ("one", "three", "two")
    ]
    assert max(polls) <= 2, "no storm of overdue polls"
    assert min(polls[3:]) >= 1, "and no feed that waits for a time that never comes"


async def test_a_good_poll_noted_for_a_time_ahead_does_not_make_what_came_since_too_old(station: Station) -> None:
    station.clock.jump(days=365)
    await station.poll()
    station.clock.jump(days=-365)
    station.feeds["wire"] = b"no feed at all"
    await station.poll()
    station.clock.advance(days=10)
    assert station.watch.is_trusted()
    station.feeds["wire"] = rss("Shells while it was away", at=station.clock.now() - timedelta(days=9))
    await station.poll()
    await station.send()
    assert station.told("desk") == [["Shells while it was away"]]


@pytest.mark.parametrize(("step", "deleted"), [(timedelta(), False), (timedelta(days=400), True)])
async def test_nothing_is_deleted_while_the_clock_is_not_trusted(
    station: Station, step: timedelta, deleted: bool
) -> None:
    station.feeds["wire"] = rss("Shells kept", "Tea")
    await station.poll()
    await station.send()
    upkeep = Upkeep(station.world, station.active)
    station.clock.jump(days=400)
    for _ in range(20):
        await upkeep.retention()
        station.clock.advance(minutes=2)
    assert (await station.store.stats(station.clock.now())).articles == 2
    station.clock.jump(days=-400, seconds=step.total_seconds())
    station.clock.advance(minutes=61)
    for _ in range(20):
        await upkeep.retention()
    left = (await station.store.stats(station.clock.now())).articles
    assert (left == 0) is deleted


async def test_one_run_of_retention_deletes_a_share_at_most(station: Station) -> None:
    station.feeds["wire"] = rss(*[f"Tea {word}" for word in "abcdefghijklmnopqrst"])
    await station.poll()
    upkeep = Upkeep(station.world, station.active)
    station.clock.advance(days=400)
    await upkeep.retention()
    assert (await station.store.stats(station.clock.now())).articles == 15


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (timedelta(days=365), "it jumped by +8760.0 h, to 2027-11-23"),
        (timedelta(hours=-2), "it jumped by -2.0 h, to 2026-11-23"),
    ],
)
async def test_a_doubted_clock_is_told_at_once_and_its_end_once(station: Station, step: timedelta, said: str) -> None:
    teller = ClockTeller(station.world, station.meta)
    await teller.look()
    await station.send()
    assert (await station.store.messages(), station.state.degraded_by()) == ([], [])
    station.clock.jump(seconds=step.total_seconds())
    for _ in range(3):
        await teller.look()
    [told] = await station.store.messages()
    assert told.title == "The clock of this machine is doubted"
    [word] = station.state.degraded_by()
    assert said in word
    station.clock.advance(hours=1, seconds=1)
    for _ in range(3):
        await teller.look()
    assert station.state.degraded_by() == []
    titles = sorted(message.title for message in await station.store.messages())
    assert titles == ["The clock of this machine is believed again", "The clock of this machine is doubted"]


@pytest.mark.parametrize(
    ("newest", "server", "said"),
    [
        (NOW - YEAR, None, "the newest that is stored is of 2025-11-23 12:00 UTC, the clock says 2026-11-23 12:00 UTC"),
        (None, NOW - YEAR, "1 of 1 servers say another time, such as 2025-11-23 12:00 UTC"),
        (NOW, None, ""),
    ],
)
def test_a_doubt_says_why(newest: datetime | None, server: datetime | None, said: str) -> None:
    watch = ClockWatch(FakeClock(), newest)
    if server is not None:
        watch.note_date("a.example", server)
    assert watch.doubt() == said
