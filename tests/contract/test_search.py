"""What every store promises about finding stored articles: what the words are asked for is found, whatever else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from tests.fakes.newsroom import Newsroom, spec
from watcher.core.language.query import parse
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.model.ids import RuleId
from watcher.core.model.policy import Keep
from watcher.core.model.rule import Rule, RuleSource
from watcher.storage import search as search_index
from watcher.storage.store import SqlStore

pytestmark = pytest.mark.filterwarnings("error")

with_index = pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)
"""The store in memory has no index."""

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
TITLES = (
    "북한이 미사일을 발사했다",
    "朝鲜发射导弹",
    "北朝鮮がミサイル発射",
    "North Korean ships reach port",
    "Missile test flight fails",
    "Flight of missiles: a test",
    "Ракета упала в море",
)


def rules(query: str) -> RuleSet:
    return compile_rules(RuleSource(1, (Rule(RuleId("asked"), "asked", parse(query)),)))


async def search(room: Newsroom, query: str) -> list[str]:
    """Return the titles that the engine keeps of what the store finds, sorted."""
    asked = rules(query)
    found = await room.store.found(asked.asked_for(), LONG_AGO)
    articles = await room.store.articles_by_id([one.article for one in found])
    return sorted(one.title for one in articles if asked.match(one)[0])


async def candidates(room: Newsroom, query: str) -> list[str]:
    """Return the titles of what a database finds, before the engine looks at it."""
    found = await room.store.found(rules(query).asked_for(), LONG_AGO)
    return [one.title for one in await room.store.articles_by_id([one.article for one in found])]


def is_sqlite(store: SqlStore) -> bool:
    return store._readers._engine.dialect.name == "sqlite"


async def filled(room: Newsroom) -> None:
    await room.configure(spec("wire"))
    for title in TITLES:
        room.clock.advance(minutes=5)
        await room.publish("wire", room.news(title, rules=(), url=f"https://wire.example/{len(title)}"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("북한", [TITLES[0]]),
        ("朝鲜", [TITLES[1]]),
        ("ミサイル", [TITLES[2]]),
        ('"North Korea*"', [TITLES[3]]),
        ('"test flight"', [TITLES[4]]),
        ("missile*", [TITLES[5], TITLES[4]]),
        ("*ета", [TITLES[6]]),
        ("ракета OR port", [TITLES[3], TITLES[6]]),
        ("/R.ket|пор/", []),
        ("missile* NOT fails", [TITLES[5]]),
        ("url:wire NOT korean", sorted(title for title in TITLES if title != TITLES[3])),
        ("nobody", []),
    ],
)
async def test_words_of_every_script_are_found(room: Newsroom, query: str, expected: list[str]) -> None:
    await filled(room)
    assert await search(room, query) == expected


async def test_newest_are_first_and_a_time_limits_what_is_found(room: Newsroom) -> None:
    await filled(room)
    found = await room.store.found(rules("missile* OR 朝鲜").asked_for(), room.clock.now() - timedelta(minutes=16))
    assert [one.seen_at for one in found] == sorted((one.seen_at for one in found), reverse=True)
    assert all(one.seen_at >= room.clock.now() - timedelta(minutes=16) for one in found)


async def test_some_are_found_up_to_a_number_and_all_are_counted(room: Newsroom) -> None:
    await filled(room)
    asked = rules("missile*").asked_for()
    assert asked is not None
    assert len(await room.store.some(asked, 1)) == 1
    found = await room.store.some(asked, 100)
    assert sorted(one.title for one in found if rules("missile*").match(one)[0]) == [TITLES[5], TITLES[4]]
    assert await room.store.count_articles() == len(TITLES)


async def test_a_later_text_and_the_text_of_a_page_are_found_by_their_words_alone(room: Newsroom) -> None:
    await filled(room)
    first = room.news("Harbour closed", rules=(), url="https://wire.example/h")
    await room.publish("wire", first)
    later = replace(
        first, article=replace(first.article, title="Harbour open"), keys=replace(first.keys, content=b"x" * 16)
    )
    await room.publish("wire", later)
    assert await search(room, "harbour") == ["Harbour open"]
    assert await search(room, "closed") == []


async def test_all_are_read_in_pieces_oldest_first(room: Newsroom) -> None:
    await filled(room)
    whole = await room.store.articles_since(LONG_AGO, 100)
    assert [one.title for one in whole] == list(TITLES)


@with_index
async def test_what_cannot_be_read_ends_nothing(room: Newsroom) -> None:
    assert isinstance(room.store, SqlStore)
    await filled(room)
    await room.store._writer.run(
        lambda db: db.exec_driver_sql(f"UPDATE articles SET tags = '{{' WHERE title <> '{TITLES[4]}'")
    )
    assert [one.title for one in await room.store.articles_since(LONG_AGO, 2)] == [TITLES[4]]
    assert await search(room, "missile*") == [TITLES[4]]
    await room.store._writer.run(search_index.begin_to_fill)
    assert await room.store.index_more(100) == 1.0


async def test_what_retention_takes_is_found_no_more(room: Newsroom) -> None:
    await filled(room)
    room.clock.advance(days=40)
    for _ in range(30):  # a run deletes a share of what is there
        await room.store.prune(Keep(), room.clock.now())
    assert await search(room, "朝鲜 OR missile*") == []
    if isinstance(room.store, SqlStore) and is_sqlite(room.store):
        left = await room.store._readers.run(
            lambda db: db.exec_driver_sql(
                "SELECT count(*) FROM search_words WHERE search_words MATCH 'missile'"
            ).scalar()
        )
        assert left == 0


@with_index
async def test_a_database_finds_by_its_words_and_not_all(room: Newsroom) -> None:
    assert isinstance(room.store, SqlStore)
    await filled(room)
    assert await candidates(room, "北朝鮮") == [TITLES[2]]
    assert await candidates(room, "missile* test") == [TITLES[5], TITLES[4]]


@with_index
async def test_articles_of_before_the_index_are_found_before_and_after_they_are_put_in(room: Newsroom) -> None:
    assert isinstance(room.store, SqlStore)
    await filled(room)

    def empty(db: Connection) -> None:
        if db.dialect.name == "sqlite":
            db.exec_driver_sql("INSERT INTO search_words (search_words) VALUES ('delete-all')")
        db.exec_driver_sql("DELETE FROM searched")
        db.exec_driver_sql("INSERT INTO meta (name, value) VALUES ('indexed to', '')")

    await room.store._writer.run(empty)
    assert await search(room, "朝鲜") == [TITLES[1]]
    shares = [await room.store.index_more(3) for _ in range(3)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert await room.store.index_more(3) == 1.0
    assert await candidates(room, "朝鲜") == [TITLES[1]]
    assert await search(room, "missile*") == [TITLES[5], TITLES[4]]
