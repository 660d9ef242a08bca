"""Rules and channels that are paused, as their author meets them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from watcher.cli.main import cli
from watcher.daemon.clock import SystemClock

FILES = """
rules:
  - {name: Ships, any: [tanker], send_to: [file], RULE}
  - {name: Fires, any: [blaze], send_to: [file]}
channels:
  file: {type: file, path: told.jsonl, CHANNEL}
feeds: [{name: news, url: 'file:news.xml', first_poll: alert}]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config").mkdir()
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    items(tmp_path, "Tanker aground", "Blaze in a mill")
    return tmp_path


def write(home: Path, *, rule: bool = False, channel: bool = False) -> None:
    text = FILES.replace("RULE", f"paused: {rule}".lower()).replace("CHANNEL", f"paused: {channel}".lower())
    (home / "config" / "all.yaml").write_text(text, encoding="utf-8")


def items(home: Path, *titles: str) -> None:
    now = SystemClock().now().strftime("%a, %d %b %Y %H:%M:%S +0000")
    text = "".join(
        f"<item><guid>{title}</guid><title>{title}</title><pubDate>{now}</pubDate></item>" for title in titles
    )
    feed = f'<rss version="2.0"><channel><title>News</title>{text}</channel></rss>'
    (home / "config" / "news.xml").write_text(feed, encoding="utf-8")


def watcher(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def told(home: Path) -> str:
    return "".join(path.read_text("utf-8") for path in home.rglob("told.jsonl"))


def test_a_paused_rule_makes_no_alert_and_the_others_do(home: Path) -> None:
    write(home, rule=True)
    assert watcher("poll").exit_code == 0
    assert "Blaze in a mill" in told(home)
    assert "Tanker" not in told(home)
    assert "ships -> file (paused: it makes no new alerts)" in watcher("check").stdout


def test_a_resumed_rule_tells_what_comes_then_and_not_what_came_meanwhile(home: Path) -> None:
    write(home, rule=True)
    watcher("poll")
    write(home)
    items(home, "Tanker aground", "Blaze in a mill", "Second tanker on fire off Malta")
    watcher("poll")
    assert "Second tanker" in told(home)
    assert "Tanker aground" not in told(home)


def test_a_paused_channel_holds_what_is_for_it_until_it_is_resumed(home: Path) -> None:
    write(home, channel=True)
    watcher("poll")
    assert told(home) == ""
    listed = watcher("deliveries", "list", "--channel", "file", "--state", "held")
    assert "Tanker aground" in listed.stdout
    assert "file is paused" in watcher("status").stdout
    write(home)
    watcher("poll")
    assert "Tanker aground" in told(home)
    assert "Blaze in a mill" in told(home)


def test_explain_shows_a_paused_rule_and_says_that_it_is(home: Path) -> None:
    write(home, rule=True)
    said = watcher("explain", "Tanker aground", "--rule", "ships")
    assert said.exit_code == 0
    assert "ships is paused: it makes no new alerts" in said.stderr
    assert "fires" in said.stdout.lower()
