"""Reads documents in worker processes: a document that eats time or memory costs its own worker, and nobody else.

1. `use` packs the rules of a revision; a worker is given them with the first order that names that revision.
2. `read`, `match` and `explain` wait for an idle worker, which is the only queue: callers are held up when all are
   busy.
3. A worker that is stopped is replaced, and its document becomes a reading with a problem.
4. What a worker answers is about what it was asked: its document's feed and revision, or it is no answer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import structlog

from watcher.core.model.article import Article
from watcher.core.model.explanation import Nearest
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import FeedProblem, FetchProblemKind, Reading, ReadRequest
from watcher.core.model.page import PageRead, PageRequest
from watcher.core.model.policy import ReadLimits
from watcher.core.model.rule import NamesFile, RuleSource
from watcher.errors import OutOfDescriptors, ParseError, StaleRevision
from watcher.lexicon.name_files import make_whole
from watcher.reading.processes import Task, WorkerProcess, WorkFailed
from watcher.reading.starting import fork_server
from watcher.reading.worker import RULES, Job, Order, Work

log = structlog.get_logger()

_KEPT_REVISIONS = 2


class WorkerReader:
    """Implements ports.Reader with `workers` processes, one or more."""

    def __init__(self, workers: int, *, work: Work | None = None) -> None:
        self._count = workers
        self._revisions: dict[int, bytes] = {}
        self._names: dict[int, tuple[NamesFile, ...]] = {}
        context = fork_server()
        self._workers = [WorkerProcess(context, work or Work()) for _ in range(self._count)]
        self._idle: asyncio.Queue[WorkerProcess] = asyncio.Queue()
        for worker in self._workers:
            self._idle.put_nowait(worker)
        self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="reader")

    async def use(self, source: RuleSource) -> None:
        """Make `source` the rules for its revision, and let idle workers compile them now; the revision before the
        last is forgotten.
        """
        packed = await asyncio.to_thread(RULES.pack, source)
        self._revisions.pop(source.revision, None)
        self._revisions[source.revision] = packed
        self._names[source.revision] = tuple(one.table for one in source.concepts.values() if one.table is not None)
        while len(self._revisions) > _KEPT_REVISIONS:
            oldest = next(iter(self._revisions))
            del self._revisions[oldest], self._names[oldest]
        async with asyncio.TaskGroup() as group:
            for _ in range(self._idle.qsize()):
                group.create_task(self._prepare(source.revision))

    async def read(self, request: ReadRequest) -> Reading:
        """Return what the document holds; a worker that was stopped, or failed, gives a reading with a problem.

        A document that waited while its revision was forgotten is read under the newest rules, and says so by its
        `revision`.

        Raises:
            StaleRevision: `use` was never called.
            OutOfDescriptors: no process could be started; the document is not to blame.
        """
        try:
            reading: Reading = await self._do(Job.READ, request, request.revision, request.limits)
        except WorkFailed as error:
            log.error("reading failed", feed_id=request.feed, traceback=str(error))
            return _unread(request, error, "reading it failed by a mistake of ours; the log has the details")
        except ParseError as error:
            log.warning("reading was stopped", feed_id=request.feed, reason=error.kind)
            return _unread(request, error, str(error))
        if not _answers(request, reading):
            log.error("reader answered for another feed", feed_id=request.feed)
            strange = "the process that read it answered for another feed"
            return _unread(request, ParseError(strange, kind=FetchProblemKind.READ_CRASHED), strange)
        return reading

    async def match(self, articles: Sequence[Article], revision: int) -> tuple[ReadArticle, ...]:
        """Return the same articles, with their keys, matched under the rules of `revision`.

        Raises:
            StaleRevision: the revision is not held any more.
            ParseError: the worker was stopped or failed.
        """
        if not articles:
            return ()
        self._check(revision)
        matched: tuple[ReadArticle, ...] = await self._do(Job.MATCH, tuple(articles), revision, ReadLimits())
        if [each.article for each in matched] != list(articles):
            raise ParseError(
                "the process that matched them answered for other articles", kind=FetchProblemKind.READ_CRASHED
            )
        return matched

    async def explain(self, article: Article, revision: int) -> Nearest:
        """Return why the rules of `revision` that come nearest to the article fire or stay quiet; raises as `match`."""
        self._check(revision)
        told: Nearest = await self._do(Job.EXPLAIN, article, revision, ReadLimits())
        return told

    async def page(self, request: PageRequest) -> PageRead:
        """Return an article with the text of its page, matched under the rules of the request; raises as `match`."""
        self._check(request.revision)
        read: PageRead = await self._do(Job.PAGE, request, request.revision, request.limits)
        if read.read is not None and read.read.article.id != request.article.id:
            raise ParseError(
                "the process that read it answered for another article", kind=FetchProblemKind.READ_CRASHED
            )
        return read

    async def close(self) -> None:
        """End all workers now."""
        for worker in self._workers:
            worker.close()
        await asyncio.to_thread(self._threads.shutdown)

    def _check(self, revision: int) -> None:
        if revision not in self._revisions:
            raise StaleRevision(f"the rules of revision {revision} are not in use")

    async def _prepare(self, revision: int) -> None:
        try:
            await self._do(Job.PREPARE, None, revision, ReadLimits())
        except (ParseError, OutOfDescriptors) as error:
            log.error("rules could not be prepared", revision=revision, reason=str(error))

    async def _do(self, job: Job, value: Any, revision: int, limits: ReadLimits) -> Any:  # noqa: ANN401 - what the job takes and gives
        worker = await self._idle.get()
        try:
            task = self._task(job, value, revision, limits)
            future = self._threads.submit(_run, worker, task, self._names[task.order.revision])
        except BaseException:
            self._idle.put_nowait(worker)
            raise
        future.add_done_callback(self._returner(worker))
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            worker.kill()  # nobody wants the answer; its thread sees the end and gives the worker back
            raise

    def _returner(self, worker: WorkerProcess) -> Any:  # noqa: ANN401 - a callback for any Future
        loop = asyncio.get_running_loop()

        def give_back(_: Future[Any]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed, nobody waits any more
                loop.call_soon_threadsafe(self._idle.put_nowait, worker)

        return give_back

    def _task(self, job: Job, value: Any, revision: int, limits: ReadLimits) -> Task:  # noqa: ANN401 - see `_do`
        if not self._revisions:
            raise StaleRevision("no rules are in use yet")
        if revision not in self._revisions:
            revision = next(reversed(self._revisions))
        order = Order(job, revision, limits.deadline.total_seconds(), limits.memory_bytes)
        return Task(order, value, self._revisions[revision])


def _run(worker: WorkerProcess, task: Task, names: Sequence[NamesFile]) -> Any:  # noqa: ANN401 - see `_do`
    """Return the result of a task; the names of large lists are where the process looks for them."""
    for file in names:
        if make_whole(file):
            log.warning("the names of a list were gone, and made again", file=file.path)
    return worker.run(task)


def _unread(request: ReadRequest, error: ParseError, message: str) -> Reading:
    problem = FeedProblem(FetchProblemKind(error.kind), message)
    return Reading(request.feed, request.revision, whole=False, problem=problem, identity=request.identity)


def _answers(request: ReadRequest, reading: Reading) -> bool:
    """Say whether a reading is about the document that was asked for: a worker speaks for its feed alone."""
    return reading.feed == request.feed and all(read.article.feed == request.feed for read in reading.articles)
