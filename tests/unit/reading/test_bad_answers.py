"""A reader process that was taken over can answer nonsense: the poll ends with a problem, the process is ended, and
the next one reads.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from multiprocessing import forkserver

import pytest
import pytest_asyncio

from tests.fakes.reader_work import ANSWERS, AS_TOLD, OTHERS
from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import FetchProblemKind, Reading, ReadRequest
from watcher.core.model.policy import ReadLimits
from watcher.core.model.rule import RuleSource
from watcher.errors import ParseError
from watcher.reading.codec import Codec
from watcher.reading.readers import WorkerReader
from watcher.reading.worker import NOTES, Notes

FEED = FeedId("f1")
SHORT = ReadLimits(deadline=timedelta(milliseconds=100))
FINE = Codec[Reading](Reading).pack(Reading(FEED, 1))
NOTHING_TO_SAY = NOTES.pack(Notes(0))


class Bomb:
    """Runs a command where it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("kill -9 $PPID",)


def frames(*parts: bytes) -> bytes:
    return b"".join(struct.pack("!i", len(part)) + part for part in parts)


def a_request(body: bytes, url: str = "end") -> ReadRequest:
    return ReadRequest(FEED, body, url, 1, limits=SHORT)


@pytest_asyncio.fixture
async def reader() -> AsyncIterator[WorkerReader]:
    reader = WorkerReader(1, work=ANSWERS)
    await reader.use(RuleSource(1, ()))
    yield reader
    await reader.close()


@pytest.mark.parametrize(
    "answer",
    [
        frames(pickle.dumps(Bomb())),
        frames(b"done", NOTHING_TO_SAY, pickle.dumps(Bomb())),
        frames(b"done", pickle.dumps(Bomb()), FINE),
        frames(b"done", NOTHING_TO_SAY, b"[" * 200_000),
        frames(b"done", NOTHING_TO_SAY, b"[]"),
        frames(b"done", NOTHING_TO_SAY, b""),
        frames(b"done", NOTHING_TO_SAY, FINE.replace(b"1", b'"1"')),
        frames(b"done", b"[" + b"9" * 5000 + b",[]]", FINE),
        frames(b"begun", b"begun"),
        frames(b"what"),
        frames(b""),
        frames(b"done", NOTHING_TO_SAY) + struct.pack("!i", -1) + b"\x7f" * 8,
        frames(b"done", NOTHING_TO_SAY) + struct.pack("!i", 2**31 - 1),
        frames(b"failed") + struct.pack("!i", 2**30),
    ],
    ids=lambda answer: repr(answer[4:20]),
)
async def test_answer_that_makes_no_sense_is_a_problem_of_its_poll(reader: WorkerReader, answer: bytes) -> None:
    reading = await reader.read(a_request(answer))

    assert reading.problem is not None
    assert (reading.problem.kind, reading.articles) == (FetchProblemKind.READ_CRASHED, ())
    again = await reader.read(a_request(frames(b"done", NOTHING_TO_SAY, FINE)))
    assert again.problem is None


@pytest.mark.parametrize(
    "answer",
    [b"", b"\x00", struct.pack("!i", 9), frames(b"done"), frames(b"done", NOTHING_TO_SAY) + b"\x00\x00\x10\x00["],
)
async def test_answer_that_stops_in_the_middle_is_waited_for_no_longer_than_a_hanging_document(
    reader: WorkerReader, answer: bytes
) -> None:
    reading = await reader.read(a_request(answer, "hang"))
    assert reading.problem is not None
    assert reading.problem.kind is FetchProblemKind.READ_TIMEOUT


async def test_worker_cannot_speak_for_another_feed(reader: WorkerReader) -> None:
    other = Article(ArticleId("a1"), FeedId("another"))
    smuggled = Reading(FEED, 1, (ReadArticle(other, ArticleKeys(b"1" * 16, b"")),))
    for reading in (smuggled, replace(smuggled, feed=other.feed, articles=())):
        answer = frames(b"done", NOTHING_TO_SAY, Codec[Reading](Reading).pack(reading))
        told = await reader.read(a_request(answer, "live"))
        assert told.problem is not None
        assert told.problem.message == "the process that read it answered for another feed"
        assert (told.feed, told.articles) == (FEED, ())


async def test_worker_that_ends_between_two_documents_costs_the_next_one_nothing(reader: WorkerReader) -> None:
    answer = frames(b"done", NOTHING_TO_SAY, FINE)
    assert [(await reader.read(a_request(answer))).problem for _ in range(4)] == [None] * 4


async def test_worker_cannot_match_what_nobody_asked_about() -> None:
    reader = WorkerReader(1, work=OTHERS)
    await reader.use(RuleSource(1, ()))
    with pytest.raises(ParseError, match="other articles"):
        await reader.match([Article(ArticleId("a1"), FEED)], 1)
    await reader.close()


async def test_what_a_worker_says_reaches_no_terminal_raw(
    reader: WorkerReader, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = NOTES.pack(Notes(0, ("\x1b]0;owned\x07",)))
    await reader.read(a_request(frames(b"done", notes, FINE)))
    await reader.read(a_request(frames(b"failed", b"\x1b[2Jgone")))
    shown = capsys.readouterr()
    assert "\x1b]0" not in shown.out + shown.err
    assert "\x1b[2J" not in shown.out + shown.err


async def test_death_of_the_fork_server_costs_at_most_a_problem_and_readers_come_back() -> None:
    reader = WorkerReader(2, work=AS_TOLD)
    await reader.use(RuleSource(1, ()))
    request = ReadRequest(FEED, b"next", "u", 1)
    assert (await reader.read(request)).problem is None

    for _ in range(3):
        server = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined] # there is no public name
        os.kill(server, signal.SIGKILL)
        readings = [await reader.read(request) for _ in range(4)]
        assert {reading.problem.kind for reading in readings if reading.problem} <= {FetchProblemKind.READ_CRASHED}
        assert readings[-1].problem is None
    await reader.close()
