"""Worker processes never outlive the program, however it ends, and the real work runs in them."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from watcher.core.matching.name_table import NameRow
from watcher.core.matching.name_table_made import Making
from watcher.core.model.ids import FeedId, RuleId
from watcher.core.model.outcome import ReadRequest
from watcher.core.model.rule import AllOf, Concept, ConceptRef, NamesFile, Rule, RuleSource, Term
from watcher.lexicon.name_files import made_by, put
from watcher.reading.readers import WorkerReader

PROGRAM = """
import asyncio, pathlib, sys
from tests.fakes.reader_work import AS_TOLD
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import ReadRequest
from watcher.core.model.policy import ReadLimits
from watcher.core.model.rule import RuleSource
from watcher.reading.readers import WorkerReader
from datetime import timedelta

async def main():
    reader = WorkerReader(1, work=AS_TOLD)
    await reader.use(RuleSource(1, ()))
    print((await reader.read(ReadRequest(FeedId("f"), b"who", "", 1))).site_url, flush=True)
    sys.stdin.readline()  # until the worker is watched
    if sys.argv[2] == "busy":
        limits = ReadLimits(deadline=timedelta(hours=1))
        await reader.read(ReadRequest(FeedId("f"), b"busy", "", 1, limits=limits))
    if sys.argv[2] == "idle":
        await asyncio.Event().wait()

if __name__ == "__main__":
    asyncio.run(main())
"""

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Wire</title>
<item><guid>1</guid><title>Pyongyang sends shells to Moscow</title><link>https://wire.example/1</link></item>
<item><guid>2</guid><title>Weather</title><link>https://wire.example/2</link></item>
</channel></rss>"""


@contextmanager
def program(tmp_path: Path, state: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a program with one worker; give the process and a descriptor that becomes readable when the worker has
    ended.
    """
    script = tmp_path / "program.py"
    script.write_text(PROGRAM, encoding="utf-8")
    root = str(Path(__file__).parents[3])
    process = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path), state],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        worker = os.pidfd_open(int(process.stdout.readline()))
        process.stdin.write("\n")
        process.stdin.flush()
        try:
            yield process, worker
        finally:
            process.kill()
            os.close(worker)


def has_ended(worker: int, *, seconds: float) -> bool:
    return bool(select.select([worker], [], [], seconds)[0])


pidfd = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux")


@pidfd
@pytest.mark.parametrize("state", ["idle", "busy"])
def test_worker_dies_with_a_program_that_is_killed(tmp_path: Path, state: str) -> None:
    with program(tmp_path, state) as (process, worker):
        process.send_signal(signal.SIGKILL)
        assert has_ended(worker, seconds=20)


@pidfd
def test_program_that_forgot_to_close_ends_all_the_same(tmp_path: Path) -> None:
    with program(tmp_path, "done") as (process, worker):
        assert process.wait(20) == 0
        assert has_ended(worker, seconds=20)


async def test_real_documents_are_read_and_matched(tmp_path: Path) -> None:
    reader = WorkerReader(1)
    rule = Rule(RuleId("arms"), "Arms", AllOf((Term("Pyongyang"), Term("shell*"))))
    await reader.use(RuleSource(7, (rule,)))
    reading = await reader.read(ReadRequest(FeedId("f1"), FEED.encode(), "https://wire.example/rss", 7))
    again = await reader.match([read.article for read in reading.articles], 7)
    told = [await reader.explain(read.article, 7) for read in reading.articles]
    await reader.close()

    assert (reading.problem, reading.whole, reading.revision, reading.title) == (None, True, 7, "Wire")
    assert [[match.rule for match in read.matches] for read in reading.articles] == [["arms"], []]
    assert again == reading.articles
    assert [[one.matched for one in each.explanations] for each in told] == [[True], [False]]


async def test_names_of_a_large_list_are_found_in_the_workers_and_made_again_when_their_file_went(
    tmp_path: Path,
) -> None:
    making = Making("imo")
    making.add(NameRow("Angara\x1f\x1f1", 2, 2))
    making.add(NameRow("Pyongyang Star\x1fPyongyang\x1f9", 3, 3))
    whole = making.packed()
    path = put([tmp_path / "names"], "list", "abc", whole)
    made_by(path, lambda: whole)
    vessels = Concept(
        "vessels", (Term("Angara"),), rows={"Angara": "Angara"}, table=NamesFile(str(path), "abc", 3, "imo")
    )
    reader = WorkerReader(1)
    told = []
    for revision in (1, 2):
        path.unlink()
        source = RuleSource(revision, (Rule(RuleId("ships"), "Ships", ConceptRef("vessels")),), {"vessels": vessels})
        await reader.use(source)
        reading = await reader.read(ReadRequest(FeedId("f1"), FEED.encode(), "https://wire.example/rss", revision))
        told.append([match.groups[0].asks for read in reading.articles for match in read.matches])
    await reader.close()
    assert told == [["Pyongyang Star (IMO 9), row 3"]] * 2
