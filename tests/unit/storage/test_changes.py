"""Changes compiled ahead write what SQLAlchemy would write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, delete, select, update

from watcher.core.model.ids import public_id
from watcher.core.model.message import MessageKind, MessageState
from watcher.storage import dialects
from watcher.storage.changes import Change
from watcher.storage.lookup import given
from watcher.storage.tables import article_keys, messages, metadata, word_counts

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ADD = Change(dialects.insert(messages))
WHICH = given("which", messages.c.id)
MOVE = Change(update(messages).where(messages.c.id == WHICH).values(hold=None, tries=messages.c.tries + 1))
FORGET = Change(delete(messages).where(messages.c.id == WHICH))
COUNT = Change(dialects.upsert(word_counts))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path}/watcher.db")
    metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def message(number: int) -> dict[str, Any]:
    return {
        "id": public_id("m", number.to_bytes(16, "big")),
        "target": "desk",
        "kind": MessageKind.ALERT,
        "state": MessageState.WAITING,
        "created_at": NOW,
        "title": "a\0b",
        "text": "",
    }


@pytest.mark.parametrize("count", [0, 1, 3])
def test_rows_are_written_as_sqlalchemy_writes_them(connection: Connection, count: int) -> None:
    rows = [message(number) for number in range(count)]
    ADD.run(connection, *rows)
    ours = connection.execute(select(messages).order_by(messages.c.id)).all()
    connection.execute(delete(messages))
    if rows:
        connection.execute(messages.insert(), rows)
    assert ours == connection.execute(select(messages).order_by(messages.c.id)).all()
    assert len(ours) == count


def test_rows_that_name_other_columns_are_another_statement(connection: Connection) -> None:
    ADD.run(connection, message(1))
    ADD.run(connection, {**message(2), "attempts": 3, "next_try_at": NOW})
    found = {row.attempts: row.next_try_at for row in connection.execute(select(messages))}
    assert found == {0: None, 3: NOW}


def test_a_change_says_how_many_rows_it_changed(connection: Connection) -> None:
    one, two, three = (message(number) for number in range(3))
    ADD.run(connection, one, two)
    assert MOVE.run(connection, {"which": one["id"], "state": MessageState.SENT, "sent_at": NOW}) == 1
    assert MOVE.run(connection, {"which": three["id"], "state": MessageState.SENT, "sent_at": NOW}) == 0
    assert FORGET.run(connection, {"which": two["id"]}, {"which": three["id"]}) == 1
    [left] = connection.execute(select(messages))
    assert (left.id, left.state, left.sent_at, left.tries) == (one["id"], MessageState.SENT, NOW, 1)


def test_an_upsert_takes_the_place_of_what_stood_there(connection: Connection) -> None:
    for count in (1.0, 2.5):
        COUNT.run(connection, {"word": "en shells", "stories": count, "at": NOW})
    assert [tuple(row) for row in connection.execute(select(word_counts))] == [("en shells", 2.5, NOW)]


def test_what_is_not_given_is_a_mistake_and_no_null(connection: Connection) -> None:
    with pytest.raises(KeyError, match="which"):
        MOVE.run(connection, {"state": MessageState.SENT})


def test_an_id_of_another_kind_is_refused(connection: Connection) -> None:
    with pytest.raises(ValueError, match="begins with 'm'"):
        FORGET.run(connection, {"which": public_id("a", bytes(16))})


def test_what_the_database_refuses_is_an_error_of_its_driver(connection: Connection) -> None:
    add = Change(dialects.insert(article_keys))
    with pytest.raises(dialects.driver_errors(), match="NOT NULL"):
        add.run(connection, {"key": None, "kind": "item", "article": public_id("a", bytes(16))})


def test_a_change_is_part_of_a_transaction(connection: Connection) -> None:
    ADD.run(connection, message(1))
    assert connection.in_transaction()
    connection.rollback()
    assert connection.execute(select(messages)).all() == []
