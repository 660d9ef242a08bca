"""One thread for one thing that may hang: a pipe that nobody reads, a disk that takes nothing."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from datetime import timedelta


class Hangs(Exception):
    """The work is not done in time; `begun` says whether it may still have an effect."""

    def __init__(self, *, begun: bool) -> None:
        super().__init__("begun" if begun else "not begun")
        self.begun = begun


class Hand:
    """Does blocking work, one piece after the other, in a thread of its own.

    Nothing is begun while an earlier piece hangs, so that one stream or file costs one thread at most, and none of
    those that the rest of the program shares. Nobody waits for that thread at the end of the process.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Future[None], Callable[[], None]]] = deque()
        self._at_work = False

    async def do(self, work: Callable[[], None], patience: timedelta) -> None:
        """Do the work and return when it is done; what it raises is raised here.

        Raises:
            Hangs: it is not done after `patience`. What was not begun by then never will be.
        """
        future = self._begin(work)
        try:
            async with asyncio.timeout(patience.total_seconds()):
                await asyncio.wrap_future(future)
        except TimeoutError:
            if future.done() and not future.cancelled():
                raise  # the work's own error
            raise Hangs(begun=not self._take_back(future)) from None
        except asyncio.CancelledError:
            self._take_back(future)
            raise

    def do_if_free(self, work: Callable[[], None]) -> bool:
        """Begin the work if nothing else is in hand, and return whether it was begun; nobody hears what becomes of
        it.
        """
        with self._lock:
            if self._at_work:
                return False
        self._begin(work)
        return True

    def _begin(self, work: Callable[[], None]) -> Future[None]:
        future: Future[None] = Future()
        with self._lock:
            self._waiting.append((future, work))
            if not self._at_work:
                self._at_work = True
                threading.Thread(target=self._work, name="hand", daemon=True).start()
        return future

    def _take_back(self, future: Future[None]) -> bool:
        with self._lock:
            self._waiting = deque(piece for piece in self._waiting if piece[0] is not future)
        return future.cancel()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._at_work = False
                    return
                future, work = self._waiting.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - it is raised where the work is waited for
                future.set_exception(error)
            else:
                future.set_result(None)


class Hands:
    """The hands of an installation, one for each stream or file, whichever channel and configuration writes there."""

    def __init__(self) -> None:
        self._hands: dict[Hashable, Hand] = {}

    def of(self, thing: Hashable) -> Hand:
        """Return the hand of this stream or file, the same each time."""
        return self._hands.setdefault(thing, Hand())
