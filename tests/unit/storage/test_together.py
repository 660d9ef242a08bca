"""Polls that bring nothing share a transaction: each keeps its own fence, and none waits where nobody else may come."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from watcher.errors import LostClaim, StorageError
from watcher.storage.open import open_store, upgrade_store
from watcher.storage.store import SqlStore
from watcher.storage.together import PollsInHand


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    """An empty store."""
    upgrade_store(f"sqlite:///{tmp_path}/watcher.db")
    return open_store(f"sqlite:///{tmp_path}/watcher.db")


def _count(db: Connection) -> int:
    return int(db.exec_driver_sql("SELECT count(*) FROM meta WHERE value = 'x'").scalar_one())


def _put(name: str) -> Any:
    def put(db: Connection) -> str:
        db.exec_driver_sql(f"INSERT INTO meta VALUES ('{name}', 'x')")
        return name

    return put


def _lost(_: Connection) -> str:
    raise LostClaim("somebody else has it")


def _refused(db: Connection) -> str:
    db.exec_driver_sql("DELETE FROM absent")
    return ""


async def _all(store: SqlStore, *work: Any) -> tuple[list[Any], int]:
    """Return what became of work that comes at one time, and in how many transactions it was begun."""
    writer, begun = store._writer, 0
    inner = writer.transaction

    def counted(work: Any) -> Any:
        nonlocal begun
        begun += 1
        return inner(work)

    writer.transaction = counted  # type: ignore[method-assign]
    polls = PollsInHand()
    polls.begun(work)

    async def written(one: Any) -> Any:
        try:
            return await polls.write(writer, one, alone=False)
        except StorageError as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(written(one)) for one in work]
    return [task.result() for task in tasks], begun


async def test_results_of_one_moment_share_a_transaction(store: SqlStore) -> None:
    assert await _all(store, _put("a"), _put("b"), _put("c")) == (["a", "b", "c"], 1)
    assert await store._readers.run(_count) == 3
    await store.close()


async def test_a_lost_claim_takes_no_other_result_with_it(store: SqlStore) -> None:
    done, begun = await _all(store, _put("a"), _lost, _put("c"))
    assert [type(one) for one in done] == [str, LostClaim, str]
    assert (begun, await store._readers.run(_count)) == (1, 2)
    await store.close()


async def test_a_refused_result_leaves_the_others_to_be_written_on_their_own(store: SqlStore) -> None:
    done, begun = await _all(store, _put("a"), _refused, _put("c"))
    assert [isinstance(one, StorageError) for one in done] == [False, True, False]
    assert (begun, await store._readers.run(_count)) == (4, 2)
    await store.close()


async def test_a_result_waits_a_moment_for_others_and_no_longer(store: SqlStore) -> None:
    polls = PollsInHand()
    polls.begun([1, 2])
    assert await polls.write(store._writer, _put("a"), alone=False) == "a"
    assert await polls.write(store._writer, _put("b"), alone=False) == "b"
    await store.close()


async def test_who_gives_up_is_taken_back_before_it_was_written(store: SqlStore) -> None:
    polls = PollsInHand()
    polls.begun([1, 2, 3])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await polls.write(store._writer, _put("a"), alone=False)
    assert await polls.write(store._writer, _put("b"), alone=False) == "b"
    assert await store._readers.run(_count) == 1
    await store.close()
