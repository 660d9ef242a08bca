"""Code that runs in a reader process can do little but answer."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fakes.reader_work import ATTEMPTS
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import ReadRequest
from watcher.core.model.rule import RuleSource
from watcher.reading.confine import kept_from
from watcher.reading.readers import WorkerReader

confined = pytest.mark.skipif("network" not in kept_from(), reason="this system cannot confine a process")


@pytest_asyncio.fixture
async def reader() -> AsyncIterator[WorkerReader]:
    reader = WorkerReader(1, work=ATTEMPTS)
    await reader.use(RuleSource(1, ()))
    yield reader
    await reader.close()


async def what_came(reader: WorkerReader, attempt: str) -> str:
    reading = await reader.read(ReadRequest(FeedId("f1"), attempt.encode(), "https://wire.example/feed", 1))
    assert reading.problem is None, reading.problem
    return reading.title


@confined
@pytest.mark.parametrize("attempt", ["dial", "pair", "run", "fork", "spawn", "ring", "kill {me}", "limits {me}"])
async def test_worker_reaches_no_network_no_program_and_no_other_process(reader: WorkerReader, attempt: str) -> None:
    assert await what_came(reader, attempt.format(me=os.getpid())) in {"EPERM", "EACCES"}


@confined
@pytest.mark.parametrize("attempt", ["write", "append", "remove", "rename", "mode"])
async def test_worker_changes_no_file(reader: WorkerReader, tmp_path: Path, attempt: str) -> None:
    file = tmp_path / "kept"
    file.write_text("kept", encoding="utf-8")
    before = file.stat().st_mode

    assert await what_came(reader, f"{attempt} {file}") in {"EPERM", "EACCES"}
    assert (file.read_text(encoding="utf-8"), file.stat().st_mode) == ("kept", before)


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@confined
@pytest.mark.parametrize("attempt", ["starve {me}", "signal {me}", "type"])
async def test_worker_neither_slows_down_nor_signals_another_process_nor_types_into_a_terminal(
    reader: WorkerReader, attempt: str
) -> None:
    assert await what_came(reader, attempt.format(me=os.getpid())) == "EPERM"


@confined
@pytest.mark.parametrize("attempt", ["clock", "lock", "hold", "watch"])
async def test_worker_neither_sets_the_clock_nor_locks_or_watches_files_of_others(
    reader: WorkerReader, tmp_path: Path, attempt: str
) -> None:
    (tmp_path / "watcher.lock").write_text("17", encoding="utf-8")
    assert await what_came(reader, f"{attempt} {tmp_path / 'watcher.lock'}") == "EPERM"


@confined
@pytest.mark.parametrize("attempt", ["write", "folder"])
async def test_worker_makes_no_file(reader: WorkerReader, tmp_path: Path, attempt: str) -> None:
    assert await what_came(reader, f"{attempt} {tmp_path / 'new'}") in {"EPERM", "EACCES"}
    assert names_in(tmp_path) == []


async def test_worker_still_reads_the_files_of_its_dictionaries(reader: WorkerReader, tmp_path: Path) -> None:
    (tmp_path / "dictionary").write_text("words", encoding="utf-8")
    assert await what_came(reader, f"read {tmp_path / 'dictionary'}") == "done"
