"""How long a feed that fails waits, and what raises the wait of one that does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.feeds.schedule import Wishes, next_poll_at
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import Skips

NOTHING = Wishes()
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEN = timedelta(minutes=10)


def _wait(failures: int = 0, wishes: Wishes = NOTHING, every: timedelta | None = None) -> timedelta:
    return next_poll_at(FeedId("wire"), NOW, every=every, interval=TEN, failures=failures, wishes=wishes) - NOW


@pytest.mark.parametrize(
    ("failures", "times"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 36), (8, 36), (999, 36)]
)
def test_the_wait_doubles_from_the_second_failure_in_a_row_up_to_six_hours(failures: int, times: int) -> None:
    assert _wait(failures) / _wait() == pytest.approx(times)


def test_the_longer_wish_of_the_document_or_the_answer_raises_the_wait_and_a_shorter_one_does_not() -> None:
    twice = timedelta(minutes=20)
    assert _wait(wishes=Wishes(ttl=twice)) / _wait() == pytest.approx(2)
    assert _wait(wishes=Wishes(max_age=twice, ttl=TEN)) / _wait() == pytest.approx(2)
    assert _wait(wishes=Wishes(ttl=timedelta(minutes=1))) == _wait()


def test_what_the_user_set_is_not_raised_by_a_wish() -> None:
    assert _wait(wishes=Wishes(ttl=timedelta(minutes=30)), every=TEN) == _wait()


def test_due_times_are_spread_by_a_share_that_stays_with_each_feed() -> None:
    waits = [next_poll_at(FeedId(f"f{n}"), NOW, every=None, interval=TEN) - NOW for n in range(100)]
    assert waits == [next_poll_at(FeedId(f"f{n}"), NOW, every=None, interval=TEN) - NOW for n in range(100)]
    assert min(waits) < TEN * 0.92
    assert max(waits) > TEN * 1.08


@pytest.mark.parametrize(
    ("skips", "later"),
    [
        (Skips(hours=(12,)), 30),  # due at about ten past twelve
        (Skips(days=(0,)), 30),  # a Monday
        (Skips(hours=(11, 13)), 0),
        (Skips(days=(1,)), 0),
    ],
)
def test_a_time_at_which_a_feed_brings_nothing_is_passed_over_by_half_an_hour_at_most(skips: Skips, later: int) -> None:
    assert _wait(wishes=Wishes(skips=skips)) - _wait() == timedelta(minutes=later)
    assert _wait(wishes=Wishes(skips=skips), every=TEN) == _wait(every=TEN), "the user's word goes before it"


def test_a_skipped_time_that_ends_soon_is_waited_for() -> None:
    late = NOW.replace(minute=45)
    due = next_poll_at(FeedId("wire"), late, every=None, interval=TEN, wishes=Wishes(skips=Skips(hours=(12,))))
    assert due == NOW.replace(hour=13)
