"""Rows that cannot be read are set aside alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.contract.test_limits import STORIES
from tests.contract.test_timing import config, look, opened, until
from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import Newsroom
from watcher.core.model.message import AttemptClass, HoldReason
from watcher.core.model.policy import Policy
from watcher.storage.open import open_store

DAMAGE = {
    "a word that is none": "UPDATE messages SET kind = 'nonsense' WHERE id = :id",
    "a time that is none": "UPDATE messages SET created_at = 'nonsense' WHERE id = :id",
    "a next try that is none": "UPDATE messages SET first_tried_at = 'nonsense' WHERE id = :id",
    "labels that are no JSON": "UPDATE alerts SET labels = '[' WHERE message = :id",
    "an article that is no JSON": (
        "UPDATE articles SET tags = '{' WHERE id IN (SELECT article FROM alerts WHERE message = :id)"
    ),
    "a match that is no JSON": (
        "UPDATE matches SET spans = 'x' WHERE article IN (SELECT article FROM alerts WHERE message = :id)"
    ),
}

SEVERITY = "UPDATE alerts SET severity = 99 WHERE message = :id"


def damage(folder: Path, statement: str, **values: object) -> None:
    with sqlite3.connect(folder / "watcher.db") as connection:
        assert connection.execute(statement, values).rowcount == 1
    connection.close()


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE)
async def test_one_message_that_cannot_be_read_is_set_aside_and_the_others_are_sent(
    statement: str, tmp_path: Path
) -> None:
    room = Newsroom(open_store(f"sqlite:///{tmp_path}/watcher.db"), FakeClock())
    await room.open("wire")
    for number in range(3):
        await room.publish("wire", room.news(f"Shells {number}"))
        room.clock.advance(seconds=1)
    with sqlite3.connect(tmp_path / "watcher.db") as connection:
        id_ = connection.execute("SELECT id FROM messages ORDER BY created_at LIMIT 1").fetchone()[0]
    connection.close()
    damage(tmp_path, statement, id=id_)
    sent = []
    while claims := await room.claim("desk"):
        sent += [alert.article.title for claim in claims for alert in claim.alerts]
        await room.answer(claims[0], AttemptClass.OK)
    assert sent == ["Shells 1", "Shells 2"]
    [name] = await room.store.unreadable()
    record = await _shown(room, name)
    assert record in (None, HoldReason.UNREADABLE)
    assert len(await room.store.messages(state="sent")) == 2
    await room.store.close()


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE)
async def test_one_message_that_cannot_be_read_does_not_hold_what_the_night_held(
    statement: str, tmp_path: Path
) -> None:
    store = open_store(f"sqlite:///{tmp_path}/watcher.db")
    desk = await opened(store, tmp_path, config(", quiet: night"))
    for number in range(3):
        await desk.report("wire", STORIES[number], minutes=20)
    with sqlite3.connect(tmp_path / "watcher.db") as connection:
        id_ = connection.execute("SELECT id FROM messages WHERE state = 'held' ORDER BY created_at LIMIT 1").fetchone()[
            0
        ]
    connection.close()
    damage(tmp_path, statement, id=id_)
    until(desk, "2026-11-24 05:30")
    await look(desk)
    await look(desk)
    assert {title for titles in desk.told("desk") for title in titles} == set(STORIES[1:3])
    await store.close()


@pytest.mark.parametrize("name", ["a word that is none", "a next try that is none", "a severity that is none"])
async def test_one_message_that_cannot_be_read_does_not_hold_what_waits_behind_a_breaker(
    name: str, tmp_path: Path
) -> None:
    room = Newsroom(open_store(f"sqlite:///{tmp_path}/watcher.db"), FakeClock())
    await room.open("wire")
    await room.publish("wire", *(room.news(f"Shells {number}", item=f"i{number}") for number in range(4)))
    [claim] = await room.claim("desk")
    await room.open_breaker(claim)
    with sqlite3.connect(tmp_path / "watcher.db") as connection:
        ids = [id_ for (id_,) in connection.execute("SELECT id FROM messages ORDER BY created_at, id")]
    connection.close()
    damage(tmp_path, {**DAMAGE, "a severity that is none": SEVERITY}[name], id=ids[0])
    room.clock.advance(hours=1)
    await room.store.release_due(Policy(1, {}, {}), room.clock.now())
    assert len(await room.store.unreadable()) == 1
    [probe] = await room.claim("desk")
    assert len(probe.alerts) == 3
    await room.store.close()


async def _shown(room: Newsroom, name: str) -> HoldReason | None:
    held = [one for one in await room.store.messages() if f"message {one.id}" == name]
    return held[0].hold if held else None


async def test_one_pending_article_that_cannot_be_read_is_passed_over_and_named(tmp_path: Path) -> None:
    room = Newsroom(open_store(f"sqlite:///{tmp_path}/watcher.db"), FakeClock())
    await room.open("wire")
    await room.publish("wire", *(room.news(f"Shells {number}", rules=(), failed=("shells",)) for number in range(3)))
    room.clock.advance(hours=1)
    assert len(await room.store.pending_matches(room.clock.now(), 10)) == 3
    damage(tmp_path, "UPDATE articles SET tags = '{' WHERE title = 'Shells 1'")
    pending = await room.store.pending_matches(room.clock.now(), 10)
    assert sorted(one.article.title for one in pending) == ["Shells 0", "Shells 2"]
    assert [name.split()[0] for name in await room.store.unreadable()] == ["article"]
    await room.store.close()
