"""The page's door in a real browser without scripts: what its own Origin is, and that a click does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.test_daemon import feed, rss, rule, write
from tests.fakes.browser import CHROMIUM, Browser
from tests.fakes.http_server import HttpServer
from tests.fakes.program import Program, eventually


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_rule_is_muted_and_unmuted_by_clicks_in_a_browser_without_scripts(tmp_path: Path) -> None:
    with HttpServer() as server:
        server.publishes("/paper", rss(("1", "Army moves")), content_type="application/rss+xml")
        write(tmp_path / "config", [rule("Range", "army")], feeds=[feed(server, "/paper")])
        with Program(tmp_path / "config", tmp_path / "data") as program:
            eventually(lambda: "message sent" in program.logged, "the alert is sent")
            browser = Browser(tmp_path / "profile")
            try:
                page = f"http://127.0.0.1:{program.port}/"
                assert "Range" in browser.open(page)
                asked = browser.click('a[href^="/ask/mute?kind=rule"]')
                assert "Mute the rule Range?" in asked
                assert "changed by hand" not in program.logged, "asking changes nothing"
                done = browser.click("button")
                assert "muted the rule range (Range) until" in done
                assert "in force" in browser.open(page)
                undone = browser.open(f"{page}changes")
                undone = browser.click("form button")
                assert "ended the silence range" in undone
                assert "<button" not in undone, "what was taken back is not offered again"
            finally:
                browser.close()
            assert program.logged.count("changed by hand") == 2
            assert program.terminate() == 0
