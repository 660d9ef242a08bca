"""Alerts through five channels of which one is dead and one is slow: nothing lost, the others not held up.

    python -m tests.bench.bench_neighbours [--alerts 10000] [--slow 0.02]

Each article is an alert on each of the five channels. The same is sent first with all five well, for comparison.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.bench_sending import a_word
from tests.fakes.station import Station, config, rss
from watcher.core.model.message import AttemptClass, Message

_RULES: Final = "\n  - {name: Shells, all: [shells], limit: none}\n"
WELL: Final = ("one", "two", "three")
DEAD, SLOW = "dead", "slow"
CHANNELS: Final = (*WELL, DEAD, SLOW)
_AT_ONCE: Final = 100


@dataclass(frozen=True)
class Ran:
    """What a run took: seconds until the last healthy channel was done, CPU seconds, and what became of all alerts."""

    healthy: float
    whole: float
    cpu: float
    told: dict[str, int]
    states: dict[str, int]


async def run(folder: Path, articles: int, *, slow: float) -> Ran:
    """Send `articles` alerts to each channel; `slow` seconds a message on the slow one, 0 = all are well."""
    station = Station(folder)
    await station.begin(config(rules=_RULES, channels=CHANNELS, send_to=CHANNELS))
    for start in range(0, articles, _AT_ONCE):
        numbers = range(start, min(articles, start + _AT_ONCE))
        station.feeds["wire"] = rss(*(f"Shells {a_word(number)} {a_word(number * 7 + 3)}" for number in numbers))
        await station.poll()
    last = dict.fromkeys(CHANNELS, 0.0)

    def note(name: str) -> None:
        async def before(message: Message) -> None:
            if name == SLOW and slow:
                await asyncio.sleep(slow)
            last[name] = time.monotonic()

        station.channels[name].before_send = before

    for name in CHANNELS:
        note(name)
    if slow:
        station.channels[DEAD].fails_with(AttemptClass.PERMANENT)
    began, cpu = time.monotonic(), time.process_time()
    await station.sender.send_all()
    cpu = time.process_time() - cpu
    told = {name: sum(len(message.alerts) for message in station.channels[name].sent) for name in CHANNELS}
    stats = await station.store.stats(station.clock.now())
    await station.store.close()
    done = max(last[name] for name in WELL) - began
    return Ran(done, time.monotonic() - began, cpu, told, dict(stats.messages))


def main() -> None:
    """Print both runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=1000)
    parser.add_argument("--slow", type=float, default=0.02)
    given = parser.parse_args()
    articles = given.alerts // len(CHANNELS)
    for slow in (0.0, given.slow):
        with tempfile.TemporaryDirectory() as folder:
            ran = asyncio.run(run(Path(folder), articles, slow=slow))
        sent = sum(ran.told.values())
        print(
            f"{'one dead, one slow' if slow else 'all well'}: healthy channels done after {ran.healthy:.1f} s of {ran.whole:.1f} s"
        )
        print(f"  told {ran.told}; messages {ran.states}; {1000 * ran.cpu / max(1, sent):.1f} ms CPU an alert")


if __name__ == "__main__":
    main()
