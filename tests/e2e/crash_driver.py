"""Two rounds of polling and sending that kill themselves at a named point; run as a program by test_crash.py.

    python -m tests.e2e.crash_driver

Reads [point, occurrence, config, data, hours] as JSON, a line for each two rounds, and answers with how they ended:
0, or the negative number of the signal. The point "" = do not kill. The hours move the clock on, so that leases of the
killed round have run out. Each two rounds are a fork of this process, which has everything imported, and read their
documents themselves: crash_run.py kills daemons that have workers.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy

from tests.fakes.station import HereReader
from watcher.core.model.alert import JudgeContext, Judgement
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import AttemptResult, Message
from watcher.core.model.outcome import FetchOutcome, FetchRequest, Reading, ReadRequest
from watcher.core.model.record import Committed, MessageClaim, PollResult
from watcher.daemon.app import Daemon
from watcher.daemon.clock import SystemClock
from watcher.daemon.rulings import Rulings
from watcher.daemon.start import first_configuration
from watcher.daemon.world import World, open_world
from watcher.pipeline import Ruling
from watcher.ports import Judge
from watcher.settings.env import read_settings
from watcher.storage import dialects
from watcher.telemetry.logging import Masker, set_up_logging

POINTS = (
    "before fetch",
    "after fetch",
    "after read",
    "before commit",
    "inside judge",
    "after first insert",
    "after the stories are written",
    "before the database commits",
    "after commit",
    "after lease",
    "before send",
    "after send",
    "after mark",
)


@dataclass(slots=True)
class Killer:
    """Kills this process when the named point is passed for the given time."""

    point: str
    occurrence: int

    def at(self, point: str) -> None:
        """Pass a point."""
        if point == self.point:
            self.occurrence -= 1
            if self.occurrence == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class LateClock(SystemClock):
    """The real clock, some hours on."""

    def __init__(self, hours: float) -> None:
        self._step = timedelta(hours=hours)

    def now(self) -> datetime:
        """The present and the step."""
        return super().now() + self._step


class Around:
    """Wraps each door with the points on both sides of it; everything else goes straight through."""

    def __init__(self, inner: Any, killer: Killer) -> None:
        self._inner = inner
        self._killer = killer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class FetcherAround(Around):
    """Points around a fetch."""

    async def fetch(self, request: FetchRequest) -> FetchOutcome:
        """Fetch between two points."""
        self._killer.at("before fetch")
        outcome: FetchOutcome = await self._inner.fetch(request)
        self._killer.at("after fetch")
        return outcome


class ReaderAround(Around):
    """A point after a read."""

    async def read(self, request: ReadRequest) -> Reading:
        """Read, then pass the point."""
        reading: Reading = await self._inner.read(request)
        self._killer.at("after read")
        return reading


class StoreAround(Around):
    """Points around commit, claim and mark."""

    async def commit(self, result: PollResult, judge: Judge, revision: int, now: datetime) -> Committed:
        """Commit between two points, with one inside the judge."""
        self._killer.at("before commit")

        def judge_and_die(reads: Sequence[ReadArticle], context: JudgeContext) -> Judgement:
            judgement = judge(reads, context)
            self._killer.at("inside judge")
            return judgement

        committed: Committed = await self._inner.commit(result, judge_and_die, revision, now)
        self._killer.at("after commit")
        return committed

    async def claim_messages(self, *args: Any) -> Sequence[MessageClaim]:
        """Claim, then pass the point if there was something to claim."""
        claims: Sequence[MessageClaim] = await self._inner.claim_messages(*args)
        if claims:
            self._killer.at("after lease")
        return claims

    async def mark(self, *args: Any) -> Sequence[MessageClaim]:
        """Mark, then pass the point, and another one where the next message was leased with it."""
        claims: Sequence[MessageClaim] = await self._inner.mark(*args)
        self._killer.at("after mark")
        if claims:
            self._killer.at("after lease")
        return claims


class ChannelAround(Around):
    """Points around a send."""

    async def send(self, message: Message) -> AttemptResult:
        """Send between two points."""
        self._killer.at("before send")
        result: AttemptResult = await self._inner.send(message)
        self._killer.at("after send")
        return result


class RulingsAround(Rulings):
    """Rulings with channels that have points around a send."""

    def __init__(self, killer: Killer) -> None:
        super().__init__()
        self._killer = killer

    def swap(self, ruling: Ruling) -> None:
        """Put a ruling with such channels in force."""
        around = {name: ChannelAround(channel, self._killer) for name, channel in ruling.channels.items()}
        super().swap(replace(ruling, channels=around))


def _around(world: World, killer: Killer) -> World:
    return replace(
        world,
        fetcher=FetcherAround(world.fetcher, killer),
        reader=ReaderAround(HereReader(), killer),
        store=StoreAround(world.store, killer),
        rulings=RulingsAround(killer),
    )


def _watch_the_database(killer: Killer) -> None:
    written = dialects.write

    def write(connection: sqlalchemy.Connection, statement: str, rows: Sequence[Sequence[object]]) -> int:
        count = written(connection, statement, rows)
        if statement.startswith("INSERT INTO alerts"):
            killer.at("after first insert")
        if statement.startswith("INSERT INTO stories"):
            killer.at("after the stories are written")
        return count

    dialects.write = write
    sqlalchemy.event.listen(sqlalchemy.Engine, "commit", lambda conn: killer.at("before the database commits"))


async def _round(killer: Killer, config: Path, data: Path, hours: float) -> None:
    settings = read_settings(config=config, data=data, database=f"sqlite:///{data}/watcher.db", workers=1)
    masker = Masker()
    set_up_logging(level="warning", form="json", masker=masker)
    _watch_the_database(killer)
    async with open_world(settings, LateClock(hours), masker, sys.stdout, host_pause=timedelta(0)) as world:
        daemon = Daemon(_around(world, killer))
        configuration, _ = await first_configuration(world.store, settings, strict=True)
        await daemon.active.adopt(configuration)
        for _ in range(2):
            await world.store.request_poll([], world.clock.now())
            await daemon.poller.poll_once()
            await daemon.sender.send_all()


def _forked(point: str, occurrence: int, config: str, data: str, hours: float) -> int:
    child = os.fork()
    if child == 0:
        status = 3
        try:
            asyncio.run(_round(Killer(point, occurrence), Path(config), Path(data), hours))
            status = 0
        finally:
            if status:
                traceback.print_exc()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(f"{_forked(*json.loads(line))}\n")
        sys.stdout.flush()
