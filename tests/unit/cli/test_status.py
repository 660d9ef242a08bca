"""`watcher status` as an operator meets it, over a real database."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from watcher.asking.by_hand import who_left
from watcher.asking.overview import as_json, overview, screen
from watcher.cli.main import cli
from watcher.core.model.by_hand import HandChange, Paused
from watcher.core.model.ids import ChannelName, FeedId
from watcher.core.model.outcome import FeedProblem, FeedState, FetchProblemKind
from watcher.core.model.record import FeedRecord
from watcher.daemon.clock import SystemClock
from watcher.daemon.state import OUT
from watcher.settings.env import read_settings
from watcher.storage.open import open_store

RULES = "rules: [{name: Ships, any: [tanker], send_to: [desk]}]\n"
CHANNELS = "channels: {desk: {type: slack, webhook_url: '${DESK_HOOK}'}}\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration, where the verbs are called."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "config" / "channels.yaml").write_text(CHANNELS, encoding="utf-8")
    (tmp_path / "config" / "news.xml").write_text(feed("Tanker aground off \u202eSkagen"), encoding="utf-8")
    (tmp_path / "config" / "feeds.yaml").write_text(
        "feeds: [{name: news, url: 'file:news.xml', first_poll: alert}]\n", encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def feed(title: str) -> str:
    now = SystemClock().now().strftime("%a, %d %b %Y %H:%M:%S +0000")
    item = f"<item><guid>a1</guid><title>{title}</title><pubDate>{now}</pubDate><link>https://n.example/1</link></item>"
    return f'<rss version="2.0"><channel><title>News</title>{item}</channel></rss>'


def watcher(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def said(*words: str) -> str:
    result = watcher("status", *words)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_before_a_first_start_it_says_what_is_not_there_and_makes_nothing(home: Path) -> None:
    text = said()
    assert "none runs on this data directory; start it with: watcher run" in text
    assert "there is no database" in text
    assert "nothing was alerted yet" in text
    assert not (home / "data").exists()


def test_it_tells_the_last_alert_and_what_waits_for_what(home: Path) -> None:
    assert watcher("poll").exit_code in {0, 1}
    text = said()
    assert "Ships: Tanker aground off Skagen" in text.replace("ships:", "Ships:")
    assert "1 article read, 1 matched, 1 story" in text
    assert "1 message for desk, the oldest for" in text
    assert "its channel waits for its secret" in text
    assert "desk waits: DESK_HOOK is not set" in text
    assert "\u202e" not in text


def test_the_json_form_says_the_same(home: Path) -> None:
    watcher("poll")
    found = json.loads(said("--json"))
    assert found["daemon"] is None
    assert found["unread"] is None
    assert found["last_alert"]["rule"] == "ships"
    assert found["messages"]["held"] == 1
    assert found["channels_waiting"] == {"desk": "DESK_HOOK is not set"}
    assert found["feeds_to_look_at"] == []


def test_silences_and_the_next_digest_are_named_with_their_times_in_the_zone_of_the_files(home: Path) -> None:
    ends = (SystemClock().now() + timedelta(hours=2)).strftime("%Y-%m-%d %H:%M")
    (home / "config" / "more.yaml").write_text(
        "defaults: {zone: Europe/Paris}\n"
        f"silences: [{{rule: ships, until: '{ends}'}}]\n"
        "schedules: {morning: {at: '07:00'}}\n",
        encoding="utf-8",
    )
    text = said()
    muted = next(line for line in text.splitlines() if line.startswith("muted"))
    assert "ships" in muted
    assert " CE" in muted  # CET or CEST
    assert "morning: next" in text


def test_mistakes_in_the_files_are_shown_and_end_it(home: Path) -> None:
    (home / "config" / "rules.yaml").write_text("rules: [{name: Ships, any: [tanker], sent_to: [desk]}]\n")
    result = watcher("status")
    assert result.exit_code == 1
    assert "sent_to" in str(result.exception)


def test_what_was_given_up_is_named_with_the_way_to_send_it_again(home: Path) -> None:
    watcher("poll")

    with contextlib.closing(sqlite3.connect(home / "data" / "watcher.db")) as database, database:
        database.execute("UPDATE messages SET state = 'dead', hold = NULL WHERE hold IS NOT NULL")
    text = said()
    assert "1 message given up: watcher deliveries list --state dead" in text
    assert "nothing waits to be sent" in text


def test_while_the_network_is_out_the_feeds_are_not_listed_one_by_one(home: Path) -> None:
    (home / "config" / "feeds.yaml").write_text(
        "feeds: [{name: a, url: 'https://a.invalid/f'}, {name: b, url: 'https://b.invalid/f'}]\n", encoding="utf-8"
    )
    now = SystemClock().now()
    seen = overview(read_settings(), now)
    answer = {"ready": True, "reasons": [], "revision": 1, "degraded_by": [f"{OUT}: 2 hosts in a row"]}
    gone = FeedProblem(FetchProblemKind.GONE, "it is gone")
    records = [
        FeedRecord(one.name, FeedState(FeedId(one.name), one.url, now, failures=9, problem=gone), 0)
        for one in seen.configuration.feeds
    ]
    listed = replace(seen, stored=replace(seen.stored, feeds=records))
    assert any("a: " in line for line in screen(listed, now))
    assert not any("a: " in line for line in screen(replace(listed, daemon=answer), now))


async def test_check_and_status_say_from_the_store_that_recipients_of_a_channel_left(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHER_SMTP_URL", "smtp://mail.example.org")
    monkeypatch.setenv("WATCHER_SMTP_FROM", "watcher@example.org")
    (home / "config" / "channels.yaml").write_text(
        "channels:\n"
        "  desk: {type: email, to: [ann@example.org, bob@example.org]}\n"
        "  night: {type: email, to: [ann@example.org, bob@example.org]}\n",
        encoding="utf-8",
    )
    (home / "config" / "rules.yaml").write_text(
        RULES.replace("[desk]", "[desk]}, {name: Fires, any: [fire], send_to: [night]")
    )
    settings = read_settings(config=Path("config"), data=Path("data"))
    now = SystemClock().now()
    store = open_store(settings.database)
    left = [("desk", "ann"), ("desk", "bob"), ("night", "bob"), ("night", "eve")]  # eve is no recipient by the files
    for channel, name in left:
        paused = Paused(ChannelName(channel), f"{name}@example.org", now, "a link")
        await store.pause_recipient(paused, HandChange(now, "a link", f"paused {name}"))
    await store.close()
    shown = await asyncio.to_thread(lambda: watcher("check").stdout)
    off = "off, 2 of 2 recipients unsubscribed: what is for it is held"
    assert f"ships -> desk ({off}), console\n" in shown
    assert "fires -> night (1 of 2 recipients unsubscribed)\n" in shown
    seen = await asyncio.to_thread(overview, settings, now)
    assert f"channels  desk is {off}" in screen(seen, now)
    assert "          night: 1 of 2 recipients unsubscribed" in screen(seen, now)
    assert as_json(seen, now)["unsubscribed"]["night"] == {"recipients": 2, "gone": 1}


def test_without_a_database_nobody_unsubscribed(home: Path) -> None:
    assert who_left(read_settings(config=Path("config"), data=Path("data"))) == ()
    assert list(home.glob("data/*")) == [], "to look makes nothing"
