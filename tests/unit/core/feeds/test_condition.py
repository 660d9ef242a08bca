"""How a feed is, in one word, and what is said of it and to be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.feeds.condition import Condition, health_of, quiet_after
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import FeedProblem, FeedState, FeedStatus, FetchProblemKind
from watcher.core.model.policy import FeedSpec
from watcher.telling.feed_words import feed_seen, feed_to_do, in_words

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
SPEC = FeedSpec(url="https://a.example/rss", name="a")
FINE = FeedState(FeedId("f"), SPEC.url, NOW, status=FeedStatus.OK, last_ok_at=NOW, last_item_at=NOW)
HOUR = timedelta(hours=1)


def troubled(kind: FetchProblemKind, status: int | None = None) -> FeedState:
    problem = FeedProblem(kind, "it says so", status)
    return replace(FINE, status=FeedStatus.FAILING, problem=problem, problem_since=NOW - HOUR)


KINDS = {
    (FetchProblemKind.HTTP_STATUS, 401): (Condition.REFUSED, "`auth`"),
    (FetchProblemKind.HTTP_STATUS, 403): (Condition.REFUSED, "network.contact"),
    (FetchProblemKind.BOT_WALL, 403): (Condition.REFUSED, "Ask the publisher"),
    (FetchProblemKind.THROTTLED, 429): (Condition.REFUSED, "longer `every`"),
    (FetchProblemKind.BLOCKED_ADDRESS, None): (Condition.REFUSED, "allow_private"),
    (FetchProblemKind.GONE, 410): (Condition.GONE, "watcher feeds fix a"),
    (FetchProblemKind.NOT_A_FEED, 200): (Condition.NOT_A_FEED, "watcher feeds add https://a.example/rss"),
    (FetchProblemKind.EMPTY, 200): (Condition.EMPTY, "new address"),
    (FetchProblemKind.HTTP_STATUS, 404): (Condition.UNREACHABLE, "which finds feeds"),
    (FetchProblemKind.HTTP_STATUS, 500): (Condition.UNREACHABLE, "asked again"),
    (FetchProblemKind.DNS, None): (Condition.UNREACHABLE, "spelt right"),
    (FetchProblemKind.TLS, None): (Condition.UNREACHABLE, "asked again"),
    (FetchProblemKind.OVERFLOW, None): (Condition.OVERFLOWING, "shorter `every`"),
    (FetchProblemKind.MALFORMED, None): (Condition.MALFORMED, "publisher"),
    (FetchProblemKind.SAME_LINKS, None): (Condition.MALFORMED, "correct `links`"),
    (FetchProblemKind.FALSE_NOT_MODIFIED, None): (Condition.FALSE_304, "whole document"),
}


@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_each_problem_is_one_word_with_one_thing_to_do(kind: FetchProblemKind, status: int | None) -> None:
    word, mend = KINDS[kind, status]
    state = troubled(kind, status)
    health = health_of(SPEC, state, NOW)
    assert (health.condition, health.since, health.needs_look) == (word, NOW - HOUR, True)
    assert feed_seen(SPEC, state, health, NOW) == "it says so"
    assert mend in feed_to_do(SPEC, state, health)


@pytest.mark.parametrize("kind", FetchProblemKind)
def test_every_problem_has_something_to_do(kind: FetchProblemKind) -> None:
    state = troubled(kind)
    assert feed_to_do(SPEC, state, health_of(SPEC, state, NOW))


def test_a_feed_that_says_nothing_for_longer_than_usual_is_too_quiet() -> None:
    state = replace(FINE, last_item_at=NOW - timedelta(days=4), usual_gap=HOUR, quiet_after=timedelta(days=3))
    health = health_of(SPEC, state, NOW)
    assert (health.condition, health.since) == (Condition.TOO_QUIET, NOW - timedelta(days=1))
    assert "(4 days)" in feed_seen(SPEC, state, health, NOW)
    assert "something new every 1 h" in feed_seen(SPEC, state, health, NOW)
    assert "silent_after" in feed_to_do(SPEC, state, health)


def test_the_user_s_silent_after_outweighs_what_was_learned() -> None:
    state = replace(FINE, last_item_at=NOW - 7 * HOUR, quiet_after=timedelta(days=3))
    assert health_of(SPEC, state, NOW).condition is Condition.FINE
    assert health_of(replace(SPEC, silent_after=6 * HOUR), state, NOW).condition is Condition.TOO_QUIET
    assert (
        health_of(
            replace(SPEC, silent_after=timedelta(days=9)), replace(state, last_item_at=NOW - timedelta(days=5)), NOW
        ).condition
        is Condition.FINE
    )


def test_what_costs_most_news_is_said_first() -> None:
    state = replace(
        troubled(FetchProblemKind.DNS),
        last_item_at=NOW - timedelta(days=9),
        quiet_after=HOUR,
        took=timedelta(seconds=20),
    )
    assert health_of(SPEC, state, NOW, ["a note"]).condition is Condition.UNREACHABLE
    assert health_of(replace(SPEC, paused=True), state, NOW).condition is Condition.PAUSED


def test_slow_moved_and_unstable_feeds_are_said() -> None:
    slow = replace(FINE, took=timedelta(seconds=9.8))
    assert "9.8 s" in feed_seen(SPEC, slow, health_of(SPEC, slow, NOW), NOW)
    moving = replace(FINE, moved_to="https://b.example/rss", moved_polls=2, moved_since=NOW - HOUR)
    assert "https://b.example/rss for good (301 or 308), 2 times" in feed_seen(
        SPEC, moving, health_of(SPEC, moving, NOW), NOW
    )
    assert health_of(SPEC, FINE, NOW, ["its dates change"]).condition is Condition.UNSTABLE
    moved = replace(FINE, url="https://b.example/rss")
    assert "asked at https://b.example/rss" in feed_seen(SPEC, moved, health_of(SPEC, moved, NOW), NOW)
    assert "its history stays" in feed_to_do(SPEC, moved, health_of(SPEC, moved, NOW))


def test_nothing_to_look_at_says_nothing() -> None:
    for state in (None, FINE, replace(FINE, status=FeedStatus.NEW, last_ok_at=None)):
        health = health_of(SPEC, state, NOW)
        assert (health.needs_look, feed_seen(SPEC, state, health, NOW), feed_to_do(SPEC, state, health)) == (
            False,
            "",
            "",
        )


def test_weekends_and_single_long_gaps_are_no_silence() -> None:
    assert quiet_after([HOUR] * 20, HOUR) == timedelta(days=3)
    assert quiet_after([HOUR] * 19 + [timedelta(days=2)], HOUR) == timedelta(days=6)
    assert quiet_after([timedelta(days=7)] * 5, timedelta(days=7)) == timedelta(days=70)


def test_lengths_are_said_as_people_do() -> None:
    assert [in_words(timedelta(seconds=s)) for s in (5, 90, 3700, 86400, 3 * 86400)] == [
        "5 s",
        "1 min",
        "1 h",
        "24 h",
        "3 days",
    ]
