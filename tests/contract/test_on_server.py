"""What only a database server brings: several processes on one database, and a server that goes away."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import Connection

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom
from tests.postgres import Server
from watcher.errors import SchemaMismatch, StorageError
from watcher.storage.open import open_store, upgrade_store
from watcher.storage.tables import HEAD

LEASE = timedelta(minutes=5)


@pytest.fixture
def made(server: Server) -> Iterator[str]:
    """The URL of a database of its own, without tables."""
    yield server.make("apart")
    server.drop("apart")


async def test_tables_are_made_once_whoever_comes_first(made: str) -> None:
    opened = await asyncio.gather(*(asyncio.to_thread(open_store, made) for _ in range(3)))  # noqa: TID251
    assert sorted(store.begins for store in opened) == [False, False, True]
    for store in opened:
        await store.close()
    assert upgrade_store(made).before == HEAD


async def test_two_processes_never_claim_one_feed(on_server: str) -> None:
    clock = FakeClock()
    first, second = open_store(on_server), open_store(on_server)
    room = Newsroom(first, clock)
    names = [f"feed {number}" for number in range(40)]
    await room.open(*names)
    claimed = await asyncio.gather(  # noqa: TID251
        *(
            store.claim_feeds(owner, clock.now(), 5, LEASE)
            for _ in range(4)
            for owner, store in (("a", first), ("b", second))
        )
    )
    feeds = [claim.state.feed for claims in claimed for claim in claims]
    assert len(feeds) == len(set(feeds)) == 40
    await first.close()
    await second.close()


async def test_a_server_that_was_restarted_costs_nothing(server: Server, on_server: str) -> None:
    store = open_store(on_server)
    room = Newsroom(store, FakeClock())
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    server.stop(signal.SIGQUIT)
    server.start()
    await room.publish("wire", room.news("Ships left"))
    assert len(await store.recent_alerts()) == 2
    await store.close()


async def test_a_server_that_is_away_is_said_in_a_sentence_without_the_password(server: Server, on_server: str) -> None:
    store = open_store(on_server)
    server.stop()
    try:
        with pytest.raises(StorageError, match="the database server") as met:
            await store.request_poll((), FakeClock().now())
        with pytest.raises(StorageError, match=r"cannot be reached.*watcher:\*\*\*@127") as refused:
            open_store(on_server)
    finally:
        server.start()
    assert "secret" not in f"{met.value} {refused.value}"
    await store.close()


async def test_a_server_whose_machine_vanishes_is_not_waited_for_long(on_server: str) -> None:
    store = open_store(on_server)
    for run in (store._writer.run, store._readers.run):
        waits = await run(_seconds_without_a_word)
        assert waits < 120
    await store.close()


def _seconds_without_a_word(connection: Connection) -> float:
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    with socket.socket(fileno=os.dup(raw.fileno())) as here:
        idle, between, count = (
            here.getsockopt(socket.IPPROTO_TCP, option)
            for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        )
        sent = here.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) / 1000
    return max(sent or 900, idle + between * count)


async def test_a_schema_of_before_is_brought_up_to_date(server: Server, made: str) -> None:
    await open_store(made).close()
    with server.connect("apart") as connection:
        connection.execute("DROP TABLE search_words, searched")
        connection.execute("UPDATE alembic_version SET version_num = '0024'")
    done = upgrade_store(made)
    assert (done.before, done.after) == ("0024", HEAD)
    room = Newsroom(open_store(made), FakeClock())
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    assert len(await room.store.recent_alerts()) == 1
    await room.store.close()


async def test_another_programs_tables_are_left_alone(server: Server, made: str) -> None:
    with server.connect("apart") as connection:
        connection.execute("CREATE TABLE theirs (id int)")
    with pytest.raises(SchemaMismatch, match="another program"):
        open_store(made)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("/empty", "/nowhere"), "there is no such database on the server; make it with: createdb"),
        (("watcher:secret", "nobody:secret"), "refused the user"),
    ],
)
async def test_a_wrong_address_names_the_mend(on_server: str, change: tuple[str, str], says: str) -> None:
    with pytest.raises(StorageError, match=says):
        open_store(on_server.replace(*change))


async def test_a_database_without_tables_is_not_read(made: str) -> None:
    with pytest.raises(StorageError, match="`watcher run` makes its tables"):
        open_store(made, read_only=True)


async def test_texts_that_are_not_utf_8_are_refused(server: Server) -> None:
    with server.connect("postgres") as connection:
        connection.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1'")
    with pytest.raises(StorageError, match="LATIN1; make one with: createdb --encoding UTF8"):
        open_store(server.url("latin"))
    server.drop("latin")
