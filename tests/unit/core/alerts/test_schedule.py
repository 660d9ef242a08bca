"""Times of day as moments: over midnight, over both changes of the clock, on the days that are left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.alerts.schedule import (
    Oddity,
    end_of,
    longest_wait,
    moment,
    never_comes,
    never_ends,
    next_begin,
    next_odd,
    next_slot,
    oddity,
    say_odd,
)
from watcher.core.model.timing import Days, Times, Window

PARIS, SEOUL = ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Seoul")
NEW_YORK, LORD_HOWE = ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")


ALL = Days()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def night(begins: str = "23:00", ends: str = "06:30", days: Days = ALL, zone: ZoneInfo = PARIS) -> Window:
    return Window("night", time.fromisoformat(begins), time.fromisoformat(ends), days, zone)


def morning(*times: str, days: Days = ALL, zone: ZoneInfo = PARIS) -> Times:
    return Times("morning", tuple(map(time.fromisoformat, times or ("06:30",))), days, zone)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-11-27 21:59", None),
        ("2026-11-27 22:00", "2026-11-28 05:30"),
        ("2026-11-28 05:29", "2026-11-28 05:30"),
        ("2026-11-28 05:30", None),
        ("2026-11-28 12:00", None),
        ("2026-03-28 23:00", "2026-03-29 04:30"),  # the short night
        ("2026-10-24 23:00", "2026-10-25 05:30"),  # the long one
    ],
)
def test_a_night_is_over_midnight_and_ends_at_the_local_time(now: str, ends: str | None) -> None:
    assert end_of(night(), utc(now)) == (utc(ends) if ends else None)


def test_a_window_within_a_day_and_one_of_a_whole_day() -> None:
    lunch = night("12:00", "14:00")
    assert end_of(lunch, utc("2026-11-27 11:30")) == utc("2026-11-27 13:00")
    assert end_of(lunch, utc("2026-11-27 13:00")) is None
    always = night("00:00", "00:00")
    assert end_of(always, utc("2026-11-27 11:30")) == utc("2026-11-27 23:00")


def test_days_of_a_window_are_those_it_begins_on() -> None:
    fridays = night(days=Days(weekdays=frozenset({4})))
    assert end_of(fridays, utc("2026-11-28 03:00")) is not None  # the night of Friday 27th
    assert end_of(fridays, utc("2026-11-27 03:00")) is None
    assert end_of(night(days=Days(not_on=frozenset({date(2026, 11, 27)}))), utc("2026-11-28 03:00")) is None


@pytest.mark.parametrize(
    ("day", "at", "is_end", "expected"),
    [
        ("2026-03-29", "02:30", False, "2026-03-29 01:00"),  # skipped: the first moment after the gap
        ("2026-03-29", "02:00", True, "2026-03-29 01:00"),
        ("2026-10-25", "02:30", False, "2026-10-25 00:30"),  # doubled: the first
        ("2026-10-25", "02:30", True, "2026-10-25 01:30"),  # doubled, an end: the second
    ],
)
def test_a_time_that_a_change_of_clock_skips_or_doubles(day: str, at: str, is_end: bool, expected: str) -> None:
    assert moment(date.fromisoformat(day), time.fromisoformat(at), PARIS, is_end=is_end) == utc(expected)


def test_a_change_of_half_an_hour() -> None:
    assert moment(date(2026, 10, 4), time(2, 10), LORD_HOWE) == utc("2026-10-03 15:30")


@pytest.mark.parametrize("zone", [PARIS, SEOUL, NEW_YORK, LORD_HOWE], ids=str)
@pytest.mark.parametrize("at", ["06:30", "02:30", "02:10", "01:30", "00:00", "23:59"])
def test_a_digest_is_due_once_each_local_day_of_a_year(zone: ZoneInfo, at: str) -> None:
    schedule, now, names = morning(at, zone=zone), utc("2026-01-01 12:00"), []
    while now < utc("2027-01-01 12:00"):
        slot = next_slot(schedule, now)
        assert slot is not None
        names.append(slot.name)
        now = slot.at
    assert len(names) == len({name[:10] for name in names})
    assert len(names) in (365, 366)
    assert sorted(names) == names


def test_days_that_are_left_out_have_no_slot() -> None:
    workdays = morning(days=Days(weekdays=frozenset(range(5)), not_on=frozenset({date(2026, 12, 25)})))
    assert next_slot(workdays, utc("2026-12-24 12:00")).name == "2026-12-28 06:30"  # type: ignore[union-attr]
    assert longest_wait(workdays, utc("2026-12-01 12:00")) == timedelta(days=4)


def test_29_february_comes_and_a_whole_day_on_some_days_ends() -> None:
    assert not never_comes(morning(days=Days(month_days=frozenset({29}), months=frozenset({2}))))
    whole = Window("all", time(0), time(0))
    assert never_ends(whole)
    assert not never_ends(replace(whole, days=Days(weekdays=frozenset({6}))))
    assert not never_ends(replace(whole, ends=time(23, 59)))


def test_crontab_takes_a_weekday_or_a_day_of_the_month() -> None:
    either = Days(weekdays=frozenset({0}), month_days=frozenset({13}), is_either=True)
    assert either.holds(date(2026, 11, 13))  # a Friday
    assert either.holds(date(2026, 11, 16))  # a Monday
    assert not either.holds(date(2026, 11, 17))


def test_what_never_comes_is_told_by_none() -> None:
    never = Days(month_days=frozenset({31}), months=frozenset({2}))
    assert next_slot(morning(days=never), utc("2026-01-01 00:00")) is None
    assert never_comes(morning(days=never))
    assert next_begin(night(days=never), utc("2026-01-01 00:00")) is None


@given(
    st.integers(0, 366 * 24 * 60),
    st.times(),
    st.times(),
    st.sampled_from([PARIS, SEOUL, NEW_YORK, LORD_HOWE]),
)
def test_a_window_that_holds_now_ends_later_and_holds_until_then(
    minutes: int, begins: time, ends: time, zone: ZoneInfo
) -> None:
    now = utc("2026-01-01 00:00") + timedelta(minutes=minutes)
    window = Window("w", begins.replace(second=0, microsecond=0), ends.replace(second=0, microsecond=0), Days(), zone)
    found = end_of(window, now)
    if found is not None:
        assert now < found <= now + timedelta(hours=25)
        assert end_of(window, found - timedelta(microseconds=1)) is not None


@pytest.mark.parametrize(
    ("day", "at", "odd"),
    [
        ("2026-03-29", "02:30", Oddity.SKIPPED),
        ("2026-03-29", "03:00", None),
        ("2026-03-29", "01:59", None),
        ("2026-10-25", "02:00", Oddity.DOUBLED),
        ("2026-10-25", "02:59", Oddity.DOUBLED),
        ("2026-10-25", "03:00", None),
        ("2026-11-27", "02:30", None),
    ],
)
def test_a_local_time_that_a_change_of_clock_skips_or_doubles_is_known(day: str, at: str, odd: Oddity | None) -> None:
    assert oddity(date.fromisoformat(day), time.fromisoformat(at), PARIS) is odd
    assert oddity(date.fromisoformat(day), time.fromisoformat(at), SEOUL) is None


def test_the_next_time_that_is_skipped_or_doubled_is_found_and_said() -> None:
    now, at = utc("2026-11-27 12:00"), time(2, 30)
    assert next_odd(at, ALL, PARIS, now) == (date(2027, 3, 28), Oddity.SKIPPED)
    assert next_odd(at, Days(not_on=frozenset({date(2027, 3, 28)})), PARIS, now) == (date(2027, 10, 31), Oddity.DOUBLED)
    assert next_odd(time(4), ALL, PARIS, now) is None
    assert say_odd(Oddity.SKIPPED, time(3)) == "is skipped by a change of the clock: it is read as 03:00"
    assert say_odd(Oddity.DOUBLED, at).endswith("the first is meant")
    assert say_odd(Oddity.DOUBLED, at, is_end=True).endswith("the second is meant")
