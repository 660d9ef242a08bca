"""What people look for stays here: a round with marked words, of which each connection and request is recorded."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.fakes.http_server import Answer, HttpServer
from watcher.cli.main import cli
from watcher.daemon.clock import SystemClock

WORDS = [f"markword{number}x" for number in range(50)]
_DIALLED: list[list[object]] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _DIALLED:
        _DIALLED[-1].append(arguments[1])


@cache
def _listen() -> None:
    sys.addaudithook(_note)  # it stays for as long as the process, so nobody else pays for it


@pytest.fixture
def dialled() -> Iterator[list[object]]:
    """The addresses that this process connects to; a hook of the interpreter sees what any library does."""
    _listen()
    _DIALLED.append([])
    yield _DIALLED[-1]
    _DIALLED.pop()


def feed(title: str) -> bytes:
    now = SystemClock().now().strftime("%a, %d %b %Y %H:%M:%S +0000")
    item = f"<item><guid>{title}</guid><title>{title}</title><pubDate>{now}</pubDate></item>"
    return f'<rss version="2.0"><channel><title>News</title>{item}</channel></rss>'.encode()


def configure(folder: Path, server: HttpServer) -> None:
    """Write marked words to every place of a rule where words can stand."""
    word = iter(WORDS)
    own = {"allow_private": ["127.0.0.0/8"], "first_poll": "alert"}
    rules = [
        {
            "name": f"rule {next(word)}",
            "id": next(word),
            "was": [next(word)],
            "any": [next(word), {"near": [next(word), next(word), 3]}],
            "none": [next(word)],
            "except": [next(word)],
            "where": {"tags": [next(word), "all"]},
            "raise": [{"severity": "high", "when": next(word)}],
            "send_to": ["desk"],
            "gather": "none",
        }
        for _ in range(4)
    ]
    files = {
        "feeds": {
            "feeds": [
                {"name": next(word), "url": server.url("/direct"), "tags": ["all"], **own},
                {"name": "led", "url": "http://news.example/feed", "proxy": server.url(), **own},
            ]
        },
        "rules": {"rules": rules, "concepts": {next(word): {"terms": [next(word)]}}},
        "channels": {
            "channels": {"desk": {"type": "webhook", "url": server.url("/hook"), "unsigned": True}},
            "silences": [{"name": next(word), "words": [next(word)], "for": "1h"}],
            "network": {"allow_private": ["127.0.0.0/8"]},
        },
    }
    folder.mkdir()
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")


def test_words_of_rules_leave_by_the_declared_channel_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dialled: list[object]
) -> None:
    monkeypatch.chdir(tmp_path)
    with HttpServer() as server:
        server.publishes("/direct", feed(f"Ships at {WORDS[3]}"))
        server.publishes("http://news.example/feed", feed("Nothing of note"))
        server.answers("/hook", Answer(200))
        configure(tmp_path / "config", server)
        polled = CliRunner().invoke(cli, ["poll"])
        assert polled.exit_code == 0, polled.output
        told = [json.loads(line) for line in CliRunner().invoke(cli, ["privacy", "--json"]).output.splitlines()]
        seen = [(request.path, str(request).lower()) for request in server.requests]
        port = server.port

    marked = {path for path, text in seen if any(word in text for word in WORDS)}
    assert marked == {"/hook"}, "an alert names the rule and its word, nothing else does"
    assert {path for path, _ in seen} == {"/direct", "http://news.example/feed", "/hook"}
    assert {at for at in dialled if isinstance(at, tuple)} == {("127.0.0.1", port)}
    declared = {one["where"] for one in told if one["kind"] in ("feed", "proxy", "channel")}
    here = f"http://127.0.0.1:{port}"
    assert declared == {here, "http://news.example", "stays on this machine"}
    assert all(one["last"] for one in told if one["kind"] == "feed")
