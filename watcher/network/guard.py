"""The address check before every outgoing connection, for HTTP and mail alike.

1. A number in an unusual form is refused; a name is resolved once.
2. Every address of the answer is checked; one that is not public and not allowed refuses the whole name.
3. A checked address is dialled, never the name, so that a second answer of the name server changes nothing.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from functools import lru_cache
from ipaddress import ip_address
from itertools import chain, zip_longest

from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import BlockedAddress, FetchDetail, FetchError, OutOfDescriptors
from watcher.network.addresses import Network, literal, may_dial, parse_networks
from watcher.network.descriptors import is_shortage
from watcher.network.resolver import Resolver

MOST_DIALLED = 4
"""Addresses of one name that are tried; more would only use up the time for connecting."""

_CONFIGURED = "if that is meant, name its block in allow_private"
_REDIRECTED = "a redirect or document led there, where allow_private does not reach: if that is meant, configure that address itself, with its block"

Connector = Callable[[str, int], Awaitable[socket.socket]]
"""Connects to an IP address and port; returns a connected, non-blocking socket or raises OSError."""


async def connect_tcp(address: str, port: int) -> socket.socket:
    """Return a connected non-blocking socket to an IP address.

    Raises:
        OSError: refused, unreachable, or no descriptor left.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(connection, (address, port))
    except BaseException:
        connection.close()
        raise
    return connection


class AddressGuard:
    """Decides what may be dialled, and dials it; nothing in the program opens a connection past it."""

    def __init__(
        self, allow: Iterable[str] = (), *, resolver: Resolver | None = None, connector: Connector = connect_tcp
    ) -> None:
        self._allowed = parse_networks(allow)
        self._resolver = resolver or Resolver()
        self._connector = connector

    async def check(self, host: str, port: int, allow_private: Sequence[str] | None = ()) -> tuple[str, ...]:
        """Return the checked addresses of a host, in the order to dial them.

        `allow_private` None: nobody configured this host, a redirect or a document named it.

        Raises:
            BlockedAddress: the host leads to an address that is neither public nor allowed, or is not a usable name.
            FetchError: kind dns; the name cannot be resolved.
        """
        allowed = (*self._allowed, *_blocks(allow_private or ()))
        for address in (addresses := await self._addresses(host)):
            if not may_dial(ip_address(address), allowed):
                named = "" if address == host.strip("[]") else f" leads to {address}, which"
                mend = _CONFIGURED if allow_private is not None else _REDIRECTED
                raise BlockedAddress(
                    f"{_shown(host)}{named} is not a public address, so port {port} was not dialled; {mend}"
                )
        return addresses

    async def check_beyond(self, host: str, port: int, allow_private: Sequence[str] | None = ()) -> None:
        """Check what a proxy is asked to lead to, as far as it can be seen here: an address as `check` does, and a name
        too where it was not configured (`allow_private` None). Raises as `check`.
        """
        name = host.strip("[]").rstrip(".").lower()
        if name == "localhost" or name.endswith(".localhost"):
            host = "127.0.0.1"
        elif allow_private is not None and _is_name(host):
            return
        await self.check(host, port, allow_private)

    async def dial(
        self,
        host: str,
        port: int,
        allow_private: Sequence[str] | None = (),
        # the limit is part of what is asked for, and of the error's text
        timeout: timedelta = timedelta(seconds=10),  # noqa: ASYNC109
    ) -> socket.socket:
        """Return a connected non-blocking socket to the first checked address that answers; the caller closes it.

        `timeout` is for name and connection together; `allow_private` as in `check`.

        Raises:
            BlockedAddress: see `check`.
            FetchError: kind dns, connect or timeout.
            OutOfDescriptors: this machine can dial nothing; the host is not to blame.
        """
        try:
            async with asyncio.timeout(timeout.total_seconds()):
                addresses = await self.check(host, port, allow_private)
                return await self._first_that_answers(host, port, addresses[:MOST_DIALLED], timeout.total_seconds())
        except TimeoutError as error:
            raise FetchError(
                f"{host} port {port} could not be reached within {timeout.total_seconds():g} s",
                kind=FetchProblemKind.TIMEOUT,
                detail=FetchDetail(asked=False),
            ) from error

    async def _addresses(self, host: str) -> tuple[str, ...]:
        if not host or any(sign.isspace() or sign in "%/\\@\0" or not sign.isprintable() for sign in host):
            raise BlockedAddress(f"{_shown(host)} is not a usable host name")
        try:
            address = literal(host)
        except ValueError as error:
            raise BlockedAddress(
                f"{_shown(host)} is an address in a form that is not accepted; write it as four plain numbers"
            ) from error
        if address is not None:
            return (str(address),)
        return _alternating(await self._resolver.addresses(host))

    async def _first_that_answers(
        self, host: str, port: int, addresses: Sequence[str], seconds: float
    ) -> socket.socket:
        """Raises OutOfDescriptors where it is us who can dial nothing: another address would not help."""
        last: OSError | None = None
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            # One dead address (broken IPv6 at home) must leave time for the others.
            try:
                if left == 1:  # it has what the caller leaves it
                    return await self._connector(address, port)
                async with asyncio.timeout(seconds / left):
                    return await self._connector(address, port)
            except TimeoutError as error:  # is an OSError itself
                last = OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
                last.__cause__ = error
            except OSError as error:
                if is_shortage(error):
                    raise OutOfDescriptors(f"no file descriptor is left to dial {host}") from error
                last = error
        assert last is not None
        cause = os.strerror(last.errno) if last.errno else str(last)
        raise FetchError(f"{host} port {port} cannot be reached: {cause}", kind=FetchProblemKind.CONNECT) from last


def _is_name(host: str) -> bool:
    try:
        return literal(host) is None
    except ValueError:
        return False


def _blocks(texts: Sequence[str]) -> tuple[Network, ...]:
    try:
        return _networks(tuple(texts))
    except ValueError as error:
        raise BlockedAddress(f"allow_private holds something that is not a block of addresses: {error}") from error


@lru_cache(maxsize=64)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return parse_networks(texts)


def _alternating(addresses: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses with the families taking turns, the system's first family first (RFC 8305 section 4)."""
    first = [address for address in addresses if (":" in address) == (":" in addresses[0])]
    other = [address for address in addresses if (":" in address) != (":" in addresses[0])]
    return tuple(address for address in chain(*zip_longest(first, other)) if address is not None)


def _shown(host: str) -> str:
    """Return a host as it may be shown: it is remote text when a redirect named it."""
    text = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in host[:100])
    return text or "an empty host"
