"""Dates as feeds write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.feeds.dates import parse_date


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon, 05 Feb 2024 12:30:00 GMT", (2024, 2, 5, 12, 30)),
        ("Mon, 5 Feb 2024 12:30 EST", (2024, 2, 5, 17, 30)),
        ("5 Feb 24 12:30:00 +0530 (IST)", (2024, 2, 5, 7, 0)),
        ("2024-02-05T12:30:00.123+09:00", (2024, 2, 5, 3, 30)),
        ("2024-02-05 12:30:00Z", (2024, 2, 5, 12, 30)),
        ("2024-02-05T24:00:00Z", (2024, 2, 6, 0, 0)),
        ("2024-02-05", (2024, 2, 5, 0, 0)),
        ("Feb 5, 2024 3:04 PM PST", (2024, 2, 5, 23, 4)),
        ("2024年2月5日 12:30", (2024, 2, 5, 12, 30)),
        ("05 Şubat 2024 10:30", (2024, 2, 5, 10, 30)),
        ("Пн, 05 фев 2024 10:30:00 +0300", (2024, 2, 5, 7, 30)),
        ("Mon Feb  5 12:30:00 2024", (2024, 2, 5, 12, 30)),
        ("1707136200", (2024, 2, 5, 12, 30)),
    ],
)
def test_every_form_is_read(text: str, moment: tuple[int, int, int, int, int]) -> None:
    assert parse_date(text) == datetime(*moment, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "32 Foo 2026",
        "31 Feb 2024 10:00:00 GMT",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2106-02-07T00:00:00Z",
        "1" * 5000,
    ],
)
def test_nonsense_and_absurd_years_are_no_date(text: str) -> None:
    assert parse_date(text) is None


@given(
    st.text(max_size=60)
    | st.from_regex(r"[0-9]{1,4}[-/. ][0-9A-Za-z]{1,4}[-/. ][0-9]{1,5}( [0-9]{1,3}:[0-9]{1,3})?.{0,8}", fullmatch=True)
)
def test_no_text_raises_and_every_date_is_aware(text: str) -> None:
    moment = parse_date(text)
    assert moment is None or (moment.tzinfo is UTC and 1970 <= moment.year < 2100)
