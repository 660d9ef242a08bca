"""Dates and waiting times of HTTP headers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watcher.core.http_dates import LONGEST_RETRY_AFTER, http_date, retry_after, seconds

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
IN_AN_HOUR = "Mon, 23 Nov 2026 13:00:00 GMT"


@pytest.mark.parametrize(
    ("value", "wish"),
    [
        ("3600", timedelta(hours=1)),
        (" 60 ", timedelta(minutes=1)),
        ("1.5", timedelta(seconds=1.5)),
        ("999999", LONGEST_RETRY_AFTER),
        ("9" * 300, LONGEST_RETRY_AFTER),
        (IN_AN_HOUR, timedelta(hours=1)),
        ("Mon, 23 Nov 2026 13:00:00", timedelta(hours=1)),
        ("Monday, 23-Nov-26 13:00:00 GMT", timedelta(hours=1)),
        ("Mon Nov 23 13:00:00 2026", timedelta(hours=1)),
        ("Mon, 23 Nov 2026 22:00:00 +0900", timedelta(hours=1)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
        ("0" * 30 + "60", timedelta(minutes=1)),
    ],
)
def test_a_wish_is_seconds_or_a_date_and_at_most_a_day(value: str, wish: timedelta) -> None:
    assert retry_after(value, NOW) == wish


@pytest.mark.parametrize(
    "value",
    [
        *("", "0", "0.0", "-5", "+5", "1e99", "1_000", "nan", "inf", "soon", "5 s", "1,5", ".5", "٣٦٠٠", "3600\n3600"),
        "Mon, 23 Nov 2020 13:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +1400",
        "Fri, 31 Dec 9999 23:59:59 -0800",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 99 Nov 99999 13:00:00 GMT",
        "Mon, 23 Nov 2026 13:00:00 +99999999999999",
        "Mon, 23 Nov 2026 " + "13:00:00" * 100,
    ],
)
def test_junk_says_nothing(value: str) -> None:
    assert retry_after(value, NOW) is None


def test_a_date_is_counted_from_the_servers_own_clock() -> None:
    past, date = "Mon, 23 Nov 2020 13:00:00 GMT", "Mon, 23 Nov 2020 12:30:00 GMT"
    assert retry_after(past, NOW, date=date) == timedelta(minutes=30)


@pytest.mark.parametrize("date", ["", "today", "Fri, 31 Dec 9999 23:59:59 -0800", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_date_header_that_cannot_be_read_leaves_our_own_clock(date: str) -> None:
    assert retry_after(IN_AN_HOUR, NOW, date=date) == timedelta(hours=1)


@given(st.text(max_size=120), st.text(max_size=60))
@example("Mon, 01 Jan 0001 00:00:00 +2359", "Fri, 31 Dec 9999 23:59:59 -2359")
def test_no_header_breaks_the_reader(value: str, date: str) -> None:
    wait = retry_after(value, NOW, date=date)
    assert wait is None or timedelta(0) < wait <= LONGEST_RETRY_AFTER
    assert (moment := http_date(value)) is None or moment.tzinfo is UTC
    assert (span := seconds(value)) is None or span >= timedelta(0)


@given(
    st.integers(-5, 40),
    st.sampled_from(["Jan", "Feb", "Dec", "Foo"]),
    st.integers(0, 10**25),
    st.integers(-99999, 99999),
)
def test_no_date_of_any_year_and_zone_breaks_the_reader(day: int, month: str, year: int, zone: int) -> None:
    moment = http_date(f"Mon, {day} {month} {year:04} 23:59:59 {zone:+05}")
    assert moment is None or moment.year >= 1990
