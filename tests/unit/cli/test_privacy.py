"""`watcher privacy`: every destination of bytes, who chose it, and no secret."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.fakes.newsroom import spec
from watcher.asking.destinations import Known, destinations_of
from watcher.cli.main import cli
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import FeedState
from watcher.core.model.record import FeedRecord
from watcher.settings.configuration import Configuration
from watcher.settings.env import read_settings

FEEDS = """feeds:
  - {name: wire, url: 'https://wire.example/f?q=hidden-search', headers: {X-Key: '${WIRE_KEY}'}}
  - {name: slow, url: 'https://slow.example:8443/f', proxy: 'http://ann:hidden-word@proxy.example:3128'}
  - {name: pages, url: 'https://wire.example/g', full_text: true, paused: true}
"""
CHANNELS = """channels:
  desk: {type: slack, webhook_url: 'https://hooks.slack.com/services/hidden-hook'}
  bot: {type: telegram, token: '${BOT}', chat: '-1001'}
  me: {type: email, to: [me@example.org]}
  kept: {type: file}
  off: {type: discord, webhook_url: '${NOT_SET}'}
  rest: {type: discord, webhook_url: 'https://discord.com/api/webhooks/hidden-hook', paused: true}
meta: {heartbeat: 'https://alive.example/ping/hidden-id'}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration, where the verb is called."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "feeds.yaml").write_text(FEEDS, encoding="utf-8")
    (tmp_path / "config" / "channels.yaml").write_text(CHANNELS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "WIRE_KEY": "hidden-key",
        "BOT": "hidden-token",
        "WATCHER_SMTP_URL": "smtps://ann:hidden-pass@mail.example",
        "WATCHER_SMTP_FROM": "watcher@example.org",
        "WATCHER_CALLBACK_BIND": "127.0.0.1:8090",
        "WATCHER_CALLBACK_URL": "https://push.example",
        "WATCHER_BIND": "0.0.0.0:8080",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def found() -> list[dict[str, Any]]:
    result = CliRunner().invoke(cli, ["privacy", "--json"])
    assert result.exit_code == 0, result.output
    assert "hidden" not in result.output
    return list(map(json.loads, result.output.splitlines()))


def test_every_destination_is_told_with_who_chose_it_and_without_secrets(home: Path) -> None:
    told = {(one["kind"], f"{one['name']}: {one['where']}" if one["name"] else one["where"]): one for one in found()}
    assert {where: one["chosen_by"] for where, one in told.items()} == {
        ("feed", "https://wire.example"): "feeds.yaml:4:5",
        ("feed", "https://slow.example:8443"): "feeds.yaml:3:5",
        ("proxy", "http://proxy.example:3128"): "feeds.yaml:3:5",
        ("pages", "the sites that items of pages link to"): "feeds.yaml:4:5",
        ("hub", "the hubs that feeds name (WebSub)"): "WATCHER_CALLBACK_URL, and the feed's document",
        ("channel", "desk: https://hooks.slack.com"): "channels.yaml:2:3",
        ("channel", "bot: https://api.telegram.org"): "channels.yaml:3:3",
        ("channel", "me: smtps://mail.example"): "channels.yaml:4:3, server by WATCHER_SMTP_URL",
        ("channel", "kept: stays on this machine"): "channels.yaml:5:3",
        ("channel", "off: not known yet"): "channels.yaml:6:3",
        ("channel", "rest: https://discord.com"): "channels.yaml:7:3",
        ("channel", "console: stays on this machine"): "always there",
        ("heartbeat", "https://alive.example"): "meta.heartbeat",
        ("page", "0.0.0.0:8080, whoever reaches this address"): "WATCHER_BIND",
        ("names", "the name server of this machine"): "its operator",
    }
    assert told["channel", "off: not known yet"]["rests"] == "NOT_SET is not set"
    assert told["channel", "rest: https://discord.com"]["rests"] == "paused"
    assert "me@example.org" in told["channel", "me: smtps://mail.example"]["data"]
    assert not (home / "data").exists()


def test_lines_are_short_where_the_same_goes_to_many(home: Path) -> None:
    text = CliRunner().invoke(cli, ["privacy"]).output
    assert "hidden" not in text
    assert text.count("feed: the address asked for") == 2  # with and without the headers of the feed
    assert "there is no telemetry" in text


def test_a_server_and_what_feeds_led_to_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHER_DATABASE", "postgresql://ann:hidden-pass@db.example:5433/watcher")
    at = datetime(2026, 11, 28, 3, 1, tzinfo=UTC)
    state = FeedState(FeedId("f"), "https://elsewhere.example/f?key=hidden", at, last_poll_at=at)
    configuration = Configuration(feeds=(spec("wire"),))
    told = list(destinations_of(configuration, read_settings(), Known((FeedRecord("wire", state, 0),))))
    assert [(one.kind, one.where) for one in told if one.kind in ("feed", "database")] == [
        ("feed", "https://wire.example"),
        ("feed", "https://elsewhere.example"),
        ("database", "postgresql://db.example:5433"),
    ]
    assert [one.last for one in told[:2]] == [at, at]
    assert "hidden" not in str(told)


def test_an_address_whose_port_is_none_is_refused_and_shown_nowhere(home: Path) -> None:
    broken = CHANNELS.replace("hooks.slack.com/", "hooks.slack.com:99999/")
    (home / "config" / "channels.yaml").write_text(broken, encoding="utf-8")
    result = CliRunner().invoke(cli, ["privacy", "--json"])
    assert "hidden" not in result.output + str(result.exception)
    assert result.exit_code != 0


def test_files_with_mistakes_are_told(home: Path) -> None:
    (home / "config" / "feeds.yaml").write_text("feeds: [{url: 3}]\n", encoding="utf-8")
    result = CliRunner().invoke(cli, ["privacy"])
    assert result.exit_code != 0
    assert "the configuration has mistakes" in str(result.exception or result.output)
