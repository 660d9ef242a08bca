"""A process that can be killed at any moment without harm to its neighbours: each has a pipe of its own, and no lock
is shared.

Processes come from a fork server, which has imported everything once: a new one costs about 10 ms, and no thread or
descriptor of the main process is inherited.
"""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import structlog

from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import OutOfDescriptors, ParseError
from watcher.network.descriptors import lacks_descriptors
from watcher.reading.codec import MOST_BYTES, BadData
from watcher.reading.pipes import BadFrame, FramedPipe
from watcher.reading.worker import (
    BEGUN,
    DONE,
    EXIT_MEMORY,
    FAILED,
    GIVEN,
    NOTES,
    ORDER,
    ORDERED,
    WITH_BODY,
    Order,
    Work,
    serve,
)

START_SECONDS = 60.0
"""For starting a process, importing, and compiling the rules; not part of a document's own budget."""

log = structlog.get_logger()

_WALL_PER_CPU = 4
"""The processor seconds of an order are counted by the kernel; this times as long by the clock is the backstop for what
waits and never comes to use them.
"""
_MOST_WAITS = 4
"""So often as long is waited for a process that works, but seldom has its turn: a busy machine is no fault of the
document. All of it is less than the lease of a poll.
"""
_WORKS = 0.05
"""Of its processor seconds a process that works has used at least this share in each of these times."""

_RECYCLE_BYTES = 256 * 1024 * 1024
_RECYCLE_ORDERS = 5000
_MOST_WORD_BYTES = 16
_MOST_NOTES_BYTES = _MOST_TRACE_BYTES = 64 * 1024

_STRANGERS = (-signal.SIGKILL, -signal.SIGTERM, 255)
"""Ends that somebody else caused (the kernel short of memory, an administrator, the fork server gone): worth another
try.
"""


class WorkFailed(ParseError):
    """The work raised an exception; the text is its traceback."""

    def __init__(self, trace: str) -> None:
        super().__init__(trace, kind=FetchProblemKind.READ_CRASHED)


@dataclass(frozen=True, slots=True)
class Task:
    """An order with its value and the packed rules that it names; a process that holds these very rules is not given
    them again.
    """

    order: Order
    value: Any
    rules: bytes


