"""Both flows in a child that is killed again and again, with work in hand or at random, and then left in peace; run
by crash_run.py.

    python -m tests.e2e.crash_moments KILLS SEED DIRECTORY

Prints before each life which requests are to be held, and what the database says after each kill, an hour after the
last one, and at the end, one JSON object a line. Reads a letter for each request that is held: "f" of a feed, "m" of
a message. Each child is a fork of this process, which has everything imported, so that a kill costs a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import select
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from watcher.daemon.app import Daemon
from watcher.daemon.clock import SystemClock
from watcher.daemon.start import first_configuration
from watcher.daemon.world import open_world
from watcher.settings.env import read_settings
from watcher.telemetry.logging import Masker, set_up_logging

BETWEEN_STARTS = timedelta(minutes=15)
PASS = timedelta(seconds=61)
LONGEST_LIFE = timedelta(minutes=12)
"""By the moved clock; shorter than the time between two starts."""

BETWEEN_ROUNDS_SECONDS = 0.1
LONGEST_LIFE_SECONDS = 2.0
SETTLED_SECONDS = 20.0

START_SECONDS = 30.0
HELD_SECONDS = 5.0
"""How long a life waits for a request that is held: there may be nothing to send."""

OTHER_HELD_SECONDS = 2.0
"""The same for the other kind, once one is held: while a suspect of one kind is in hand, those of the other wait."""

AIMS: Sequence[Mapping[str, int] | None] = ({"m": 1}, {"f": 6, "m": 3}, None, {"f": 1}, {}, {"f": 2, "m": 1})
"""What is in hand when the child is killed: so many requests for feeds and of messages; {} = a random moment; None =
a random moment after the suspects came to their end, or so many seconds, so that a run of kills does not stand still.
"""

LONGEST_WAIT_SECONDS = 0.2
AFTER = ("", "o", "op", "op")
"""What a child has written before its last moments begin: nothing yet, o = open, p = its first polls have ended."""

HOUR = timedelta(minutes=65)
"""An hour, and the first pass after it."""

END = timedelta(hours=4)
CALM_PASS = timedelta(minutes=5)
LATER_PASS = timedelta(minutes=30)

_QUESTIONS = {
    "messages": "SELECT count(*) FROM messages",
    "sent": "SELECT count(*) FROM messages WHERE state = 'sent'",
    "open": "SELECT count(*) FROM messages WHERE state NOT IN ('sent', 'skipped', 'dead')",
    "dead": "SELECT count(*) FROM messages WHERE state = 'dead'",
    "held": "SELECT count(*) FROM messages WHERE state = 'held'",
    "suspect": "SELECT count(*) FROM messages WHERE state = 'held' AND hold = 'suspect'",
    "suspected_messages": "SELECT count(*) FROM messages WHERE unclean_ends > 0",
    "suspected_feeds": "SELECT count(*) FROM feeds WHERE unclean_ends > 0",
    "messages_in_hand": "SELECT count(*) FROM messages WHERE state = 'sending'",
    "feeds_in_hand": "SELECT count(*) FROM feeds WHERE token IS NOT NULL",
    "quarantined": "SELECT count(*) FROM feeds WHERE status = 'quarantined'",
}


class MovedClock(SystemClock):
    """The real clock, moved on as a test says; every count of it goes along."""

    def __init__(self, ahead: timedelta) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        """The present, moved on."""
        return super().now() + self.ahead

    def monotonic(self) -> float:
        """Seconds, moved on."""
        return super().monotonic() + self.ahead.total_seconds()

    def elapsed(self) -> float:
        """Seconds, moved on."""
        return super().elapsed() + self.ahead.total_seconds()


@contextlib.asynccontextmanager
async def _daemon(directory: Path, clock: MovedClock) -> AsyncIterator[Daemon]:
    data = directory / "data"
    settings = read_settings(config=directory / "config", data=data, database=f"sqlite:///{data}/watcher.db", workers=1)
    masker = Masker()
    set_up_logging(level="warning", form="json", masker=masker)
    async with open_world(settings, clock, masker, sys.stderr, host_pause=timedelta(0)) as world:
        daemon = Daemon(world)
        configuration, _ = await first_configuration(world.store, settings, strict=True)
        await daemon.active.adopt(configuration)
        yield daemon


async def _live(directory: Path, ahead: timedelta, ready: int) -> None:
    """Poll and send side by side until killed."""
    clock = MovedClock(ahead)
    async with _daemon(directory, clock) as daemon:
        os.write(ready, b"o")

        async def poll() -> None:
            while True:
                await daemon.poller.poll_once()
                os.write(ready, b"p")
                await asyncio.sleep(BETWEEN_ROUNDS_SECONDS)

        async def send() -> None:
            while True:
                await daemon.sender.send_all()
                if clock.ahead < ahead + LONGEST_LIFE:
                    clock.ahead += PASS
                await asyncio.sleep(BETWEEN_ROUNDS_SECONDS)

        async with asyncio.TaskGroup() as group:
            group.create_task(poll())
            group.create_task(send())


async def _recover(directory: Path, ahead: timedelta) -> None:
    """Poll and send in peace, and say what is left an hour later and at the end."""
    clock = MovedClock(ahead)
    async with _daemon(directory, clock) as daemon:
        while clock.ahead < ahead + HOUR:
            await _pass(daemon, clock, CALM_PASS)
        hour = _say("hour", directory)
        while hour["open"] and clock.ahead < ahead + END:
            await _pass(daemon, clock, LATER_PASS)
    _say("end", directory)


async def _pass(daemon: Daemon, clock: MovedClock, step: timedelta) -> None:
    clock.ahead += step
    await daemon.poller.poll_once()
    await daemon.sender.send_all()


def _say(at: str, directory: Path) -> dict[str, int]:
    counts = _counts(directory)
    _write({"at": at, **counts})
    return counts


def _counts(directory: Path) -> dict[str, int]:
    file = directory / "data" / "watcher.db"
    with (
        contextlib.suppress(sqlite3.OperationalError),  # killed before the tables were there
        contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection,
    ):
        return {name: connection.execute(sql).fetchone()[0] for name, sql in _QUESTIONS.items()}
    return dict.fromkeys(_QUESTIONS, 0)


def _wait_settled(directory: Path) -> None:
    """Wait until nothing is suspected but what was set aside; for a while, since receivers may be slow."""
    until = time.monotonic() + SETTLED_SECONDS
    while time.monotonic() < until:
        counts = _counts(directory)
        if counts["suspected_feeds"] + counts["suspected_messages"] <= counts["suspect"] + counts["quarantined"]:
            return
        signal.sigtimedwait([], 0.1)


def _write(line: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _heard(seconds: float) -> str:
    """Return the letters of the requests that are held, waiting so long for the first one."""
    return os.read(0, 1024).decode() if select.select([0], [], [], seconds)[0] else ""


def _wait_held(aim: Mapping[str, int]) -> None:
    """Wait until one request of each kind in `aim` is held; for a while, since there may be nothing to send."""
    until, heard = time.monotonic() + HELD_SECONDS, ""
    while not set(aim) <= set(heard) and (left := until - time.monotonic()) > 0:
        heard += (letters := _heard(left))
        if letters:
            until = min(until, time.monotonic() + OTHER_HELD_SECONDS)


def _kill_once(directory: Path, ahead: timedelta, number: int, dice: random.Random) -> None:
    """Begin a child and kill it with the next aim in hand; with none, at a random moment while it starts, polls or
    sends.
    """
    aim = AIMS[number % len(AIMS)]
    after, life = dice.choice(AFTER), dice.uniform(0, LONGEST_LIFE_SECONDS)
    if aim:
        after, life = "o", dice.uniform(0, LONGEST_WAIT_SECONDS)
    elif aim is None:
        after = "op"  # what the last child left in hand is taken back by then
    _heard(0)  # what the last child left
    _write({"at": "begin", "hold": aim or {}})
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(_live(directory, ahead, writing))
        finally:
            os._exit(3)
    os.close(writing)
    for _ in after:
        if select.select([reading], [], [], START_SECONDS)[0]:
            os.read(reading, 1)
    if aim is None:
        _wait_settled(directory)
    else:
        _wait_held(aim)
    signal.sigtimedwait([], life)
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    os.close(reading)
    if not os.WIFSIGNALED(status):
        raise SystemExit("the child ended before it was killed")


def main() -> None:
    """Kill so often, then let it recover."""
    kills, seed, directory = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    (directory / "data").mkdir()
    dice = random.Random(seed)
    for number in range(kills):
        _kill_once(directory, number * BETWEEN_STARTS, number, dice)
        _say("kill", directory)
    asyncio.run(_recover(directory, kills * BETWEEN_STARTS))


if __name__ == "__main__":
    main()
