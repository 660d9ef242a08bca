"""How frequent words are is counted from the stored articles, rarely, and goes to the readers with the rules."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.station import RULE, Station, config, rss
from tests.fakes.store import MemoryStore
from watcher.daemon.word_shares import WordShares

MORE = config(rules=f"{RULE}  - name: Tanks\n    all: [tanks]\n")


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A station with nothing adopted."""
    made = Station(tmp_path)
    yield made
    await made.close()


class Shelf(MemoryStore):
    """A store that is asked for texts only."""

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self.texts = list(texts)
        self.limits: list[int] = []

    async def newest_texts(self, limit: int) -> Sequence[str]:
        """Return the texts."""
        self.limits.append(limit)
        return self.texts[:limit]


async def test_words_are_counted_once_a_day() -> None:
    shelf, clock = Shelf(*["Army"] * 150, *["Navy"] * 50), FakeClock()
    shares = WordShares(shelf)

    first = await shares.current(clock.now())
    shelf.texts = ["Navy"] * 400
    clock.advance(hours=23)
    again = await shares.current(clock.now())
    clock.advance(hours=1)
    later = await shares.current(clock.now())

    assert first == {"army": 0.75, "navy": 0.25}
    assert again is first
    assert later == {"navy": 1.0}
    assert shelf.limits == [5000, 5000]


async def test_too_few_articles_say_nothing_and_are_counted_again() -> None:
    shelf, clock = Shelf(*["Army"] * 199), FakeClock()
    shares = WordShares(shelf)

    assert await shares.current(clock.now()) is None
    shelf.texts.append("Army")
    assert await shares.current(clock.now()) == {"army": 1.0}


async def test_readers_are_given_the_counts_with_the_rules_and_match_as_before(station: Station) -> None:
    await station.begin(config())
    at_first = station.reader.source
    station.feeds["wire"] = rss(*[f"Harbour report {number}" for number in range(220)])
    await station.poll()

    await station.adopt(MORE)
    counted = station.reader.source.frequencies
    await station.adopt(config())
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    await station.send()

    assert at_first.frequencies is None
    assert counted is not None
    assert counted["harbour"] == 1.0
    assert station.reader.source.frequencies is counted
    assert station.told("desk") == [["Shells shipped"]]
