"""Which articles of a feed an arriving document is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, insert

from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import ArticleId, FeedId, digest, public_id
from watcher.core.model.match import ReadArticle
from watcher.core.model.verdict import Stage
from watcher.storage import known_articles
from watcher.storage.tables import items, metadata

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
FEED = FeedId(public_id("f", digest("feed", "one")))
MORE = known_articles.MOST_LISTED + 20


def _id(number: int) -> ArticleId:
    return ArticleId(public_id("a", digest("item", str(number))))


@pytest.fixture
def listing(tmp_path: Path) -> Iterator[Connection]:
    """Give a store in which a feed lists more items than are looked at, written as they came, the oldest first."""
    engine = create_engine(f"sqlite:///{tmp_path}/watcher.db")
    metadata.create_all(engine)
    with engine.connect() as connection:
        rows = [
            {
                "id": _id(number),
                "feed": FEED,
                "stage": Stage.MATCHED,
                "content": digest("content", str(number)),
                "text": 1,
                "first_seen_at": NOW - timedelta(minutes=number),
            }
            for number in reversed(range(MORE))
        ]
        connection.execute(insert(items), rows)
        yield connection
    engine.dispose()


def test_of_a_feed_that_lists_more_than_is_looked_at_the_newest_items_are_compared(listing: Connection) -> None:
    arriving = ReadArticle(Article(_id(-1), FEED), ArticleKeys(digest("new"), digest("other")), ())

    found = known_articles.load_known(listing, [arriving], FEED)

    assert [one.id for one in found] == [_id(number) for number in range(known_articles.MOST_LISTED)]
