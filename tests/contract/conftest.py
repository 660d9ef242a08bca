"""The stores that must keep every promise of ports.Store."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom
from tests.fakes.places import place_database
from tests.fakes.store import MemoryStore
from tests.postgres import Server, running
from watcher.ports import Store
from watcher.storage.open import open_store
from watcher.storage.tables import TURN, meta, metadata


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A database server of this session's own, with the database `empty`: the tables and nothing in them."""
    with running() as made:
        with ThreadPoolExecutor(1) as aside:  # a test's event loop may run in this thread
            aside.submit(asyncio.run, open_store(made.make("empty")).close()).result()
        yield made


@pytest.fixture
def on_server(server: Server) -> Iterator[str]:
    """The URL of an empty store on the server."""
    yield server.url("empty")
    with server.connect("empty") as connection:
        # A copy of a database takes half a second.
        for table in reversed(metadata.sorted_tables):
            kept = f" WHERE name <> '{TURN}'" if table is meta else ""
            connection.execute(f'DELETE FROM "{table.name}"{kept}'.encode())


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store of each kind."""
    if request.param == "memory":
        yield MemoryStore()
        return
    if request.param == "postgres":
        there: Store = open_store(request.getfixturevalue("on_server"))
        yield there
        await there.close()
        return
    place_database(tmp_path)
    made: Store = open_store(f"sqlite:///{tmp_path}/watcher.db")
    yield made
    await made.close()


@pytest.fixture
def room(store: Store) -> Newsroom:
    """The same store, with feeds and channels around it."""
    return Newsroom(store, FakeClock())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of a test with several cases the database server has the first alone, unless all are asked for: databases differ
    in their statements, and each case runs the same ones.
    """
    if os.environ.get("WATCHER_TESTS_EVERY_CASE") == "1":
        return
    seen: set[object] = set()
    gone = []
    for item in items:
        if isinstance(item, pytest.Function) and _is_on_server(item):
            if item.function in seen:
                gone.append(item)
            seen.add(item.function)
    if gone:
        items[:] = [item for item in items if item not in gone]
        config.hook.pytest_deselected(items=gone)


def _is_on_server(item: pytest.Function) -> bool:
    case = getattr(item, "callspec", None)
    return case is not None and case.params.get("store") == "postgres"
