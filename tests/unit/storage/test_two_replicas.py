"""Two processes on one database let go what waited, and tell it once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.contract.test_limits import STORIES
from tests.contract.test_timing import config, until
from tests.fakes.reporters import Reporters
from watcher.daemon.wraps import WrapWatch
from watcher.storage.open import open_store
from watcher.storage.store import SqlStore

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[tuple[SqlStore, SqlStore]]:
    """Two stores on one file."""
    pair = tuple(open_store(f"sqlite:///{tmp_path}/watcher.db") for _ in range(2))
    yield pair[0], pair[1]
    for store in pair:
        await store.close()


async def replicas(stores: tuple[SqlStore, SqlStore], folder: Path, text: str) -> tuple[Reporters, Reporters]:
    """Return two programs of one configuration, which write to the same channels by the same clock."""
    one = await Reporters.open(folder, stores[0], text)
    (folder / "other").mkdir()
    two = Reporters(folder / "other", stores[1])
    two.channels = one.channels
    await two.adopt(text)
    two.clock.advance(seconds=(one.clock.now() - two.clock.now()).total_seconds())
    return one, two


async def both(one: Reporters, two: Reporters, at: str) -> None:
    """Let both do the chores of a minute at once, one step of each after the other, and send."""
    for desk in (one, two):
        until(desk, at)
    watches = [WrapWatch(desk.world, desk.active) for desk in (one, two)]
    for _ in range(2):
        await _together(one.active.settle(), two.active.settle(), *(watch.look() for watch in watches))
        await _together(one.send(), two.send())


async def _together(*steps: Coroutine[Any, Any, object]) -> None:
    async with asyncio.TaskGroup() as group:
        for step in steps:
            group.create_task(step)


@pytest.mark.parametrize(
    ("timing", "kind"),
    [(", digest: morning", "digest"), (", quiet: night", "quiet hours"), (", digest: morning, wrap: '07:00'", "wrap")],
)
async def test_what_waited_is_told_once_by_two_processes(
    stores: tuple[SqlStore, SqlStore], tmp_path: Path, timing: str, kind: str
) -> None:
    one, two = await replicas(stores, tmp_path, config(timing))
    for desk in (one, two):
        until(desk, "2026-11-24 23:30")
    for number in range(3):
        await one.report("wire", STORIES[number], minutes=1)
    for day in (25, 26):
        for at in ("04:00", "05:30", "05:31", "06:00", "06:01", "07:00"):
            await both(one, two, f"2026-11-{day} {at}")
    [listing] = [titles for titles in one.told("desk") if titles]
    assert set(listing) == set(STORIES[:3])
    wraps = [message.title for message in one.channels["desk"].sent if message.title.startswith("Wrap of")]
    assert len(wraps) == len(set(wraps)) == (3 if kind == "wrap" else 0)
