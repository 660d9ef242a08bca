"""How a backlog of many alerts leaves through five channels of which one is dead and one is slow.

    python -m tests.bench.bench_drain [--alerts 10000]

Every article is told on all five. The outbox is real, the channels are not: what they cost is left out. A healthy
channel that waited for the dead or the slow one would show the time at which that ended.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from tests.bench.bench_sending import a_word
from tests.fakes.station import Station, config, rss
from watcher.core.model.message import AttemptClass, Message

HEALTHY: Final = ("asia", "desk", "wires")
DEAD, SLOW = "dead", "slow"
CHANNELS: Final = (*HEALTHY, DEAD, SLOW)
_RULES: Final = "\n  - {name: Shells, all: [shells], limit: none}\n"
_SLOW_SECONDS: Final = 0.02


@dataclass
class Drained:
    """What became of the alerts: how many each channel took, in which state the messages of each are, when each took
    its last (seconds from the start), and the CPU seconds of it all.
    """

    alerts: int
    took: Counter[str] = field(default_factory=Counter)
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    ended: dict[str, float] = field(default_factory=dict)
    cpu: float = 0.0
    told_after: int = 0
    held_after: int = 0
    healthy_are_done: asyncio.Event = field(default_factory=asyncio.Event)


async def drain(folder: Path, articles: int, slowly: Callable[[Drained], Awaitable[None]] | None = None) -> Drained:
    """Queue that many articles for all channels and send; then mend the dead one, and send what it is let go.

    `slowly` is waited for before each message of the slow channel.
    """
    station = Station(folder)
    await station.begin(config(rules=_RULES, channels=CHANNELS, send_to=CHANNELS))
    for start in range(0, articles, 100):
        numbers = range(start, min(articles, start + 100))
        station.feeds["wire"] = rss(*(f"Shells {a_word(number)} {a_word(number * 7 + 3)}" for number in numbers))
        await station.poll()
    found = Drained(articles * len(CHANNELS))
    began, cpu = time.monotonic(), time.process_time()

    def before(name: str) -> Callable[[Message], Awaitable[None]]:
        async def work(message: Message) -> None:
            if name == SLOW:
                await (asyncio.sleep(_SLOW_SECONDS) if slowly is None else slowly(found))
            if name != DEAD:
                found.took[name] += len(message.alerts)
                found.ended[name] = time.monotonic() - began
            if all(found.took[one] == articles for one in HEALTHY):
                found.healthy_are_done.set()

        return work

    for name in CHANNELS:
        station.channels[name].before_send = before(name)
    station.channels[SLOW].deadline = timedelta(minutes=2)
    station.channels[DEAD].fails_with(AttemptClass.PERMANENT)
    await station.send()
    found.cpu = time.process_time() - cpu
    await _count(station, found)
    station.channels[DEAD].recovers()
    for _ in range(5):
        station.clock.advance(hours=1)
        await station.active.settle()
        await station.send()
    found.told_after = sum(len(one.alerts) for one in station.channels[DEAD].sent)
    records = await station.store.messages(target=DEAD, state="held", limit=articles + 100)
    found.held_after = sum(len(one.deliveries) for one in records)
    await station.close()
    return found


async def _count(station: Station, found: Drained) -> None:
    for name in CHANNELS:
        for record in await station.store.messages(target=name, limit=found.alerts + 100):
            found.states[name, record.state.value] += len(record.deliveries)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=10_000)
    wanted = parser.parse_args().alerts
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(drain(Path(folder), wanted // len(CHANNELS)))
    for name in CHANNELS:
        states = ", ".join(f"{count} {state}" for (of, state), count in sorted(found.states.items()) if of == name)
        print(f"{name:<6} {states}; its last after {found.ended.get(name, 0.0):.1f} s")
    print(f"the dead one, mended: {found.told_after} told, {found.held_after} held")
    print(f"{found.alerts} alerts: {1000 * found.cpu / found.alerts:.2f} ms CPU each")


if __name__ == "__main__":
    main()
