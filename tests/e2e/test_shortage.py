"""The daemon where the system gives it too little: 40 feeds at once and 48 file descriptors."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import httpx

from tests.e2e.test_daemon import LOOPBACK, SECRET, feed, rss, rule, write
from tests.fakes.http_server import Answer, HttpServer
from tests.fakes.program import Program, eventually

FEEDS = 40
FILES = 48


def test_a_shortage_of_descriptors_blames_nobody_is_told_once_and_loses_nothing(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack, HttpServer() as receiver:
        receiver.answers("/hook", 200)
        feeds = []
        for number in range(FEEDS):
            # Each has an address of its own, so that all may be fetched at once, and holds its descriptor for a second.
            server = stack.enter_context(HttpServer(host=f"127.0.1.{number + 1}"))
            document = rss((f"{number}", f"Army range {number}: shelling near post {number * 7919}"))
            server.answers(f"/{number}", Answer(200, document, wait_seconds=1.0))
            feeds.append(feed(server, f"/{number}", every="1m"))
        hook = {"type": "webhook", "url": receiver.url("/hook"), "secrets": [SECRET], "allow_private": LOOPBACK}
        rules = [rule("Army range", "army", "range", send_to=["hook"])]
        write(tmp_path / "config", rules, feeds=feeds, channels={"hook": hook}, meta={"send_to": ["hook"]})
        with Program(tmp_path / "config", tmp_path / "data", files=FILES) as program:
            eventually(lambda: "no file descriptors left" in _unready(program), "/readyz says it", 120)
            eventually(lambda: _titles(receiver) >= FEEDS, "all are told", 120)
            # The notice needs a descriptor itself: where none is left for it, it is told a little later.
            eventually(lambda: _notices(receiver), "the shortage is told", 60)
            assert program.terminate() == 0
            told = _notices(receiver)
    assert told == ["No file descriptors left"]
    assert '"feed problem"' not in program.logged
    assert "breaker open" not in program.logged
    assert "Traceback" not in program.logged


def _unready(program: Program) -> str:
    with contextlib.suppress(httpx.TransportError):
        answer = httpx.get(f"http://127.0.0.1:{program.port}/readyz", timeout=5, trust_env=False)
        return answer.text if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE else ""
    return ""


def _told(receiver: HttpServer) -> list[dict[str, object]]:
    return [json.loads(request.body)["data"] for request in receiver.requests_to("/hook")]


def _titles(receiver: HttpServer) -> int:
    # what is told is JSON
    return len({alert["title"] for told in _told(receiver) for alert in told["alerts"]})  # type: ignore[attr-defined]


def _notices(receiver: HttpServer) -> list[str]:
    notices = [str(told["title"]) for told in _told(receiver) if not told["alerts"]]
    return [title for title in notices if "descriptors" in title]
