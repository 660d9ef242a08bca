"""The worker process's side: takes one order at a time over its pipe, and is killed by the kernel when an order costs too much.

An order is answered by (BEGUN,) once imports and rules are ready, so that only the work itself is measured, and then by
(DONE, pickled result, peak bytes, remarks for the log); or by (FAILED, traceback).
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import resource
import signal
import stat
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, assert_never

from watcher.core.matching.explain import nearest
from watcher.core.model.article import Article
from watcher.core.model.explanation import Nearest
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import Reading, ReadRequest
from watcher.core.model.rule import RuleSource
from watcher.core.read import match_articles, read_document
from watcher.fetching import dictionaries
from watcher.fetching.extras import compile_with_extras

BEGUN, DONE, FAILED = "begun", "done", "failed"

EXIT_MEMORY = 86
"""How a worker ends that ran into its memory limit."""

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker does, as module-level functions, so that they can be named to another process."""

    compile: Callable[[RuleSource, Any], Any] = compile_with_extras
    read: Callable[[ReadRequest, Any], Reading] = read_document
    match: Callable[[Sequence[Article], Any], tuple[ReadArticle, ...]] = match_articles
    explain: Callable[[Any, Article], Nearest] = nearest


class Job(Enum):
    """What to do with the value of an order."""

    PREPARE = "prepare"
    READ = "read"
    MATCH = "match"
    EXPLAIN = "explain"


@dataclass(frozen=True, slots=True)
class Order:
    """One piece of work; `rules` is the file that holds the rules of `revision`."""

    job: Job
    value: Any
    rules: str
    revision: int
    cpu_seconds: float
    memory_bytes: int


def serve(pipe: Connection, work: Work) -> None:
    """Work on orders until the pipe closes. Runs in the worker process and ends it."""
    _isolate()
    rules = _Rules(work)
    while True:
        try:
            order: Order = pipe.recv()
            _limit_memory(order.memory_bytes)
            pipe.send(_answer(order, work, rules, pipe))
        except MemoryError:
            os._exit(EXIT_MEMORY)  # what is left of the heap is not worth keeping
        except (EOFError, OSError):
            os._exit(0)  # nobody is there any more


@dataclass(slots=True)
class _Rules:
    """The compiled rules of one revision."""

    work: Work
    compiled: Any = None
    revision: int | None = None

    def of(self, order: Order) -> Any:  # noqa: ANN401 - whatever Work.compile gives
        if self.revision != order.revision:
            previous, self.compiled, self.revision = self.compiled, None, None
            gc.unfreeze()
            self.compiled = self.work.compile(_load(Path(order.rules)), previous)
            self.revision = order.revision
            del previous
            gc.collect()
            gc.freeze()  # rules stay, and are many: looking through them for garbage at every few articles costs more than matching
        return self.compiled


def _answer(order: Order, work: Work, rules: _Rules, pipe: Connection) -> tuple[Any, ...]:
    try:
        compiled = rules.of(order)
        pipe.send((BEGUN,))
        result = _do(order, work, compiled)
        # Packed here: what cannot be packed is a failure of this order, not of the worker.
        return (DONE, pickle.dumps(result, pickle.HIGHEST_PROTOCOL), _peak_bytes(), dictionaries.notes())
    except (MemoryError, BrokenPipeError):
        raise
    except Exception:  # noqa: BLE001 - the foot of the worker's loop: a surprise goes back as text and is logged there
        return (FAILED, traceback.format_exc(limit=-8))


def _do(order: Order, work: Work, rules: Any) -> Any:  # noqa: ANN401 - whatever the job gives
    # SIGPROF after so much CPU time, and nothing handles it: the kernel ends us even inside a C function that never returns.
    signal.setitimer(signal.ITIMER_PROF, order.cpu_seconds)
    try:
        match order.job:
            case Job.READ:
                return work.read(order.value, rules)
            case Job.MATCH:
                return work.match(order.value, rules)
            case Job.EXPLAIN:
                return work.explain(rules, order.value)
            case Job.PREPARE:
                return None
            case _:
                assert_never(order.job)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _isolate() -> None:
    """Leave stopping to the parent, and never outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold what was read
    if sys.platform == "linux":
        # The parent is the fork server, a process of one thread that ends with the main process.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _let_the_fork_server_end()


def _let_the_fork_server_end() -> None:
    """Close our end of the fork server's life line: a busy worker that held it would keep the server, and so itself, alive."""
    server: Any = getattr(forkserver, "_forkserver", None)  # private, but every child is given the descriptor in it
    descriptor: int | None = getattr(server, "_forkserver_alive_fd", None)
    if descriptor is not None:
        os.close(descriptor)
        server._forkserver_alive_fd = None


def _peak_bytes() -> int:
    """Return the most memory that this process ever held, less the dictionaries: they stay, and a new process would load them again."""
    return _most_bytes() - dictionaries.memory_bytes()


def _most_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _limit_memory(memory_bytes: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _load(path: Path) -> RuleSource:
    """Return the rules that our own main process wrote.

    Raises:
        PermissionError: the file belongs to somebody else, or others may write it; unpickling it would run their code.
    """
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
            raise PermissionError(f"{path} is not ours alone")
        source: RuleSource = pickle.load(file)  # noqa: S301 - checked above
    return source
