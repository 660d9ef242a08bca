"""The poll loop: who is polled when, and how each poll ends."""

from __future__ import annotations

import asyncio
import errno
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.station import Station, config, rss
from tests.unit.daemon.test_loops import Failing
from watcher.core.model.article import Article
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import Fetched, FetchOutcome, FetchProblemKind, FetchRequest, Reading, ReadRequest
from watcher.core.model.record import FeedRecord
from watcher.daemon import poll
from watcher.daemon.poll import Poller
from watcher.errors import OutOfDescriptors, ParseError, RefusedWork
from watcher.network.hosts import HostLimits

PATIENCE_SECONDS = 20.0
FEEDS = config(feeds=["wire", "paper", "radio"])


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A station with nothing adopted."""
    made = Station(tmp_path)
    yield made
    await made.close()


class Hosts:
    """A fetcher whose named hosts answer only when a test lets them."""

    def __init__(self, inner: Any, *silent: str) -> None:
        self._inner = inner
        self.open = {name: asyncio.Event() for name in silent}
        self.asked: list[str] = []

    async def fetch(self, request: FetchRequest) -> FetchOutcome:
        """Answer, when the host may."""
        name = request.url.split("//")[1].split(".")[0]
        self.asked.append(name)
        if name in self.open:
            await self.open[name].wait()
        outcome: FetchOutcome = await self._inner.fetch(request)
        return outcome


def use(station: Station, **parts: Any) -> None:
    """Replace doors of both flows."""
    station.world = replace(station.world, **parts)
    station.poller._world = station.world


def new_poller(station: Station, grace_seconds: float) -> Poller:
    """Return another poller of the same station."""
    world = replace(station.world, owner="another", hosts=HostLimits(station.clock, timedelta(0)))
    return Poller(world, station.meta, lambda done: None, grace_seconds)


async def until(holds: Callable[[], bool]) -> None:
    """Let the loop go on until something holds."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - what is waited for belongs to the loop under test
            await asyncio.sleep(0.001)


async def feed_named(station: Station, name: str) -> FeedRecord:
    return next(feed for feed in await station.store.feeds() if feed.name == name)


async def due_again(station: Station) -> None:
    await station.store.request_poll([], station.clock.now())
    station.clock.advance(seconds=1)


async def test_one_round_of_polls_has_no_barrier(station: Station) -> None:
    await station.begin(FEEDS)
    hosts = Hosts(station.feeds, "paper")
    use(station, fetcher=hosts)
    await due_again(station)
    polled = station.clock.now()
    records: list[FeedRecord] = []
    async with asyncio.TaskGroup() as group:
        one_round = group.create_task(station.poller.poll_once())
        while sum(record.state.last_poll_at == polled for record in records) < 2:
            await asyncio.sleep(0.001)
            records = list(await station.store.feeds())
        assert not one_round.done()
        hosts.open["paper"].set()
    assert one_round.result() == 3
    assert Counter(hosts.asked) == {"wire": 1, "paper": 1, "radio": 1}


async def test_a_finished_poll_wakes_the_loop(station: Station) -> None:
    """Three feeds of one host and no tick: each begins when the one before has ended."""
    one_host = "\n".join(f"  - {{url: 'https://one.example/{n}', name: f{n}, every: 5m}}" for n in range(3))
    await station.begin(config(feeds=[]).replace("feeds:", f"feeds:\n{one_host}"))
    hosts = Hosts(station.feeds)
    use(station, fetcher=hosts)
    await due_again(station)
    station.poller.wake.ring()
    async with asyncio.TaskGroup() as group:
        group.create_task(station.poller.run())
        await until(lambda: len(hosts.asked) == 3)
        station.poller.stopping = True
        station.poller.wake.ring()


