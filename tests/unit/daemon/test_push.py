"""Pushes by WebSub: subscribed where a feed names a hub, believed when signed, and polled over when silent."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlencode

import pytest

from tests.fakes.dialling import a_guard
from tests.fakes.http_server import Answer as Answered
from tests.fakes.http_server import HttpServer
from tests.fakes.station import Station, config, rss
from watcher.core.feeds.websub import MOST_PUSHED_BYTES
from watcher.core.model.ids import FeedId
from watcher.core.model.subscription import Subscription
from watcher.daemon.poll import Poller
from watcher.daemon.push import Pushes
from watcher.errors import StorageError
from watcher.network.client import GuardedClient
from watcher.network.policy import HttpAnswer, HttpRequest
from watcher.ports import Store
from watcher.web.callback import Answer, callback_app
from watcher.web.server import listen, serve_app

pytestmark = pytest.mark.filterwarnings("error")

LOOPBACK = ("127.0.0.0/8",)


class Desk:
    """A station whose feed names a hub on loopback, and the callbacks that the hub reaches."""

    def __init__(self, folder: Path, hub: HttpServer, port: int, allow: tuple[str, ...]) -> None:
        self.station = Station(folder)
        self.hub = hub
        self.client = GuardedClient(a_guard(allow=allow))
        self.callbacks = f"http://127.0.0.1:{port}"
        self.station.world = replace(self.station.world, client=self.client)
        self.restart()

    def restart(self) -> None:
        """Begin anew with what is stored."""
        self.push = Pushes(self.station.world, self.station.active, self.callbacks)
        self.station.poller = Poller(self.station.world, self.station.meta, lambda done: None, push=self.push)

    async def publish(self, *titles: str, feed: str = "wire", hub: str = "") -> None:
        address = hub or self.hub.url("/hub")
        link = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{address}"/>'
        self.station.feeds[feed] = rss(*titles).replace(b"</title>", f"</title>{link}".encode(), 1)
        await self.station.poll()

    async def subscribe(self) -> None:
        """Let the hub of a document with one item confirm what it is asked for."""
        await self.publish("Ship leaves")
        await self.push.look()
        await self.confirm()

    def asked(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.hub.requests[-1].body.decode()).items()}

    async def ask(self, url: str, said: dict[str, str] | None = None) -> HttpAnswer:
        return await self.client.exchange(HttpRequest(f"{url}?{urlencode(said or {})}"))

    async def confirm(self, lease: int = 86400) -> HttpAnswer:
        said = self.asked()
        return await self.ask(
            said["hub.callback"],
            {
                "hub.mode": "subscribe",
                "hub.topic": said["hub.topic"],
                "hub.challenge": "c-1",
                "hub.lease_seconds": str(lease),
            },
        )

    async def send(self, body: bytes = b"<rss/>", *, secret: str = "", path: str = "") -> HttpAnswer:
        said = self.asked()
        key = (secret or said["hub.secret"]).encode()
        signature = {"X-Hub-Signature": f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"}
        return await self.client.exchange(
            HttpRequest(path or said["hub.callback"], "POST", headers=signature, content=body)
        )

    async def due_in(self) -> timedelta:
        [record] = await self.station.store.feeds()
        return record.state.next_poll_at - self.station.clock.now()


class SlowKeeper:
    """A store that is read before a write that it has in hand, and writes when it may."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.is_keeping, self.may_keep = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def subscriptions(self, callbacks: str) -> Sequence[Subscription]:
        if self.may_keep.is_set():
            return await self._store.subscriptions(callbacks)
        return []

    async def keep_subscriptions(
        self, callbacks: str, kept: Sequence[Subscription], forgotten: Sequence[FeedId]
    ) -> None:
        self.is_keeping.set()
        await self.may_keep.wait()
        await self._store.keep_subscriptions(callbacks, kept, forgotten)


