"""The answer to one request, read from its connection by h11."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import TypeAlias

import h11
import httpx

from watcher.network.wire import Wire

Headers: TypeAlias = list[tuple[bytes, bytes]]

_LARGEST_EVENT_BYTES = 100 * 1024
"""Of one head; h11 counts what is not yet whole."""

_LARGEST_HEAD_BYTES = 128 * 1024
"""Of all heads together: a server may say "103 Early Hints" for ever."""

_TOO_LONG = f"the head of its answer does not end within {_LARGEST_EVENT_BYTES // 1024} KiB"
_HEAD_READ_BYTES = 4096
_BODY_READ_BYTES = 64 * 1024

# Possessive, so that no text is looked through twice.
_FIELD = rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]++:[ \t]*+[^\x00-\x08\x0a-\x1f\x7f]*+\r\n"
_NOT_MODIFIED = re.compile(rb"HTTP/1\.[01] 304(?: [\t\x20-\x7e]*+)?\r\n((?:" + _FIELD + rb")*+)\r\n")
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class BrokenExchange(Exception):
    """The connection ended, or the other side does not speak HTTP. `said` says how, "" = it just ended."""

    def __init__(self, said: str = "") -> None:
        super().__init__(said)
        self.said = said


def quick_head(data: bytes) -> Headers | None:
    """Return the headers of a whole "not modified" in its usual form; None for all else, which h11 reads.

    Most answers are this one, which has no body, and h11 takes longer to read it than all else of its request.
    """
    found = _NOT_MODIFIED.fullmatch(data)
    if found is None:
        return None
    lines = found.group(1).split(b"\r\n")[:-1]
    headers = [(name, value.strip(b" \t")) for name, _, value in (line.partition(b":") for line in lines)]
    return None if any(name.lower() in _FRAMING for name, _ in headers) else headers


class Body(httpx.AsyncByteStream):
    """An answer, as it comes over the wire; owns the connection, until it gives that to `keep` where the answer was
    read whole and leaves it as it was before.
    """

    def __init__(self, wire: Wire, method: str, keep: Callable[[Wire], None] | None = None) -> None:
        self._wire = wire
        self._method = method
        self._keep = keep
        self._connection: h11.Connection | None = None

    async def head(self) -> tuple[int, Headers]:
        """Return status and headers of the final answer; informational ones (103) before it are passed over.

        Raises:
            BrokenExchange: there is none, or no end of heads.
        """
        data = await self._read(_HEAD_READ_BYTES)
        headers = quick_head(data) if self._keep is None else None
        if headers is not None:
            return HTTPStatus.NOT_MODIFIED.value, headers
        self._connection = _asked(self._method, is_last=self._keep is None)
        head = await self._read_head(self._connection, data)
        return head.status_code, list(head.headers.raw_items())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (connection := self._connection) is not None:
            event = _next(connection)
            if event is h11.NEED_DATA:
                connection.receive_data(await self._read(_BODY_READ_BYTES))
            elif isinstance(event, h11.Data):
                yield bytes(event.data)
            else:
                return

    def surplus(self) -> int:
        """Return how many bytes have come behind the body."""
        return 0 if self._connection is None else len(self._connection.trailing_data[0])

    async def aclose(self) -> None:
        """Close the connection at once, or give it away."""
        keep, self._keep = self._keep, None
        if keep is not None and self._is_whole():
            keep(self._wire)
        else:
            self._wire.close()

    def _is_whole(self) -> bool:
        connection = self._connection
        if connection is None:
            return False
        try:
            if connection.their_state is h11.SEND_BODY:
                connection.next_event()  # an answer without a body ends here
        except h11.RemoteProtocolError:
            return False
        return connection.their_state is h11.DONE and connection.our_state is h11.DONE and not self.surplus()

    async def _read_head(self, connection: h11.Connection, data: bytes) -> h11.Response:
        received = 0
        while True:
            received += len(data)
            if received > _LARGEST_HEAD_BYTES:
                raise BrokenExchange(_TOO_LONG)
            if not data and connection.their_state is h11.SEND_RESPONSE:
                raise BrokenExchange("Server disconnected without sending a response.")
            connection.receive_data(data)
            while (event := _next(connection)) is not h11.NEED_DATA:
                if isinstance(event, h11.Response):
                    return event
                if not isinstance(event, h11.InformationalResponse) or event.status_code == 101:
                    raise BrokenExchange("it answered in another protocol")
            data = await self._read(_HEAD_READ_BYTES)

    async def _read(self, most: int) -> bytes:
        try:
            return await self._wire.read(most)
        except OSError as error:
            raise BrokenExchange from error


def _asked(method: str, *, is_last: bool) -> h11.Connection:
    """Return a connection over which a request with this method went, after which it closes if that `is_last`; of the
    request h11 needs no more.
    """
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_EVENT_BYTES)
    headers = [("Host", "-"), *([("Connection", "close")] if is_last else [])]
    connection.send(h11.Request(method=method, target="/", headers=headers))
    connection.send(h11.EndOfMessage())
    return connection


def _next(connection: h11.Connection) -> object:
    try:
        return connection.next_event()
    except h11.RemoteProtocolError as error:
        is_long = error.error_status_hint == 431  # a line or a head that does not end
        raise BrokenExchange(_TOO_LONG if is_long else str(error)) from error
