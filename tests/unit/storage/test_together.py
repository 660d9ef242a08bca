"""Polls that bring nothing share a transaction: each keeps its own fence, and none waits where nobody else may come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection

from tests.fakes.newsroom import news
from watcher.core.model.ids import FeedId, digest, public_id
from watcher.core.model.outcome import Reading
from watcher.errors import LostClaim, StorageError
from watcher.storage import dialects
from watcher.storage.open import upgrade_store
from watcher.storage.together import PollsInHand
from watcher.storage.turns import NeedsTurn
from watcher.storage.writer import Writer

T = TypeVar("T")
WIRE = FeedId(public_id("f", digest("feed", "wire")))


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


class CountingWriter(Writer):
    """Counts the transactions that it begins."""

    begun = 0
    turns = 0

    def transaction(self, work: Callable[[Connection], T], *, turn: bool = True) -> T:
        """Count it."""
        self.begun += 1
        self.turns += turn
        return super().transaction(work, turn=turn)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[CountingWriter]:
    """The writer of an empty database."""
    url = f"sqlite:///{tmp_path}/watcher.db"
    upgrade_store(url)
    made = CountingWriter(dialects.open_writer(dialects.parse_url(url)))
    yield made
    made.close()


async def _all(writer: CountingWriter, *work: Any) -> tuple[list[Any], int]:
    """Return what became of work that comes at one time, and in how many transactions it was begun."""
    polls = PollsInHand()
    polls.begun(work)

    async def written(one: Any) -> Any:
        try:
            return await polls.write(writer, WIRE, None, lambda db, _: one(db))
        except StorageError as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(written(one)) for one in work]
    return [task.result() for task in tasks], writer.begun


async def test_results_of_one_moment_share_a_transaction(writer: CountingWriter) -> None:
    assert await _all(writer, _put("a"), _put("b"), _put("c")) == (["a", "b", "c"], 1)
    assert await writer.run(_count) == 3


async def test_a_lost_claim_takes_no_other_result_with_it(writer: CountingWriter) -> None:
    done, begun = await _all(writer, _put("a"), _lost, _put("c"))
    assert [type(one) for one in done] == [str, LostClaim, str]
    assert (begun, await writer.run(_count)) == (1, 2)


async def test_a_refused_result_leaves_the_others_to_be_written_on_their_own(writer: CountingWriter) -> None:
    done, begun = await _all(writer, _put("a"), _refused, _put("c"))
    assert [isinstance(one, StorageError) for one in done] == [False, True, False]
    assert (begun, await writer.run(_count)) == (4, 2)


async def test_a_result_waits_a_moment_for_others_and_no_longer(writer: CountingWriter) -> None:
    polls = PollsInHand()
    polls.begun([1, 2])
    assert await polls.write(writer, WIRE, None, lambda db, _: _put("a")(db)) == "a"
    assert await polls.write(writer, WIRE, None, lambda db, _: _put("b")(db)) == "b"


async def test_who_gives_up_is_taken_back_before_it_was_written(writer: CountingWriter) -> None:
    polls = PollsInHand()
    polls.begun([1, 2, 3])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await polls.write(writer, WIRE, None, lambda db, _: _put("a")(db))
    assert await polls.write(writer, WIRE, None, lambda db, _: _put("b")(db)) == "b"
    assert await writer.run(_count) == 1


async def test_a_reading_takes_the_turn_of_writers_at_first_only_where_it_asks_for_it(writer: CountingWriter) -> None:
    polls = PollsInHand()

    async def turns_of(reading: Reading | None, asks: bool = False) -> tuple[list[bool], int]:
        told: list[bool] = []

        def work(db: Connection, in_turn: bool) -> None:
            told.append(in_turn)
            db.exec_driver_sql(f"INSERT INTO meta VALUES ('tried {len(told)}', 'x')")
            if asks and not in_turn:
                raise NeedsTurn

        writer.turns = 0
        await polls.write(writer, WIRE, reading, work)
        taken = writer.turns
        await writer.run(lambda db: db.exec_driver_sql("DELETE FROM meta WHERE value = 'x'"))
        return told, taken

    loud = Reading(WIRE, 1, (news(WIRE, "Shells"),))
    assert await turns_of(None) == ([False], 0)
    assert await turns_of(loud) == ([False], 0)
    assert await turns_of(loud, asks=True) == ([False, True], 0)
