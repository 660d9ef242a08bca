"""A grown database moved from a file to a server and back."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Row, Table

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom
from tests.postgres import Server
from watcher.core.model.message import AttemptClass
from watcher.errors import StorageError
from watcher.storage import dialects, moving
from watcher.storage.moving import copy_store
from watcher.storage.open import open_store
from watcher.storage.tables import metadata
from watcher.storage.writer import Readers


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    """The URL of a database of its own, without tables."""
    yield server.make("moved")
    server.drop("moved")


@pytest.fixture
async def grown(tmp_path: Path) -> str:
    """The URL of a file in which something of each kind is stored."""
    url = f"sqlite:///{tmp_path}/grown.db"
    store = open_store(url)
    room = Newsroom(store, FakeClock())
    await room.open("wire", "paper")
    await room.publish("wire", room.news("Shells shipped"), room.news("Ships left"))
    await room.publish("paper", room.news("Shells shipped"))
    [claim, *_] = await room.claim("desk")
    await room.answer(claim, AttemptClass.OK)
    await store.close()
    return url


def _rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return all that is stored, but for the search index, which is filled anew."""
    readers = Readers(dialects.open_readers(dialects.parse_url(url)))
    try:
        return {
            table.name: sorted(map(tuple, readers.run_now(partial(_all, table=table))), key=repr)
            for table in metadata.sorted_tables
            if table.name != "searched"
        }
    finally:
        readers.close()


def _all(connection: Connection, table: Table) -> Sequence[Row[Any]]:
    return connection.execute(moving._rows(table)).all()


def test_a_file_goes_to_a_server_and_back_with_every_row(grown: str, empty: str, tmp_path: Path) -> None:
    there = copy_store(grown, empty, lambda *_: None)
    assert there.rows["articles"] == 3
    assert there.rows["attempts"] == 1
    back = f"sqlite:///{tmp_path}/back.db"
    assert copy_store(empty, back, lambda *_: None) == there
    assert _rows(back) == _rows(grown)


async def test_the_copy_goes_on_where_the_file_stopped(grown: str, empty: str) -> None:
    await asyncio.to_thread(copy_store, grown, empty, lambda *_: None)
    store = open_store(empty)
    room = Newsroom(store, FakeClock())
    await room.open("wire", "paper")
    await room.publish("wire", room.news("Shells shipped"), room.news("Ships left"))
    assert len(await store.recent_alerts()) == 2  # nothing was told again
    assert await store.index_more(100) == 1.0
    assert await store.check() == []
    await store.close()


async def test_a_copy_that_was_stopped_is_no_database_until_it_is_made_anew(grown: str, empty: str) -> None:
    tables = itertools.count()

    def stop(table: str, total: int, done: int) -> None:
        if next(tables) == 4:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await asyncio.to_thread(copy_store, grown, empty, stop)
    with pytest.raises(StorageError, match="a copy that is not whole; begin it anew with: watcher db copy"):
        open_store(empty)
    store = open_store(grown)  # meanwhile work goes on in the file
    await store.request_poll((), FakeClock().now() + timedelta(days=1))
    await store.close()
    await asyncio.to_thread(copy_store, grown, empty, lambda *_: None)
    assert _rows(empty) == _rows(grown)


def test_a_database_that_holds_something_is_left_alone(grown: str, on_server: str, tmp_path: Path) -> None:
    copy_store(grown, on_server, lambda *_: None)
    with pytest.raises(StorageError, match="holds something already; name an empty database"):
        copy_store(grown, on_server, lambda *_: None)
    with pytest.raises(StorageError, match="cannot be copied to itself"):
        copy_store(grown, grown, lambda *_: None)
    with pytest.raises(StorageError, match="nothing of watcher to copy"):
        copy_store(f"sqlite:///{tmp_path}/none.db", on_server, lambda *_: None)
