"""What is told while the database takes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.station import Station, config
from watcher.core.model.message import AttemptClass, Message
from watcher.errors import OutOfDescriptors

TO_ME = config(channels=["desk", "me"], send_to=["desk"], more="meta: {send_to: [me]}")
TO_BOTH = config(channels=["desk", "me"], send_to=["desk"], more="meta: {send_to: [desk, me]}")


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A station with nothing adopted."""
    made = Station(tmp_path)
    yield made
    await made.close()


def titles(station: Station, channel: str) -> list[str]:
    return [message.title for message in station.channels[channel].sent]


async def test_a_trouble_is_told_directly_once_and_so_is_its_end(station: Station) -> None:
    await station.begin(TO_ME)
    for _ in range(5):
        await station.meta.tell_directly("disk full", "The disk is full", "Free some space.")
        station.clock.advance(minutes=30)
    assert titles(station, "me") == ["The disk is full"]
    assert await station.states() == [], "nothing of it is stored"
    for _ in range(2):
        await station.meta.ended_directly("disk full", "The disk has room again", "Polling goes on.")
        await station.send()
    assert titles(station, "me") == ["The disk is full", "The disk has room again"]
    assert "It lasted from 2026-11-23 12:00 to 2026-11-23 14:30 UTC." in station.channels["me"].sent[-1].text
    await station.meta.tell_directly("disk full", "The disk is full", "Free some space.")
    assert titles(station, "me")[2:] == ["The disk is full"]


async def test_the_end_of_what_was_not_told_is_not_told(station: Station) -> None:
    await station.begin(TO_ME)
    await station.meta.ended_directly("disk full", "The disk has room again", "Polling goes on.")
    await station.send()
    assert await station.states() == []


async def test_a_channel_that_fails_hears_of_the_trouble_after_a_minute_and_the_console_meanwhile(
    station: Station,
) -> None:
    await station.begin(TO_ME)
    station.channels["me"].fails_with(AttemptClass.RETRY, times=2)
    for _ in range(6):
        await station.meta.tell_directly("disk full", "The disk is full", "Free some space.")
        station.clock.advance(seconds=30)
    assert len(station.channels["me"].tried) == 3
    assert titles(station, "me") == ["The disk is full"]
    assert titles(station, "console") == ["The disk is full"]
    assert len({message.id for message in station.channels["me"].tried}) == 1, "the same key"


async def test_a_channel_that_breaks_does_not_keep_the_others_from_being_told(station: Station) -> None:
    await station.begin(TO_BOTH)

    async def stumble(message: Message) -> None:
        raise TypeError("a mistake of ours")

    station.channels["desk"].before_send = stumble
    await station.meta.tell_directly("disk full", "The disk is full", "Free some space.")
    assert titles(station, "me") == ["The disk is full"]


async def test_a_channel_that_hangs_over_one_trouble_delays_no_other(station: Station) -> None:
    await station.begin(TO_BOTH)
    gate, heard = asyncio.Event(), asyncio.Event()

    async def hang_over_the_disk(message: Message) -> None:
        if "disk" in message.title:
            await gate.wait()
        heard.set()

    for name in ("desk", "me"):
        station.channels[name].fails_with(AttemptClass.RETRY, times=2)
    station.channels["console"].fails_with(AttemptClass.RETRY, times=2)
    await station.meta.tell_directly("disk full", "The disk is full", "Free some space.")
    await station.meta.tell_directly("descriptors", "No file descriptors left", "Raise the limit.")
    station.channels["me"].before_send = hang_over_the_disk
    station.clock.advance(minutes=2)
    async with asyncio.TaskGroup() as group:
        group.create_task(station.meta.look_directly())
        await heard.wait()
        gate.set()
    assert sorted(titles(station, "me")) == ["No file descriptors left", "The disk is full"]


async def test_a_trouble_that_showed_once_is_told_as_soon_as_a_channel_can_be_reached(station: Station) -> None:
    await station.begin(TO_BOTH)
    left = [OutOfDescriptors("none is left for a message")] * 3

    async def reached_late(message: Message) -> None:
        if left:
            raise left.pop()

    station.channels["me"].before_send = reached_late
    station.channels["desk"].fails_with(AttemptClass.RETRY, times=1)
    await station.meta.tell_directly("descriptors", "No file descriptors left", "Raise the limit.")
    assert titles(station, "console") == ["No file descriptors left"], "meanwhile"
    for _ in range(60):
        station.clock.advance(seconds=2)
        await station.meta.look_directly()
    for channel in ("desk", "me", "console"):
        assert titles(station, channel) == ["No file descriptors left"], channel
    await station.meta.ended_directly("descriptors", "File descriptors suffice again", "All feeds are polled.")
    for _ in range(60):
        station.clock.advance(seconds=2)
        await station.meta.look_directly()
    assert titles(station, "me") == ["No file descriptors left"], "what is over is not told again"
