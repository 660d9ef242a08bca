"""The worker process's side: takes one order at a time over its pipe, and is killed by the kernel when an order costs
too much.

An order is a header, the rules where this process does not hold them yet, the value, and for a document its bytes. It
is answered by BEGUN once imports and rules are ready, so that only the work itself is measured, and then by DONE with
notes and result, or FAILED with a traceback. Both ways go values of known types, packed by `codec`: whoever takes
over a worker can send nothing but articles.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, assert_never

from watcher.core.matching.explain import nearest
from watcher.core.model.article import Article
from watcher.core.model.explanation import Nearest
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import Reading, ReadRequest
from watcher.core.model.page import PageRead, PageRequest
from watcher.core.model.rule import RuleSource
from watcher.core.read import match_articles, read_document
from watcher.lexicon import dictionaries
from watcher.lexicon.extras import compile_with_extras
from watcher.lexicon.full_text import read_page
from watcher.reading.codec import Codec
from watcher.reading.confine import confine

BEGUN: Final = b"begun"
DONE: Final = b"done"
FAILED: Final = b"failed"

EXIT_MEMORY: Final = 86
"""How a worker ends that ran into its memory limit."""

_PR_SET_PDEATHSIG = 1
_LEFT_OPEN = 3  # stdin, stdout, stderr
_MOST_DESCRIPTORS = 1024  # looked at where the system does not list them


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker does, as module-level functions, so that they can be named to another process."""

    compile: Callable[[RuleSource, Any], Any] = compile_with_extras
    read: Callable[[ReadRequest, Any], Reading] = read_document
    match: Callable[[Sequence[Article], Any], tuple[ReadArticle, ...]] = match_articles
    explain: Callable[[Any, Article], Nearest] = nearest
    page: Callable[[PageRequest, Any], PageRead] = read_page


class Job(StrEnum):
    """What to do with the value of an order."""

    PREPARE = "prepare"
    READ = "read"
    MATCH = "match"
    EXPLAIN = "explain"
    PAGE = "page"


WITH_BODY: Final = frozenset({Job.READ, Job.PAGE})
"""The bytes of a document go as they are, behind the value."""


@dataclass(frozen=True, slots=True)
class Order:
    """The header of one piece of work under the rules of `revision`; `brings_rules` = they follow, before the value."""

    job: Job
    revision: int
    cpu_seconds: float
    memory_bytes: int
    brings_rules: bool = False


@dataclass(frozen=True, slots=True)
class Notes:
    """What a worker says of itself beside a result: the most memory it ever held, and remarks for the log."""

    peak_bytes: int
    remarks: tuple[str, ...] = ()


ORDER: Final[Codec[Order]] = Codec(Order)
NOTES: Final[Codec[Notes]] = Codec(Notes)
RULES: Final[Codec[RuleSource]] = Codec(RuleSource)
ORDERED: Final[dict[Job, Codec[Any]]] = {
    Job.PREPARE: Codec(type(None)),
    Job.READ: Codec(ReadRequest),
    Job.MATCH: Codec(tuple[Article, ...]),
    Job.EXPLAIN: Codec(Article),
    Job.PAGE: Codec(PageRequest),
}
"""What each job takes; the body of a document follows on its own."""
GIVEN: Final[dict[Job, Codec[Any]]] = {
    Job.PREPARE: Codec(type(None)),
    Job.READ: Codec(Reading),
    Job.MATCH: Codec(tuple[ReadArticle, ...]),
    Job.EXPLAIN: Codec(Nearest),
    Job.PAGE: Codec(PageRead),
}
"""What each job gives."""


def serve(pipe: Connection, work: Work) -> None:
    """Work on orders until the pipe closes. Runs in the worker process and ends it."""
    _isolate(pipe)
    confine()
    rules = _Rules(work)
    while True:
        try:
            order = ORDER.unpack(pipe.recv_bytes())
            _limit_memory(order.memory_bytes)
            for frame in _answer(order, work, rules, pipe):
                pipe.send_bytes(frame)
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

    def of(self, order: Order, packed: bytes) -> Any:  # noqa: ANN401 - whatever Work.compile gives
        if order.brings_rules:
            previous, self.compiled, self.revision = self.compiled, None, None
            gc.unfreeze()
            self.compiled = self.work.compile(RULES.unpack(packed), previous)
            self.revision = order.revision
            del previous
            gc.collect()
            # rules stay, and are many: looking through them for garbage at every few articles costs more than
            # matching
            gc.freeze()
        if self.revision != order.revision:
            raise LookupError(f"the rules of revision {order.revision} never came")
        return self.compiled


def _answer(order: Order, work: Work, rules: _Rules, pipe: Connection) -> tuple[bytes, ...]:
    packed = pipe.recv_bytes() if order.brings_rules else b""
    value = pipe.recv_bytes()
    body = pipe.recv_bytes() if order.job in WITH_BODY else b""
    try:
        compiled = rules.of(order, packed)
        del packed
        pipe.send_bytes(BEGUN)
        result = _do(order, _value(order, value, body), work, compiled)
        # Packed here: what cannot be packed is a failure of this order, not of the worker.
        answer = GIVEN[order.job].pack(result)
        notes = Notes(_peak_bytes(), tuple(dictionaries.notes()))
        return DONE, NOTES.pack(notes), answer
    except (MemoryError, BrokenPipeError):
        raise
    except Exception:  # noqa: BLE001 - the foot of the worker's loop: a surprise goes back as text and is logged there
        return FAILED, traceback.format_exc(limit=-8).encode("utf-8", "replace")


def _value(order: Order, packed: bytes, body: bytes) -> Any:  # noqa: ANN401 - what the job takes
    value = ORDERED[order.job].unpack(packed)
    return replace(value, body=body) if order.job in WITH_BODY else value


def _do(order: Order, value: Any, work: Work, rules: Any) -> Any:  # noqa: ANN401 - whatever the job takes and gives
    # SIGPROF after so much CPU time, and nothing handles it: the kernel ends us even inside a C function that never
    # returns.
    signal.setitimer(signal.ITIMER_PROF, order.cpu_seconds)
    try:
        match order.job:
            case Job.READ:
                return work.read(value, rules)
            case Job.MATCH:
                return work.match(value, rules)
            case Job.EXPLAIN:
                return work.explain(rules, value)
            case Job.PAGE:
                return work.page(value, rules)
            case Job.PREPARE:
                return None
            case _:
                assert_never(order.job)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _isolate(pipe: Connection) -> None:
    """Leave stopping to the parent, never outlive it, and hold nothing open but the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold what was read
    if sys.platform == "linux":
        # The parent is the fork server, a process of one thread that ends with the main process.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # The life line of the fork server is among them: a busy worker that held it would keep the server, and so itself,
    # alive.
    server: Any = getattr(forkserver, "_forkserver", None)  # private, but every child is given the descriptor in it
    if server is not None:
        server._forkserver_alive_fd = None
    for descriptor in _open_descriptors():
        if descriptor >= _LEFT_OPEN and descriptor != pipe.fileno():
            with contextlib.suppress(OSError):  # the one by which they were listed
                os.close(descriptor)


def _open_descriptors() -> Sequence[int]:
    try:
        return [int(path.name) for path in Path("/dev/fd").iterdir()]
    except OSError:
        return range(_MOST_DESCRIPTORS)


def _peak_bytes() -> int:
    """Return the most memory that this process ever held, less the dictionaries: they stay, and a new process would
    load them again.
    """
    return _most_bytes() - dictionaries.memory_bytes()


def _most_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _limit_memory(memory_bytes: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
