"""What the shared HTTP sender reads out of answers and errors."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.model.message import AttemptClass
from watcher.delivery.http import LONGEST_HINT, retry_after, usual_table
from watcher.errors import FetchError
from watcher.network.guard import AddressGuard

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        (" 1.5 ", timedelta(seconds=1.5)),
        ("Mon, 23 Nov 2026 14:05:00 GMT", timedelta(minutes=5)),
        ("Mon, 23 Nov 2026 13:00:00 GMT", None),
        ("999999999999", LONGEST_HINT),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_HINT),
        ("0", None),
        ("-5", None),
        ("1e99", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_hint_is_seconds_or_a_date_and_nonsense_is_none(value: str, wait: timedelta | None) -> None:
    assert retry_after(value, NOW) == wait


@given(st.text(max_size=60))
def test_no_hint_breaks_the_reader(value: str) -> None:
    wait = retry_after(value, NOW)
    assert wait is None or timedelta(0) < wait <= LONGEST_HINT


@given(st.integers(100, 999))
def test_every_status_means_something_and_only_2xx_is_ok(status: int) -> None:
    assert (usual_table(status) is AttemptClass.OK) == (200 <= status < 300)


async def test_a_connection_that_never_came_about_was_not_asked() -> None:
    async def hanging(_address: str, _port: int) -> socket.socket:
        await asyncio.Event().wait()
        raise AssertionError

    guard = AddressGuard(["127.0.0.0/8"], connector=hanging)
    with pytest.raises(FetchError) as caught:
        await guard.dial("127.0.0.1", 9, timeout=timedelta(milliseconds=1))
    assert caught.value.detail.asked is False
