"""What one process writes wakes the others on its server, and all goes on where nobody can be woken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import Connection

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom, first_revision, spec
from tests.fakes.program import eventually
from tests.postgres import Server
from watcher.core.model.ids import ChannelName
from watcher.core.model.policy import CONSOLE
from watcher.storage import listening
from watcher.storage.open import open_store
from watcher.storage.store import SqlStore
from watcher.storage.wakeups import Wakeup

LEASE = timedelta(minutes=5)
DESK = [ChannelName("desk")]
EVERYTHING = list(Wakeup)


class Ears:
    """What a store heard of other processes, since it began to listen."""

    def __init__(self, store: SqlStore) -> None:
        self._all: list[Wakeup] = []
        store.hear(self._all.append)

    @property
    def heard(self) -> list[Wakeup]:
        """What it heard after the first look at everything."""
        return self._all[len(EVERYTHING) :]

    async def begun(self) -> None:
        """Return once it listens."""
        await asyncio.to_thread(eventually, lambda: self._all[: len(EVERYTHING)] == EVERYTHING, "it listens")

    async def hears(self, *wanted: Wakeup) -> None:
        """Return once it heard these, in this order."""
        await asyncio.to_thread(eventually, lambda: self.heard == list(wanted), f"{wanted} are heard")


@pytest.fixture
async def two(on_server: str) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """The stores of two processes."""
    stores = open_store(on_server), open_store(on_server)
    yield stores
    for store in stores:
        await store.close()


async def test_what_one_process_writes_is_heard_by_the_others_alone(two: tuple[SqlStore, SqlStore]) -> None:
    first, second = two
    room = Newsroom(first, FakeClock())
    await room.open("wire")
    own, other = Ears(first), Ears(second)
    await own.begun()
    await other.begun()
    await first.request_poll(["wire"], room.clock.now())
    await other.hears(Wakeup.FEEDS)
    await first.activate(first_revision(2), [spec("wire")], room.clock.now())
    await other.hears(Wakeup.FEEDS, Wakeup.REVISION)
    await first.notify([CONSOLE], "key", "Disk", "full", room.clock.now())
    await other.hears(Wakeup.FEEDS, Wakeup.REVISION, Wakeup.MESSAGES)
    await second.request_poll(["wire"], room.clock.now())
    await own.hears(Wakeup.FEEDS)


async def test_what_is_written_without_news_wakes_nobody(two: tuple[SqlStore, SqlStore]) -> None:
    first, second = two
    room = Newsroom(first, FakeClock())
    await room.open("wire")
    claim = await room.poll("wire")
    ears = Ears(second)
    await ears.begun()
    await room.commit(claim, room.news("Rain", rules=()))
    await first.request_poll(["wire"], room.clock.now())
    await ears.hears(Wakeup.FEEDS)


async def test_who_was_cut_off_looks_at_everything_once_it_listens_again(
    server: Server, two: tuple[SqlStore, SqlStore]
) -> None:
    first, second = two
    room = Newsroom(first, FakeClock())
    await room.open("wire")
    ears = Ears(second)
    await ears.begun()
    with server.connect("empty") as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    await ears.hears(*EVERYTHING)
    await first.request_poll(["wire"], room.clock.now())
    await ears.hears(*EVERYTHING, Wakeup.FEEDS)


async def test_a_server_that_passes_nothing_on_is_worked_with_all_the_same(
    on_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "_ANNOUNCE", "SELECT no_such_function(%s, %s)")
    monkeypatch.setattr(listening, "CHANNEL", "not a channel")
    first, second = open_store(on_server), open_store(on_server)
    heard: list[Wakeup] = []
    second.hear(heard.append)
    room = Newsroom(first, FakeClock())
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await second.claim_messages("b", room.clock.now(), LEASE, 5, DESK)
    assert [one.article.title for one in claim.alerts] == ["Shells shipped"]
    assert heard == []
    for store in (first, second):
        await store.close()


async def test_a_process_that_has_nothing_to_send_waits_for_nobody(
    server: Server, two: tuple[SqlStore, SqlStore]
) -> None:
    first, second = two
    room = Newsroom(first, FakeClock())
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    [claim] = await first.claim_messages("a", room.clock.now(), LEASE, 5, DESK)
    with server.connect("empty") as connection, connection.transaction():
        connection.execute("SELECT 1 FROM meta WHERE name = 'writer' FOR UPDATE")
        assert list(await second.claim_messages("b", room.clock.now(), LEASE, 5, DESK)) == []
    room.clock.advance(minutes=6)
    [again] = await second.claim_messages("b", room.clock.now(), LEASE, 5, DESK)
    assert (again.id, again.repeat) == (claim.id, True)


async def test_behind_a_pooler_no_statement_is_prepared(on_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(on_server)
    plain = [await run(_prepares) for run in (store._writer.run, store._readers.run)]
    await store.close()
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", property(lambda info: -1))  # a pooler's own number
    store = open_store(on_server)
    pooled = [await run(_prepares) for run in (store._writer.run, store._readers.run)]
    await store.close()
    assert (plain, pooled) == ([True, True], [False, False])


def _prepares(connection: Connection) -> bool:
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw.prepare_threshold is not None
