"""A database of the first landed version goes on as if nothing had happened: its history, and what was told already."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.station import Station, config, rss
from watcher.core.model.ids import ChannelName
from watcher.core.model.verdict import Level, Outcome
from watcher.storage.open import upgrade_store

TEXT = config(feeds=("wire", "paper"))
SHIPPED = "Shells shipped to the front by rail"


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A daemon on a database that schema 0004 left: one story sent (revised once since), one waiting, one of a first
    poll.
    """
    with sqlite3.connect(tmp_path / "watcher.db") as connection:
        connection.executescript((Path(__file__).parent / "schema_0004.sql").read_text())
        runs = [("condition", "shells volume", 1795436400000000), ("prune", "2026-11-23", 1795436400000000)]
        connection.executemany("INSERT INTO job_runs VALUES (?, ?, ?)", runs)
    connection.close()
    upgrade_store(f"sqlite:///{tmp_path}/watcher.db")
    made = Station(tmp_path)
    made.clock.advance(minutes=30)
    await made.adopt(TEXT)
    yield made
    await made.close()


async def test_what_was_waiting_is_sent_and_what_was_sent_stays_sent(station: Station) -> None:
    await station.send()

    assert station.told("desk") == [["Shells found in a harbour shed"]]
    assert await station.store.check() == []


async def test_documents_listed_before_and_after_tell_nothing_again(station: Station) -> None:
    at = station.clock.now() - timedelta(minutes=22)
    document = rss(SHIPPED, at=at).replace(b"</title><guid>", b" again</title><guid>")
    station.feeds["wire"] = document
    station.feeds["paper"] = rss("Shells found in a harbour shed", at=station.clock.now() - timedelta(minutes=10))
    await station.poll()
    station.feeds["wire"] = document.replace(b" again<", b" once more<")
    await station.poll()

    assert len(await station.store.recent_alerts()) == 2


async def test_alert_and_verdict_are_of_the_text_that_is_there(station: Station) -> None:
    sent = next(alert for alert in await station.store.recent_alerts() if alert.article.title.startswith(SHIPPED))
    record = await station.store.article(sent.article.id)

    assert (sent.article.text, sent.article.title) == (2, f"{SHIPPED} again")
    assert sent.match.spans != ()
    assert record is not None
    assert [(one.text, one.outcome, one.level) for one in record.verdicts] == [(2, Outcome.SENT, Level.REVISION)]


async def test_a_condition_that_holds_is_not_told_again_and_its_end_is(station: Station) -> None:
    store, desk, now = station.store, [ChannelName("desk")], station.clock.now()

    assert await store.note_condition("shells volume", True, desk, "volume: 10", "Ten.", now) == 0
    assert await store.note_condition("shells spike", True, desk, "spike: 9", "Nine.", now) == 1
    assert await store.end_condition("shells volume", desk, "over", "None.", now) == 1
    assert await store.end_condition("shells volume", desk, "over", "None.", now) == 0


async def test_a_slot_of_a_job_that_ran_does_not_run_again(station: Station) -> None:
    now = station.clock.now()

    assert not await station.store.claim_slot("prune", "2026-11-23", now)
    assert await station.store.claim_slot("prune", "2026-11-24", now)
    assert await station.store.claim_slot("condition", "shells volume", now)  # no longer a slot
