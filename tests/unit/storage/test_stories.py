"""Stories in the database: the same as kept in memory, and gone when nothing needs them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, func, select

from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.match import Match, ReadArticle
from watcher.core.model.story import StoryChanges
from watcher.core.stories.link import Stories, Teller, own_story
from watcher.core.stories.shelf import Shelf
from watcher.storage import stories as rows
from watcher.storage import tables as t

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
WHO = ("Kado harbour", "Dellbrook plant", "Orlan refinery", "Tarsan market", "Velland border")
WHAT = (
    "blast injures fourteen workers",
    "police arrest three suspects",
    "fire put out at dawn",
    "envoy denies report",
    "strike enters second week",
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path}/watcher.db")
    t.metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def read(number: int, title: str, lang: str = "en") -> ReadArticle:
    article = Article(ArticleId(f"a{number}"), FeedId("f"), title=title, lang=lang)
    return ReadArticle(article, ArticleKeys(b"", b""), matches=(Match(RuleId("r"), ()),))


def placed(known: object, reads: list[ReadArticle], at: datetime) -> tuple[list[str], StoryChanges]:
    stories = Stories(*known)  # type: ignore[misc]
    found = [
        stories.place(one.article, at, Teller(f"p{one.article.id}", frozenset({RuleId("r")}))).story for one in reads
    ]
    return list(found), stories.changes()


def test_rows_and_memory_give_the_same_stories(connection: Connection) -> None:
    rng, shelf, at, number = random.Random(7), Shelf(), NOON, 0
    for _ in range(150):
        at += timedelta(hours=rng.choice((0, 1, 5, 40)))
        reads = []
        for _ in range(rng.choice((1, 2, 5))):
            number += 1
            reads.append(read(number, f"{rng.choice(WHO)}: {rng.choice(WHAT)}", rng.choice(("en", "de"))))
        kept, kept_changes = placed(shelf.load(reads, at), reads, at)
        stored, stored_changes = placed(rows.load_stories(connection, reads, at), reads, at)
        assert stored == kept
        shelf.write(kept_changes, at)
        rows.write(connection, stored_changes, at)
    assert {story.id for story in rows.newest(connection, 10_000)} == set(shelf.stories)


def test_a_merged_story_is_found_by_its_old_id(connection: Connection) -> None:
    one, two = (
        read(1, "Missile lands near Kado harbour, fishermen say"),
        read(2, "Kado residents report loud blast at dawn"),
    )
    bridge = read(3, "Missile lands near Kado harbour; residents report loud blast at dawn")
    for each in (one, two, bridge):
        _, changes = placed(rows.load_stories(connection, [each], NOON), [each], NOON)
        rows.write(connection, changes, NOON)
    found = [rows.one(connection, own_story(each.article)) for each in (one, two)]
    assert found[0] is not None
    assert found[0] == found[1]
    assert found[0].size == 3


def test_an_old_story_is_found_by_its_id_alone(connection: Connection) -> None:
    old = read(1, "Blast at Dellbrook plant")
    _, changes = placed(rows.load_stories(connection, [old], NOON), [old], NOON)
    rows.write(connection, changes, NOON)
    assert (
        rows.load_stories(connection, [read(2, "Second blast at Dellbrook plant")], NOON + timedelta(days=60))[0] == ()
    )
    assert [story.title for story in rows.by_ids(connection, {own_story(old.article)})] == ["Blast at Dellbrook plant"]


def test_what_nobody_can_join_or_ask_for_is_forgotten(connection: Connection) -> None:
    old = read(1, "Blast at Dellbrook plant")
    _, changes = placed(rows.load_stories(connection, [old], NOON), [old], NOON)
    rows.write(connection, changes, NOON)
    assert rows.prune_stories(connection, NOON + timedelta(days=10), 100) == 0
    assert rows.prune_stories(connection, NOON + timedelta(days=70), 100) == 1
    left = [
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (t.stories, t.story_words, t.word_counts)
    ]
    assert left == [0, 0, 0]
