"""Resolves names in threads of its own, so that names whose servers hang cannot hold up the others.

A system look-up cannot be cancelled; a hanging one keeps its thread until the system gives up. Therefore look-ups of
one name share a thread, at most so many threads exist, the caller waits a bounded time, and the threads never hold up
the end of the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import FetchError, OutOfDescriptors
from watcher.network.descriptors import lacks_descriptors

MOST_THREADS = 32

PATIENCE = timedelta(seconds=10)

Lookup = Callable[[str], Sequence[str]]
"""A blocking look-up: a name to its addresses as text; raises OSError, or ValueError for what is no name."""

_Answer = tuple[str, ...] | OSError


def system_lookup(host: str) -> Sequence[str]:
    """Return all addresses that the system knows for a name, in the system's order, each once.

    Raises:
        OSError: the name does not exist or its servers failed.
    """
    answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


class Resolver:
    """Looks names up, without a cache of its own; belongs to one event loop."""

    def __init__(
        self, lookup: Lookup = system_lookup, *, threads: int = MOST_THREADS, patience: timedelta = PATIENCE
    ) -> None:
        self._lookup = lookup
        self._places = asyncio.Semaphore(threads)
        self._patience = patience
        self._running: dict[str, asyncio.Future[_Answer]] = {}

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return the addresses of a name, at least one.

        Raises:
            FetchError: kind dns; the name does not exist, has no address, or no answer came in time.
            OutOfDescriptors: this machine can ask nobody; the name is not to blame.
        """
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                answer = await self._ask(host)
        except TimeoutError as error:
            seconds = self._patience.total_seconds()
            raise _dns_error(host, f"the name server did not answer within {seconds:g} s") from error
        if isinstance(answer, OSError):
            if not _is_about_the_name(answer) and lacks_descriptors(answer):
                raise OutOfDescriptors(f"no file descriptor is left to look {host} up") from answer
            raise _dns_error(host, _reason(answer)) from answer
        if not answer:
            raise _dns_error(host, "the name has no address")
        return answer

    async def _ask(self, host: str) -> _Answer:
        if host not in self._running:
            await self._places.acquire()
            if host in self._running:  # somebody else asked while this one waited for a place
                self._places.release()
            else:
                self._start(host)
        return await asyncio.shield(self._running[host])

    def _start(self, host: str) -> None:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Answer] = loop.create_future()
        self._running[host] = future

        def finish(answer: _Answer) -> None:
            del self._running[host]
            self._places.release()
            if not future.done():
                future.set_result(answer)

        def work() -> None:
            try:
                answer: _Answer = tuple(self._lookup(host))
            except OSError as error:
                answer = error
            except ValueError as error:  # of the name codec
                answer = OSError(f"not a valid name: {error}")
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile, nobody waits any more
                loop.call_soon_threadsafe(finish, answer)

        try:
            threading.Thread(target=work, name="resolve", daemon=True).start()
        except RuntimeError:  # the system gives no more threads
            finish(OSError(errno.ENOMEM, "no thread left for looking it up"))


def _is_about_the_name(error: OSError) -> bool:
    return isinstance(error, socket.gaierror) and error.errno in (socket.EAI_NONAME, socket.EAI_NODATA)


def _reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        if error.errno in (socket.EAI_NONAME, socket.EAI_NODATA):
            return "the name does not exist"
        if error.errno == socket.EAI_AGAIN:
            return "the name server does not answer"
    return str(error.strerror or error)


def _dns_error(host: str, reason: str) -> FetchError:
    return FetchError(f"{host} cannot be found: {reason}", kind=FetchProblemKind.DNS)
