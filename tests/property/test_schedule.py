"""The next poll is later than now and not too late, for every feed, wish and number of failures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from watcher.core.feeds.schedule import (
    LONGEST_INTERVAL,
    LONGEST_WAIT,
    SHORTEST_INTERVAL,
    Wishes,
    interval_from,
    next_poll_at,
)
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import Skips

spans = st.timedeltas(timedelta(days=-900), timedelta(days=36500))
moments = st.datetimes(datetime(1971, 1, 1), datetime(2090, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001
feeds = st.text(min_size=1, max_size=20).map(FeedId)
skips = st.builds(
    Skips, st.lists(st.integers(0, 23), unique=True).map(tuple), st.lists(st.integers(0, 6), unique=True).map(tuple)
)
wishes = st.builds(Wishes, st.none() | spans, skips, st.none() | spans, st.none() | spans)


@given(feeds, moments, st.none() | spans, spans, st.integers(0, 10**9), wishes)
def test_next_poll_is_later_than_now_and_within_reach(
    feed: FeedId, now: datetime, every: timedelta | None, interval: timedelta, failures: int, asked: Wishes
) -> None:
    due = next_poll_at(feed, now, every=every, interval=interval, failures=failures, wishes=asked)
    assert now < due <= now + LONGEST_WAIT
    assert due == next_poll_at(feed, now, every=every, interval=interval, failures=failures, wishes=asked)


@given(feeds, moments, st.timedeltas(timedelta(seconds=1), timedelta(hours=24)))
def test_never_earlier_than_retry_after(feed: FeedId, now: datetime, asked: timedelta) -> None:
    due = next_poll_at(
        feed, now, every=timedelta(minutes=1), interval=timedelta(minutes=1), wishes=Wishes(retry_after=asked)
    )
    assert due - now >= asked


@given(feeds, moments, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_wishes_of_the_feed_wait_half_an_hour_at_most(feed: FeedId, now: datetime, asked: timedelta) -> None:
    due = next_poll_at(feed, now, every=None, interval=timedelta(minutes=5), wishes=Wishes(ttl=asked, max_age=asked))
    assert due - now <= timedelta(minutes=33)


@given(feeds, moments, st.integers(0, 40))
def test_one_more_failure_never_shortens_the_wait(feed: FeedId, now: datetime, failures: int) -> None:
    now_due, then_due = (
        next_poll_at(feed, now, every=None, interval=timedelta(minutes=10), failures=count)
        for count in (failures, failures + 1)
    )
    assert now_due <= then_due


@given(st.lists(moments, max_size=40))
def test_interval_stays_within_its_bounds(published: list[datetime]) -> None:
    assert SHORTEST_INTERVAL <= interval_from(published) <= LONGEST_INTERVAL
