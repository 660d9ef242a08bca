"""Documents that eat time or memory cost their own worker and nobody else."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fakes.reader_work import AS_TOLD
from tests.fakes.shortage import no_descriptors_left
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.outcome import FetchProblemKind, Reading, ReadRequest
from watcher.core.model.policy import ReadLimits
from watcher.core.model.rule import RuleSource
from watcher.errors import OutOfDescriptors, ParseError, StaleRevision
from watcher.reading import processes
from watcher.reading.readers import WorkerReader

FEED = FeedId("f1")
SHORT = ReadLimits(deadline=timedelta(milliseconds=200))
SMALL = ReadLimits(deadline=timedelta(seconds=20), memory_bytes=512 * 1024 * 1024)


@pytest_asyncio.fixture
async def reader(tmp_path: Path) -> AsyncIterator[WorkerReader]:
    reader = WorkerReader(2, work=AS_TOLD)
    await reader.use(RuleSource(1, ()))
    yield reader
    await reader.close()


def a_request(body: str, *, revision: int = 1, limits: ReadLimits = SHORT) -> ReadRequest:
    return ReadRequest(FEED, body.encode(), "https://wire.example/feed", revision, limits=limits)


async def worker_of(reader: WorkerReader) -> int:
    return int((await reader.read(a_request("who"))).site_url)


async def kind_of(reader: WorkerReader, body: str) -> FetchProblemKind:
    reading = await reader.read(a_request(body, limits=SMALL if body == "eat" else SHORT))
    assert reading.problem is not None
    assert not reading.whole
    assert reading.articles == ()
    return reading.problem.kind


async def test_document_is_read_in_another_process(reader: WorkerReader) -> None:
    reading = await reader.read(a_request("hello"))

    assert (reading.title, reading.revision, reading.problem) == ("hello", 1, None)
    assert int(reading.site_url) != os.getpid()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("busy", FetchProblemKind.READ_TIMEOUT),
        ("pause", FetchProblemKind.READ_TIMEOUT),
        ("eat", FetchProblemKind.READ_MEMORY),
        ("exit", FetchProblemKind.READ_CRASHED),
        ("crash", FetchProblemKind.READ_CRASHED),
        ("killed", FetchProblemKind.READ_CRASHED),
        ("raise", FetchProblemKind.READ_CRASHED),
    ],
)
async def test_bad_document_becomes_a_problem_and_the_next_one_is_read(
    reader: WorkerReader, body: str, kind: FetchProblemKind
) -> None:
    assert await kind_of(reader, body) is kind
    assert (await reader.read(a_request("next"))).title == "next"


async def test_a_document_is_read_to_its_end_where_its_process_seldom_has_a_turn(
    reader: WorkerReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if nearly all turns were of others: what it may use is more than passes by the clock.
    monkeypatch.setattr(processes, "_WALL_PER_CPU", 0.2)
    monkeypatch.setattr(processes, "_WORKS", 0.01)
    monkeypatch.setattr(processes, "_MOST_WAITS", 100)
    reading = await reader.read(a_request("busy 0.6", limits=ReadLimits(deadline=timedelta(seconds=2))))
    assert (reading.title, reading.problem) == ("busy 0.6", None)


async def test_what_waits_is_not_said_to_have_taken_time(reader: WorkerReader) -> None:
    reading = await reader.read(a_request("pause"))
    assert reading.problem is not None
    assert reading.problem.message == "reading it came to no end, and took little of the processor; it was stopped"


async def test_others_are_read_while_one_document_hangs(reader: WorkerReader) -> None:
    async with asyncio.TaskGroup() as group:
        hanging = group.create_task(kind_of(reader, "busy"))
        titles = [(await reader.read(a_request(str(number)))).title for number in range(20)]
    assert titles == [str(number) for number in range(20)]
    assert hanging.result() is FetchProblemKind.READ_TIMEOUT


async def test_more_documents_than_workers_are_all_read(reader: WorkerReader) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(reader.read(a_request(str(number)))) for number in range(50)]
    assert [task.result().title for task in tasks] == [str(number) for number in range(50)]


async def test_stop_signals_to_the_whole_group_do_not_end_a_worker(reader: WorkerReader) -> None:
    assert (await reader.read(a_request("stop"))).title == "stop"


async def test_idle_worker_that_was_killed_is_replaced_unnoticed(reader: WorkerReader) -> None:
    for _ in range(4):
        os.kill(await worker_of(reader), 9)
        assert (await reader.read(a_request("next"))).problem is None


async def test_cancelled_reading_frees_its_worker(tmp_path: Path) -> None:
    reader = WorkerReader(1, work=AS_TOLD)
    await reader.use(RuleSource(1, ()))
    endless = ReadLimits(deadline=timedelta(hours=1))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await reader.read(a_request("pause", limits=endless))
    assert (await reader.read(a_request("next"))).title == "next"
    await reader.close()


async def test_big_results_come_whole(reader: WorkerReader) -> None:
    roomy = ReadLimits(deadline=timedelta(seconds=20))
    assert len((await reader.read(a_request("big", limits=roomy))).title) == 20_000_000


async def test_new_rules_are_used_by_every_worker(reader: WorkerReader) -> None:
    await reader.use(RuleSource(2, ()))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(reader.read(a_request("x", revision=2))) for _ in range(10)]
    assert {task.result().revision for task in tasks} == {2}


async def test_previous_rules_are_still_held_and_older_ones_give_way_to_the_newest(reader: WorkerReader) -> None:
    for revision in (2, 3):
        await reader.use(RuleSource(revision, ()))

    async def used(revision: int) -> int:
        reading: Reading = await reader.read(a_request("x", revision=revision))
        return reading.revision

    assert [await used(1), await used(2), await used(3)] == [3, 2, 3]


async def test_rules_that_cannot_be_compiled_are_a_problem_of_each_document(reader: WorkerReader) -> None:
    await reader.use(RuleSource(-1, ()))
    reading = await reader.read(a_request("x", revision=-1))
    assert reading.problem is not None
    assert reading.problem.kind is FetchProblemKind.READ_CRASHED
    assert (await reader.read(a_request("x", revision=1))).problem is None


async def test_articles_are_matched_under_the_named_revision_only(reader: WorkerReader) -> None:
    article = Article(ArticleId("a1"), FEED, title="fine")
    assert (await reader.match([article], 1))[0].keys.item == b"\x01"
    assert await reader.match([], 7) == ()
    with pytest.raises(StaleRevision):
        await reader.match([article], 7)


async def test_nothing_is_explained_by_rules_that_are_not_in_use(reader: WorkerReader) -> None:
    with pytest.raises(StaleRevision):
        await reader.explain(Article(ArticleId("a1"), FEED), 7)


async def test_matching_that_ends_its_worker_is_an_error_and_the_worker_is_replaced(reader: WorkerReader) -> None:
    with pytest.raises(ParseError) as caught:
        await reader.match([Article(ArticleId("a1"), FEED, title="exit")], 1)
    assert caught.value.kind == FetchProblemKind.READ_CRASHED
    assert (await reader.read(a_request("next"))).title == "next"


async def test_reading_without_rules_is_refused(tmp_path: Path) -> None:
    reader = WorkerReader(1, work=AS_TOLD)
    with pytest.raises(StaleRevision):
        await reader.read(a_request("x"))
    await reader.close()


async def test_close_ends_the_workers_and_what_they_work_on(tmp_path: Path) -> None:
    reader = WorkerReader(1, work=AS_TOLD)
    await reader.use(RuleSource(1, ()))
    pid = await worker_of(reader)
    async with asyncio.TaskGroup() as group:
        endless = ReadLimits(deadline=timedelta(hours=1))
        task = group.create_task(reader.read(a_request("pause", limits=endless)))
        await asyncio.sleep(0)
        await reader.close()
    assert task.result().problem is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_process_that_cannot_be_started_for_want_of_descriptors_blames_no_document() -> None:
    reader = WorkerReader(1, work=AS_TOLD)
    with no_descriptors_left():
        await reader.use(RuleSource(1, ()))
        with pytest.raises(OutOfDescriptors):
            await reader.read(a_request("hello"))
    assert (await reader.read(a_request("hello", limits=SMALL))).problem is None
    await reader.close()
