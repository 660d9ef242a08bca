"""An outage of our own network is told once, blames no feed, and ends with the first answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.fakes.station import Station, config, rss
from watcher.core.model.ids import FeedId
from watcher.core.model.message import MessageKind
from watcher.core.model.outcome import (
    FeedProblem,
    FeedState,
    FeedStatus,
    FetchFailed,
    FetchProblemKind,
    NotModified,
)
from watcher.core.model.policy import FeedSpec
from watcher.core.model.record import FeedClaim
from watcher.daemon.feed_watch import FeedWatch
from watcher.daemon.outage import OutageWatch

NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"]
TEXT = config(feeds=NAMES, more="meta: {send_to: [desk]}")
AT = datetime(2026, 11, 27, 12, tzinfo=UTC)
DOWN = FetchFailed(FeedProblem(FetchProblemKind.CONNECT, "no route"))
EXPIRED = FetchFailed(FeedProblem(FetchProblemKind.TLS, "its certificate has expired"))


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    made = Station(tmp_path)
    yield made
    await made.close()


def spec(name: str) -> FeedSpec:
    return FeedSpec(url=f"https://{name}.example/feed", name=name)


def specs(names: str) -> list[FeedSpec]:
    return [spec(name) for name in names]


def claim(name: str, *, failures: int = 0, url: str = "") -> FeedClaim:
    """Return a feed in hand whose last poll was good, or that failed so often."""
    feed = FeedSpec(url=url or spec(name).url, name=name)
    return FeedClaim(feed, FeedState(FeedId(name), feed.url, AT, last_ok_at=AT, failures=failures), "token")


def titles(station: Station) -> list[str]:
    return [message.title for message in station.channels["desk"].sent if message.kind is MessageKind.META]


async def test_an_outage_is_told_once_and_lets_no_backoff_grow(station: Station) -> None:
    await station.begin(TEXT)
    station.feeds.unreachable.add("*")
    for _ in range(6):
        station.clock.advance(minutes=5)
        await station.poll()
    records = await station.store.feeds()
    assert titles(station) == ["No host answers"]
    assert "hosts in a row cannot be reached, none answered" in station.channels["desk"].sent[-1].text
    assert max(record.state.failures for record in records) == 1, "only those that were asked before it showed"
    assert sum(record.state.status is FeedStatus.OK for record in records) == 4
    assert station.state.degraded
    assert "the network is out" in station.state.degraded_by()[0]


async def test_a_start_without_a_network_is_one_line_of_the_log(station: Station) -> None:
    station.feeds.unreachable.add("*")
    with capture_logs() as logs:
        await station.begin(TEXT)
    weighty = [one["event"] for one in logs if one["log_level"] in {"error", "warning"}]
    assert weighty == ["the network is out; feeds that were well are not blamed"]


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
    assert titles(station) == ["No host answers", "Feeds can be reached again"]
    assert station.told("desk")[-1] == ["Shells shipped"] or ["Shells shipped"] in station.told("desk")


async def test_some_dead_feeds_are_no_outage_and_back_off(station: Station) -> None:
    await station.begin(TEXT)
    station.feeds.unreachable.update("abcdefg")
    for _ in range(4):
        station.clock.advance(hours=1)
        await station.poll()
    assert max(record.state.failures for record in await station.store.feeds()) > 1


def test_a_slow_failure_beside_a_quick_answer_says_nothing() -> None:
    watch = OutageWatch(specs("abcdefgh"))
    assert not watch.note(claim("a"), 0.0, 1.0, NotModified())
    assert not any(watch.note(claim(name), 0.0, 30.0, DOWN) for name in NAMES)
    assert any(watch.note(claim(name), 31.0, 60.0, DOWN) for name in NAMES)


def test_where_few_hosts_are_configured_all_of_them_must_fail() -> None:
    watch = OutageWatch(specs("abc"))
    assert [watch.note(claim(name), 1.0, 2.0, DOWN) for name in "aabc"] == [False, False, False, True]
    alone = OutageWatch(specs("a"))
    assert not any(alone.note(claim("a"), float(n), float(n), DOWN) for n in range(9))


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000/",
        "http://127.0.0.1/",
        "http://192.168.1.4/rss",
        "http://[::1]/rss",
        "http://nas/rss",
        "http://nas.local/rss",
        "file:x.xml",
    ],
)
def test_machines_of_the_user_s_own_say_nothing_of_the_network(url: str) -> None:
    watch = OutageWatch([*specs("ab"), FeedSpec(url=url, name="near")])
    for name in "ab":
        watch.note(claim(name), 1.0, 2.0, DOWN)
    assert watch.is_out, "a near host is not one of those that must fail"
    assert not watch.note(claim("near", url=url), 3.0, 4.0, NotModified())
    assert watch.is_out


def test_paused_feeds_are_not_among_those_that_must_fail() -> None:
    watch = OutageWatch([*specs("ab"), FeedSpec(url="https://c.example/", name="c", paused=True)])
    assert [watch.note(claim(name), 1.0, 2.0, DOWN) for name in "ab"] == [False, True]


def test_a_refusal_is_an_answer() -> None:
    watch = OutageWatch(specs("ab"))
    for name in "ab":
        watch.note(claim(name), 1.0, 2.0, DOWN)
    watch.note(claim("c"), 3.0, 4.0, FetchFailed(FeedProblem(FetchProblemKind.HTTP_STATUS, "500", 500)))
    assert not watch.is_out


def test_a_host_that_failed_before_tells_nothing_and_its_failures_stay_its_own() -> None:
    watch = OutageWatch(specs("abcdefgh"))
    assert not any(watch.note(claim(name, failures=1), 1.0, 2.0, DOWN) for name in "abcde")
    assert not watch.is_out
    assert [watch.note(claim(name), 3.0, 4.0, DOWN) for name in "fgh"] == [False, False, True], "all that were well"
    assert not watch.note(claim("a", failures=2), 5.0, 6.0, DOWN)


def test_a_feed_that_was_never_read_tells_nothing() -> None:
    watch = OutageWatch(specs("ab"))
    new = [FeedClaim(spec(name), FeedState(FeedId(name), spec(name).url, AT), "token") for name in "ab"]
    assert not any(watch.note(each, 1.0, 2.0, DOWN) for each in new)


def test_an_expired_certificate_and_a_name_that_is_gone_are_no_outage() -> None:
    watch = OutageWatch(specs("ab"))
    assert not watch.note(claim("a"), 1.0, 2.0, EXPIRED)
    assert not watch.note(claim("b"), 1.0, 2.0, DOWN)
    for failures in range(1, 9):
        assert not watch.note(claim("a", failures=failures), 3.0, 4.0, EXPIRED)
        assert not watch.note(claim("b", failures=failures), 3.0, 4.0, DOWN)


def test_hosts_that_die_one_after_the_other_are_no_outage() -> None:
    watch = OutageWatch(specs("abcdefgh"))
    for at, name in enumerate("abcdefg"):
        assert not watch.note(claim(name), at, at + 0.1, DOWN)
        assert not watch.note(claim("h"), at + 0.2, at + 0.3, NotModified())
    assert not any(watch.note(claim(name, failures=1), 9.0, 9.1, DOWN) for name in "abcdefg")


def test_what_still_fails_after_an_outage_begins_no_new_one() -> None:
    watch = OutageWatch(specs("abcdefgh"))
    for name in "abcdef":
        watch.note(claim(name), 1.0, 2.0, DOWN)
    watch.note(claim("h"), 3.0, 4.0, NotModified())
    assert watch.feeds == set("abcdef"), "also those that showed it are asked again"
    assert not any(watch.note(claim(name), 5.0, 6.0, DOWN) for name in "abcdef")
    assert not watch.note(claim("a"), 7.0, 8.0, NotModified())
    assert [watch.note(claim(name), 9.0, 9.1, DOWN) for name in "agh"] == [False, False, True], "a is well again"


async def test_hosts_that_are_dead_for_good_back_off_and_never_look_like_an_outage(station: Station) -> None:
    await station.begin(TEXT)
    station.feeds.unreachable.update("abcdefg")
    for _ in range(3):
        station.clock.advance(hours=1)
        await station.poll()
    station.feeds.unreachable.add("h")
    for _ in range(3):
        station.clock.advance(hours=1)
        await station.poll()
    assert not station.state.outage
    assert titles(station) == []
    dead = [record.state.failures for record in await station.store.feeds() if record.name != "h"]
    assert min(dead) >= 5


async def test_silence_is_told_in_an_outage_too(station: Station) -> None:
    await station.begin(TEXT.replace("every: 5m", "every: 5m, silent_after: 6h"))
    for name in NAMES:
        station.feeds[name] = rss(f"{name} of today", at=station.clock.now())
    await station.poll()
    watch = FeedWatch(station.world, station.active)
    await watch.look()
    station.feeds.unreachable.add("*")
    station.clock.advance(hours=7)
    await station.poll()
    station.clock.advance(minutes=6)
    await station.poll()
    assert station.state.outage
    await watch.look()
    await station.send()
    assert sum("is too quiet" in title for title in titles(station)) >= 4, "all but those that showed it"
    assert "All 8 feeds are out" not in titles(station)


def test_start_without_a_network_is_one_outage_once_every_host_was_tried() -> None:
    watch = OutageWatch(specs("abcdef"))
    new = [FeedClaim(spec(name), FeedState(FeedId(name), spec(name).url, AT), "token") for name in "abcdef"]
    ours = [watch.note(one, 0, number, DOWN) for number, one in enumerate(new)]
    assert ours == [False] * 5 + [True]
    assert "6 hosts in a row cannot be reached, none answered" in watch.said()
    assert not watch.note(new[0], 7, 8, NotModified())
    assert not watch.is_out
    assert not watch.note(new[1], 9, 10, DOWN), "one has answered since the start"