async def test_nothing_is_claimed_only_to_wait_for_its_host(station: Station) -> None:
    one_host = "\n".join(f"  - {{url: 'https://one.example/{n}', name: f{n}, every: 5m}}" for n in range(45))
    await station.begin(config(feeds=["wire"]).replace("feeds:", f"feeds:\n{one_host}"))
    hosts = Hosts(station.feeds, "one")
    use(station, fetcher=hosts)
    await due_again(station)
    async with asyncio.TaskGroup() as group:
        one_round = group.create_task(station.poller.poll_once())
        await until(lambda: len(hosts.asked) == 2)
        station.clock.advance(minutes=10)  # longer than any lease
        assert len(await station.store.due_feeds("another", station.clock.now())) >= 44
        assert sum(record.state.claims for record in await station.store.feeds()) <= 2
        hosts.open["one"].set()
    assert one_round.result() == 46
    assert all(record.state.claims == 0 for record in await station.store.feeds())


async def test_a_claim_is_given_back_after_a_storage_error(station: Station) -> None:
    await station.begin(FEEDS)
    station.use_store(Failing(station.store, "commit", times=3))
    await due_again(station)
    await station.poller.poll_once()
    assert station.state.database_problem
    assert {record.state.claims for record in await station.store.feeds()} == {0}
    assert {record.state.failures for record in await station.store.feeds()} == {0}
    assert len(await station.store.due_feeds("another", station.clock.now())) == 3
    station.clock.advance(seconds=poll.FULL_DISK_PAUSE_SECONDS)
    assert await station.poller.poll_once() == 3
    assert station.state.database_problem == ""


async def test_a_claim_that_could_not_be_given_back_is_given_back_later(station: Station) -> None:
    await station.begin(config(feeds=["wire"]))
    failing = Failing(Failing(station.store, "commit"), "release_feed")
    station.use_store(failing)
    await due_again(station)
    failing.times = 2
    await station.poller.poll_once()
    assert (await feed_named(station, "wire")).state.claims == 1
    station.clock.advance(seconds=poll.FULL_DISK_PAUSE_SECONDS)
    await station.poller.poll_once()
    await station.poller.poll_once()
    assert (await feed_named(station, "wire")).state.claims == 0


class Mistaken:
    """A door whose named method fails once in a way that nobody thought of."""

    def __init__(self, inner: Any, method: str, error: Exception) -> None:
        self._inner, self._method, self._error, self.times = inner, method, error, 1

    def __getattr__(self, name: str) -> Any:
        if name != self._method or self.times <= 0:
            return getattr(self._inner, name)

        async def fail(*args: object, **named: object) -> None:
            self.times -= 1
            raise self._error

        return fail


MISTAKES = [
    ("fetcher", "fetch", TypeError("at https://user:pw@host")),
    ("reader", "read", EOFError()),
    ("reader", "read", OverflowError("date value out of range")),
    ("store", "commit", KeyError("judge")),
    ("store", "commit", RefusedWork("UNIQUE constraint failed")),
]


@pytest.mark.parametrize(("door", "method", "error"), MISTAKES)
async def test_each_poll_ends_with_a_stored_result_also_by_a_mistake_of_ours(
    station: Station, door: str, method: str, error: Exception
) -> None:
    await station.begin(FEEDS)
    titles = {name: f"Shells found by {name}" for name in ("wire", "paper", "radio")}
    station.feeds.update({name: rss(title) for name, title in titles.items()})
    if door == "store":
        station.use_store(Mistaken(station.store, method, error))
    else:
        use(station, **{door: Mistaken(getattr(station.world, door), method, error)})
    await due_again(station)
    assert await station.poller.poll_once() == 3
    failed = [record for record in await station.store.feeds() if record.state.problem is not None]
    [state] = [record.state for record in failed]
    assert state.problem is not None
    assert state.problem.kind is FetchProblemKind.OUR_MISTAKE
    assert f"mistake of ours ({type(error).__name__})" in state.problem.message
    assert "pw" not in state.problem.message
    assert (state.claims, state.failures) == (0, 1)
    assert state.next_poll_at > station.clock.now()
    assert station.state.database_problem == ""
    await due_again(station)
    await station.poller.poll_once()
    await station.send()
    assert sorted(station.told("desk")) == sorted([title] for title in titles.values())


