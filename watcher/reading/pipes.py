"""Our end of the pipe to a process that is not trusted: whole frames, each way within a time, and of a bounded
length.
"""

from __future__ import annotations

import os
import select
import struct
import time
from multiprocessing.connection import Connection
from typing import Final

MOST_FRAME_BYTES: Final = 128 * 1024 * 1024
_LENGTH = struct.Struct(
    "!i"
)  # as multiprocessing.connection frames bytes; its own `recv_bytes` waits without an end for the rest
_PIECE_BYTES = 1 << 20


class BadFrame(ValueError):
    """The other end announced a frame that is longer than allowed."""


class FramedPipe:
    """Sends and receives what the other end takes and gives by `send_bytes` and `recv_bytes`; used by one thread at a
    time.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        os.set_blocking(connection.fileno(), False)

    def send(self, *frames: bytes, seconds: float) -> None:
        """Send frames.

        Raises:
            TimeoutError: the other end did not take them within the time.
            OSError: it is closed.
        """
        until = time.monotonic() + seconds
        for frame in frames:
            for part in (_LENGTH.pack(len(frame)), frame):
                self._send(memoryview(part), until)

    def wait(self, *, seconds: float) -> None:
        """Wait until something can be received, or the other end is closed.

        Raises:
            TimeoutError: nothing came within the time.
        """
        self._wait(select.POLLIN, time.monotonic() + seconds)

    def receive(self, *, seconds: float, most: int = MOST_FRAME_BYTES) -> bytes:
        """Return the next frame, at most `most` bytes.

        Raises:
            TimeoutError: it did not come, or not wholly, within the time.
            EOFError: the other end is closed.
            BadFrame: it is longer, or its length makes no sense.
        """
        until = time.monotonic() + seconds
        (length,) = _LENGTH.unpack(self._receive(_LENGTH.size, until))
        if not 0 <= length <= most:
            raise BadFrame(f"a frame of {length} bytes")
        return self._receive(length, until)

    def close(self) -> None:
        """Close our end."""
        self._connection.close()

    def _send(self, left: memoryview, until: float) -> None:
        while left:
            self._wait(select.POLLOUT, until)
            try:
                left = left[os.write(self._connection.fileno(), left[:_PIECE_BYTES]) :]
            except BlockingIOError:
                continue

    def _receive(self, length: int, until: float) -> bytes:
        parts: list[bytes] = []
        while length:
            self._wait(select.POLLIN, until)
            try:
                part = os.read(self._connection.fileno(), min(length, _PIECE_BYTES))
            except BlockingIOError:
                continue
            if not part:
                raise EOFError
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    def _wait(self, event: int, until: float) -> None:
        poll = select.poll()
        poll.register(self._connection.fileno(), event)
        if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
            raise TimeoutError
