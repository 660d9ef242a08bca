"""How soon a published item is told, 500 feeds at `every: 1m`, and what slow servers and bombs among them change.

    python -m tests.bench.bench_awake                                    500 feeds; then 10 drip and 10 are bombs
    python -m tests.bench.bench_awake --feeds 105 --every 5s --slow 100:25   100 that answer after 25 s, 5 quick ones

Each feed has a host of its own on loopback. An item is published somewhere every half second on average, at a moment
that knows nothing of the polls; what counts is when the webhook has it. Half of the latency is the interval: with one
of a minute the median cannot be below 30 s. A bomb is 64 kB of gzip that hold 64 MB; what drips sends a byte each half
second, so that a poll of it ends by its deadline.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

from tests.bench.bench_sending import a_word
from tests.bench.poll_meter import cpu_of, peak_of
from tests.e2e.test_daemon import LOOPBACK, SECRET, rss, rule, write
from tests.fakes.program import Program

_KEPT_ITEMS: Final = 20
_BOMB: Final = gzip.compress(b"<rss>" + b"\n" * (64 << 20), 9)
_PATIENCE_SECONDS: Final = 300.0
_MARK: Final = re.compile(r"mark(\d+)x")


@dataclass
class Plan:
    """Which feeds there are: the first `dripping` and then `bombs` are hostile, the first `slow` answer late."""

    feeds: int
    every: str
    seconds: float
    dripping: int = 0
    bombs: int = 0
    slow: int = 0
    slow_seconds: float = 0.0

    @property
    def quick(self) -> range:
        """Return the feeds that news is published in."""
        return range(max(self.dripping + self.bombs, self.slow), self.feeds)


@dataclass
class World:
    """The feeds and the webhook, on loopback, in this process."""

    plan: Plan
    chance: random.Random = field(default_factory=lambda: random.Random(5))
    items: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    published: list[float] = field(default_factory=list)
    told: dict[int, float] = field(default_factory=dict)
    polls: dict[int, list[float]] = field(default_factory=dict)

    def publish(self, feed: int) -> None:
        """Add an item to a feed, now; its number stands in its headline."""
        number = len(self.published)
        words = " ".join(a_word(self.chance.randrange(10**6)) for _ in range(6))
        self.published.append(time.monotonic())
        listed = self.items.setdefault(feed, [])
        listed.insert(0, (f"g{number}", f"mark{number}x drill {words}"))
        del listed[_KEPT_ITEMS:]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, _, rest = head.partition("\r\n")
            method, path, _ = line.split(" ")
            if method == "POST":
                size = re.search(r"content-length: (\d+)", rest.lower())
                self._hear((await reader.readexactly(int(size[1]) if size else 0)).decode())
                writer.write(_answer(b"ok", "text/plain"))
            else:
                await self._serve(int(path.strip("/")), rest.lower(), writer)
            await writer.drain()
        writer.close()

    def _hear(self, body: str) -> None:
        for mark in _MARK.findall(body):
            self.told.setdefault(int(mark), time.monotonic())

    async def _serve(self, feed: int, headers: str, writer: asyncio.StreamWriter) -> None:
        plan = self.plan
        self.polls.setdefault(feed, []).append(time.monotonic())
        if feed < plan.slow:
            await asyncio.sleep(plan.slow_seconds)
        if feed < plan.dripping:
            await _drip(writer)
        elif feed < plan.dripping + plan.bombs:
            writer.write(_answer(_BOMB, "application/rss+xml", "Content-Encoding: gzip\r\n"))
        else:
            listed = self.items.get(feed, [])
            tag = f'"{listed[0][0] if listed else ""}-{feed}"'
            if f"if-none-match: {tag}\r\n" in headers:
                writer.write(f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\nConnection: close\r\n\r\n".encode())
            else:
                writer.write(_answer(rss(*listed), "application/rss+xml", f"ETag: {tag}\r\n"))


async def _drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.5)


def _answer(body: bytes, kind: str, headers: str = "") -> bytes:
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    )
    return head.encode() + body


def _host(feed: int) -> str:
    return f"127.21.{feed // 200}.{feed % 200 + 1}"


def _configure(folder: Path, plan: Plan, port: int) -> None:
    feeds = [
        {"url": f"http://{_host(feed)}:{port}/{feed}", "name": f"f{feed}", "every": plan.every}
        for feed in range(plan.feeds)
    ]
    hook = {"type": "webhook", "url": f"http://127.0.0.1:{port}/hook", "secrets": [SECRET], "allow_private": LOOPBACK}
    told = rule("Drills", "drill", send_to=["hook"], limit="none")
    write(folder, [told], feeds=feeds, channels={"hook": hook}, network={"allow_private": LOOPBACK})


async def _watch(plan: Plan, folder: Path) -> str:
    """Return what a run of a daemon under such a plan came to, as text."""
    world = World(plan)
    async with contextlib.AsyncExitStack() as stack:
        port = 0
        for host in ("127.0.0.1", *map(_host, range(plan.feeds))):
            server = await asyncio.start_server(world.talk, host, port, backlog=128)
            stack.push_async_callback(_close, server)
            port = server.sockets[0].getsockname()[1]
        _configure(folder / "config", plan, port)
        program = Program(folder / "config", folder / "data", {"WATCHER_LOG_LEVEL": "warning"}, "--workers", "2")
        await asyncio.to_thread(program.__enter__)
        try:
            await asyncio.to_thread(program.wait_ready, 120)
            await _patience(lambda: len(world.polls) == plan.feeds)
            cpu, began = cpu_of(program.pid), time.monotonic()
            while time.monotonic() < began + plan.seconds:
                world.publish(world.chance.choice(plan.quick))
                await asyncio.sleep(world.chance.expovariate(2))
            used = cpu_of(program.pid) - cpu
            await _patience(lambda: len(world.told) == len(world.published))
            peak = peak_of(program.pid)
        finally:
            await asyncio.to_thread(program.__exit__, None, None, None)
    return _line(world, began, used, peak)


async def _patience(holds: Callable[[], bool]) -> None:
    for _ in range(int(_PATIENCE_SECONDS / 0.2)):
        if holds():
            return
        await asyncio.sleep(0.2)


async def _close(server: asyncio.Server) -> None:
    server.close()


def _gaps(polls: Sequence[float], began: float) -> list[float]:
    since = [at for at in polls if at > began]
    return [later - sooner for sooner, later in pairwise(since)]


def _line(world: World, began: float, used: float, peak: int) -> str:
    plan = world.plan
    late = sorted(world.told[number] - moment for number, moment in enumerate(world.published) if number in world.told)
    gaps = sorted(gap for feed in plan.quick for gap in _gaps(world.polls.get(feed, ()), began))
    lost = len(world.published) - len(late)
    cuts = statistics.quantiles(late, n=100) if len(late) > 1 else [0.0] * 99
    return (
        f"{plan.feeds:5} {plan.dripping:8} {plan.bombs:5} {plan.slow:4} {len(world.published):9} {lost:4} "
        f"{cuts[49]:7.1f} {cuts[98]:7.1f} {late[-1] if late else 0:7.1f} "
        f"{statistics.median(gaps) if gaps else 0:9.1f} {gaps[-1] if gaps else 0:9.1f} "
        f"{used / plan.seconds:9.2f} {peak:7}"
    )


_HEAD: Final = "feeds dripping bombs slow published lost   p50 s   p99 s   max s  poll gap  gap max  main CPU  peak MB"


def main() -> None:
    """Measure as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--every", default="1m")
    parser.add_argument("--seconds", type=float, default=180.0, help="how long items are published")
    parser.add_argument("--slow", default="", help="N:SECONDS, so many feeds that answer so late")
    given = parser.parse_args()
    plans = [Plan(given.feeds, given.every, given.seconds)]
    if given.slow:
        count, _, late = given.slow.partition(":")
        plans[0].slow, plans[0].slow_seconds = int(count), float(late)
    else:
        plans.append(Plan(given.feeds, given.every, given.seconds, dripping=10, bombs=10))
    print(_HEAD, flush=True)
    for plan in plans:
        with tempfile.TemporaryDirectory(prefix="watcher-bench-") as name:
            print(asyncio.run(_watch(plan, Path(name))), flush=True)


if __name__ == "__main__":
    main()
