"""The stores that must keep every promise of ports.Store."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom
from tests.fakes.store import MemoryStore
from watcher.ports import Store
from watcher.storage.open import open_store


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the schema and nothing in it, to be copied: making one takes longer than most tests."""
    file = tmp_path_factory.mktemp("store") / "empty.db"
    asyncio.run(open_store(f"sqlite:///{file}").close())
    return file


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> AsyncIterator[Store]:
    """An empty store of each kind."""
    if request.param == "memory":
        yield MemoryStore()
        return
    shutil.copy(empty_database, tmp_path / "watcher.db")
    made: Store = open_store(f"sqlite:///{tmp_path}/watcher.db")
    yield made
    await made.close()


@pytest.fixture
def room(store: Store) -> Newsroom:
    """The same store, with feeds and channels around it."""
    return Newsroom(store, FakeClock())
