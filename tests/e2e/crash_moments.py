"""Both flows in a child that is killed at random moments, again and again, and then left in peace; run by crash_run.py.

    python -m tests.e2e.crash_moments KILLS SEED DIRECTORY

Prints what the database says, one JSON object a line: after each kill, an hour after the last one, and at the end. Each child is a
fork of this process, which has everything imported, so that a kill costs a second.
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
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

from watcher.daemon.app import Frame, Parts, open_parts
from watcher.daemon.clock import SystemClock
from watcher.daemon.start import first_configuration
from watcher.settings.env import read_settings
from watcher.telemetry.logging import Masker, set_up_logging

BETWEEN_STARTS = timedelta(minutes=15)
PASS = timedelta(seconds=61)
PASSES = 12
LONGEST_LIFE_SECONDS = 0.8
START_SECONDS = 30.0
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
    "suspected": "SELECT count(*) FROM messages WHERE unclean_ends > 0",
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
async def _daemon(directory: Path, clock: MovedClock) -> AsyncIterator[Parts]:
    data = directory / "data"
    settings = read_settings(config=directory / "config", data=data, database=f"sqlite:///{data}/watcher.db", workers=1)
    masker = Masker()
    set_up_logging(level="warning", form="json", masker=masker)
    frame = Frame(sys.stderr, masker, clock, host_pause=timedelta(0))
    async with open_parts(settings, frame) as parts:
        configuration, _ = await first_configuration(parts.store, settings, strict=True)
        await parts.active.adopt(configuration)
        yield parts


async def _live(directory: Path, ahead: timedelta, ready: int) -> None:
    """Poll and send side by side until killed."""
    clock = MovedClock(ahead)
    async with _daemon(directory, clock) as parts:
        os.write(ready, b"o")

        async def poll() -> None:
            await parts.poller.poll_once()
            os.write(ready, b"p")

        for _ in range(PASSES):
            async with asyncio.TaskGroup() as group:
                group.create_task(poll())
                group.create_task(parts.sender.send_all())
            await parts.sender.send_all()
            clock.ahead += PASS
        await asyncio.Event().wait()


async def _recover(directory: Path, ahead: timedelta) -> None:
    """Poll and send in peace, and say what is left an hour later and at the end."""
    clock = MovedClock(ahead)
    async with _daemon(directory, clock) as parts:
        while clock.ahead < ahead + HOUR:
            await _pass(parts, clock, CALM_PASS)
        hour = _say("hour", directory)
        while hour["open"] and clock.ahead < ahead + END:
            await _pass(parts, clock, LATER_PASS)
    _say("end", directory)


async def _pass(parts: Parts, clock: MovedClock, step: timedelta) -> None:
    clock.ahead += step
    await parts.poller.poll_once()
    await parts.sender.send_all()


def _say(at: str, directory: Path) -> dict[str, int]:
    file = directory / "data" / "watcher.db"
    counts = dict.fromkeys(_QUESTIONS, 0)
    with (
        contextlib.suppress(sqlite3.OperationalError),  # killed before the tables were there
        contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection,
    ):
        counts = {name: connection.execute(sql).fetchone()[0] for name, sql in _QUESTIONS.items()}
    sys.stdout.write(json.dumps({"at": at, **counts}) + "\n")
    sys.stdout.flush()
    return counts


def _kill_once(directory: Path, ahead: timedelta, dice: random.Random) -> None:
    """Begin a child and kill it: one time in four while it starts, else while it polls or sends."""
    after, life = dice.choice(AFTER), dice.uniform(0, LONGEST_LIFE_SECONDS)
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
        _kill_once(directory, number * BETWEEN_STARTS, dice)
        _say("kill", directory)
    asyncio.run(_recover(directory, kills * BETWEEN_STARTS))


if __name__ == "__main__":
    main()
