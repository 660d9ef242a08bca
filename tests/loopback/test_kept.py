"""Connections that channels keep for a moment, against a real server that keeps them too, or not."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.certificate import make_certificate, needs_openssl
from tests.fakes.dialling import Dials, a_guard
from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import BlockedAddress, FetchError
from watcher.network.client import GuardedClient
from watcher.network.kept import OLDEST_SECONDS, KeptWires
from watcher.network.policy import HttpAnswer, HttpRequest
from watcher.network.wire import PlainWire

LOOPBACK = ("127.0.0.0/8",)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Talker:
    """Answers each request over a connection with the next of its answers, the last for ever; b"" hangs up."""

    def __init__(self, *answers: bytes, hangs_up_after: bool = False, says_later: bytes = b"") -> None:
        self.answers, self.hangs_up_after, self.says_later = answers, hangs_up_after, says_later
        self.connections, self.heads, self.bodies = 0, list[bytes](), list[bytes]()
        self.writer: asyncio.StreamWriter | None = None

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.heads.append(head)
                self.bodies.append(await reader.readexactly(2))
                answer = self.answers[min(len(self.heads), len(self.answers)) - 1]
                writer.write(answer)
                await writer.drain()
                self.writer = writer
                if self.hangs_up_after or not answer:
                    break
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            return
        finally:
            writer.close()

    @asynccontextmanager
    async def listening(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        server = await asyncio.start_server(self.talk, "127.0.0.1", 0, ssl=tls)
        host = "http://127.0.0.1" if tls is None else "https://127.0.0.1"
        async with server:
            yield f"{host}:{server.sockets[0].getsockname()[1]}/in"


async def sent(client: GuardedClient, url: str, body: bytes, allowed: tuple[str, ...] = LOOPBACK) -> HttpAnswer:
    return await client.exchange(HttpRequest(url, "POST", content=body, allow_private=allowed, keeps=True))


async def two(talker: Talker, tls: ssl.SSLContext | None = None, trust: ssl.SSLContext | None = None) -> list[bytes]:
    """Send two messages, let the server have its turn between them, and return what came of each."""
    client = GuardedClient(a_guard(), tls=trust or ssl.create_default_context())
    found = []
    async with talker.listening(tls) as url:
        try:
            for body in (b"m1", b"m2"):
                found.append((await sent(client, url, body)).body)
                if talker.says_later and talker.writer:
                    talker.writer.write(talker.says_later)
                for _ in range(20):
                    await asyncio.sleep(0.001)
        finally:
            await client.aclose()
    return found


async def test_messages_that_follow_one_another_go_over_one_connection() -> None:
    talker = Talker(OK)
    assert await two(talker) == [b"ok", b"ok"]
    assert (talker.connections, talker.bodies) == (1, [b"m1", b"m2"])
    assert not any(b"onnection" in head for head in talker.heads)


async def test_an_answer_without_a_body_leaves_its_connection_open() -> None:
    talker = Talker(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert await two(talker) == [b"", b""]
    assert talker.connections == 1


@needs_openssl
async def test_an_encrypted_connection_is_kept_and_its_end_is_seen(tmp_path: Path) -> None:
    server, trust = make_certificate(tmp_path)
    kept, closed, chatty = Talker(OK), Talker(OK, hangs_up_after=True), Talker(OK, says_later=OK)
    for talker, connections in ((kept, 1), (closed, 2), (chatty, 2)):
        assert await two(talker, server, trust) == [b"ok", b"ok"]
        assert (talker.connections, talker.bodies) == (connections, [b"m1", b"m2"])


@pytest.mark.parametrize(
    "talker",
    [
        Talker(OK, hangs_up_after=True),
        Talker(OK, says_later=b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
        Talker(OK.replace(b"HTTP/1.1", b"HTTP/1.0")),
        Talker(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")),
        Talker(b"HTTP/1.1 500 No\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 100_000),
    ],
    ids=["closed", "said more", "old protocol", "said that it closes", "not read whole"],
)
async def test_a_connection_that_may_not_serve_again_is_dialled_anew_and_nothing_is_lost_or_sent_twice(
    talker: Talker,
) -> None:
    await two(talker)
    assert (talker.connections, talker.bodies) == (2, [b"m1", b"m2"])


async def test_what_is_cut_off_on_a_kept_connection_is_not_sent_again_by_itself() -> None:
    talker = Talker(OK, b"")
    with pytest.raises(FetchError) as caught:
        await two(talker)
    assert caught.value.kind is FetchProblemKind.CLOSED
    assert (talker.connections, talker.bodies) == (1, [b"m1", b"m2"])


async def test_another_place_and_other_rules_are_dialled_and_checked_anew() -> None:
    talker, dials = Talker(OK), Dials()
    client = GuardedClient(a_guard(dials=dials))
    async with talker.listening() as url:
        await sent(client, url, b"m1")
        await sent(client, url, b"m2", ("127.0.0.1/32",))
        with pytest.raises(BlockedAddress):
            await sent(client, url, b"m3", ())
        await client.exchange(HttpRequest(url, "POST", content=b"m4", allow_private=LOOPBACK))
        await client.aclose()
    assert talker.connections == 3
    assert b"Connection: close" in talker.heads[-1]


async def test_what_is_old_or_second_is_closed_instead_of_kept() -> None:
    kept, now = KeptWires(), asyncio.get_running_loop().time()
    pairs = [socket.socketpair() for _ in range(3)]
    wires = [PlainWire(one) for one, _ in pairs]
    kept.keeper("a", now - OLDEST_SECONDS - 1)(wires[0])
    kept.keeper("b", now)(wires[1])
    kept.keeper("b", now)(wires[2])
    assert [wire.socket.fileno() < 0 for wire in wires] == [True, False, True]
    assert await kept.take("a") is None
    kept.close()
    assert wires[1].socket.fileno() < 0
    for _, other in pairs:
        other.close()