class FullKeeper:
    """A store that keeps no subscription while its disk is full."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.is_full = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def keep_subscriptions(
        self, callbacks: str, kept: Sequence[Subscription], forgotten: Sequence[FeedId]
    ) -> None:
        if self.is_full:
            raise StorageError("the disk is full")
        await self._store.keep_subscriptions(callbacks, kept, forgotten)


class Callbacks:
    """What hubs reach: the pushes that a desk has now."""

    def __init__(self, at: Desk) -> None:
        self.at = at

    async def confirm(self, path: str, said: dict[str, str]) -> Answer:
        return await self.at.push.confirm(path, said)

    async def pushed(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        return await self.at.push.pushed(path, headers, body)


@contextlib.asynccontextmanager
async def desk(
    folder: Path, allow: tuple[str, ...] = LOOPBACK, feeds: tuple[str, ...] = ("wire",)
) -> AsyncIterator[Desk]:
    stopping = asyncio.Event()
    with HttpServer() as hub, listen("127.0.0.1:0") as listening:
        hub.answers("/hub", 202)
        found = Desk(folder, hub, listening.getsockname()[1], allow)
        text = config(more="network: {allow_private: [127.0.0.0/8]}", feeds=feeds).replace(", every: 5m", "")
        await found.station.adopt(text)
        await found.push.begin()
        async with asyncio.TaskGroup() as group:
            group.create_task(serve_app(callback_app(Callbacks(found), MOST_PUSHED_BYTES), listening, stopping))
            try:
                yield found
            finally:
                stopping.set()


async def test_a_feed_that_names_a_hub_is_subscribed_to_and_a_signed_push_makes_it_due(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.publish("Ship leaves")
        assert await at.due_in() < timedelta(minutes=30)
        await at.push.look()
        said = at.asked()
        assert (said["hub.mode"], said["hub.callback"].startswith(at.callbacks)) == ("subscribe", True)
        assert (
            await at.ask(said["hub.callback"], {"hub.mode": "subscribe", "hub.topic": "other", "hub.challenge": "c"})
        ).status == 404
        answer = await at.confirm()
        assert (answer.status, answer.body) == (200, b"c-1")

        at.station.clock.advance(minutes=40)
        await at.publish("Ship leaves")
        assert await at.due_in() > timedelta(minutes=50), "polled rarely while the hub tells"
        for bad in (await at.send(secret="forged"), await at.send(b"x" * (MOST_PUSHED_BYTES + 1))):
            assert bad.status in (202, 413)
        assert await at.due_in() > timedelta(minutes=50), "what is not signed is dropped"
        assert (await at.send(path=f"{at.callbacks}/guessed")).status == 410
        assert (await at.send()).status == 202
        assert await at.due_in() <= timedelta(0)


async def test_a_hub_that_forgets_is_polled_over(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.subscribe()
        at.station.clock.advance(hours=2)
        await at.publish("Ship leaves", "Ship sinks")  # found by a poll, no push told of it
        for minutes, is_silent in ((1, False), (1, True)):
            at.station.clock.advance(minutes=minutes)
            await at.push.look()
            [kept] = await at.station.store.subscriptions(at.callbacks)
            assert kept.is_silent is is_silent, "another daemon may have had the push, and says so by then"
        at.station.clock.advance(hours=2)
        await at.publish("Ship leaves", "Ship sinks", "Dam bursts")
        assert await at.due_in() < timedelta(minutes=30)


async def test_a_subscription_is_asked_for_anew_before_it_ends_and_a_refusal_an_hour_later(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.hub.answers("/hub", 500, 202)
        await at.publish("Ship leaves")
        for minutes, asked in ((0, 1), (10, 1), (55, 2)):
            at.station.clock.advance(minutes=minutes)
            await at.push.look()
            assert len(at.hub.requests) == asked
        await at.confirm(lease=3600)
        for minutes, asked in ((30, 2), (20, 3)):
            at.station.clock.advance(minutes=minutes)
            await at.push.look()
            assert len(at.hub.requests) == asked


async def test_a_feed_that_is_gone_has_no_callback_any_more(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.subscribe()
        await at.station.adopt("feeds: ['https://other.example/feed']\nrules: [{name: x, all: [ship]}]\n")
        await at.push.look()
        assert (await at.send()).status == 410


async def test_a_hub_that_only_a_document_names_is_not_asked_where_feeds_alone_may_lead(tmp_path: Path) -> None:
    async with desk(tmp_path, allow=()) as at:
        await at.publish("Ship leaves")
        await at.push.look()
        assert at.hub.connections == 0, "allow_private is for what is configured"


async def test_what_a_push_told_of_is_looked_for_until_it_is_there(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.subscribe()
        at.station.clock.advance(hours=1)
        await at.publish("Ship leaves")
        assert await at.due_in() > timedelta(minutes=50)
        await at.send()
        await at.publish("Ship leaves")  # a cache in between does not know it yet
        at.station.clock.advance(seconds=1)
        assert await at.due_in() < timedelta(minutes=30)
        at.station.clock.advance(minutes=30)
        await at.publish("Ship leaves", "Ship sinks")
        at.station.clock.advance(minutes=30)
        await at.publish("Ship leaves", "Ship sinks")
        assert await at.due_in() > timedelta(minutes=50), "it was told, so the hub is not silent"


async def test_a_push_in_the_middle_of_a_poll_asks_for_another(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.subscribe()
        at.station.clock.advance(hours=1)
        at.station.feeds.before_answer.clear()
        at.station.feeds.asked.clear()
        async with asyncio.TaskGroup() as group:
            polling = group.create_task(at.station.poll())
            await at.station.feeds.asked.wait()
            at.station.clock.advance(seconds=1)
            await at.send()
            at.station.feeds.before_answer.set()
            await polling
        await at.push.look()
        assert await at.due_in() <= timedelta(0)


async def test_a_subscription_outlives_a_restart_and_is_asked_for_anew_in_time(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.subscribe()
        at.restart()
        assert (await at.send()).status == 503, "a hub must not forget us because we only begin"
        await at.push.look()
        assert await at.due_in() <= timedelta(0), "what was pushed while nobody was here is lost"
        at.station.clock.advance(hours=1)
        await at.publish("Ship leaves")
        assert await at.due_in() > timedelta(minutes=50), "the hub tells still"
        assert (await at.send()).status == 202
        assert await at.due_in() <= timedelta(0)
        for hours, asked in ((17, 1), (2, 2)):
            at.station.clock.advance(hours=hours)
            await at.push.look()
            assert len(at.hub.requests_to("/hub")) == asked
        first, second = (parse_qs(one.body.decode()) for one in at.hub.requests_to("/hub"))
        assert first == second, "the same callback and secret: the hub has us once"
        await at.station.adopt("feeds: ['https://other.example/feed']\nrules: [{name: x, all: [ship]}]\n")
        at.restart()
        await at.push.look()
        assert (await at.send()).status == 410
        assert await at.station.store.subscriptions(at.callbacks) == []


async def test_daemons_with_one_address_have_one_subscription(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.subscribe()
        first, said = at.push, at.asked()
        at.restart()
        other = at.push
        other._is_begun = True  # it began before the first had asked for anything
        assert (await at.send()).status == 202, "what the first asked for is known to the other"
        assert await at.due_in() <= timedelta(0)
        at.station.clock.advance(seconds=2)
        assert (await at.send(path=f"{at.callbacks}/guessed")).status == 410
        assert (await at.send(path=f"{at.callbacks}/guessed-too")).status == 503, (
            "the database is not asked by guessers"
        )

        at.restart()
        third, third._is_begun = at.push, True
        count = len(at.hub.requests)
        at.station.clock.advance(minutes=5)
        await at.publish("Ship leaves", "Ship sinks")
        await third.look()
        assert len(at.hub.requests) == count, "what is subscribed to already is not asked for again"
        [kept] = await at.station.store.subscriptions(at.callbacks)
        assert kept.callback == said["hub.callback"]

        at.station.clock.advance(hours=20)
        await third.look()
        assert len(at.hub.requests) == count + 1, "one of them asks anew in time"
        await at.confirm()
        await first.look()
        assert len(at.hub.requests) == count + 1
        [kept] = await at.station.store.subscriptions(at.callbacks)
        assert kept.callback == said["hub.callback"]
        assert kept.ends_at is not None
        assert kept.ends_at > at.station.clock.now() + timedelta(hours=23)


async def test_a_push_that_came_to_another_daemon_is_no_silence(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.subscribe()
        pushed = at.push
        await at.push.look()
        at.restart()
        polls = at.push
        await polls.begin()
        await polls.look()
        at.station.clock.advance(hours=2)
        at.push = pushed
        assert (await at.send()).status == 202
        await at.publish("Ship leaves", "Ship sinks")  # by the other, that no push came to
        for one in (polls, pushed, polls, pushed, polls):
            at.station.clock.advance(seconds=40)
            await one.look()
        [kept] = await at.station.store.subscriptions(at.callbacks)
        assert not kept.is_silent
        assert kept.pushed_at is not None, "which outlives a restart"


async def test_a_push_does_not_undo_what_another_daemon_noted(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.subscribe()
        first = at.push
        await first.look()
        at.restart()
        await at.push.begin()
        await at.confirm(lease=20 * 86400)
        at.push = first
        assert (await at.send()).status == 202
        await first.look()
        [kept] = await at.station.store.subscriptions(at.callbacks)
        assert kept.pushed_at is not None
        assert kept.ends_at is not None
        assert kept.ends_at > at.station.clock.now() + timedelta(days=19), "the longer lease stands"


async def test_a_push_right_after_a_rename_polls_the_feed(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.subscribe()
        at.station.clock.advance(minutes=40)
        await at.publish("Ship leaves")
        assert await at.due_in() > timedelta(minutes=50)
        text = config(more="network: {allow_private: [127.0.0.0/8]}", feeds=("wire",)).replace(", every: 5m", "")
        await at.station.adopt(text.replace("name: wire", "name: newswire, was: wire"))
        assert (await at.send()).status == 202
        await at.push.look()
        assert await at.due_in() <= timedelta(0)
        assert len(await at.station.store.subscriptions(at.callbacks)) == 1, "the subscription is kept"


async def test_a_hub_that_asks_another_daemon_back_at_once_is_confirmed(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.publish("Ship leaves")
        first = at.push
        at.restart()
        await at.push.begin()  # the hub reaches this one alone
        is_confirmed = threading.Event()
        at.hub.on("/hub", lambda received: Answered(202 if is_confirmed.wait(10) else 500))
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(first.look())
            await asyncio.to_thread(at.hub.waits_for, "/hub")
            assert (await at.confirm()).status == 200
            is_confirmed.set()
            await asking
        [kept] = await at.station.store.subscriptions(at.callbacks)
        assert kept.ends_at is not None, "what the other noted stands"


async def test_a_feed_that_names_another_hub_is_subscribed_to_there(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.subscribe()
        at.station.clock.advance(hours=2)
        at.hub.answers("/other", 202)
        await at.publish("Ship leaves", hub=at.hub.url("/other"))
        await at.push.look()
        assert len(at.hub.requests_to("/other")) == 1
        assert (await at.confirm()).status == 200
        [kept] = await at.station.store.subscriptions(at.callbacks)
        assert kept.hub == at.hub.url("/other")


async def test_what_was_read_before_a_write_is_not_taken_for_what_stands_now(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.publish("Ship leaves")
        store = SlowKeeper(at.station.store)
        at.push._world = replace(at.push._world, store=cast("Store", store))
        async with asyncio.TaskGroup() as group:
            looking = group.create_task(at.push.look())
            await store.is_keeping.wait()
            guessing = group.create_task(at.push.confirm("guessed", {}))
            for _ in range(10):
                await asyncio.sleep(0)
            store.may_keep.set()
            await looking
            assert (await guessing).status == 404
        assert (await at.confirm()).status == 200


async def test_a_silence_that_could_not_be_stored_is_stored_later(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.subscribe()
        await at.push.look()
        store = FullKeeper(at.station.store)
        at.station.world = replace(at.station.world, store=cast("Store", store))
        at.restart()
        await at.push.begin()
        at.station.clock.advance(hours=2)
        await at.publish("Ship leaves", "Ship sinks")  # that no push told of
        for is_full in (True, True, True, False):
            at.station.clock.advance(minutes=1)
            store.is_full = is_full
            await at.push.look()
        [kept] = await at.station.store.subscriptions(at.callbacks)
        assert kept.is_silent


async def test_a_feed_that_names_no_hub_any_more_is_polled_as_before(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.subscribe()
        at.station.clock.advance(hours=1)
        at.station.feeds["wire"] = rss("Ship leaves", "Ship sinks", end="<item>")  # cut short: it says nothing of hubs
        await at.station.poll()
        assert (await at.send()).status == 202
        at.station.feeds["wire"] = rss("Ship leaves", "Ship sinks")
        await at.station.poll()
        assert (await at.send()).status == 410
        at.station.clock.advance(hours=1)
        await at.station.poll()
        assert await at.due_in() < timedelta(minutes=30)
        await at.push.look()
        assert await at.station.store.subscriptions(at.callbacks) == []


async def test_a_hub_that_does_not_answer_holds_no_other_up(tmp_path: Path) -> None:
    async with desk(tmp_path, feeds=("slow", "wire")) as at:
        with HttpServer(host="127.0.0.2") as slow:
            await at.publish("Ship leaves", feed="slow", hub=slow.stalls("/hub"))
            await at.publish("Ship leaves")
            async with asyncio.TaskGroup() as group:
                look = group.create_task(at.push.look())
                await asyncio.to_thread(slow.waits_for, "/hub")
                await asyncio.to_thread(at.hub.waits_for, "/hub")
                assert (await at.confirm()).status == 200
                look.cancel()
