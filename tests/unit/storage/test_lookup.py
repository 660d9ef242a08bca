"""Look-ups compiled ahead give the rows that SQLAlchemy gives, and find them by an index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, select

from watcher.core.model.ids import FeedId, public_id
from watcher.core.model.verdict import Stage
from watcher.storage import (
    alerts,
    articles,
    candidates,
    copies,
    details,
    dialects,
    history,
    in_turn,
    known_articles,
    lapsed,
    outbox,
    promoted,
    shares,
    sqlite,
    stories,
)
from watcher.storage.lookup import Fixed, Lookup, given
from watcher.storage.tables import items, metadata

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
FEED = FeedId(public_id("f", bytes(16)))
MODULES = (
    alerts,
    articles,
    candidates,
    copies,
    details,
    history,
    in_turn,
    known_articles,
    lapsed,
    outbox,
    promoted,
    shares,
    stories,
)
LOOKUPS = [
    (f"{module.__name__.rpartition('.')[2]}.{name}", one)
    for module in MODULES
    for name, one in vars(module).items()
    if isinstance(one, Lookup | Fixed)
]
BY_FEED_OR_STATE = {
    *("candidates._OPEN_SUMMARIES", "candidates._OPEN_MESSAGES", "known_articles._LISTED", "articles._LISTED"),
    *("in_turn._DUE", "in_turn._ASKED_FOR", "in_turn._HELD_BACK", "in_turn._SENDING", "lapsed._SENDING"),
}
"""What asks for all that a feed lists now, or that waits or is sent now; the others must not grow with what is held."""
BY_ID = Lookup(items.c.id, lambda ids: select(items).where(items.c.id.in_(ids)).order_by(items.c.id))
LATER = Lookup(
    items.c.id,
    lambda ids: select(items.c.id).where(
        items.c.id.in_(ids),
        items.c.first_seen_at > given("since", items.c.first_seen_at),
        items.c.stage.in_(tuple(Stage)),
    ),
)
ALL = Fixed(select(items.c.id, items.c.stage).where(items.c.feed == given("feed", items.c.feed)))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path}/watcher.db")
    metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def article(number: int) -> str:
    return public_id("a", number.to_bytes(16, "big"))


def fill(connection: Connection, count: int) -> list[str]:
    rows: list[dict[str, Any]] = [
        {
            "id": article(number),
            "feed": FEED,
            "stage": list(Stage)[number % len(Stage)],
            "content": b"c" * 16,
            "text": 1,
            "published_at": None if number % 2 else NOW,
            "signs": {"title": "Шторм", "n": [number]} if number % 3 else None,
            "first_seen_at": NOW + timedelta(hours=number),
        }
        for number in range(count)
    ]
    connection.execute(items.insert(), rows)
    return [row["id"] for row in rows]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 64, 600, 1100])
def test_rows_are_those_of_sqlalchemy_however_long_the_list(connection: Connection, count: int) -> None:
    ids = fill(connection, 1100)[:count]
    theirs = connection.execute(select(items).order_by(items.c.id)).all()
    ours = list(BY_ID.rows(connection, [*ids, *ids, article(9999)]))
    assert [tuple(row) for row in ours] == [tuple(row) for row in theirs if row.id in set(ids)]
    assert [row._fields for row in ours[:1]] == [theirs[0]._fields for _ in ours[:1]]


def test_what_is_given_and_lists_that_never_change_count(connection: Connection) -> None:
    ids = fill(connection, 12)
    late = [row.id for row in LATER.rows(connection, ids, since=NOW + timedelta(hours=9))]
    assert late == ids[10:]
    assert [row.stage for row in ALL.rows(connection, feed=FEED)] == [list(Stage)[n % len(Stage)] for n in range(12)]


def test_what_is_not_given_is_a_mistake_and_no_null(connection: Connection) -> None:
    with pytest.raises(KeyError):
        list(LATER.rows(connection, [article(1)]))


def test_an_id_of_another_kind_is_refused(connection: Connection) -> None:
    with pytest.raises(ValueError, match="begins with 'a'"):
        list(BY_ID.rows(connection, [FEED]))


def test_a_look_up_reads_within_a_transaction(connection: Connection) -> None:
    assert not connection.in_transaction()
    list(BY_ID.rows(connection, [article(1)]))
    assert connection.in_transaction()


@pytest.mark.parametrize(("name", "lookup"), LOOKUPS, ids=[name for name, _ in LOOKUPS])
def test_every_look_up_of_a_poll_uses_an_index(connection: Connection, name: str, lookup: Lookup | Fixed) -> None:
    text = lookup.text(connection)
    steps = [row[3] for row in dialects.run(connection, f"EXPLAIN QUERY PLAN {text}", [None] * text.count("?"))]
    assert steps
    assert not [step for step in steps if _reads_a_whole_table(step)], steps


@pytest.mark.parametrize(("name", "lookup"), LOOKUPS, ids=[name for name, _ in LOOKUPS])
def test_no_look_up_by_keys_reads_all_of_a_feed_or_of_a_state(
    connection: Connection, name: str, lookup: Lookup | Fixed
) -> None:
    text = lookup.text(connection)
    steps = [row[3] for row in dialects.run(connection, f"EXPLAIN QUERY PLAN {text}", [None] * text.count("?"))]
    grows = [step for step in steps if "ix_items_feed" in step or "ix_messages_state" in step]
    assert not grows or name in BY_FEED_OR_STATE, steps


def test_habits_are_found_by_their_keys(connection: Connection) -> None:
    text = sqlite.carriers_text(8)
    steps = [row[3] for row in dialects.run(connection, f"EXPLAIN QUERY PLAN {text}", [None] * text.count("?"))]
    assert any("carried USING PRIMARY KEY (key=? AND kind=?)" in step for step in steps), steps
    assert not [step for step in steps if _reads_a_whole_table(step)], steps


def _reads_a_whole_table(step: str) -> bool:
    return step.startswith("SCAN ") and step.split()[1] in metadata.tables


def test_the_modules_of_a_poll_have_look_ups() -> None:
    assert {_module(name) for name, _ in LOOKUPS} == {module.__name__.rpartition(".")[2] for module in MODULES}


def _module(name: str) -> str:
    return name.partition(".")[0]
