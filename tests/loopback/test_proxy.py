"""Requests through a proxy: what it is asked, what it is not told, and what the guard still looks at."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.dialling import Dials, Names, a_guard
from tests.fakes.http_server import Answer, HttpServer
from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import BlockedAddress, FetchError
from watcher.network.client import GuardedClient
from watcher.network.policy import HttpAnswer, HttpRequest

LOOPBACK = ("127.0.0.0/8",)
TLS = Path(__file__).parents[1] / "fakes" / "tls"


async def exchange(
    url: str,
    proxy: str,
    *,
    names: Names | None = None,
    dials: Dials | None = None,
    allow_private: tuple[str, ...] = LOOPBACK,
    tls: ssl.SSLContext | None = None,
) -> HttpAnswer:
    client = GuardedClient(a_guard(names, dials=dials), tls=tls)
    headers = {"Authorization": "Basic secret"}
    return await client.exchange(HttpRequest(url, origin_headers=headers, allow_private=allow_private, proxy=proxy))


async def test_a_proxy_is_asked_for_the_whole_address_and_names_are_left_to_it() -> None:
    with HttpServer() as proxy:
        proxy.publishes("http://feed.example/rss", b"<rss/>")
        dials, names = Dials(), Names({})
        answer = await exchange(
            "http://feed.example/rss", f"http://ann:pw@127.0.0.1:{proxy.port}", dials=dials, names=names
        )
        [request] = proxy.requests
        assert (dials.asked, names.asked) == ([("127.0.0.1", proxy.port)], [])
    assert (answer.body, answer.url) == (b"<rss/>", "http://feed.example/rss")
    assert request.target == "http://feed.example/rss"
    assert (request.headers["host"], request.headers["proxy-authorization"]) == ("feed.example", "Basic YW5uOnB3")


async def test_the_address_of_a_proxy_is_checked_where_it_is_dialled() -> None:
    with HttpServer() as proxy:
        with pytest.raises(BlockedAddress):
            await exchange("http://feed.example/rss", proxy.url(), allow_private=())
        assert proxy.connections == 0


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/", "http://10.0.0.1:80/", "http://[::1]/", "http://0x7f.1/"]
)
async def test_a_proxy_is_not_led_to_an_address_that_is_not_public(target: str) -> None:
    with HttpServer() as proxy:
        with pytest.raises(BlockedAddress):
            await exchange(target, proxy.url())
        assert proxy.connections == 0


@pytest.mark.parametrize("name", ["localhost", "a.localhost.", "LOCALHOST"])
async def test_a_name_of_this_machine_counts_as_its_address(name: str) -> None:
    with pytest.raises(BlockedAddress):
        await a_guard().check_beyond(name, 80, ())
    await a_guard().check_beyond(name, 80, LOOPBACK)


@pytest.mark.parametrize("leads_to", ["http://169.254.169.254/", "http://inner.example/", "http://unknown.example/"])
async def test_a_redirect_leads_a_proxy_only_where_the_name_is_public_here_too(leads_to: str) -> None:
    names = Names({"inner.example": [["10.0.0.7"]], "outer.example": [["8.8.8.8"]]})
    with HttpServer() as proxy:
        proxy.answers("http://feed.example/rss", Answer(302, headers=[("Location", leads_to)]))
        with pytest.raises(FetchError):
            await exchange("http://feed.example/rss", proxy.url(), names=names)
        assert len(proxy.requests) == 1
        proxy.answers("http://feed.example/moved", Answer(302, headers=[("Location", "http://outer.example/rss")]))
        proxy.publishes("http://outer.example/rss", b"<rss/>")
        answer = await exchange("http://feed.example/moved", proxy.url(), names=names)
        assert answer.body == b"<rss/>"
        assert "authorization" not in proxy.requests[-1].headers, "it is for the configured origin"


@contextlib.contextmanager
def tunnel(
    to: int, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n"
) -> Iterator[tuple[str, list[bytes]]]:
    """Serve as a proxy that leads every CONNECT to a port of this machine; give its address and the heads it got."""
    heads: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def copy(source: socket.socket, target: socket.socket) -> None:
            with contextlib.suppress(OSError):
                while data := source.recv(65536):
                    target.sendall(data)
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_WR)

        def serve() -> None:
            with contextlib.suppress(OSError):
                client, _ = listener.accept()
                head = b""
                while b"\r\n\r\n" not in head:
                    head += client.recv(4096)
                heads.append(head)
                client.sendall(answer)
                with client, socket.create_connection(("127.0.0.1", to)) as server:
                    back = threading.Thread(target=copy, args=(server, client), daemon=True)
                    back.start()
                    copy(client, server)
                    back.join()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://ann:pw@127.0.0.1:{listener.getsockname()[1]}", heads
    thread.join(timeout=10)


def server_context() -> ssl.SSLContext:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    return theirs


async def test_https_goes_through_a_tunnel_and_its_certificate_is_that_of_the_feed() -> None:
    ours = ssl.create_default_context(cafile=TLS / "cert.pem")
    with HttpServer(tls=server_context()) as server:
        server.publishes("/feed", b"x" * 100_000)
        with tunnel(server.port) as (proxy, heads):
            answer = await exchange("https://feed.example/feed", proxy, tls=ours)
        assert "proxy-authorization" not in server.requests[0].headers
    assert len(answer.body) == 100_000
    assert heads[0] == (
        b"CONNECT feed.example:443 HTTP/1.1\r\nHost: feed.example:443\r\nProxy-Authorization: Basic YW5uOnB3\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (b"HTTP/1.1 407 No\r\n\r\n", FetchProblemKind.CONNECT, "it needs a user and password"),
        (b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\nforged", FetchProblemKind.CLOSED, "more than it was asked"),
        (b"SSH-2.0\r\n\r\n", FetchProblemKind.CLOSED, "does not speak HTTP"),
    ],
)
async def test_a_proxy_that_does_not_lead_on_is_named(said: bytes, kind: FetchProblemKind, words: str) -> None:
    with (
        HttpServer(tls=server_context()) as server,
        tunnel(server.port, said) as (proxy, _),
        pytest.raises(FetchError, match=words) as caught,
    ):
        await exchange("https://feed.example/feed", proxy)
    assert caught.value.kind == kind
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(("written", "port"), [(":80", 80), ("", 8080), (":3128", 3128)])
async def test_a_proxy_is_dialled_at_the_port_that_is_written(written: str, port: int) -> None:
    with HttpServer() as proxy:
        proxy.publishes("http://feed.example/rss", b"<rss/>")
        dials = Dials(lands_on=proxy.port)
        await exchange("http://feed.example/rss", f"http://127.0.0.1{written}", dials=dials)
    assert dials.asked == [("127.0.0.1", port)]


@pytest.mark.parametrize("proxy", ["https://127.0.0.1:1/", "socks5://127.0.0.1:1", "nonsense", "http://"])
async def test_what_is_no_proxy_is_refused(proxy: str) -> None:
    with pytest.raises(BlockedAddress, match="proxy"):
        await exchange("http://feed.example/rss", proxy)
