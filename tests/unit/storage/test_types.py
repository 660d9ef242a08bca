"""How ids, times and values stand in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects.sqlite import dialect

from watcher.core.model.ids import public_id
from watcher.storage.types import Moment, Packed, Period, PublicId, id_range, is_id

SQLITE = dialect()


@given(st.binary(min_size=16, max_size=16), st.integers(1, 27))
def test_every_beginning_of_an_id_has_the_id_in_its_range(raw: bytes, length: int) -> None:
    low, high = id_range(public_id("m", raw)[:length])
    assert low <= raw <= high
    assert is_id("m", public_id("m", raw))
    assert not is_id("a", public_id("m", raw))


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16), st.integers(2, 27))
def test_id_with_another_beginning_is_out_of_range(left: bytes, right: bytes, length: int) -> None:
    low, high = id_range(public_id("m", left)[:length])
    is_inside = low <= right <= high
    assert is_inside == (public_id("m", right)[:length] == public_id("m", left)[:length])


@pytest.mark.parametrize("text", ["", "m1", "m!", "m" + "a" * 27, "mé"])
def test_text_that_begins_no_id_is_not_one(text: str) -> None:
    assert not is_id("m", text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_come_back_to_the_microsecond(moment: datetime) -> None:
    kind = Moment()
    assert kind.process_result_value(kind.process_bind_param(moment, SQLITE), SQLITE) == moment


def test_times_of_other_zones_are_stored_in_utc_and_naive_ones_refused() -> None:
    moment = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=9)))
    stored = Moment().process_bind_param(moment, SQLITE)
    assert Moment().process_result_value(stored, SQLITE) == datetime(2026, 11, 23, 3, tzinfo=UTC)
    with pytest.raises(ValueError, match="without a zone"):
        Moment().process_bind_param(datetime(2026, 11, 23), SQLITE)  # noqa: DTZ001 - the refused case


@given(st.timedeltas())
def test_periods_come_back(length: timedelta) -> None:
    assert Period().process_result_value(Period().process_bind_param(length, SQLITE), SQLITE) == length


def test_id_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with 'a'"):
        PublicId("a").process_bind_param(public_id("m", bytes(16)), SQLITE)


def test_packed_values_come_back_with_every_script() -> None:
    value = {"words": ["북한", "Россия", "\u2028"], "n": 1, "x": None}
    assert Packed().process_result_value(Packed().process_bind_param(value, SQLITE), SQLITE) == value
