"""With which configuration a start begins, and what it knows of an earlier version's keys."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.station import Station, config, rss
from watcher.core.model.ids import KEY_VERSION
from watcher.daemon.start import first_configuration
from watcher.errors import ConfigError
from watcher.pipeline import process_feed
from watcher.settings.env import read_settings

BAD = "rules:\n  - nam: Shells\n"


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A station with a stored revision, and files that have a mistake since."""
    made = Station(tmp_path)
    await made.begin(config())
    (tmp_path / "watcher.yaml").write_text(BAD, "utf-8")
    yield made
    await made.close()


async def test_strict_refuses_files_with_mistakes_although_a_good_revision_is_stored(
    station: Station, tmp_path: Path
) -> None:
    settings = read_settings(config=tmp_path, data=tmp_path)
    with pytest.raises(ConfigError, match=r"watcher\.yaml:2:5"):
        await first_configuration(station.store, settings, strict=True)


async def test_without_strict_the_last_good_revision_goes_on_and_the_mistakes_are_said(
    station: Station, tmp_path: Path
) -> None:
    settings = read_settings(config=tmp_path, data=tmp_path)
    found, mistakes = await first_configuration(station.store, settings, strict=False)
    assert [rule.name for rule in found.rules] == ["Shells"]
    assert "watcher.yaml:2:5" in mistakes


async def test_what_is_stored_under_the_previous_key_version_is_known(tmp_path: Path) -> None:
    station = Station(tmp_path)
    station.feeds["wire"] = rss("Tea is served")
    await station.begin(config())
    await station.poll()
    await station.store.close()
    with sqlite3.connect(tmp_path / "watcher.db") as database:
        changed = database.execute("UPDATE article_keys SET key_version = ?", (KEY_VERSION - 1,)).rowcount
    database.close()
    assert changed > 0
    await station.restart(config())
    # The same item with other words is a revision of what is stored, and no article of its own.
    station.feeds["wire"] = rss("Tea is served").replace(b"<title>Tea is served", b"<title>Tea is served, hot")
    await station.store.request_poll(["wire"], station.clock.now())
    [claim] = await station.store.claim_feeds("me", station.clock.now(), 1, timedelta(minutes=3))
    done = (await process_feed(claim, station.world)).committed
    assert (done.new, done.revised) == (0, 1)
    await station.close()
