"""Rules over time on a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from tests.fakes.clock import FakeClock
from watcher.core.alerts.over_time import quiet_source, reach, spike, volume
from watcher.core.matching.asks import asks_of_trend
from watcher.core.model.durations import in_words
from watcher.core.model.ids import RuleId
from watcher.core.model.record import BegunStory, FeedLife, FeedNews, StoryHistory
from watcher.core.model.rule import FirstSeen, QuietSource, Spike, Volume
from watcher.telling.over_time import numbers_now

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ARMS = RuleId("arms")
TEN = Volume(ARMS, 10, 6 * HOUR)
THREEFOLD = Spike(ARMS, 6 * HOUR, 14 * DAY, 3, 5)
WIRE = QuietSource("wire", 12 * HOUR)


def stories(clock: FakeClock, ages: Iterable[timedelta], known_for: timedelta = 90 * DAY) -> StoryHistory:
    return StoryHistory(tuple(sorted(clock.now() - age for age in ages)), clock.now() - known_for)


def test_volume_holds_from_the_limit_on_and_lets_go_as_stories_age() -> None:
    clock = FakeClock()
    nine = stories(clock, [n * timedelta(minutes=30) for n in range(9)])
    assert volume(TEN, nine, clock.now()).holds is False
    ten = stories(clock, [n * timedelta(minutes=30) for n in range(10)])
    found = volume(TEN, ten, clock.now())
    assert (found.holds, numbers_now(found).title) == (True, "volume: 10 stories of arms in 6 h, limit 10")
    clock.advance(hours=1, minutes=29)
    assert volume(TEN, ten, clock.now()).holds is True
    clock.advance(minutes=1)
    assert volume(TEN, ten, clock.now()).holds is False


def test_spike_compares_the_window_with_the_mean_of_the_baseline() -> None:
    clock = FakeClock()
    # 56 windows of 6 h lie in 14 d: 112 stories are 2 a window.
    usual = [7 * HOUR + n * 3 * HOUR for n in range(112)]
    six = stories(clock, [*usual, *(n * HOUR / 2 for n in range(6))])
    found = spike(THREEFOLD, six, clock.now())
    assert (found.holds, numbers_now(found).title) == (True, "spike: 6 stories of arms in 6 h, usually 2.0")
    five = stories(clock, [*usual, *(n * HOUR / 2 for n in range(5))])
    assert spike(THREEFOLD, five, clock.now()).holds is False


def test_spike_needs_its_least_number_even_when_nothing_is_usual() -> None:
    clock = FakeClock()
    assert spike(THREEFOLD, stories(clock, [HOUR] * 4), clock.now()).holds is False
    assert spike(THREEFOLD, stories(clock, [HOUR] * 5), clock.now()).holds is True


def test_spike_says_that_its_history_is_too_short() -> None:
    clock = FakeClock()
    young = spike(THREEFOLD, stories(clock, [HOUR] * 50, known_for=3 * DAY), clock.now())
    assert young.holds is None
    assert "too short: 2 d 18 h of 14 d" in numbers_now(young).text
    assert spike(THREEFOLD, StoryHistory(), clock.now()).holds is None
    clock.advance(days=14)
    grown = stories(clock, [HOUR] * 50, known_for=14 * DAY + 6 * HOUR)
    assert spike(THREEFOLD, grown, clock.now()).holds is True


def test_quiet_source_counts_from_the_last_new_item() -> None:
    clock = FakeClock()
    began = clock.now() - 3 * DAY
    asked = clock.now() - timedelta(minutes=5)
    quiet = quiet_source(WIRE, FeedNews(clock.now() - 13 * HOUR, asked, "status 503"), began, clock.now())
    assert (quiet.holds, numbers_now(quiet).title) == (True, "quiet source: nothing new from wire for 13 h, limit 12 h")
    assert "status 503" in numbers_now(quiet).text
    busy = quiet_source(WIRE, FeedNews(clock.now() - 12 * HOUR, asked), began, clock.now())
    assert busy.holds is False
    ahead = quiet_source(WIRE, FeedNews(clock.now() + HOUR, asked), began, clock.now())
    assert ahead.holds is False


def test_our_own_absence_is_not_the_silence_of_a_feed() -> None:
    clock = FakeClock()
    last = clock.now() - 2 * DAY
    not_asked = FeedNews(last, last)
    assert quiet_source(WIRE, not_asked, clock.now(), clock.now()).holds is None
    assert quiet_source(WIRE, FeedNews(last, clock.now()), clock.now(), clock.now()).holds is True


def test_a_feed_that_never_brought_anything_is_quiet_since_it_is_watched() -> None:
    clock = FakeClock()
    began = clock.now()
    clock.advance(hours=11)
    assert quiet_source(WIRE, FeedNews(None, clock.now()), began, clock.now()).holds is False
    clock.advance(hours=2)
    assert quiet_source(WIRE, FeedNews(None, clock.now()), began, clock.now()).holds is True


def test_reach_covers_all_that_is_counted() -> None:
    assert [reach(one) for one in (TEN, THREEFOLD, WIRE, FirstSeen(DAY))] == [
        3 * DAY + 6 * HOUR,
        14 * DAY + 6 * HOUR,
        timedelta(0),
        timedelta(0),
    ]


def test_every_rule_over_time_can_be_said() -> None:
    assert asks_of_trend(TEN) == "volume: 10 or more stories of arms within 6 h"
    assert (
        asks_of_trend(THREEFOLD)
        == "spike: 5 or more stories of arms within 6 h, and 3 times as many as usual over 14 d"
    )
    assert asks_of_trend(WIRE) == "quiet source: nothing new from wire for longer than 12 h"
    assert asks_of_trend(FirstSeen(30 * DAY)) == "first seen: only when nothing matched this rule in the 30 d before"
    spans = [timedelta(0), timedelta(seconds=30), HOUR / 4, 36 * HOUR, DAY + timedelta(minutes=5, seconds=3)]
    assert [in_words(one) for one in spans] == ["0 min", "30 s", "15 min", "1 d 12 h", "1 d 5 min"]


def lives(clock: FakeClock, name: str, ages: Iterable[timedelta], known_for: timedelta, read: timedelta) -> FeedLife:
    begun = tuple(sorted(clock.now() - age for age in ages))
    return FeedLife(name, begun, clock.now() - known_for, clock.now() - read)


def test_a_feed_that_was_added_or_is_out_is_left_out_of_both_windows_and_named() -> None:
    clock = FakeClock()
    usual = lives(clock, "wire", [7 * HOUR + n * 6 * HOUR for n in range(56)], 90 * DAY, HOUR)
    new = lives(clock, "new", [HOUR] * 40, 2 * DAY, HOUR)
    out = lives(clock, "out", [8 * HOUR] * 9, 90 * DAY, 7 * HOUR)
    every = [usual, new, out]
    history = StoryHistory(
        tuple(sorted(at for one in every for at in one.begun_at)), clock.now() - 90 * DAY, tuple(every)
    )
    found = spike(THREEFOLD, history, clock.now())
    assert (found.stories, found.usual, found.holds, found.left_out) == (0, 1.0, False, ("new", "out"))
    assert "2 feeds left out, not read all that time: new, out." in numbers_now(found).text
    assert volume(TEN, history, clock.now()).stories == 40, "it is two days old, longer than what volume looks at"
    newer = StoryHistory(new.begun_at, clock.now() - 90 * DAY, (lives(clock, "new", [HOUR] * 40, 2 * HOUR, HOUR),))
    assert volume(TEN, newer, clock.now()).holds is False


def dated(clock: FakeClock, name: str, ages: Iterable[tuple[timedelta, timedelta | None]]) -> StoryHistory:
    """A feed whose stories came so long ago, each so long after it was published."""
    pairs = sorted(((clock.now() - age, lag) for age, lag in ages), key=lambda pair: pair[0])
    published = tuple(None if lag is None else at - lag for at, lag in pairs)
    begun = tuple(at for at, _ in pairs)
    life = FeedLife(name, begun, clock.now() - 90 * DAY, clock.now(), published)
    newest = [BegunStory(at, name, f"Story {n}", "", published[n]) for n, at in enumerate(begun)]
    return StoryHistory(begun, clock.now() - 90 * DAY, (life,), tuple(reversed(newest)))


MINUTE = timedelta(minutes=1)
USUAL = [(7 * HOUR + n * 6 * HOUR, 5 * MINUTE) for n in range(40)]


def test_what_an_outage_held_back_is_no_event_of_now_and_is_counted_apart() -> None:
    clock = FakeClock()
    backlog = [(HOUR, 9 * HOUR + n * MINUTE) for n in range(12)]  # all at once, an hour ago
    fresh = [(MINUTE * n, 4 * MINUTE) for n in range(1, 4)]
    history = dated(clock, "wire", [*USUAL, *backlog, *fresh])
    for found in (spike(THREEFOLD, history, clock.now()), volume(TEN, history, clock.now())):
        assert (found.stories, found.late, found.holds) == (3, 12, False)
        assert len(found.newest) == 3
        assert "12 stories left out that came late" in numbers_now(found).text


def test_a_feed_that_is_always_late_or_dates_wrongly_is_not_held_to_be_late() -> None:
    clock = FakeClock()
    zone = [(age, 9 * HOUR) for age, _ in USUAL]
    history = dated(clock, "wire", [*zone, *((MINUTE * n, 9 * HOUR) for n in range(1, 13))])
    assert volume(TEN, history, clock.now()).holds is True
    assert spike(THREEFOLD, history, clock.now()).late == 0


def test_what_came_late_counts_where_nothing_shows_how_long_news_usually_takes() -> None:
    clock = FakeClock()
    backlog = [(HOUR, 9 * HOUR) for _ in range(12)]
    for usual in ([], USUAL[:2], [(age, None) for age, _ in USUAL]):
        assert volume(TEN, dated(clock, "wire", [*usual, *backlog]), clock.now()).late == 0
    undated = dated(clock, "wire", [*USUAL, *((HOUR, None) for _ in range(12))])
    assert volume(TEN, undated, clock.now()).stories == 12


def test_where_all_is_new_no_feed_is_left_out() -> None:
    clock = FakeClock()
    young = lives(clock, "wire", [HOUR] * 12, 3 * HOUR, HOUR)
    history = StoryHistory(young.begun_at, clock.now() - 3 * HOUR, (young,))
    assert volume(TEN, history, clock.now()).holds is True