async def test_suspects_are_polled_one_after_the_other_in_one_round(station: Station) -> None:
    await station.begin(FEEDS)
    await station.store.request_poll([], station.clock.now())
    claims = await station.store.claim_feeds("killed", station.clock.now(), 10, poll.POLL_LEASE)
    assert len(claims) == 3
    station.clock.advance(seconds=poll.POLL_LEASE.total_seconds())
    assert await station.poller.poll_once() == 3
    assert not any(record.state.suspicion.is_suspected for record in await station.store.feeds())


@pytest.mark.parametrize("error", [TypeError("a mistake of ours"), RefusedWork("UNIQUE constraint failed")])
async def test_a_feed_of_which_no_result_can_be_stored_is_given_back_after_a_lease_and_holds_up_no_other(
    station: Station, error: Exception
) -> None:
    await station.begin(config(feeds=["wire", "paper"], channels=["desk"], send_to=["desk"]))
    station.feeds["wire"] = rss("Shells shipped")
    refusing = Mistaken(station.store, "commit", error)
    refusing.times = 2  # the result, and the note of the failure
    station.use_store(refusing)
    await station.store.request_poll(["wire"], station.clock.now())
    assert await station.poller.poll_once() == 1
    assert (await feed_named(station, "wire")).state.claims == 1
    assert station.state.database_problem == "", "the database takes other work"
    await station.store.request_poll([], station.clock.now())
    assert await station.poller.poll_once() == 1, "the other one is polled meanwhile"
    station.clock.advance(seconds=poll.POLL_LEASE.total_seconds())
    await station.poller.poll_once()
    await station.poller.poll_once()
    await station.send()
    assert (await feed_named(station, "wire")).state.claims == 0
    assert station.told("desk") == [["Shells shipped"]]


async def test_a_document_that_stops_its_reader_when_matched_again_is_a_problem_of_its_feed(station: Station) -> None:
    await station.begin(config(feeds=["wire"]))
    station.feeds["wire"] = rss("Shells shipped")
    use(station, reader=Mistaken(station.reader, "read", ParseError("killed", kind="read_timeout")))
    for failures in (1, 2, 3):
        station.world.reader.times = 1  # type: ignore[attr-defined]
        await due_again(station)
        await station.poller.poll_once()
        assert (await feed_named(station, "wire")).state.failures == failures
    assert (await feed_named(station, "wire")).state.status.value == "quarantined"


class Reloading:
    """A reader after whose first reading the configuration is replaced: between read and commit."""

    def __init__(self, inner: Any, reload: Callable[[], Any]) -> None:
        self._inner, self._reload = inner, reload
        self.read_under: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def read(self, request: ReadRequest) -> Reading:
        """Read, then reload once."""
        reading: Reading = await self._inner.read(request)
        self.read_under.append(request.revision)
        if len(self.read_under) == 1:
            await self._reload()
        return reading

    async def match(self, articles: list[Article], revision: int) -> tuple[ReadArticle, ...]:
        """Match."""
        found: tuple[ReadArticle, ...] = await self._inner.match(articles, revision)
        return found


async def test_rules_that_came_between_read_and_commit_are_matched_before_the_commit(station: Station) -> None:
    await station.begin(config(rules="\n  - {name: Other, all: [weather]}\n"))
    station.feeds["wire"] = rss("Shells shipped")
    use(station, reader=Reloading(station.reader, lambda: station.adopt(config())))
    await due_again(station)
    async with asyncio.timeout(PATIENCE_SECONDS):  # a poll that is never matched again is never committed
        await station.poller.poll_once()
    await station.send()
    assert station.told("desk") == [["Shells shipped"]]


