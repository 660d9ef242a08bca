"""The quick way and the long one: a feed whose known entries are skipped is stored, told and remembered as one whose
documents are read whole each time.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.station import Station, config
from watcher.reading.seen import SeenEntries
from watcher.storage import tables as t

EXAMPLES: Final = 3
"""More find no more kinds of steps, and each costs a tenth of a second a poll."""

_RULES: Final = "\n  - {name: Shells, all: [shells]}\n"
_OTHER_RULES: Final = "\n  - {name: Shells, all: [shells]}\n  - {name: Ports, all: [harbour]}\n"
_WORDS: Final = "shells harbour treaty minister envoy border talks ship crew fire storm bridge train strike".split()  # noqa: SIM905
_STORED: Final = ("items", "articles", "texts", "article_keys", "matches", "verdicts", "alerts", "alert_members")


class _Item:
    """An entry of the made feed; each of its parts may change on its own."""

    def __init__(self, number: int, draw: random.Random) -> None:
        self.guid = f"g{number}"
        self.link = f"https://wire.example/{number}"
        self.title = " ".join(draw.choices(_WORDS, k=5))
        self.text = " ".join(draw.choices(_WORDS, k=12))
        self.hours = number

    def change(self, what: str, draw: random.Random) -> None:
        match what:
            case "title":
                self.title = " ".join([*self.title.split()[:4], draw.choice(_WORDS)])
            case "text":
                self.text = f"{self.text} {draw.choice(_WORDS)}"
            case "news":
                self.title, self.text = " ".join(draw.choices(_WORDS, k=5)), " ".join(draw.choices(_WORDS, k=12))
            case "date":
                self.hours += draw.choice((1, 30))
            case "guid":
                self.guid += "#1"
            case "link":
                self.link += "?sid=" + str(draw.randrange(9))


_CHANGES: Final = ("title", "text", "news", "date", "guid", "link")
_STEPS: Final = (
    *_CHANGES,
    *["add"] * 4,
    "drop",
    "swap",
    "twin",
    "same",
    "empty",
    "flip",
    "restart",
    "rules",
    "cut",
    "no feed",
)


def _document(items: Sequence[_Item], start: Any) -> bytes:
    rows = (
        f"<item><title>{escape(one.title)}</title><guid>{one.guid}</guid><link>{one.link}</link>"
        f"<description>{one.text}</description>"
        f"<pubDate>{format_datetime(start + timedelta(hours=one.hours % 48))}</pubDate></item>"
        for one in items
    )
    return f"<rss version='2.0'><channel><title>Wire</title>{''.join(rows)}</channel></rss>".encode()


class _Play:
    """One feed that goes through the same steps, read in one of the two ways."""

    def __init__(self, folder: Path, *, quick: bool) -> None:
        self._quick = quick
        self.station = Station(folder)
        self.skipped = 0

    async def poll(self, document: bytes) -> None:
        station = self.station
        if not self._quick:
            object.__setattr__(station.world, "seen", SeenEntries(0))
        read = station.reader.read

        async def counted(request: Any) -> Any:
            reading = await read(request)
            self.skipped += len(reading.again)
            return reading

        station.reader.read = counted  # type: ignore[method-assign]
        station.feeds["wire"] = document
        await station.poll()
        station.reader.read = read  # type: ignore[method-assign]
        await station.send()

    async def rows(self) -> dict[str, Any]:
        """Return everything that polls leave in the database, and what was told."""

        def look(connection: Any) -> dict[str, Any]:
            found = {name: sorted(map(repr, connection.execute(t.metadata.tables[name].select()))) for name in _STORED}
            feed = connection.execute(t.feeds.select()).one()
            return {**found, "feed": (feed.memory, feed.identity, feed.stripped_hash, feed.next_poll_at, feed.status)}

        rows = await self.station.store._readers.run(look)  # type: ignore[attr-defined]
        return {**rows, "told": self.station.told("desk")}


class _Feed:
    """What the feed lists, step after step, and under which rules."""

    def __init__(self, seed: int, start: Any) -> None:
        self._draw = random.Random(seed)
        self._start = start
        self._items = [_Item(number, self._draw) for number in range(8)]
        self._before = self._now = _document(self._items, start)
        self.rules = _RULES

    def after(self, step: str) -> bytes:
        """Take a step and return the document that is served now."""
        items, draw = self._items, self._draw
        was, self._before = self._before, _document(items, self._start)
        match step:
            case "add":
                items.insert(0, _Item(len(items) + draw.randrange(1000), draw))
            case "drop":
                del items[-1:]
            case "swap":
                draw.shuffle(items)
            case "twin":
                items += items[:1]
            case "rules":
                self.rules = _OTHER_RULES if self.rules == _RULES else _RULES
            case change if change in _CHANGES and items:
                draw.choice(items).change(change, draw)
        document = _document(() if step == "empty" else items, self._start)
        served = {"flip": was, "cut": document[: len(document) // 2], "no feed": b"<html><p>Back soon</p></html>"}
        return served.get(step, document)


async def _both(folder: Path, seed: int, steps: Sequence[str]) -> int:
    """Play the steps in both ways, compare all that is stored after each; return how many entries were skipped."""
    plays = [_Play(folder / name, quick=name == "quick") for name in ("quick", "whole")]
    feed = _Feed(seed, plays[0].station.clock.now() - timedelta(hours=48))
    for play in plays:
        play.station._folder.mkdir(exist_ok=True)
        await play.station.adopt(config(rules=feed.rules))
    for step in ("same", *steps):
        document = feed.after(step)
        for play in plays:
            play.station.clock.advance(minutes=7)
            if step == "restart":
                await play.station.restart(config(rules=feed.rules))
            elif step == "rules":
                await play.station.adopt(config(rules=feed.rules))
            await play.poll(document)
        quick, whole = [await play.rows() for play in plays]
        for name, rows in whole.items():
            assert quick[name] == rows, (step, name)
    for play in plays:
        await play.station.close()
    return plays[0].skipped


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), steps=st.lists(st.sampled_from(_STEPS), min_size=3, max_size=8))
def test_skipping_what_was_seen_changes_nothing_that_is_stored_or_told(seed: int, steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_both(Path(folder), seed, steps))


def test_what_stands_in_the_last_document_is_not_read_again(tmp_path: Path) -> None:
    assert asyncio.run(_both(tmp_path, 1, ["add", "drop", "text"])) == 8 + 8 + 7


def test_a_restart_and_other_rules_read_a_document_whole_once(tmp_path: Path) -> None:
    assert asyncio.run(_both(tmp_path, 1, ["restart", "rules"])) == 0
