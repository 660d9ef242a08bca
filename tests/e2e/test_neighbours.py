"""Ten healthy feeds beside each kind of hostile one, all in one daemon: the ten are read and told, and each enemy is
called by its name.
"""

from __future__ import annotations

import contextlib
import gzip
import sqlite3
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.e2e.test_daemon import feed, rss, rule, write
from tests.fakes.http_server import Answer, HttpServer, Received
from tests.fakes.program import Program, eventually

HEALTHY = 10
SECONDS = 150.0
"""The slow loris alone takes the 30 s of a fetch."""

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OVERFLOW = "Fri, 31 Dec 9999 23:59:59 -0800"
NEWS = rss(("1", "army of somebody else"))


def _circle(request: Received) -> Answer:
    return Answer(
        302, headers=[("Location", "/feed"), ("Set-Cookie", f"seen={request.headers.get('cookie', '')[-9:]}1")]
    )


def _always(answer: Answer) -> Callable[[Received], Answer]:
    return lambda _: answer


PACKED = [("Content-Encoding", "gzip")]
ENEMIES: dict[str, tuple[str, Callable[[Received], Answer]]] = {
    "bomb": ("too_big", _always(Answer(200, gzip.compress(b"\0" * 60_000_000), PACKED))),
    "one-byte chunks": ("bad_encoding", _always(Answer(raw=CHUNKED + b"1\r\n \r\n" * 200_000))),
    "gzip members": ("bad_encoding", _always(Answer(200, gzip.compress(b"") * 100_000, PACKED))),
    "slow loris": ("timeout", _always(Answer(200, NEWS * 100, step_bytes=1, every_seconds=0.5))),
    "silent": ("timeout", _always(Answer(raw=b"", stalls=True))),
    "circle with a cookie": ("redirect", _circle),
    "broken name": ("redirect", _always(Answer(302, headers=[("Location", "http://xn--/")]))),
    "inward": ("blocked_address", _always(Answer(302, headers=[("Location", "http://169.254.169.254/")]))),
    "attributes": (
        "too_complex",
        _always(
            Answer(
                200, b"<rss><channel><item " + b" ".join(b"a%d=''" % n for n in range(40_000)) + b"/></channel></rss>"
            )
        ),
    ),
    "nested arrays": ("too_complex", _always(Answer(200, b"[" * 200_000))),
    "cut XML": ("malformed", _always(Answer(200, NEWS[:-20]))),
    "log-in page": (
        "not_a_feed",
        _always(Answer(200, b"<!doctype html><title>Log in</title><form>" + b"<p>army" * 20_000)),
    ),
    "endless head": ("closed", _always(Answer(raw=b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50_000))),
    "stalling refusal": (
        "throttled",
        _always(Answer(429, b"later", [("Retry-After", "60")], length=10_000, stalls=True)),
    ),
    "304 for ever": ("http_status", _always(Answer(304, headers=[("ETag", '"9999"')]))),
    # This is strange but brings what it has: news at an impossible date.
    "dates that overflow": ("", _always(Answer(200, NEWS, [("Expires", OVERFLOW), ("Date", OVERFLOW)]))),
}


@pytest.mark.timeout(4 * SECONDS)
def test_ten_healthy_feeds_are_read_and_told_beside_each_enemy(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack, HttpServer() as healthy:
        feeds = []
        for number, (name, (_, answer)) in enumerate(ENEMIES.items()):
            enemy = stack.enter_context(HttpServer(host=f"127.0.2.{number + 1}"))
            enemy.on("/feed", answer)
            feeds.append({**feed(enemy, "/feed", every="5s"), "name": name})
        for number in range(HEALTHY):
            healthy.publishes(f"/{number}", rss((f"{number}", _title("First", number))))
            feeds.append(feed(healthy, f"/{number}", every="5s"))
        write(tmp_path / "config", [rule("Range", "army", "range")], feeds=feeds)
        with Program(tmp_path / "config", tmp_path / "data") as program:
            eventually(lambda: _told(program, "First") == HEALTHY, "each of the ten is told", SECONDS)
            eventually(lambda: _problems(tmp_path) == EXPECTED, f"each enemy has its name: {EXPECTED}", SECONDS)
            for number in range(HEALTHY):
                items = [(f"{number}", _title("First", number)), (f"{number} b", _title("Second", number))]
                healthy.publishes(f"/{number}", rss(*items))
            eventually(lambda: _told(program, "Second") == HEALTHY, "and told again while the enemies go on", SECONDS)
            live = httpx.get(f"http://127.0.0.1:{program.port}/livez", timeout=20, trust_env=False)
            assert live.status_code == httpx.codes.OK
            assert program.terminate() == 0
    assert "Traceback" not in program.logged
    assert "our_mistake" not in program.logged


EXPECTED = {name: kind for name, (kind, _) in ENEMIES.items()}


def _title(word: str, number: int) -> str:
    return f"{word} army range number {number * 7919} was opened"


def _told(program: Program, word: str) -> int:
    return sum(f"{_title(word, number)}" in program.printed for number in range(HEALTHY))


def _problems(tmp_path: Path) -> dict[str, str]:
    """Return the kind of problem of each enemy that was polled, as far as they are stored."""
    with contextlib.closing(sqlite3.connect(f"file:{tmp_path}/data/watcher.db?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT name, problem_kind FROM feeds WHERE last_poll_at IS NOT NULL").fetchall()
    return {name: kind or "" for name, kind in rows if name in ENEMIES}
