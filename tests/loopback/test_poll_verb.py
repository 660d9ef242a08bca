"""`watcher poll` without a daemon: what it says of each message, its exit code, and what is known of a link then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.fakes.http_server import Answer, HttpServer
from watcher.cli.main import cli
from watcher.daemon.clock import SystemClock


def configure(server: HttpServer) -> None:
    now = SystemClock().now().strftime("%a, %d %b %Y %H:%M:%S +0000")
    item = f"<item><guid>a1</guid><title>Tanker aground</title><pubDate>{now}</pubDate><link>http://n.example/1</link></item>"
    files = {
        "feeds": [{"name": "news", "url": "file:news.xml", "first_poll": "alert"}],
        "rules": [{"name": "Ships", "any": ["tanker"], "send_to": ["desk"], "gather": "none"}],
        "channels": {"desk": {"type": "webhook", "url": server.url("/hook"), "unsigned": True}},
        "network": {"allow_private": ["127.0.0.0/8"]},
        "meta": {"send_to": []},
    }
    Path("config").mkdir()
    Path("config/all.yaml").write_text(json.dumps(files), encoding="utf-8")
    text = f'<rss version="2.0"><channel><title>News</title>{item}</channel></rss>'
    Path("config/news.xml").write_text(text, encoding="utf-8")


def test_what_was_refused_is_no_arrival_and_a_failed_exit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHER_WORKERS", "1")
    with HttpServer() as server:
        configure(server)
        server.answers("/hook", Answer(410))
        refused = CliRunner().invoke(cli, ["poll"])
    explained = CliRunner().invoke(cli, ["explain", "http://www.n.example/1?utm_source=mail"])
    [notice] = CliRunner().invoke(cli, ["deliveries", "list", "--channel", "console"]).stdout.splitlines()
    named = CliRunner().invoke(cli, ["explain", notice.split()[0]])
    assert refused.exit_code == 1
    assert "desk: 410" in refused.stderr
    assert "1 message arrived, 1 waits (watcher deliveries list)" in refused.stdout
    assert explained.stdout.startswith("ships   fires"), "an http link is found as an https one is"
    assert "is a message of no article, but of watcher itself: Channel desk refuses our messages" in str(
        named.exception
    )
