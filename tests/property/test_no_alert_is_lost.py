"""However channels break, mend, are taken out, come back and are started again, each news is told, and to no channel
twice.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from tests.fakes.places import place_database
from tests.fakes.press import Press, item
from tests.fakes.station import config
from tests.fakes.store import MemoryStore
from watcher.core.model.message import AttemptClass
from watcher.ports import Store
from watcher.storage.open import open_store

RULE = "\n  - {name: Shells, all: [shells], send_to: [side]}\n"
BOTH = config(rules=RULE, channels=("desk", "side"))
DESK_ONLY = config(rules=RULE.replace(", send_to: [side]", ""))
TOWNS = ("Aro", "Belm", "Corv", "Dunst", "Elgin", "Forro", "Gamla", "Harrow", "Isle", "Jarrow", "Karo", "Luth")
THINGS = ("mill", "harbour", "school", "bridge", "market", "station", "depot", "church", "farm", "tower", "dam", "quay")
REFUSED = (AttemptClass.PERMANENT, AttemptClass.RETRY, AttemptClass.THROTTLE)
"""Answers that say for certain that nothing arrived, and of which no message dies within the test."""


def headline(number: int) -> str:
    return f"Shells burn a {THINGS[number % 12]} near {TOWNS[(number * 5 + number // 12) % 12]}, day {number}"


class Play:
    """A seeded play: news come, channels break and mend, come and go; at the end all is well and everything is sent."""

    def __init__(self, press: Press, seed: int) -> None:
        self.press, self.random = press, random.Random(seed)
        self.planted: list[str] = []
        self.listed: list[str] = []
        self.has_side = True
        self.steps: list[str] = []

    async def run(self, steps: int) -> None:
        for _ in range(steps):
            step = self.random.choice([*[self.news] * 3, *[self.send] * 2, *self.troubles()])
            self.steps.append(step.__name__)
            await step()
        await self.mends()
        for _ in range(8):
            await self.settle()
            self.press.clock.advance(hours=2)
            await self.press.send()

    def troubles(self) -> list[Callable[[], Awaitable[None]]]:
        return [self.breaks, self.mends, self.switch, self.settle, self.later, self.start]

    async def news(self) -> None:
        press = self.press
        self.planted.append(headline(len(self.planted)))
        press.clock.advance(minutes=self.random.choice([1, 7, 45]))
        self.listed.insert(0, item(self.planted[-1], guid=self.planted[-1], at=press.clock.now()))
        assert self.planted[-1] in await press.go(*self.listed[:12])

    async def send(self) -> None:
        await self.press.send()

    async def breaks(self) -> None:
        name = self.random.choice(["side", "desk"])
        if name in self.press.channels:
            self.press.channels[name].fails_with(self.random.choice(REFUSED))

    async def mends(self) -> None:
        for channel in self.press.channels.values():
            channel.recovers()

    async def switch(self) -> None:
        self.has_side = not self.has_side
        await self.press.adopt(BOTH if self.has_side else DESK_ONLY)

    async def settle(self) -> None:
        await self.press.active.settle()

    async def later(self) -> None:
        self.press.clock.advance(minutes=self.random.choice([5, 40, 200]))

    async def start(self) -> None:
        await self.press.store.started(self.press.clock.now())

    def told(self) -> dict[str, Counter[str]]:
        """Return how often each channel took each headline in a message."""
        found: dict[str, Counter[str]] = {}
        for name in ("desk", "side"):
            sent = self.press.told(name) if name in self.press.channels else []
            found[name] = Counter(title for titles in sent for title in titles)
        return found


def opened(folder: Path, kind: str) -> Store:
    if kind == "memory":
        return MemoryStore()
    place_database(folder)
    return open_store(f"sqlite:///{folder}/watcher.db")


def faults(play: Play) -> Sequence[str]:
    """Return what was lost or told twice by one channel."""
    told = play.told()
    lost = [title for title in play.planted if not any(told[name][title] for name in told)]
    twice = [f"{name}: {title}" for name in told for title in play.planted if told[name][title] > 1]
    return [*(f"lost: {title}" for title in lost), *(f"twice: {one}" for one in twice)]


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
@pytest.mark.parametrize("seed", range(3))
async def test_no_news_is_lost_and_none_told_twice_to_one_channel(kind: str, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = opened(Path(folder), kind)
        press = await Press.open(Path(folder), store, BOTH)
        play = Play(press, seed)
        await play.run(24)
        assert faults(play) == [], play.steps
        assert await store.check() == []
        await store.close()
