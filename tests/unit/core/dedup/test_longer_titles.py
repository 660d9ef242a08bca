"""Two sources give one lead, and one of them a longer headline: a few words more, and the same numbers and turns."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from watcher.core.dedup.habits import Habits
from watcher.core.dedup.keys import article_keys
from watcher.core.dedup.near_copy import Copy, near_copy
from watcher.core.model.alert import Member
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.outcome import Identity

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LEAD = "The ferry went down in heavy seas before dawn, and the coast guard is looking for survivors."


def _member(source: str, title: str) -> Member:
    article = Article(
        id=ArticleId(source),
        feed=FeedId(source),
        guid=source,
        url=f"https://{source}.example/{source}",
        title=title,
        summary=LEAD,
        source=source,
        feed_name=source,
        published_at=NOON,
        first_seen_at=NOON,
    )
    return Member(article, article_keys(article, Identity.GUID))


@pytest.mark.parametrize(
    ("more", "folds"),
    [
        ("Ferry sinks off Karo island in heavy seas, officials say", True),
        ("Ferry sinks off Karo island in heavy seas with 40 aboard", False),
        ("Ferry sinks off Karo island in heavy seas, officials deny", False),
    ],
)
def test_a_longer_headline_is_a_copy_without_another_number_and_without_a_turn(more: str, folds: bool) -> None:
    one, two = _member("wire", "Ferry sinks off Karo island in heavy seas"), _member("paper", more)
    found = near_copy(two, one, Habits())
    assert (isinstance(found, Copy) and found.because["equal"] == "longer title") is folds, found