async def test_rules_that_come_between_the_look_and_the_transaction_are_waited_for(station: Station) -> None:
    await station.begin(config(rules="\n  - {name: Other, all: [weather]}\n"))
    station.feeds["wire"] = rss("Shells shipped")
    old, asked = station.world.ruling(), 0

    class Late:
        def now(self) -> Any:
            nonlocal asked
            asked += 1
            return old if asked <= 4 else swapped.now()

        async def replaced(self, revision: int) -> None:
            await swapped.replaced(revision)

    swapped = station.world.rulings
    use(station, reader=Reloading(station.reader, lambda: station.adopt(config())), rulings=Late())
    await due_again(station)
    async with asyncio.timeout(PATIENCE_SECONDS):  # a poll that is never matched again is never committed
        await station.poller.poll_once()
    await station.send()
    assert asked > 4
    assert station.told("desk") == [["Shells shipped"]]


async def test_a_poll_waits_for_the_rules_that_the_store_has_already(station: Station) -> None:
    """The store is activated, the ruling is not yet swapped: the poll commits once, as soon as it is."""
    await station.begin(config(rules="\n  - {name: Other, all: [weather]}\n"))
    station.feeds["wire"] = rss("Shells shipped")
    activated, go_on, store = asyncio.Event(), asyncio.Event(), station.store
    counted = Counting(store)

    class Slow:
        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        async def activate(self, *args: Any) -> Any:
            known = await store.activate(*args)
            activated.set()
            await go_on.wait()
            return known

    station.active._store = Slow()
    use(station, store=counted)
    await due_again(station)
    async with asyncio.timeout(PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        group.create_task(station.adopt(config()))
        await activated.wait()
        poll = group.create_task(station.poller.poll_once())
        await until(lambda: counted.commits == 1)
        assert not poll.done()
        go_on.set()
    await station.send()
    assert (counted.commits, station.told("desk")) == (2, [["Shells shipped"]])


class Counting:
    """A store that counts what is tried to be committed."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.commits = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def commit(self, *args: Any) -> Any:
        """Count, and commit."""
        self.commits += 1
        return await self._inner.commit(*args)


@pytest.mark.parametrize(
    ("rule", "change"), [("tags: [asia]", "tags: [asia]"), ("lang: [fr]", "lang: fr"), ("feeds: [wire]", "name: wire")]
)
async def test_a_feed_that_was_changed_while_it_was_polled_is_read_under_its_new_configuration(
    station: Station, rule: str, change: str
) -> None:
    rules = f"\n  - {{name: Shells, all: [shells], where: {{{rule}}}}}\n"
    line = "  - {url: 'https://wire.example/feed', every: 5m}"
    before = config(rules=rules, feeds=[]).replace("feeds:\n", f"feeds:\n{line}\n")
    after = before.replace("every: 5m", f"every: 5m, {change}")
    if "feeds" in rule:
        before = before.replace(f", where: {{{rule}}}", "").replace("[shells]", "[weather]")
    await station.begin(before)
    station.feeds["wire"] = rss("Shells shipped")
    use(station, reader=Reloading(station.reader, lambda: station.adopt(after)))
    await due_again(station)
    await station.poller.poll_once()
    await station.send()
    assert station.told("desk") == [["Shells shipped"]]


@pytest.mark.parametrize("change", ["tags: [asia]", "lang: fr", "name: wire", "sample: true", "first_poll: alert"])
async def test_an_equal_document_is_read_again_once_its_feed_is_read_otherwise(station: Station, change: str) -> None:
    line = "  - {url: 'https://wire.example/feed', every: 5m}"
    before = config(feeds=[]).replace("feeds:\n", f"feeds:\n{line}\n")
    station.feeds["wire"] = rss("Shells shipped")
    await station.adopt(before)
    reader = Reloading(station.reader, lambda: asyncio.sleep(0))
    use(station, reader=reader)
    for _ in range(2):
        await due_again(station)
        await station.poller.poll_once()
    assert len(reader.read_under) == 1
    await station.adopt(before.replace("every: 5m", f"every: 5m, {change}"))
    for _ in range(2):
        await due_again(station)
        await station.poller.poll_once()
    assert reader.read_under == [1, 2]


async def test_a_stop_lets_polls_in_hand_finish_and_gives_back_the_rest(station: Station) -> None:
    await station.begin(FEEDS)
    hosts = Hosts(station.feeds, "wire", "paper")
    use(station, fetcher=hosts)
    await due_again(station)
    polled = station.clock.now()
    poller = new_poller(station, grace_seconds=0.2)
    poller.wake.ring()
    async with asyncio.TaskGroup() as group:
        group.create_task(poller.run())
        await until(lambda: len(hosts.asked) == 3)
        poller.stopping = True
        poller.wake.ring()
        hosts.open["wire"].set()
    wire, paper = await feed_named(station, "wire"), await feed_named(station, "paper")
    assert (wire.state.last_poll_at, wire.state.claims) == (polled, 0)
    assert (paper.state.claims, paper.state.failures, paper.state.suspicion.ends) == (0, 0, 0)
    assert [one.url for one in await station.store.due_feeds("next", station.clock.now())] == [
        "https://paper.example/feed"
    ]


async def test_nothing_is_claimed_after_a_stop(station: Station) -> None:
    await station.begin(FEEDS)
    hosts = Hosts(station.feeds)
    use(station, fetcher=hosts)
    await due_again(station)
    poller = new_poller(station, grace_seconds=0.2)
    poller.stopping = True
    poller.wake.ring()
    await poller.run()
    assert hosts.asked == []


SHORTAGES = [
    OSError(errno.EMFILE, "Too many open files"),
    OSError(errno.ENFILE, "Too many open files in system"),
    OutOfDescriptors("no file descriptor is left for a fetch"),
]


@pytest.mark.parametrize("error", SHORTAGES)
async def test_a_lack_of_descriptors_blames_no_feed_turns_health_red_and_ends_by_itself(
    station: Station, error: Exception
) -> None:
    await station.begin(config(feeds=["wire", "paper"], channels=["desk", "me"], more="meta: {send_to: [me]}"))
    station.feeds["wire"] = rss("Shells shipped")
    fetcher = Mistaken(station.feeds, "fetch", error)
    fetcher.times = 2
    use(station, fetcher=fetcher)
    await due_again(station)
    await station.poller.poll_once()
    assert {record.state.failures for record in await station.store.feeds()} == {0}
    assert {record.state.problem for record in await station.store.feeds()} == {None}
    assert {record.state.claims for record in await station.store.feeds()} == {0}
    assert "no file descriptors left" in station.state.readiness()[1]
    assert [message.title for message in station.channels["me"].sent] == ["No file descriptors left"]
    station.clock.advance(seconds=poll.SHORTAGE_PAUSE_SECONDS)
    assert await station.poller.poll_once() == 2
    station.clock.advance(seconds=poll.SHORTAGE_OVER_SECONDS)
    await station.poller._end_shortage()
    assert "no file descriptors left" not in station.state.readiness()[1]
    await station.send()
    assert [message.title for message in station.channels["me"].sent] == [
        "No file descriptors left",
        "File descriptors suffice again",
    ]
    assert station.told("desk") == [["Shells shipped"]]


async def test_a_fetch_that_answers_is_no_shortage(station: Station) -> None:
    outcome = await station.feeds.fetch(FetchRequest((await _any_feed(station)).state.feed, "https://wire.example/"))
    assert isinstance(outcome, Fetched)


async def test_verdicts_are_counted_by_level_and_outcome(station: Station) -> None:
    await station.begin(FEEDS)
    title = "Shells shipped from Port Elwin to Velland by night, says the ministry"
    station.feeds["wire"] = station.feeds["paper"] = rss(title)
    await station.poll()
    text = station.metrics.text().decode()
    assert 'watcher_verdicts_total{level="new",outcome="waiting"} 1.0' in text
    assert 'watcher_verdicts_total{level="near_copy",outcome="folded"} 1.0' in text


async def _any_feed(station: Station) -> FeedRecord:
    await station.begin(FEEDS)
    return (await station.store.feeds())[0]
