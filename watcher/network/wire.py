"""Bytes over one connected socket, plain or TLS; who reads and writes has the deadline of its whole exchange."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import timedelta
from typing import Protocol

from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import FetchDetail, FetchError, OutOfDescriptors
from watcher.network.descriptors import is_shortage

_READS_A_TURN = 4
_READ_BUFFER_BYTES = 64 * 1024


class Wire(Protocol):
    """Bytes in both directions, until it is closed."""

    async def read(self, most: int) -> bytes:
        """Return the next bytes, at most so many; empty at the end. Raises OSError."""
        ...

    async def write(self, data: bytes) -> None:
        """Send bytes, and wait while the receiver is behind. Raises OSError."""
        ...

    async def is_quiet(self) -> bool:
        """Return whether it is open and nothing came that nobody read."""
        ...

    def close(self) -> None:
        """Close at once, without waiting for the other side; may be called again."""
        ...


class PlainWire:
    """A connected, non-blocking socket as it is."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._loop = asyncio.get_running_loop()
        self._reads = 0

    async def read(self, most: int) -> bytes:
        """Return the next bytes.

        What has come already is returned without waiting, so that a sender who is quicker than we are would never let
        others have a turn.
        """
        self._reads += 1
        if self._reads % _READS_A_TURN == 0:
            await asyncio.sleep(0)
        return await self._loop.sock_recv(self.socket, most)

    async def write(self, data: bytes) -> None:
        """Send bytes."""
        await self._loop.sock_sendall(self.socket, data)

    async def is_quiet(self) -> bool:
        """Return whether it is open and nothing came."""
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Close at once."""
        self.socket.close()


class TlsWire:
    """An encrypted connection; made by `encrypted`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._reads = 0

    async def read(self, most: int) -> bytes:
        """Return the next bytes; others get a turn as in `PlainWire`."""
        self._reads += 1
        if self._reads % _READS_A_TURN == 0:
            await asyncio.sleep(0)
        try:
            return await self._reader.read(most)
        except EOFError as error:
            raise ConnectionResetError(str(error)) from error

    async def write(self, data: bytes) -> None:
        """Send bytes."""
        self._writer.write(data)
        await self._writer.drain()

    async def is_quiet(self) -> bool:
        """Return whether it is open and nothing came."""
        try:
            async with asyncio.timeout(0):
                await self._reader.read(1)
        except TimeoutError:
            return not self._writer.is_closing()
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Close at once."""
        self._writer.transport.abort()


async def encrypted(wire: PlainWire, name: str, tls: ssl.SSLContext, patience: timedelta) -> TlsWire:
    """Return a connection that is encrypted from here on, with the certificate checked against `name`.

    Raises:
        FetchError: tls; or timeout.
        OutOfDescriptors: this machine has nothing left for it.
    """
    try:
        async with asyncio.timeout(patience.total_seconds()):
            streams = await asyncio.open_connection(
                sock=wire.socket, ssl=tls, server_hostname=name, limit=_READ_BUFFER_BYTES
            )
    except TimeoutError as error:
        raise FetchError(
            f"{name} did not finish its TLS greeting within {patience.total_seconds():g} s",
            kind=FetchProblemKind.TIMEOUT,
            detail=FetchDetail(asked=False),
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise FetchError(
            f"{name} has no valid certificate: {error.verify_message}", kind=FetchProblemKind.TLS
        ) from error
    except (ssl.SSLError, OSError) as error:
        if is_shortage(error):
            raise OutOfDescriptors(f"nothing is left for a connection to {name}") from error
        cause = getattr(error, "reason", None) or error.strerror or str(error) or "the connection was closed"
        raise FetchError(f"{name}: TLS failed: {cause}", kind=FetchProblemKind.TLS) from error
    return TlsWire(*streams)
