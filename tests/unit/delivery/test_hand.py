"""What hangs holds one thread of its own, and nothing is begun behind it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TextIO

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.messages import a_message
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass
from watcher.delivery.console import ConsoleChannel
from watcher.delivery.hand import Hand, Hangs
from watcher.delivery.kinds import channel_types
from watcher.delivery.registry import Surroundings, build
from watcher.network.client import GuardedClient
from watcher.network.guard import AddressGuard

AT_ONCE, SOON = timedelta(milliseconds=50), timedelta(seconds=30)


async def test_work_is_done_in_order_and_its_error_is_raised() -> None:
    hand, done = Hand(), list[int]()
    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(hand.do(partial(done.append, number), SOON))
    assert done == list(range(20))
    for error in (OSError(28, "full"), TimeoutError("of the disk")):
        with pytest.raises(type(error)):
            await hand.do(partial(_raise, error), SOON)


def _raise(error: Exception) -> None:
    raise error


async def test_nothing_is_begun_while_something_hangs_and_all_goes_on_after_it() -> None:
    hand, gate, done = Hand(), threading.Event(), list[str]()
    before = threading.active_count()

    def hanging() -> None:
        gate.wait(30)
        done.append("first")

    with pytest.raises(Hangs) as first:
        await hand.do(hanging, AT_ONCE)
    for _ in range(5):
        with pytest.raises(Hangs) as later:
            await hand.do(lambda: done.append("later"), AT_ONCE)
        assert not later.value.begun
        assert not hand.do_if_free(lambda: done.append("note"))
    assert first.value.begun
    assert threading.active_count() == before + 1
    gate.set()
    await hand.do(lambda: done.append("after"), SOON)
    assert done == ["first", "after"]


@pytest.fixture
def unread() -> Iterator[tuple[TextIO, int]]:
    """A stream into a pipe of one page that is full, and the end that nobody reads."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, False)
    while True:
        try:
            os.write(writing, b"." * 4096)
        except BlockingIOError:
            break
    os.set_blocking(writing, True)
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        yield stream, reading
    os.close(reading)


async def test_a_console_that_nobody_reads_is_asked_one_message_at_a_time(unread: tuple[TextIO, int]) -> None:
    stream, reading = unread
    console = ConsoleChannel(ChannelName("console"), stream, patience=AT_ONCE)
    assert (await console.send(a_message())).result is AttemptClass.UNKNOWN
    assert (await console.send(a_message())).result is AttemptClass.RETRY
    assert (await console.send(a_message())).result is AttemptClass.RETRY
    os.read(reading, 8192)
    patient = ConsoleChannel(ChannelName("console"), stream, hand=console.hand)
    assert (await patient.send(a_message())).result is AttemptClass.OK
    assert os.read(reading, 65536).decode().count("North Korean gunners") == 2


def test_a_channel_of_the_next_configuration_waits_behind_what_still_hangs(unread: tuple[TextIO, int]) -> None:
    stream, _ = unread
    guard = AddressGuard()
    around = Surroundings(
        out_dir=Path("out"), stdout=stream, client=GuardedClient(guard), guard=guard, clock=FakeClock()
    )
    for values in ({"type": "console"}, {"type": "file", "path": "a/b.jsonl"}):
        config = channel_types()[values["type"]].model_validate(values)
        one, two = (build(ChannelName(name), config, around) for name in ("one", "two"))
        assert one.hand is two.hand  # type: ignore[attr-defined]
