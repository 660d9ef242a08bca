"""The writer: whole transactions, locks of others, full disks, callers that give up."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom
from watcher.errors import StorageError
from watcher.storage import dialects, tables
from watcher.storage.open import open_store, upgrade_store
from watcher.storage.store import SqlStore
from watcher.storage.writer import Readers, Writer


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of an empty store."""
    upgrade_store(f"sqlite:///{tmp_path}/watcher.db")
    return f"sqlite:///{tmp_path}/watcher.db"


def _count(db: Connection) -> int:
    return int(db.exec_driver_sql("SELECT count(*) FROM meta").scalar_one())


def _put(db: Connection) -> None:
    db.exec_driver_sql("INSERT INTO meta VALUES ('name' || (SELECT count(*) FROM meta), 'x')")


async def test_work_that_fails_leaves_nothing(url: str) -> None:
    store = open_store(url)

    def fails(db: Connection) -> None:
        _put(db)
        raise KeyError("ours")

    with pytest.raises(KeyError):
        await store._writer.run(fails)
    assert await store._readers.run(_count) == 0
    await store._writer.run(_put)
    assert await store._readers.run(_count) == 1
    await store.close()


async def test_database_error_leaves_as_a_storage_error(url: str) -> None:
    store = open_store(url)
    with pytest.raises(StorageError, match="no such table"):
        await store._writer.run(lambda db: db.exec_driver_sql("DELETE FROM absent"))
    with pytest.raises(StorageError, match="no such table"):
        await store._readers.run(lambda db: db.exec_driver_sql("SELECT * FROM absent"))
    await store.close()


async def test_what_a_refusal_says_holds_no_statement(url: str) -> None:
    store = open_store(url)
    with pytest.raises(StorageError, match=r"^the database refused: an id that begins with 'a' is expected, not 'x'$"):
        await store._readers.run(lambda db: db.execute(select(tables.items).where(tables.items.c.id == "x")))
    await store.close()


async def test_lock_of_another_program_is_waited_for(url: str, tmp_path: Path) -> None:
    store = open_store(url)
    other = sqlite3.connect(tmp_path / "watcher.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(store._writer.run(_put))
        await asyncio.sleep(0)
        other.execute("COMMIT")
    assert waiting.exception() is None
    other.close()
    await store.close()


async def test_lock_that_never_ends_is_a_sentence_and_then_work_goes_on(url: str, tmp_path: Path) -> None:
    parsed = dialects.parse_url(url)
    writer = Writer(dialects.open_writer(parsed))
    await writer.outside(lambda db: db.exec_driver_sql("PRAGMA busy_timeout = 1"))
    other = sqlite3.connect(tmp_path / "watcher.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked by another program"):
        await writer.run(_put)
    other.execute("ROLLBACK")
    other.close()
    await writer.run(_put)
    writer.close()


async def test_full_disk_loses_nothing_that_was_committed(url: str) -> None:
    parsed = dialects.parse_url(url)
    writer = Writer(dialects.open_writer(parsed))
    room = Newsroom(SqlStore(writer, Readers(dialects.open_readers(parsed))), FakeClock())
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    claim = await room.poll("wire")
    big = [room.news(f"Shells {number}", body="x" * 20_000) for number in range(20)]
    await writer.outside(lambda db: db.exec_driver_sql("PRAGMA max_page_count = 1"))
    with pytest.raises(StorageError, match="disk of the database is full"):
        await room.commit(claim, *big)
    assert [feed.articles for feed in await room.store.feeds()] == [1]
    assert [feed.refused for feed in await room.store.feeds()] == [()]
    await writer.outside(lambda db: db.exec_driver_sql("PRAGMA max_page_count = 1000000"))
    assert (await room.commit(claim, *big)).new == 20
    assert await room.store.check() == []
    await room.store.close()


async def test_caller_that_gives_up_waits_for_the_transaction_in_hand(url: str) -> None:
    store = open_store(url)
    begun, go_on = threading.Event(), threading.Event()

    def slow(db: Connection) -> None:
        begun.set()
        go_on.wait(30)
        _put(db)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(store._writer.run(slow))
        await asyncio.to_thread(begun.wait, 30)
        queued = group.create_task(store._writer.run(_put))
        await asyncio.sleep(0)
        task.cancel()
        queued.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        go_on.set()
    assert task.cancelled()
    assert queued.cancelled()
    # The one in hand was finished, the one that only waited was taken back.
    assert await store._readers.run(_count) == 1
    await store.close()


async def test_many_callers_are_served_in_order(url: str) -> None:
    store = open_store(url)
    async with asyncio.TaskGroup() as group:
        for _ in range(200):
            group.create_task(store._writer.run(_put))
    assert await store._readers.run(_count) == 200
    await store.checkpoint()
    await store.close()
