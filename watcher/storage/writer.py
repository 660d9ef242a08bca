"""The two ways to the database: one thread that writes whole transactions, and a few that read."""

from __future__ import annotations

import asyncio
import concurrent.futures
import random
import threading
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine

from watcher.errors import StorageError
from watcher.storage import dialects
from watcher.storage.sqlite import READERS
from watcher.storage.wakeups import Heard

_T = TypeVar("_T")

QUEUE = 64
"""Transactions that may wait for the writer; callers beyond that wait in the event loop."""

URGENT_IN_A_ROW = 8
"""So many urgent transactions go ahead of an ordinary one that waits; then it has its turn."""

Noticed = Callable[[StorageError], None]
"""Is called with every error of the database, in the thread that met it; must be quick."""

_BUSY_TRIES = 4


def _unnoticed(error: StorageError) -> None:
    """Nobody looks at the errors of this database but those who asked."""


def _as_our_error(error: BaseException, noticed: Noticed) -> StorageError:
    """Return our error for one of the driver's, after it was noticed."""
    ours = dialects.storage_error(error)
    noticed(ours)
    return ours


async def finish(future: concurrent.futures.Future[_T]) -> _T:
    """Return the future's result; a caller that is cancelled waits until the work has ended or was taken back.

    So nothing is written behind the back of somebody who gave up.
    """
    wrapped = asyncio.wrap_future(future)
    try:
        return await asyncio.shield(wrapped)
    except asyncio.CancelledError:
        if not future.cancel():
            while not wrapped.done():
                try:
                    await asyncio.wait([wrapped])
                except asyncio.CancelledError:
                    continue  # asked again: the answer is the same, the transaction is nearly over
            if not wrapped.cancelled():
                wrapped.exception()  # looked at, so that it is not reported as forgotten
        raise


