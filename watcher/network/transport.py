"""The httpx transport below the client: one connection for one request, dialled by the guard.

Connections are not kept: at thousands of hosts a kept one is hardly ever used again, and a new one is always checked
anew.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any

import httpcore
import httpx

from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import BlockedAddress, FetchDetail, FetchError, OutOfDescriptors
from watcher.network.descriptors import is_shortage
from watcher.network.guard import AddressGuard

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_LONGEST_END = 3  # bytes of an end of head that may have come before the last ones
_LARGEST_HEAD_BYTES = 128 * 1024  # httpcore gives up at 100 KiB of one head, and never at many informational ones
_HEAD_READ_BYTES = 4096
_READS_A_TURN = 4
_READ_BUFFER_BYTES = 64 * 1024


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends one request over one new connection. `extensions` of a request: `allow_private` (CIDR blocks; None =
    where a redirect led), `connect` (timedelta).
    """

    def __init__(self, guard: AddressGuard, tls: ssl.SSLContext) -> None:
        self._guard = guard
        self._tls = tls

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer with its body still to be read; closing it closes the connection.

        Raises:
            BlockedAddress: the address was refused.
            FetchError: it could not be reached.
            httpcore.ProtocolError, httpcore.NetworkError: the exchange broke.
        """
        url = request.url
        backend = _GuardedBackend(
            self._guard, request.extensions.get("allow_private", ()), request.extensions.get("connect")
        )
        if url.port == 0:  # to the library below, as if none was named
            raise BlockedAddress(f"{url.host} port 0 was not dialled, since no server has that port; name another")
        port = url.port or (443 if url.scheme == "https" else 80)
        connection = httpcore.AsyncHTTPConnection(
            httpcore.Origin(url.raw_scheme, url.raw_host, port), ssl_context=self._tls, network_backend=backend
        )
        assert isinstance(request.stream, httpx.AsyncByteStream)
        try:
            answer = await connection.handle_async_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=request.stream,
                )
            )
        except BaseException:
            backend.close()
            raise
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer, backend), extensions={"wire": backend.stream}
        )


class _Body(httpx.AsyncByteStream):
    """The body of an answer, as it comes over the wire; owns the connection."""

    def __init__(self, answer: httpcore.Response, backend: _GuardedBackend) -> None:
        self._answer = answer
        self._backend = backend

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._answer.aiter_stream():
            yield part

    async def aclose(self) -> None:
        try:
            await self._answer.aclose()
        finally:
            self._backend.close()


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens the one connection of one request."""

    def __init__(self, guard: AddressGuard, allow_private: tuple[str, ...] | None, patience: timedelta | None) -> None:
        self._guard = guard
        self._allow_private = allow_private
        self._patience = patience or timedelta(seconds=10)
        self.stream: WireStream | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        connection = await self._guard.dial(host, port, self._allow_private, self._patience)
        self.stream = WireStream(connection, self._patience)
        return self.stream

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise FetchError("sockets of this machine are not dialled", kind=FetchProblemKind.BLOCKED_ADDRESS)

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing is retried here")

    def close(self) -> None:
        if self.stream is not None:
            self.stream.close()


class WireStream(httpcore.AsyncNetworkStream):
    """Bytes over a connected socket, plain or TLS; counts them, so that an answer longer than it says is noticed."""

    def __init__(self, connection: socket.socket, patience: timedelta) -> None:
        self._socket = connection
        self._patience = patience
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._received = 0
        self._head = bytearray()
        self._searched = 0
        self._reads = 0
        self._head_bytes: int | None = None

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
    ) -> httpcore.AsyncNetworkStream:
        """Return this stream, now encrypted, with the certificate checked against the name that was asked for.

        Raises:
            FetchError: tls; or timeout.
        """
        name = server_hostname or ""
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                self._streams = await asyncio.open_connection(
                    sock=self._socket, ssl=ssl_context, server_hostname=name, limit=_READ_BUFFER_BYTES
                )
        except TimeoutError as error:
            raise FetchError(
                f"{name} did not finish its TLS greeting within {self._patience.total_seconds():g} s",
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
        return self

    async def read(
        self,
        max_bytes: int,
        # the signature is httpcore's; the exchange as a whole has a deadline
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> bytes:
        """Return the next bytes, at most `max_bytes`, and few while the head is still to come; empty at the end.

        What lies in the buffer is returned without waiting, so that a sender who is quicker than we are would never
        let others have a turn.
        """
        reader, _ = await self._opened()
        self._reads += 1
        if self._reads % _READS_A_TURN == 0:
            await asyncio.sleep(0)
        try:
            data = await reader.read(max_bytes if self._head_bytes is not None else min(max_bytes, _HEAD_READ_BYTES))
        except (OSError, EOFError) as error:
            raise httpcore.ReadError(str(error)) from error
        self._note(data)
        return data

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
    ) -> None:
        """Send bytes, and wait while the receiver is behind."""
        if not buffer:
            return
        _, writer = await self._opened()
        try:
            writer.write(buffer)
            await writer.drain()
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        """Close at once."""
        self.close()

    def close(self) -> None:
        """Close at once, without waiting for the other side; may be called again."""
        if self._streams is not None:
            self._streams[1].transport.abort()
        else:
            self._socket.close()

    def get_extra_info(self, info: str) -> None:
        """Return None: nothing above needs to know."""

    def surplus(self, content_length: int) -> int:
        """Return how many bytes have come behind an answer whose body is said to have `content_length` bytes; 0 if
        unknown.
        """
        if self._head_bytes is None:
            return 0
        return max(0, self._received - self._head_bytes - content_length)

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(sock=self._socket, limit=_READ_BUFFER_BYTES)
        return self._streams

    def _note(self, data: bytes) -> None:
        """Count what came, and find where the head of the answer ends.

        Raises:
            httpcore.RemoteProtocolError: there is no end of heads; a server may say "103 Early Hints" for ever.
        """
        self._received += len(data)
        if self._head_bytes is not None:
            return
        self._head += data
        while (end := _END_OF_HEAD.search(self._head, max(0, self._searched - _LONGEST_END))) is not None:
            informational = self._head.startswith((b"HTTP/1.1 1", b"HTTP/1.0 1"))
            if not informational:
                self._head_bytes = self._received - len(self._head) + end.end()
                self._head.clear()
                return
            # An informational answer (103) comes with a head of its own before the real one.
            del self._head[: end.end()]
            self._searched = 0
        self._searched = len(self._head)
        if self._received > _LARGEST_HEAD_BYTES:
            raise httpcore.RemoteProtocolError("the head of the answer does not end")
