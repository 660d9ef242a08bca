"""The status page in a real browser."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.test_daemon import LOOPBACK, feed, rss, rule, write
from tests.fakes.browser import CHROMIUM, FLAGS
from tests.fakes.http_server import HttpServer
from tests.fakes.program import Program, eventually

LOGGED = "--enable-logging=stderr"


def _browse(url: str, profile: Path, *more: str) -> subprocess.CompletedProcess[str]:
    assert CHROMIUM is not None
    command = [CHROMIUM, *FLAGS, LOGGED, f"--user-data-dir={profile}", *more, url]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_the_page_shows_an_alert_and_keeps_hostile_text_inert(tmp_path: Path) -> None:
    hostile = "Army &lt;img src=x onerror=document.title='owned'&gt; near &lt;script&gt;document.title='owned'&lt;/script&gt; range"
    with HttpServer() as server:
        server.publishes("/paper", rss(("1", hostile)), content_type="application/rss+xml")
        write(
            tmp_path / "config",
            [rule("Range", "army")],
            feeds=[feed(server, "/paper"), {"url": server.url("/none"), "name": "gone", "allow_private": LOOPBACK}],
        )
        with Program(tmp_path / "config", tmp_path / "data") as program:
            eventually(lambda: "message sent" in program.logged, "the alert is sent")
            eventually(lambda: "feed problem" in program.logged, "the missing feed is known")
            shot = tmp_path / "page.png"
            seen = _browse(f"http://127.0.0.1:{program.port}/", tmp_path / "profile", "--dump-dom")
            _browse(
                f"http://127.0.0.1:{program.port}/",
                tmp_path / "profile2",
                f"--screenshot={shot}",
                "--window-size=390,1600",
            )
            found = re.search(r'href="/a/(a[a-z2-7]+)"', seen.stdout)
            assert found is not None
            why = _browse(f"http://127.0.0.1:{program.port}/a/{found[1]}", tmp_path / "profile3", "--dump-dom")
            assert program.terminate() == 0
    assert "owned</title>" not in why.stdout
    assert "Army (title)" in why.stdout
    assert "range -&gt; console: sent" in why.stdout
    assert "Content Security Policy" not in why.stderr
    assert "<mark" in seen.stdout
    assert "owned</title>" not in seen.stdout
    assert "<h1>Status</h1>" in seen.stdout
    assert "404" in seen.stdout, "the feed that is not there says so"
    assert "Content Security Policy" not in seen.stderr, "the page breaks its own policy"
    assert shot.stat().st_size > 5_000
