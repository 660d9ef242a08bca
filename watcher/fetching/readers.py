"""Reads documents in worker processes: a document that eats time or memory costs its own worker, and nobody else.

1. `use` writes the rules of a revision to a file that only we can read; a worker loads it when an order names that revision.
2. `read`, `match` and `explain` wait for an idle worker, which is the only queue: callers are held up when all are busy.
3. A worker that is stopped is replaced, and its document becomes a reading with a problem.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pickle
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from watcher.core.model.article import Article
from watcher.core.model.explanation import Nearest
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import FeedProblem, FetchProblemKind, Reading, ReadRequest
from watcher.core.model.policy import ReadLimits
from watcher.core.model.rule import RuleSource
from watcher.errors import ParseError, StaleRevision
from watcher.fetching.processes import WorkerProcess, WorkFailed, fork_server
from watcher.fetching.worker import Job, Order, Work

log = structlog.get_logger()

_KEPT_REVISIONS = 2
_FOLDER_PREFIX = "reader-"
_LOCK = "lock"


class WorkerReader:
    """Implements ports.Reader with `workers` processes; 0 = as many as we may use processors, at most four."""

    def __init__(self, workers: int, data_dir: Path, *, work: Work | None = None) -> None:
        self._count = workers or usable_processors()
        self._tmp = data_dir / "tmp"
        self._folder: Path | None = None
        self._lock: BinaryIO | None = None
        self._revisions: dict[int, Path] = {}
        context = fork_server()
        self._workers = [WorkerProcess(context, work or Work()) for _ in range(self._count)]
        self._idle: asyncio.Queue[WorkerProcess] = asyncio.Queue()
        for worker in self._workers:
            self._idle.put_nowait(worker)
        self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="reader")

    async def use(self, source: RuleSource) -> None:
        """Make `source` the rules for its revision, and let idle workers compile them now; the revision before the last is forgotten."""
        path = await asyncio.to_thread(self._write, source)
        self._revisions.pop(source.revision, None)
        self._revisions[source.revision] = path
        while len(self._revisions) > _KEPT_REVISIONS:
            self._revisions.pop(next(iter(self._revisions))).unlink(missing_ok=True)
        async with asyncio.TaskGroup() as group:
            for _ in range(self._idle.qsize()):
                group.create_task(self._prepare(source.revision))

    async def read(self, request: ReadRequest) -> Reading:
        """Return what the document holds; a worker that was stopped, or failed, gives a reading with a problem.

        A document that waited while its revision was forgotten is read under the newest rules, and says so by its `revision`.

        Raises:
            StaleRevision: `use` was never called.
        """
        try:
            reading: Reading = await self._do(Job.READ, request, request.revision, request.limits)
        except WorkFailed as error:
            log.error("reading failed", feed_id=request.feed, traceback=str(error))
            return _unread(request, error, "reading it failed by a mistake of ours; the log has the details")
        except ParseError as error:
            log.warning("reading was stopped", feed_id=request.feed, reason=error.kind)
            return _unread(request, error, str(error))
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
        return matched

    async def explain(self, article: Article, revision: int) -> Nearest:
        """Return why the rules of `revision` that come nearest to the article fire or stay quiet; raises as `match`."""
        self._check(revision)
        told: Nearest = await self._do(Job.EXPLAIN, article, revision, ReadLimits())
        return told

    async def close(self) -> None:
        """End all workers now, and delete the rule files."""
        for worker in self._workers:
            worker.close()
        await asyncio.to_thread(self._threads.shutdown)
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()

    def _check(self, revision: int) -> None:
        if revision not in self._revisions:
            raise StaleRevision(f"the rules of revision {revision} are not in use")

    async def _prepare(self, revision: int) -> None:
        try:
            await self._do(Job.PREPARE, None, revision, ReadLimits())
        except ParseError as error:
            log.error("rules could not be prepared", revision=revision, reason=str(error))

    async def _do(self, job: Job, value: Any, revision: int, limits: ReadLimits) -> Any:  # noqa: ANN401 - what the job takes and gives
        worker = await self._idle.get()
        try:
            order = self._order(job, value, revision, limits)
            future = self._threads.submit(worker.run, order)
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

    def _order(self, job: Job, value: Any, revision: int, limits: ReadLimits) -> Order:  # noqa: ANN401 - see `_do`
        if not self._revisions:
            raise StaleRevision("no rules are in use yet")
        if revision not in self._revisions:
            revision = next(reversed(self._revisions))
        return Order(
            job, value, str(self._revisions[revision]), revision, limits.deadline.total_seconds(), limits.memory_bytes
        )

    def _write(self, source: RuleSource) -> Path:
        if self._folder is None:
            self._tmp.mkdir(parents=True, exist_ok=True)
            _sweep(self._tmp)
            self._folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir=self._tmp))
            self._lock = _lock(self._folder)
        # A new name each time: a worker may be loading the old file of the same revision.
        descriptor, name = tempfile.mkstemp(prefix=f"rules-{source.revision}-", dir=self._folder)
        with os.fdopen(descriptor, "wb") as file:
            pickle.dump(source, file, pickle.HIGHEST_PROTOCOL)
        return Path(name)


def usable_processors() -> int:
    """Return how many processors this process may use, 1 to 4: its affinity, and the quota of its container (cgroup v2)."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with contextlib.suppress(OSError, ValueError):
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        if quota != "max":
            count = min(count, round(int(quota) / int(period)))
    return max(1, min(count, 4))


def _unread(request: ReadRequest, error: ParseError, message: str) -> Reading:
    problem = FeedProblem(FetchProblemKind(error.kind), message)
    return Reading(request.feed, request.revision, whole=False, problem=problem, identity=request.identity)


def _lock(folder: Path) -> BinaryIO:
    """Return the lock that says that the folder's reader lives; the system lets go of it however the process ends."""
    lock = (folder / _LOCK).open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        lock.close()
        raise
    return lock


def _sweep(tmp: Path) -> None:
    """Delete the folders of readers that were killed."""
    for folder in tmp.glob(f"{_FOLDER_PREFIX}*"):
        with contextlib.suppress(OSError):  # its reader lives, or another sweeper was quicker
            _lock(folder).close()
            shutil.rmtree(folder, ignore_errors=True)
