"""What the shared HTTP sender reads out of answers and errors."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.model.message import AttemptClass
from watcher.delivery.http import usual_table
from watcher.errors import FetchError
from watcher.network.guard import AddressGuard


@given(st.integers(100, 999))
def test_every_status_means_something_and_only_2xx_is_ok(status: int) -> None:
    assert (usual_table(status) is AttemptClass.OK) == (200 <= status < 300)


def test_what_a_gateway_passed_on_without_an_answer_may_have_arrived() -> None:
    found = {status: usual_table(status) for status in (500, 502, 503, 504)}
    assert [status for status, kind in found.items() if kind is AttemptClass.UNKNOWN] == [502, 504]


async def test_a_connection_that_never_came_about_was_not_asked() -> None:
    async def hanging(_address: str, _port: int) -> socket.socket:
        await asyncio.Event().wait()
        raise AssertionError

    guard = AddressGuard(["127.0.0.0/8"], connector=hanging)
    with pytest.raises(FetchError) as caught:
        await guard.dial("127.0.0.1", 9, timeout=timedelta(milliseconds=1))
    assert caught.value.detail.asked is False
