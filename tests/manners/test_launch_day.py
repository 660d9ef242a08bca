"""A day with a launch, a correction, a denial and a second launch: nothing of it is missing, and each message is
written down.
"""

from __future__ import annotations

import pytest

from tests.manners.launch_day import Day, expected, filed, play_day


@pytest.fixture(scope="module")
def day() -> Day:
    return play_day()


def test_sixty_outlets_write() -> None:
    assert len({one.outlet for one in filed()}) == 60


@pytest.mark.parametrize("channel", ["console", "mail", "desk", "bot", "me"])
def test_no_denial_correction_or_second_event_is_missing(day: Day, channel: str) -> None:
    assert day.missing(channel) == []


def test_a_mail_box_without_a_limit_of_its_own_gets_no_more_than_it_does_now(day: Day) -> None:
    """What is reached is not lost again."""
    assert len(day.told["mail"]) <= 37


def test_a_channel_with_a_limit_of_its_own_gets_ten_messages_at_most_and_a_person_five(day: Day) -> None:
    assert len(day.told["desk"]) <= 10
    assert len(day.told["me"]) <= 5


@pytest.mark.parametrize("event", ["the first launch", "the correction", "the denial", "the second launch"])
def test_the_limit_of_a_channel_delays_no_event(day: Day, event: str) -> None:
    """It rings as early as on a channel without one."""
    assert day.first_told("desk", event) == day.first_told("mail", event)


def test_each_message_of_the_day_is_written_down(day: Day) -> None:
    """`make manners ARGS=--renew` writes them anew; look at what changed in docs/explanation/launch-day.md."""
    assert day.lines() == expected()
