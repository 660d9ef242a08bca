"""`watcher explain URL` of a link that no feed gave, and the whole way of one that is stored."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fakes.http_server import HttpServer
from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.cli.explain import command
from watcher.core.model.article import Article
from watcher.errors import ConfigError, StorageError
from watcher.storage.open import open_store

TITLE = "Shells hit railway bridge at Nikopol"


@pytest.fixture
async def archive(tmp_path: Path) -> Path:
    """The folder of a database with one alert, and its configuration."""
    (tmp_path / "config").mkdir()
    text = config(feeds=FEEDS[:3])
    (tmp_path / "config" / "all.yaml").write_text(text, encoding="utf-8")
    store = open_store(f"sqlite:///{tmp_path}/watcher.db")
    desk = await Reporters.open(tmp_path, store, text)
    await desk.report("wire", TITLE, minutes=30)
    await store.close()
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    place = ["--config", f"{folder}/config", "--database", f"sqlite:///{folder}/watcher.db", "--data", str(folder)]
    return CliRunner().invoke(command, [*arguments, *place])


def test_a_link_that_no_feed_gave_is_said_with_who_told_the_story_and_how_to_add_its_site(archive: Path) -> None:
    error = run(archive, "https://news.elsewhere.example/2026/shells-hit-railway-bridge-nikopol?utm_source=x").exception
    assert isinstance(error, StorageError)
    lines = str(error).splitlines()
    assert lines[1].startswith(
        "no feed of elsewhere.example is configured; to add one: watcher feeds add https://news."
    )
    assert TITLE in lines[3]
    assert "--fetch" in lines[-1]


def test_a_link_of_a_known_site_names_its_feeds_and_what_is_unlike_all_is_said_so(archive: Path) -> None:
    error = run(archive, "https://wire.example/minister-opens-museum-of-glass").exception
    assert isinstance(error, StorageError)
    assert "feeds of wire.example: wire; none of them listed it" in str(error)
    assert "no stored article has a headline like it" in str(error)


def test_an_address_that_is_not_to_be_dialled_is_not_fetched(archive: Path) -> None:
    error = run(archive, "http://127.0.0.1:9/story", "--fetch").exception
    assert isinstance(error, ConfigError)
    assert "cannot be fetched" in str(error)


def test_a_page_that_is_fetched_is_explained_by_its_own_words(archive: Path) -> None:
    page = b"<html><head><title>Shells hit railway bridge &amp; port at Nikopol</title></head><body><p>No.</p></body></html>"
    with HttpServer() as server:
        server.publishes("/story", page, content_type="text/html")
        file = archive / "config" / "all.yaml"
        allowed = file.read_text(encoding="utf-8") + "\nnetwork: {allow_private: [127.0.0.0/8]}\n"
        file.write_text(allowed, encoding="utf-8")
        result = run(archive, server.url("/story"), "--fetch")
    assert result.exception is None, result.exception
    assert "its page: Shells hit railway bridge & port at Nikopol" in result.stderr
    assert TITLE in result.stderr
    assert "fires" in result.stdout


def test_a_stored_link_is_found_whatever_its_trackers_and_its_whole_way_is_told(archive: Path) -> None:
    async def first() -> Article:
        store = open_store(f"sqlite:///{archive}/watcher.db", read_only=True)
        [article] = await store.newest_articles(1)
        await store.close()
        return article

    article = asyncio.run(first())
    result = run(archive, f"{article.url}?utm_source=mail&utm_medium=x")
    assert result.exception is None, result.exception
    lines = result.stdout.splitlines()
    assert any(line.startswith(f"came from {article.feed_name}, first seen ") for line in lines)
    assert any(line.startswith("desk: m") and " waiting: it waits" in line for line in lines), lines


def test_the_short_id_of_an_alert_names_it_also_without_a_digit(archive: Path) -> None:
    with sqlite3.connect(archive / "watcher.db") as db:
        (length,) = db.execute("SELECT length(id) FROM alerts").fetchone()
        db.execute("UPDATE alerts SET id = zeroblob(?)", (length,))
    db.close()
    shown = "l" + "a" * 12
    assert "came from wire" in run(archive, shown).output


def test_the_way_to_add_a_feed_keeps_the_port_of_the_link(archive: Path) -> None:
    error = run(archive, "http://elsewhere.example:8080/story").exception
    assert "watcher feeds add http://elsewhere.example:8080/" in str(error)
