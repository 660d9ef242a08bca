"""A document in which nothing was known: items may have been missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.feeds.overflow import with_overflow
from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import FeedProblem, FeedState, FetchProblemKind, Reading
from watcher.core.model.policy import FeedSpec

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FEED = FeedId("f1")
SPEC = FeedSpec(url="https://n.example/rss", name="n")
HOUR = timedelta(hours=1)
BEFORE = FeedState(FEED, SPEC.url, NOW, last_ok_at=NOW - HOUR, last_item_at=NOW - HOUR, interval=HOUR)
AFTER = replace(BEFORE, last_ok_at=NOW, next_poll_at=NOW + HOUR)


def reading(dated: int, undated: int) -> Reading:
    dates = [NOW] * dated + [None] * undated
    articles = [
        ReadArticle(Article(ArticleId(f"a{n}"), FEED, published_at=at), ArticleKeys(b"i", b"c"))
        for n, at in enumerate(dates)
    ]
    return Reading(FEED, 1, tuple(articles))


def test_an_undated_document_of_which_nothing_was_known_overflows_and_is_asked_soonest() -> None:
    state = with_overflow(BEFORE, AFTER, SPEC, reading(0, 5), 0, NOW)
    assert state.problem is not None
    assert (state.problem.kind, state.interval) == (FetchProblemKind.OVERFLOW, timedelta(minutes=5))
    assert "None of the 5 items was listed at the last good poll (23 Nov 11:00 UTC)" in state.problem.message
    assert state.next_poll_at < NOW + timedelta(minutes=6)


@pytest.mark.parametrize(
    ("before", "after", "read", "known"),
    [
        (BEFORE, AFTER, reading(0, 5), 1),
        (BEFORE, AFTER, reading(0, 4), 0),  # short lists are often replaced as a whole
        (BEFORE, AFTER, reading(5, 5), 0),  # the dates say where it begins
        (replace(BEFORE, last_ok_at=None), AFTER, reading(0, 5), 0),  # the first document
        (replace(BEFORE, last_item_at=None), AFTER, reading(0, 5), 0),  # it listed nothing before
        (BEFORE, replace(AFTER, problem=FeedProblem(FetchProblemKind.MALFORMED, "")), reading(0, 5), 0),
        (BEFORE, AFTER, replace(reading(0, 5), whole=False), 0),
    ],
)
def test_what_says_nothing_of_missed_items(before: FeedState, after: FeedState, read: Reading, known: int) -> None:
    assert with_overflow(before, after, SPEC, read, known, NOW) == after


def test_the_interval_of_the_user_stays() -> None:
    often = replace(SPEC, every=timedelta(minutes=30))
    assert with_overflow(BEFORE, AFTER, often, reading(0, 5), 0, NOW).interval == timedelta(minutes=30)
