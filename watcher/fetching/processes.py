"""A process that can be killed at any moment without harm to its neighbours: each has a pipe of its own, and no lock is shared.

Processes come from a fork server, which has imported everything once: a new one costs about 10 ms, and no thread or descriptor of the main
process is inherited.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import signal
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.util import Finalize
from typing import Any

import structlog

from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import ParseError
from watcher.fetching.worker import BEGUN, DONE, EXIT_MEMORY, FAILED, Order, Work, serve

START_SECONDS = 60.0
"""For starting a process, importing, and compiling the rules; not part of a document's own budget."""

log = structlog.get_logger()

_WALL_PER_CPU = 4
"""The processor seconds of an order are counted by the kernel; this times as long by the clock is the backstop on a busy machine."""

_RECYCLE_BYTES = 256 * 1024 * 1024
_RECYCLE_ORDERS = 5000

_STRANGERS = (-signal.SIGKILL, -signal.SIGTERM, 255)
"""Ends that somebody else caused (the kernel short of memory, an administrator, the fork server gone): worth another try."""


class WorkFailed(ParseError):
    """The work raised an exception; the text is its traceback."""

    def __init__(self, trace: str) -> None:
        super().__init__(trace, kind=FetchProblemKind.READ_CRASHED)


class WorkerProcess:
    """One worker and its pipe; `run` is called by one thread at a time, `kill` by any."""

    def __init__(self, context: ForkServerContext, work: Work) -> None:
        self._context = context
        self._work = work
        self._process: ForkServerProcess | None = None
        self._pipe: Connection | None = None
        self._orders = 0
        self._closed = False
        self._unwanted = False
        # At the end of the program processes are asked politely and then waited for, but ours do not listen.
        self._at_exit = Finalize(self, WorkerProcess.kill, args=(self,), exitpriority=10)

    def run(self, order: Order) -> Any:  # noqa: ANN401 - whatever the order's job gives
        """Return the result of an order. Blocks; starts the process when there is none.

        Raises:
            ParseError: kind read_timeout, read_memory or read_crashed; the process was replaced.
            WorkFailed: the work raised; the process lives.
        """
        self._unwanted = False
        try:
            return self._run(order)
        except _Stranger as first:
            try:
                if self._unwanted or self._closed:
                    raise
                return self._run(order)
            except _Stranger as error:
                raise ParseError(str(error), kind=FetchProblemKind.READ_CRASHED) from first
        finally:
            if self._process is None and not self._closed:
                self._start()  # now, so that the next order does not wait for it

    def kill(self) -> None:
        """End the process now, because nobody wants the answer; what it works on ends with a ParseError."""
        self._unwanted = True
        self._end()

    def close(self) -> None:
        """End the process for good."""
        self._closed = True
        self.kill()
        self._at_exit.cancel()

    def _end(self) -> None:
        process = self._process
        if process is not None:
            with contextlib.suppress(ValueError):  # the other thread was quicker
                process.kill()

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(theirs, self._work), name="reader", daemon=True)
        try:
            process.start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._process, self._pipe, self._orders = process, ours, 0
        if self._closed:
            self._end()

    def _run(self, order: Order) -> Any:  # noqa: ANN401 - see `run`
        if self._process is None:
            self._start()
        assert self._pipe is not None
        try:
            self._pipe.send(order)
            answer = self._receive(START_SECONDS)
            if answer[0] == BEGUN:
                answer = self._receive(order.cpu_seconds * _WALL_PER_CPU)
        except TimeoutError as error:
            self._end()
            self._bury()
            raise _too_long(order) from error
        except (EOFError, OSError) as error:
            raise _died(self._bury(), order) from error
        if answer[0] == FAILED:
            raise WorkFailed(answer[1])
        assert answer[0] == DONE
        for remark in answer[3]:
            log.warning("reader remarks", remark=remark)
        self._orders += 1
        if answer[2] > _RECYCLE_BYTES or self._orders >= _RECYCLE_ORDERS:
            self._end()
            self._bury()
        return pickle.loads(answer[1])  # noqa: S301 - from our own worker

    def _receive(self, seconds: float) -> tuple[Any, ...]:
        assert self._pipe is not None
        if not self._pipe.poll(seconds):
            raise TimeoutError
        answer: tuple[Any, ...] = self._pipe.recv()
        return answer

    def _bury(self) -> int:
        """Return the exit code of the dead process and forget it."""
        process, pipe = self._process, self._pipe
        assert process is not None
        assert pipe is not None
        process.join(5)
        if process.exitcode is None:  # it closed its pipe but lives on
            process.kill()
            process.join()
        code = process.exitcode
        self._process, self._pipe = None, None
        pipe.close()
        process.close()
        return code if code is not None else 255


class _Stranger(Exception):
    """The process was ended from outside."""


def _too_long(order: Order) -> ParseError:
    return ParseError(
        f"reading it took more than {order.cpu_seconds:g} s of processor time and was stopped",
        kind=FetchProblemKind.READ_TIMEOUT,
    )


def _died(code: int, order: Order) -> Exception:
    if code == -signal.SIGPROF:
        return _too_long(order)
    if code == EXIT_MEMORY:
        return ParseError(
            f"reading it needed more than {order.memory_bytes >> 20} MiB of memory and was stopped",
            kind=FetchProblemKind.READ_MEMORY,
        )
    how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
    if code in _STRANGERS:
        return _Stranger(f"the process that read it was ended {how}")
    return ParseError(f"the process that read it ended {how}", kind=FetchProblemKind.READ_CRASHED)


def fork_server() -> ForkServerContext:
    """Return the context in which workers are started, with what they need imported beforehand."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["watcher.fetching.worker"])
    return context
