"""Log lines go through a thread of their own, so that a standard error that nobody reads holds up nothing else."""

from __future__ import annotations

import contextlib
import io
import os
import select
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, TextIO

import structlog

log = structlog.get_logger()

MOST_BYTES: Final = 1024 * 1024
"""So much waits to be written; what comes beyond it is left out and counted."""

_LAST_SECONDS: Final = 2.0


class LineWriter:
    """A text stream onto a file descriptor that never blocks its writers.

    One thread writes, to the descriptor itself: at the end of the process nobody waits for it, nor for a lock that it
    holds. Once there is room again `tell` is called, in that thread, with the number of lines that are missing; it
    may log.
    """

    def __init__(self, descriptor: int, tell: Callable[[int], None], most_bytes: int = MOST_BYTES) -> None:
        self._descriptor = descriptor
        self._tell = tell
        self._most_bytes = most_bytes
        self._changed = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._left_out = 0
        self._thread: threading.Thread | None = None
        self.left_out = 0
        """How many lines were left out so far."""

    def isatty(self) -> bool:
        """Return whether a person reads it."""
        return os.isatty(self._descriptor)

    def write(self, text: str) -> int:
        """Take a line, to be written soon, and return its length."""
        data = text.encode("utf-8", "backslashreplace")
        with self._changed:
            if self._waiting_bytes + len(data) > self._most_bytes:
                self._left_out += 1
                self.left_out += 1
                return len(text)
            self._waiting.append(data)
            self._waiting_bytes += len(data)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="log", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return len(text)

    def flush(self) -> None:
        """Return at once: what was taken is on its way."""

    def drain(self, seconds: float = _LAST_SECONDS) -> bool:
        """Wait until all that was taken is written, at most so long; return whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._left_out, seconds)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._left_out)
                data = self._waiting[0] if self._waiting else b""
                left_out = 0 if data else self._left_out
            if data:
                self._put(data)
            else:
                self._tell(left_out)
            with self._changed:
                if data:
                    self._waiting.popleft()
                    self._waiting_bytes -= len(data)
                self._left_out -= left_out
                self._changed.notify_all()

    def _put(self, data: bytes) -> None:
        """Write all of it; where the other end is gone, there is nobody to tell."""
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:  # somebody made the terminal non-blocking for all who share it
                select.select((), (self._descriptor,), ())
            except OSError:
                return


@contextlib.contextmanager
def log_lines(stream: TextIO) -> Iterator[TextIO | LineWriter]:
    """Give what to write logs to instead of `stream`; at the end what was logged is written, unless nobody takes it
    for two seconds.
    """
    try:
        descriptor = stream.fileno()
    except io.UnsupportedOperation:
        yield stream
        return
    stream.flush()
    writer = LineWriter(descriptor, lambda count: log.warning("log lines left out, nobody took them", count=count))
    try:
        yield writer
    finally:
        writer.drain()