class WorkerProcess:
    """One worker and its pipe; `run` is called by one thread at a time, `kill` by any."""

    def __init__(self, context: ForkServerContext, work: Work) -> None:
        self._context = context
        self._work = work
        self._process: ForkServerProcess | None = None
        self._pipe: FramedPipe | None = None
        self._rules: bytes | None = None  # what the process holds
        self._begun = False
        self._orders = 0
        self._closed = False
        self._unwanted = False
        # At the end of the program processes are asked politely and then waited for, but ours do not listen.
        self._at_exit = Finalize(self, WorkerProcess.kill, args=(self,), exitpriority=10)

    def run(self, task: Task) -> Any:  # noqa: ANN401 - whatever the order's job gives
        """Return the result of a task. Blocks; starts the process when there is none.

        Raises:
            ParseError: kind read_timeout, read_memory or read_crashed; the process was replaced. An answer that is no
            answer counts as
                a crash.
            WorkFailed: the work raised; the process lives.
            OutOfDescriptors: no process could be started for want of them; the document is not to blame.
        """
        self._unwanted = False
        try:
            return self._run(task)
        except _Stranger as first:
            try:
                if self._unwanted or self._closed:
                    raise
                return self._run(task)
            except _Stranger as error:
                raise ParseError(str(error), kind=FetchProblemKind.READ_CRASHED) from first
        finally:
            if self._process is None and not self._closed:
                self._start_ahead()

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

    def _start_ahead(self) -> None:
        """Start a process now, so that the next order does not wait for it; where that fails, the next order
        says so.
        """
        try:
            self._start()
        except (_Stranger, OutOfDescriptors) as error:
            log.warning("reader process did not start", reason=str(error))

    def _start(self) -> None:
        """Start a process.

        Raises:
            OutOfDescriptors: there is none left for it.
            _Stranger: it could not be; a fork server that was killed is begun again at the next try.
        """
        try:
            ours, theirs = self._context.Pipe()
        except OSError as error:
            _check_ours(error)
            raise _Stranger(f"no pipe to a reader process could be made: {error.strerror}") from error
        process = self._context.Process(target=serve, args=(theirs, self._work), name="reader", daemon=True)
        try:
            process.start()
        except (EOFError, OSError) as error:
            ours.close()
            _check_ours(error)
            raise _Stranger(f"no reader process could be started: {str(error) or type(error).__name__}") from error
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._process, self._pipe, self._rules, self._orders = process, FramedPipe(ours), None, 0
        if self._closed:
            self._end()

    def _run(self, task: Task) -> Any:  # noqa: ANN401 - see `run`
        if self._process is None:
            self._start()
        try:
            return self._exchange(task)
        except TimeoutError as error:
            self._end()
            self._bury()
            raise ParseError(
                "reading it came to no end, and took little of the processor; it was stopped",
                kind=FetchProblemKind.READ_TIMEOUT,
            ) from error
        except (EOFError, OSError) as error:
            raise _died(self._bury(), task.order, begun=self._begun) from error
        except (BadData, BadFrame) as error:
            self._end()
            self._bury()
            message = f"the process that read it gave an answer that makes no sense ({error}) and was ended"
            raise ParseError(message, kind=FetchProblemKind.READ_CRASHED) from error

    def _exchange(self, task: Task) -> Any:  # noqa: ANN401 - see `run`
        """Send a task and return what comes back. The process is not trusted: every wait has an end, every frame a
        length and a type.
        """
        assert self._pipe is not None
        order = replace(task.order, brings_rules=self._rules is not task.rules)
        self._rules, self._begun = None, False  # until it says that it could compile them
        self._pipe.send(*_frames(order, task), seconds=START_SECONDS)
        word = self._pipe.receive(seconds=START_SECONDS, most=_MOST_WORD_BYTES)
        seconds = order.cpu_seconds * _WALL_PER_CPU
        if word == BEGUN:
            self._rules, self._begun = task.rules, True
            self._wait(order.cpu_seconds)
            word = self._pipe.receive(seconds=seconds, most=_MOST_WORD_BYTES)
        if word == FAILED:
            raise WorkFailed(_printable(self._pipe.receive(seconds=seconds, most=_MOST_TRACE_BYTES)))
        if word != DONE:
            raise BadData("no word that it may say")
        notes = NOTES.unpack(self._pipe.receive(seconds=seconds, most=_MOST_NOTES_BYTES))
        result = GIVEN[order.job].unpack(self._pipe.receive(seconds=seconds, most=MOST_BYTES))
        for remark in notes.remarks:
            log.warning("reader remarks", remark=_printable(remark.encode("utf-8", "replace")))
        self._orders += 1
        if notes.peak_bytes > _RECYCLE_BYTES or self._orders >= _RECYCLE_ORDERS:
            self._end()
            self._bury()
        return result

    def _wait(self, cpu_seconds: float) -> None:
        """Wait for the end of the work.

        Raises:
            TimeoutError: it does not come to an end; one that works all the time is ended by the kernel instead.
        """
        assert self._pipe is not None
        assert self._process is not None
        for left in reversed(range(_MOST_WAITS)):
            before = _cpu_seconds(self._process.pid)
            try:
                self._pipe.wait(seconds=cpu_seconds * _WALL_PER_CPU)
            except TimeoutError:
                if not left or _cpu_seconds(self._process.pid) - before < cpu_seconds * _WORKS:
                    raise
            else:
                return

    def _bury(self) -> int:
        """Return the exit code of the dead process and forget it."""
        process, pipe = self._process, self._pipe
        assert process is not None
        assert pipe is not None
        self._process, self._pipe = None, None
        pipe.close()
        process.join(5)
        if process.exitcode is None:  # it closed its pipe but lives on
            process.kill()
            process.join()
        code = process.exitcode
        process.close()
        return code if code is not None else 255


class _Stranger(Exception):
    """The process was ended from outside, or could not be begun."""


def _check_ours(error: OSError | EOFError) -> None:
    """Raise OutOfDescriptors where that is what a failed start came of."""
    if lacks_descriptors(error):
        raise OutOfDescriptors("no file descriptor is left for a reader process") from error


def _frames(order: Order, task: Task) -> tuple[bytes, ...]:
    rules = (task.rules,) if order.brings_rules else ()
    if order.job not in WITH_BODY:
        return (ORDER.pack(order), *rules, ORDERED[order.job].pack(task.value))
    # The bytes of a document go as they are.
    return (ORDER.pack(order), *rules, ORDERED[order.job].pack(replace(task.value, body=b"")), task.value.body)


def _printable(text: bytes) -> str:
    """Return a text of a worker for the log, without signs that move a terminal's cursor."""
    return "".join(
        sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}"
        for sign in text.decode("utf-8", "replace")
    )


def _cpu_seconds(pid: int | None) -> float:
    """Return for how long a process has had a processor; 0 where the system does not say it."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0.0
    user, system = told.rpartition(")")[2].split()[11:13]  # proc(5): fields 14 and 15
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _too_long(order: Order) -> ParseError:
    return ParseError(
        f"reading it took more than {order.cpu_seconds:g} s of processor time and was stopped",
        kind=FetchProblemKind.READ_TIMEOUT,
    )


def _died(code: int, order: Order, *, begun: bool) -> Exception:
    if code == -signal.SIGPROF:
        return _too_long(order)
    if code == EXIT_MEMORY:
        return ParseError(
            f"reading it needed more than {order.memory_bytes >> 20} MiB of memory and was stopped",
            kind=FetchProblemKind.READ_MEMORY,
        )
    how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
    if code in _STRANGERS or not begun:  # what had not begun can hardly be at fault
        return _Stranger(f"the process that read it was ended {how}")
    return ParseError(f"the process that read it ended {how}", kind=FetchProblemKind.READ_CRASHED)
