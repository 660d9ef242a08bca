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


@pytest.mark.parametrize("channel", ["console", "mail"])
def test_no_denial_correction_or_second_event_is_missing(day: Day, channel: str) -> None:
    assert day.missing(channel) == []


def test_the_mail_box_gets_no_more_than_it_does_now(day: Day) -> None:
    """The aim is ten (docs/explanation/launch-day.md); what is reached is not lost again."""
    assert len(day.told["mail"]) <= 37


def test_each_message_of_the_day_is_written_down(day: Day) -> None:
    """`make manners ARGS=--renew` writes them anew; look at what changed in docs/explanation/launch-day.md."""
    assert day.lines() == expected()
