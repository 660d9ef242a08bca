"""The page over a real socket: what its server does in front of our own check of who asks."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path

import pytest

from tests.fakes.hand import FakeHand
from watcher.core.model.secret import Secret
from watcher.daemon.app import serve
from watcher.daemon.clock import SystemClock
from watcher.daemon.world import open_world
from watcher.settings.env import read_settings
from watcher.telemetry.logging import Masker
from watcher.web.idle import ClosingWhenIdle
from watcher.web.server import build_app, listen, serve_app
from watcher.web.source import ArticleView, Overview, PageSource


async def _nothing() -> Overview:
    raise AssertionError("not asked for")


async def _no_article(_: str) -> ArticleView | None:
    return None


@contextlib.asynccontextmanager
async def page(token: str = "", proxies: tuple[str, ...] = ()) -> AsyncIterator[int]:
    """Serve the page on a free port of loopback and yield the port."""
    source = PageSource(
        _nothing, _no_article, lambda: {"live": True}, lambda: (True, {}), lambda: b"metrics", FakeHand()
    )
    app = build_app(source, token=Secret(token) if token else None, trusted_proxies=proxies)
    listening, stopping = listen("127.0.0.1:0"), asyncio.Event()
    port: int = listening.getsockname()[1]
    async with asyncio.TaskGroup() as group:
        group.create_task(serve_app(app, listening, stopping))
        try:
            yield port
        finally:
            stopping.set()


async def ask(port: int, *lines: bytes, path: str = "/metrics") -> tuple[int, bytes]:
    """Return status and whole answer to a request made of these header lines."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\r\n".join([f"GET {path} HTTP/1.1".encode(), *lines, b"Connection: close", b"", b""]))
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1]), answer


@pytest.mark.parametrize("allowed", ["", "*", "127.0.0.1"])
async def test_the_server_takes_nobodys_word_for_who_asks(allowed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", allowed)
    async with page("s3cret-token", ("10.0.0.0/8",)) as port:
        for header in (b"X-Forwarded-For: 10.1.2.3", b"Forwarded: for=10.1.2.3", b"X-Real-IP: 10.1.2.3"):
            assert (await ask(port, b"Host: 127.0.0.1", header))[0] == 401
    async with page("s3cret-token", ("127.0.0.1/32",)) as port:
        assert (await ask(port, b"Host: desk.example", b"X-Forwarded-For: 203.0.113.9"))[0] == 200


@pytest.mark.parametrize(
    "lines",
    [
        (b"Host: [",),
        (b"Host: x@127.0.0.1",),
        (b"Host: localhost/evil",),
        (b"Host:",),
        (b"Host: localhost:99999",),
        (b"Host: localhost", b"Host: evil.example"),
        (b"Host: localhost", b"Host: localhost"),
        (b"Host: \xff\xfe",),
        (),
    ],
)
async def test_a_host_that_is_not_one_name_is_a_bad_request(lines: tuple[bytes, ...]) -> None:
    async with page() as port:
        status, answer = await ask(port, *lines)
        assert status == 400
        assert b"Traceback" not in answer
        assert (await ask(port, b"Host: localhost"))[0] == 200


async def test_an_address_in_the_request_line_names_nobody() -> None:
    async with page() as port:
        assert (await ask(port, b"Host: evil.example", path="http://127.0.0.1/metrics"))[0] == 421
        assert (await ask(port, b"Host: localhost", path="//localhost/metrics"))[0] == 404


async def test_the_server_does_not_say_what_it_is() -> None:
    async with page() as port:
        assert b"\r\nserver:" not in (await ask(port, b"Host: localhost"))[1].lower()


async def test_probes_are_answered_while_the_configuration_is_read(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    words = [f"word{number}" for number in range(40)]
    rules = [{"name": f"Rule {number}", "any": [f"{word}{number}" for word in words]} for number in range(300)]
    (config / "watcher.yaml").write_text(json.dumps({"rules": rules}), encoding="utf-8")
    with listen("127.0.0.1:0") as free:
        port: int = free.getsockname()[1]
    settings = read_settings(config=config, data=tmp_path / "data", bind=f"127.0.0.1:{port}", workers=1)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(settings, open_world(settings, SystemClock(), Masker(), StringIO()), stop=stop))
        live, ready, shown = await _first_answers(port)
        assert live[0] == 200
        assert (ready[0], b'"starting"' in ready[1]) == (503, True)
        assert (shown[0], b"is starting" in shown[1]) == (503, True)
        while (await ask(port, b"Host: localhost", path="/readyz"))[0] != 200:
            assert (await ask(port, b"Host: localhost", path="/livez"))[0] == 200
        assert (await ask(port, b"Host: localhost", path="/livez"))[0] == 200
        assert (await ask(port, b"Host: localhost", path="/"))[0] == 200
        stop.set()


async def _first_answers(port: int) -> list[tuple[int, bytes]]:
    for _ in range(3000):
        try:
            return [await ask(port, b"Host: localhost", path=path) for path in ("/livez", "/readyz", "/")]
        except ConnectionRefusedError:
            await asyncio.sleep(0.01)  # not yet listening
    raise AssertionError("nobody listens")


async def test_who_asks_nothing_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ClosingWhenIdle, "idle_seconds", 0.05)
    async with page() as port, asyncio.timeout(10):
        silent, never_asks = await asyncio.open_connection("127.0.0.1", port)
        assert await silent.read() == b""
        never_asks.close()
        slow, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"200" in await slow.readuntil(b"}")
        writer.write(b"GET /livez HTTP/1.1\r\nX-Never: end")  # a head that does not end
        assert await slow.read() == b""
        writer.close()
