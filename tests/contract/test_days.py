"""Days with every message that a channel gets: a night, and the weeks in which the clock is changed, on every store."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.test_limits import STORIES
from tests.contract.test_timing import ALARM, LOW, config, look, opened, until
from tests.fakes.reporters import Reporters
from watcher.ports import Store

pytestmark = pytest.mark.filterwarnings("error")

DAILY = "Shells of day {} found near {}"
PLACES = ("Sumy", "Kherson", "Nikopol", "Izmail", "Odesa")


async def told(desk: Reporters, channel: str = "desk") -> list[str]:
    """Return a line a message: when it was made, in UTC, and what it lists."""
    return [
        f"{message.at:%d %H:%M} {' | '.join(sorted({alert.headline.text for alert in message.alerts}))}"
        for message in desk.channels[channel].sent
    ]


async def test_a_night_with_quiet_hours_is_two_messages(store: Store, tmp_path: Path) -> None:
    desk = await opened(store, tmp_path, config(", quiet: night"), at="2026-11-23 22:30")
    await desk.report("wire", STORIES[0], minutes=1)
    await look(desk)
    await desk.report("paper", STORIES[0], minutes=20)
    await desk.report("wire", LOW, minutes=20)
    await desk.report("post", ALARM, minutes=39)
    await look(desk)
    denial = "Army denies that shells were found in a shed near Sumy"
    assert await desk.report("paper", denial, hours=1) == ["update"]
    await desk.report("wire", STORIES[3], hours=2)
    for at in ("05:29", "05:30", "05:31", "05:40", "09:00"):
        until(desk, f"2026-11-24 {at}")
        await look(desk)
    listed = " | ".join(sorted((STORIES[0], LOW, denial, STORIES[3])))
    assert await told(desk) == [f"23 23:50 {ALARM}", f"24 05:30 {listed}"]


@pytest.mark.parametrize(
    ("first", "hours"),
    [
        ("2027-03-25", ["05:30", "05:30", "04:30", "04:30", "04:30"]),
        ("2027-10-28", ["04:30", "04:30", "05:30", "05:30", "05:30"]),
    ],
)
async def test_each_day_of_a_week_with_a_change_of_the_clock_has_one_digest(
    store: Store, tmp_path: Path, first: str, hours: list[str]
) -> None:
    desk = await opened(store, tmp_path, config(", digest: morning"), at=f"{first} 08:00")
    told: list[str] = []
    for day, place in enumerate(PLACES):
        await desk.report("wire", DAILY.format(day, place), minutes=1)
        following = datetime.fromisoformat(first) + timedelta(days=day + 1)
        for at in ("01:00", "04:29", "04:30", "04:31", "05:29", "05:30", "05:31", "08:00"):
            until(desk, f"{following:%Y-%m-%d} {at}")
            before = len(desk.told("desk"))
            await look(desk)
            told += [f"{at} {title}" for titles in desk.told("desk")[before:] for title in titles]
    assert told == [
        f"{hour} {DAILY.format(day, place)}" for day, (hour, place) in enumerate(zip(hours, PLACES, strict=True))
    ]
