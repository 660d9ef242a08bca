"""The order in which the one writer works."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import LEASE, Newsroom
from watcher.core.model.ids import ChannelName
from watcher.errors import StorageError
from watcher.storage.open import open_store
from watcher.storage.writer import QUEUE, URGENT_IN_A_ROW, Lanes


def _order(*puts: tuple[str, bool]) -> list[str]:
    done: list[str] = []
    lanes = Lanes()
    for name, urgent in puts:
        lanes.put(lambda name=name: done.append(name), urgent=urgent)  # type: ignore[misc]
    for _ in puts:
        lanes.take()()
    return done


def test_urgent_work_goes_ahead_of_what_waits() -> None:
    assert _order(("poll 1", False), ("poll 2", False), ("mark", True)) == ["mark", "poll 1", "poll 2"]


def test_each_lane_keeps_its_order() -> None:
    assert _order(("a", True), ("b", True), ("c", False), ("d", False)) == ["a", "b", "c", "d"]


def test_urgent_work_never_starves_polls() -> None:
    puts = [(f"urgent {n}", True) for n in range(3 * URGENT_IN_A_ROW)] + [("poll 1", False), ("poll 2", False)]
    done = _order(*puts)
    assert done.index("poll 1") == URGENT_IN_A_ROW
    assert done.index("poll 2") == 2 * URGENT_IN_A_ROW + 1


@pytest.mark.parametrize("ahead", [1, QUEUE, 3 * QUEUE])
async def test_outbox_work_goes_ahead_of_polls_that_wait_for_the_writer(tmp_path: Path, ahead: int) -> None:
    room = Newsroom(open_store(f"sqlite:///{tmp_path}/watcher.db"), FakeClock())
    await room.open("wire")
    await room.publish("wire", room.news("Shells shipped"))
    done: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def hold(db: Connection) -> None:
        begun.set()
        go_on.wait()

    async def noted(name: str, work: object) -> None:
        await work  # type: ignore[misc]
        done.append(name)

    store = room.store
    async with asyncio.TaskGroup() as group:
        group.create_task(store._writer.run(hold))  # type: ignore[attr-defined]
        await asyncio.to_thread(begun.wait)
        for _ in range(ahead):
            group.create_task(noted("poll", store.claim_feeds("me", room.clock.now(), 1, LEASE)))
        await asyncio.sleep(0)
        ready = [ChannelName("desk")]
        group.create_task(noted("outbox", store.claim_messages("sender", room.clock.now(), LEASE, 1, ready)))
        group.create_task(noted("outbox", store.notify(ready, "key", "title", "text", room.clock.now())))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        go_on.set()
    assert done[:2] == ["outbox", "outbox"]
    assert len(done) == ahead + 2
    await store.close()


async def test_a_closed_store_refuses_urgent_work_too(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/watcher.db")
    await store.close()
    with pytest.raises(StorageError, match="closed"):
        await store.notify([ChannelName("desk")], "key", "title", "text", FakeClock().now())
