"""The httpx transport below the client: one connection for one request, dialled by the guard.

Connections are not kept, but for a moment where the request says so (kept.py): at thousands of hosts a kept one is
hardly ever used again, and a new one is always checked anew. Through a proxy the guard checks the proxy's address,
which is what is dialled, and as much of the target as can be seen here: an address in its place, and where a redirect
or a document leads what its name says to us too. What a configured name means to the proxy is the proxy's to know.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx

from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import BlockedAddress, FetchError
from watcher.network.answer import Body
from watcher.network.guard import AddressGuard
from watcher.network.kept import KeptWires
from watcher.network.wire import PlainWire, Wire, encrypted

_PATIENCE = timedelta(seconds=10)
_PORTS = {"http": 80, "https": 443}

_NAME = re.compile(rb"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_VALUE = re.compile(rb"(?:[^\x00-\x20\x7f](?:[^\x00-\x08\x0a-\x1f\x7f]*[^\x00-\x20\x7f])?)?")
_TARGET = re.compile(rb"[\x21-\x7e]+")
"""A token, a field value and a target as RFC 9110 (sections 5.1, 5.5) and RFC 9112 (section 3.2) write them."""


class UnsendableRequest(Exception):
    """A header of the request cannot be sent; the text does not say which, since its value may be a secret."""


@dataclass(frozen=True, slots=True)
class ProxyRoute:
    """A proxy, its address to dial and what it wants to know; `allow_private` are the blocks it may be in."""

    host: str
    port: int
    authorization: str = ""
    allow_private: tuple[str, ...] = ()


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends one request over one new connection. `extensions` of a request: `allow_private` (CIDR blocks; None =
    where a redirect or a document led), `connect` (timedelta), `proxy` (ProxyRoute), `tls` (ssl.SSLContext in place of
    the usual), `keeps` (bool: the connection may serve the next such request).
    """

    def __init__(self, guard: AddressGuard, tls: ssl.SSLContext) -> None:
        self._guard = guard
        self._tls = tls
        self._kept = KeptWires()

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        self._kept.close()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer with its body still to be read; closing it closes the connection.

        Raises:
            BlockedAddress: the address was refused.
            FetchError: it could not be reached.
            BrokenExchange, UnsendableRequest: it was reached, and the exchange came to nothing.
        """
        if request.url.port == 0:
            raise BlockedAddress(
                f"{request.url.host} port 0 was not dialled, since no server has that port; name another"
            )
        sent = _written(request, await request.aread())
        wire, keep = await self._wire(request)
        body = Body(wire, request.method, keep)
        try:
            await _send(wire, sent)
            status, headers = await body.head()
        except BaseException:
            wire.close()
            raise
        return httpx.Response(status, headers=headers, stream=body)

    async def _wire(self, request: httpx.Request) -> tuple[Wire, Callable[[Wire], None] | None]:
        """Return a connection for a request, and what may keep it, or None."""
        extensions = request.extensions
        if not extensions.get("keeps") or extensions.get("proxy") is not None:
            return await self._connected(request), None
        url, tls = request.url, extensions.get("tls")
        place = (url.scheme, url.raw_host, url.port, extensions.get("allow_private", ()), tls)
        kept = await self._kept.take(place)
        dialled_at = asyncio.get_running_loop().time() if kept is None else kept[1]
        wire = await self._connected(request) if kept is None else kept[0]
        return wire, self._kept.keeper(place, dialled_at)

    async def _connected(self, request: httpx.Request) -> Wire:
        url, patience = request.url, request.extensions.get("connect") or _PATIENCE
        host, port = url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme]
        allowed, route = request.extensions.get("allow_private", ()), request.extensions.get("proxy")
        if route is None:
            wire = PlainWire(await self._guard.dial(host, port, allowed, patience))
        else:
            await self._guard.check_beyond(host, port, allowed)
            wire = PlainWire(await self._guard.dial(route.host, route.port, route.allow_private, patience))
        if url.scheme == "http":
            return wire
        try:
            if route is not None:
                await _tunnel(wire, host, port, route)
            return await encrypted(wire, host, request.extensions.get("tls") or self._tls, patience)
        except BaseException:
            wire.close()
            raise


def _written(request: httpx.Request, content: bytes) -> bytes:
    """Return a request as it goes over the wire.

    Raises:
        UnsendableRequest: see there.
    """
    url, headers, method = request.url, request.headers.raw, request.method.encode("ascii")
    target, route = url.raw_path, request.extensions.get("proxy")
    if route is not None and url.scheme == "http":
        target = b"http://%b%b" % (url.netloc, target)
        headers = [*headers, *_for_proxy(route)]
    are_good = all(_NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in headers)
    if not (are_good and _NAME.fullmatch(method) and _TARGET.fullmatch(target)):
        raise UnsendableRequest
    lines = b"".join([b"%b: %b\r\n" % pair for pair in headers])
    return b"%b %b HTTP/1.1\r\n%b\r\n%b" % (method, target, lines, content)


def _for_proxy(route: ProxyRoute) -> list[tuple[bytes, bytes]]:
    return [(b"Proxy-Authorization", route.authorization.encode())] if route.authorization else []


async def _tunnel(wire: Wire, host: str, port: int, route: ProxyRoute) -> None:
    """Have a proxy lead on to a host, so that TLS is spoken with that.

    Raises:
        FetchError: connect; the proxy refused.
        BrokenExchange: it does not speak HTTP.
    """
    where = b"%b:%d" % (f"[{host}]".encode() if ":" in host else host.encode(), port)
    lines = b"".join(b"%b: %b\r\n" % pair for pair in [(b"Host", where), *_for_proxy(route)])
    await _send(wire, b"CONNECT %b HTTP/1.1\r\n%b\r\n" % (where, lines))
    answer = Body(wire, "CONNECT")
    status, _ = await answer.head()
    if not 200 <= status < 300:
        mend = "; it needs a user and password" if status == 407 else ""
        raise FetchError(
            f"the proxy {route.host} did not lead on to {host}: {status}{mend}", kind=FetchProblemKind.CONNECT
        )
    if answer.surplus():
        raise FetchError(f"the proxy {route.host} said more than it was asked", kind=FetchProblemKind.CLOSED)


async def _send(wire: Wire, data: bytes) -> None:
    try:
        await wire.write(data)
    except OSError:
        return  # it may have answered before it had read all, and closed; what it said is read