class Lanes:
    """Two queues for one thread: urgent work goes first, and ordinary work has its turn after `URGENT_IN_A_ROW` of it.

    Each `put` is answered by one `take`, from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._urgent: deque[Callable[[], None]] = deque()
        self._ordinary: deque[Callable[[], None]] = deque()
        self._in_a_row = 0

    def put(self, work: Callable[[], None], *, urgent: bool) -> None:
        """Queue a piece of work."""
        with self._lock:
            (self._urgent if urgent else self._ordinary).append(work)

    def take(self) -> Callable[[], None]:
        """Return what is to be done now; there must be something."""
        with self._lock:
            ordinary_is_next = not self._urgent or (self._ordinary and self._in_a_row >= URGENT_IN_A_ROW)
            self._in_a_row = 0 if ordinary_is_next else self._in_a_row + 1
            return (self._ordinary if ordinary_is_next else self._urgent).popleft()


class Writer:
    """Runs functions of a connection one after the other, each as one transaction that is committed whole or not at
    all.

    What sends alerts is `urgent`: on a machine that is short of CPU it must not queue behind polls.
    """

    def __init__(self, engine: Engine, noticed: Noticed = _unnoticed) -> None:
        self._engine = engine
        self._noticed = noticed
        self._thread = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._lanes = Lanes()
        self._room = {urgent: asyncio.Semaphore(QUEUE) for urgent in (True, False)}
        self._stopping = threading.Event()
        self._connection: Connection | None = None
        self._is_committing = False
        self._begun = 0
        self._in_hand = 0

    @property
    def is_shared(self) -> bool:
        """Return whether other processes may write at the same time."""
        return dialects.has_others(self._engine)

    @property
    def in_hand(self) -> int:
        """Return the number of the transaction that is under way, 0 for none: one that stays the same stands still."""
        return self._in_hand

    async def run(self, work: Callable[[Connection], _T], *, urgent: bool = False, turn: bool = True) -> _T:
        """Return what `work` returns, once it is committed; see `transaction` for `turn`.

        Raises:
            StorageError: the database refused; nothing was written.
        """
        async with self._room[urgent]:
            return await finish(self._submit(lambda: self.transaction(work, turn=turn), urgent=urgent))

    async def outside(self, work: Callable[[Connection], _T]) -> _T:
        """Return what `work` returns, run between transactions."""
        async with self._room[False]:
            return await finish(self._submit(lambda: self._outside(work)))

    def run_now(self, work: Callable[[Connection], _T], *, turn: bool = True) -> _T:
        """As `run`, for a caller without an event loop (opening)."""
        return self._submit(lambda: self.transaction(work, turn=turn)).result()

    def run_outside_now(self, work: Callable[[Connection], _T]) -> _T:
        """As `outside`, for a caller without an event loop."""
        return self._submit(lambda: self._outside(work)).result()

    def listener(self, heard: Heard) -> dialects.Closes:
        """Return what hears of others who write, see `dialects.listener`."""
        return dialects.listener(self._engine, heard)

    def close(self) -> None:
        """Finish what was submitted, fold the log and close."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._thread.submit(self._hang_up).result()
        self._thread.shutdown(wait=True)
        self._engine.dispose()

    def _submit(self, work: Callable[[], _T], *, urgent: bool = False) -> concurrent.futures.Future[_T]:
        future: concurrent.futures.Future[_T] = concurrent.futures.Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - as an executor does: the caller gets it, the thread goes on
                future.set_exception(error)

        self.queue(run, urgent=urgent)
        return future

    def queue(self, run: Callable[[], None], *, urgent: bool = False) -> None:
        """Have the writer's thread call `run` in its turn; that answers by itself and raises nothing.

        Raises:
            StorageError: the store is closed.
        """
        if self._stopping.is_set():
            raise StorageError("the store is closed")
        self._lanes.put(run, urgent=urgent)
        self._thread.submit(self._work_next)

    def _work_next(self) -> None:
        self._lanes.take()()

    def _connect(self) -> Connection:
        if self._connection is None or self._connection.closed or self._connection.invalidated:
            self._connection = self._engine.connect()
        return self._connection

    def transaction(self, work: Callable[[Connection], _T], *, turn: bool = True) -> _T:
        """Return what `work` returns, once it is committed; in the writer's thread, see `queue`.

        Transactions with a `turn` follow one another over all processes; one without has none but its own rows to
        itself (dialects.begin).

        Where another program holds a lock or the connection is lost, it is tried again with growing pauses: what was
        cut short before its commit left nothing behind. What became of a commit that was cut short nobody knows.
        """
        for attempt in range(_BUSY_TRIES):
            self._is_committing = False
            try:
                return self._once(work, turn)
            except dialects.driver_errors() as error:
                if self._is_committing or not dialects.is_busy(error) or attempt == _BUSY_TRIES - 1:
                    raise _as_our_error(error, self._noticed) from error
            self._pause(attempt)
        raise AssertionError("unreachable")

    def _once(self, work: Callable[[Connection], _T], turn: bool) -> _T:
        self._begun += 1
        self._in_hand = self._begun
        try:
            return self._whole(work, turn)
        finally:
            self._in_hand = 0

    def _whole(self, work: Callable[[Connection], _T], turn: bool) -> _T:
        connection = self._connect()
        try:
            dialects.begin(connection, turn=turn)
            result = work(connection)
            self._is_committing = True
            connection.commit()
        except dialects.driver_errors() as error:
            self._roll_back(connection)
            if dialects.is_elsewhere(error):
                connection.close()  # each later transaction would be refused on it
            raise
        except BaseException:
            self._roll_back(connection)
            raise
        return result

    def _pause(self, attempt: int) -> None:
        self._stopping.wait(0.05 * 2**attempt * (1 + random.random()))  # noqa: S311

    def _roll_back(self, connection: Connection) -> None:
        try:
            connection.rollback()
        except dialects.driver_errors():
            # The connection itself is gone (a full disk may do that); the next transaction opens a new one.
            connection.invalidate()
            connection.close()

    def _outside(self, work: Callable[[Connection], _T]) -> _T:
        try:
            return work(self._connect())
        except dialects.driver_errors() as error:
            raise _as_our_error(error, self._noticed) from error
        finally:
            if self._connection is not None and not self._connection.closed:
                self._roll_back(self._connection)

    def _hang_up(self) -> None:
        if self._connection is None or self._connection.closed:
            return
        try:
            dialects.checkpoint(self._connection)
        except dialects.driver_errors():
            return  # the log stays beside the file and is read at the next start
        finally:
            self._connection.close()


class Readers:
    """Runs functions of a read-only connection in a small pool of threads; each sees one state of the database."""

    def __init__(self, engine: Engine, noticed: Noticed = _unnoticed) -> None:
        self._engine = engine
        self._noticed = noticed
        self._threads = concurrent.futures.ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")

    async def run(self, work: Callable[[Connection], _T]) -> _T:
        """Return what `work` returns.

        Raises:
            StorageError: the database refused.
        """
        try:
            future = self._threads.submit(self._read, work)
        except RuntimeError as error:
            raise StorageError("the store is closed") from error
        return await finish(future)

    def run_now(self, work: Callable[[Connection], _T]) -> _T:
        """As `run`, for a caller without an event loop (opening)."""
        return self._threads.submit(self._read, work).result()

    def close(self) -> None:
        """Finish what was asked and close."""
        self._threads.shutdown(wait=True)
        self._engine.dispose()

    def _read(self, work: Callable[[Connection], _T]) -> _T:
        try:
            with self._engine.connect() as connection:
                return work(connection)
        except dialects.driver_errors() as error:
            raise _as_our_error(error, self._noticed) from error
