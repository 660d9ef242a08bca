"""Work for reader processes that behaves as badly as its document says; a module of its own, so that workers can
import it.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import resource
import signal
import socket
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import Reading, ReadRequest
from watcher.core.model.rule import RuleSource
from watcher.reading.worker import Work


def compile_nothing(source: RuleSource, previous: int | None) -> int:
    """Return the revision: all that these rules are."""
    if source.revision < 0:
        raise ValueError("rules that cannot be compiled")
    return source.revision


def read_as_told(request: ReadRequest, revision: int) -> Reading:
    """Do what the body says; for any other body return it as the title, the process id as the site."""
    match request.body.partition(b" ")[0]:
        case b"busy":
            _spin(float(request.body.partition(b" ")[2] or "inf"))
        case b"pause":
            signal.pause()
        case b"eat":
            eaten = []
            while True:
                eaten.append(bytearray(64 << 20))
        case b"exit":
            os._exit(3)
        case b"crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case b"killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case b"raise":
            raise KeyError("a mistake of ours")
        case b"big":
            return Reading(request.feed, revision, title="x" * 20_000_000)
        case b"stop":  # as a terminal or a service manager does to the whole group
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)
    return Reading(request.feed, revision, title=request.body.decode(), site_url=str(os.getpid()))


def _spin(seconds: float) -> None:
    """Use so much of the processor."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def match_as_told(articles: Sequence[Article], revision: int) -> tuple[ReadArticle, ...]:
    """Return the articles with the revision as their key, or fail where a title says so."""
    for article in articles:
        if article.title == "exit":
            os._exit(3)
    return tuple(ReadArticle(article, ArticleKeys(bytes([revision]), b"")) for article in articles)


def attempt(request: ReadRequest, revision: int) -> Reading:
    """Try what the body names, as somebody would who runs code in the worker; the title says what came."""
    what, _, path = request.body.decode().partition(" ")
    try:
        _ATTEMPTS[what](path)
    except OSError as error:
        return Reading(request.feed, revision, title=errno.errorcode[error.errno or 0])
    return Reading(request.feed, revision, title="done")


def _dial(_: str) -> None:
    with socket.socket() as ours:
        ours.connect(("127.0.0.1", 9))


def _write(path: str) -> None:
    with Path(path).open("w") as file:
        file.write("x")


def _append(path: str) -> None:
    with Path(path).open("a") as file:
        file.write("x")


def _attempt_by_number(_: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if (
        libc.syscall(425, 8, None) < 0
    ):  # io_uring_setup, which opens files behind a filter's back; the same number everywhere
        raise OSError(ctypes.get_errno(), "refused")


def _locked(path: str, lock: Callable[[int, int], None]) -> None:
    with Path(path).open("rb") as file:
        lock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)


def _set_clock(_: str) -> None:
    time.clock_settime_ns(time.CLOCK_REALTIME, time.time_ns())


def _watch(path: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.inotify_init1(0) < 0:
        raise OSError(ctypes.get_errno(), path)


_ATTEMPTS: Mapping[str, Callable[[str], object]] = {
    "dial": _dial,
    "pair": lambda _: socket.socketpair(),
    "run": lambda _: os.execv("/bin/true", ["true"]),
    "fork": lambda _: os.fork(),
    "spawn": lambda _: os.posix_spawn("/bin/true", ["true"], {}),
    "write": _write,
    "append": _append,
    "remove": lambda path: Path(path).unlink(),
    "rename": lambda path: Path(path).rename(f"{path}.old"),
    "folder": lambda path: Path(path).mkdir(),
    "mode": lambda path: Path(path).chmod(0o777),
    "kill": lambda path: os.kill(int(path), 0),
    "limits": lambda path: resource.prlimit(int(path), resource.RLIMIT_CPU),
    "ring": _attempt_by_number,
    "starve": lambda path: os.sched_setscheduler(int(path), os.SCHED_BATCH, os.sched_param(0)),
    "signal": lambda path: fcntl.fcntl(0, fcntl.F_SETOWN, int(path)),
    "type": lambda _: fcntl.ioctl(0, termios.TIOCSTI, b"x"),
    "clock": _set_clock,
    "lock": lambda path: _locked(path, fcntl.flock),
    "hold": lambda path: _locked(path, fcntl.lockf),
    "watch": _watch,
    "read": lambda path: Path(path).read_text(encoding="utf-8"),
}


AS_TOLD = Work(compile_nothing, read_as_told, match_as_told)
ATTEMPTS = Work(compile_nothing, attempt, match_as_told)


def answer_as_told(request: ReadRequest, _: int) -> Reading:
    """Write the body to the pipe as it is, as a worker that was taken over could, and end or hang as its address
    says.
    """
    (pipe,) = (int(path.name) for path in Path("/dev/fd").iterdir() if path.is_socket())
    os.write(pipe, request.body)
    if request.url == "hang":
        signal.pause()
    if request.url == "end":
        os._exit(0)
    return Reading(FeedId("another"), 1)


ANSWERS = Work(compile_nothing, answer_as_told, match_as_told)


def match_others(_: Sequence[Article], __: int) -> tuple[ReadArticle, ...]:
    """Return an article that nobody asked about."""
    return (ReadArticle(Article(ArticleId("a2"), FeedId("another")), ArticleKeys(b"", b"")),)


OTHERS = Work(compile_nothing, read_as_told, match_others)
