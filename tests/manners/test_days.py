"""A night in which Slack refuses us, and an ordinary Tuesday: budgets hold, nothing that matters is missing, and each
message is written down.
"""

from __future__ import annotations

import pytest

from tests.manners.days import (
    NIGHT_MUST_TELL,
    TUESDAY_MUST_TELL,
    Diary,
    expected,
    lines,
    play_night,
    play_tuesday,
)


@pytest.fixture(scope="module")
def night() -> Diary:
    return play_night()


@pytest.fixture(scope="module")
def day() -> Diary:
    return play_tuesday()


@pytest.mark.parametrize(("channel", "most"), [("desk", 2), ("me", 4)])
def test_a_night_rings_no_oftener_than_its_budget(night: Diary, channel: str, most: int) -> None:
    assert len(night.told[channel]) <= most


@pytest.mark.parametrize("channel", ["desk", "me"])
def test_a_tuesday_rings_no_oftener_than_twelve_times(day: Diary, channel: str) -> None:
    assert len(day.told[channel]) <= 12


@pytest.mark.parametrize("channel", ["desk", "me"])
def test_no_denial_correction_or_second_event_is_missing(night: Diary, day: Diary, channel: str) -> None:
    assert set(NIGHT_MUST_TELL) <= set(night.headlines(channel))
    assert set(TUESDAY_MUST_TELL) <= set(day.headlines(channel))


@pytest.mark.parametrize("channel", ["desk", "me"])
def test_a_redated_archive_a_renamed_feed_and_a_new_rule_ring_nobody(day: Diary, channel: str) -> None:
    assert not [title for title in day.headlines(channel) if title.startswith("Anniversary")]
    assert len(day.headlines(channel)) == len(set(day.headlines(channel)))


def test_each_message_of_both_is_written_down(night: Diary, day: Diary) -> None:
    """`make manners ARGS=--renew` writes them anew; look at what changed in docs/explanation/days.md."""
    assert lines(night, day) == expected()
