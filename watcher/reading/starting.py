"""How processes are begun: by a fork server that has imported what workers need, or as a copy of this one."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from multiprocessing import forkserver
from multiprocessing.context import ForkContext, ForkServerContext


def fork_server() -> ForkServerContext:
    """Return the context in which workers are started, with what they need imported beforehand."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["watcher.reading.worker", "charset_normalizer"])
    return context


def begin_fork_server() -> None:
    """Begin the server that workers come from, so that it imports beside whoever called; Ctrl-C is not for it."""
    fork_server()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def copying() -> ForkContext | ForkServerContext:
    """Return the context in which a process begins at once, as a copy of this one: with all that is imported, which
    takes a second of processor time in a fork server. Only where no other thread could hold a lock for ever in the
    copy; else it is that of `fork_server`.
    """
    return multiprocessing.get_context("fork") if threading.active_count() == 1 else fork_server()
