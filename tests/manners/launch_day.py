"""A day to live through: sixty outlets in twelve languages write about a missile launch, and every message is listed.

Agencies file takes that others print hours later, under headlines of their own; the first count of missiles is
corrected, a claim is denied, and in the night there is a second launch. All outlets and texts are invented.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import ClassVar

from tests.fakes.store import MemoryStore
from tests.manners.documented import between, put
from tests.manners.outlets import Outlet, Season
from tests.manners.play import START, Play
from tests.manners.tally import Tally
from tests.manners.words import Telling
from tests.manners.world import Piece, State, Truth, World
from watcher.core.model.message import Message, MessageKind

DOCUMENT = Path(__file__).parents[2] / "docs" / "explanation" / "launch-day.md"
MUST_BE_TOLD = {
    "the first launch": Truth("launch"),
    "the correction": Truth("launch", 1),
    "the denial": Truth("launch", 2),
    "the second launch": Truth("second"),
}
CONFIGURATION = """
rules:
  - name: North Korean launches
    severity: high
    all:
      - [North Korea*, Pyongyang, Wonsan, Sunan, 북한, 北朝鮮, 朝鲜, КНДР, Пхеньян*, Nordkorea*, Corée du Nord, Corea del Norte, Pionyang,
         Corea del Nord, Korea* Północn*, Pjongjang, Kuzey Kore*, كوريا الشمالية, بيونغ يانغ]
      - [missile*, "*미사일*", ミサイル, 导弹, ракет*, Rakete*, misil*, missili, rakiet*, füze*, صاروخ*]
publishers:
  ministry: {sites: [ministry.example], kind: state}
channels:
  mail: {type: email, to: [desk@example.com]}
  desk: {type: slack, webhook_url: "https://hooks.example/T1", limit: {stories: 1, per: 3h}}
  bot: {type: slack, token: xoxb-1234567890-abcdefghijkl, channel: C0ASIA, limit: {stories: 1, per: 3h}}
  me: {type: email, to: [me@example.com], quiet: {during: night, then: summary}, limit: {stories: 1, per: 2h}}
schedules:
  night: {from: "23:00", until: "06:30"}
defaults: {zone: America/Chicago, send_to: [console, mail, desk, bot, me]}
"""
LANGUAGES = ("ko", "ja", "zh", "ru", "de", "fr", "es", "it", "pl", "tr", "ar")
_TEXTS = Path(__file__).parent / "launch_texts.jsonl"
_LAUNCH, _CORRECTION, _DENIAL, _SECOND = 125, 280, 570, 920


@dataclass(frozen=True, slots=True)
class Filed:
    """One text that an outlet publishes, so many minutes into the day; equal `item` = an edit of what it published
    before.
    """

    outlet: str
    minute: int
    text: str
    item: str
    title: str = "{title}"
    lead: str = "{lead}"


class Desk(Outlet):
    """An outlet that publishes what it filed."""

    manner: ClassVar[str] = "launch-day"
    every: ClassVar[timedelta] = timedelta(minutes=5)

    def __init__(self, name: str, season: Season, filed: Sequence[Filed]) -> None:
        self._filed = filed
        super().__init__(name, season)

    def plan(self) -> Iterable[Piece]:
        """Return an old piece, and what was filed by items."""
        before = self.season.start - timedelta(hours=9)
        yield self.piece(0, before, Telling("Harbour fair opens", "The fair opened with music.", ""), Truth())
        items: dict[str, list[State]] = {}
        for one in self._filed:
            items.setdefault(one.item, []).append(_state(one, self.season.start))
        for number, states in enumerate(items.values(), 1):
            yield Piece(number, states[0].at, tuple(states))


def _state(filed: Filed, start: datetime) -> State:
    text = _texts()[filed.text]
    telling = Telling(filed.title.format(**text), filed.lead.format(**text), "")
    return State(start + timedelta(minutes=filed.minute), telling, Truth.of(text["tells"]))


def _texts() -> dict[str, dict[str, str]]:
    lines = _TEXTS.read_text("utf-8").splitlines()
    return {row["id"]: row for row in map(json.loads, lines)}


def filed() -> Iterator[Filed]:
    """Return all that is published this day."""
    for place, lang in enumerate(LANGUAGES):
        yield from _in_language(lang, place)
    yield from _agencies()
    yield from _papers()
    yield from _live_page()


def _in_language(lang: str, place: int) -> Iterator[Filed]:
    """An agency, a daily that prints it, a paper of its own words, and a radio whose feed has headlines alone."""
    wire, daily, post, radio = (f"{lang}-{kind}" for kind in ("wire", "daily", "post", "radio"))
    yield Filed(wire, _LAUNCH + 4 + 2 * place, f"{lang}-wire", "launch")
    if lang == "ko":
        yield Filed(wire, _LAUNCH + 30, "ko-wire-2", "launch")
    yield Filed(wire, _CORRECTION + place, f"{lang}-correction", "correction")
    yield Filed(wire, _DENIAL + 2 * place, f"{lang}-denial", "denial")
    yield Filed(wire, _SECOND + place, f"{lang}-second", "second")
    yield Filed(daily, _LAUNCH + 35 + 7 * place, f"{lang}-wire", "launch")
    yield Filed(daily, _CORRECTION + 20 + 5 * place, f"{lang}-correction", "correction")
    yield Filed(daily, _SECOND + 30 + 6 * place, f"{lang}-second", "second")
    yield Filed(post, _LAUNCH + 45 + 13 * place, f"{lang}-own", "launch")
    yield Filed(post, _DENIAL + 30 + 9 * place, f"{lang}-denial", "denial")
    yield Filed(radio, _LAUNCH + 115 + 11 * place, f"{lang}-wire", "launch", lead="")
    yield Filed(radio, _SECOND + 70 + 3 * place, f"{lang}-second", "second", lead="")


def _agencies() -> Iterator[Filed]:
    yield Filed("hanbit", _LAUNCH + 4, "en-wire", "launch")
    yield Filed("hanbit", _LAUNCH + 27, "en-wire-2", "launch")
    yield Filed("hanbit", _CORRECTION, "en-correction", "correction")
    yield Filed("hanbit", _DENIAL + 5, "en-denial", "denial")
    yield Filed("hanbit", _SECOND, "en-second", "second")
    yield Filed("nordwire", _LAUNCH + 9, "en-nord", "launch")
    yield Filed("nordwire", _CORRECTION + 8, "en-correction", "correction")
    yield Filed("nordwire", _SECOND + 6, "en-second-nord", "second")
    yield Filed("ministry", _DENIAL, "en-denial", "denial")


def _papers() -> Iterator[Filed]:
    yield Filed("tribune", _LAUNCH + 24, "en-wire", "launch")
    yield Filed("tribune", _SECOND + 21, "en-second", "second")
    yield Filed(
        "herald", _LAUNCH + 51, "en-wire-2", "launch", title="North Korea tests missile again", lead="SEOUL - {lead}"
    )
    yield Filed("gazette", _LAUNCH + 38, "en-nord", "launch")
    yield Filed("gazette", _SECOND + 33, "en-second-nord", "second")
    yield Filed(
        "courier", _LAUNCH + 95, "en-nord", "launch", title="Kim's missile flies again", lead="(Nordwire) {lead}"
    )
    yield Filed("coastal", _LAUNCH + 80, "en-own-1", "launch")
    yield Filed("harbor", _LAUNCH + 60, "en-own-2", "launch")
    yield Filed("harbor", _DENIAL + 40, "en-denial-own", "launch")
    yield Filed("primer", _LAUNCH + 130, "en-own-3", "launch")
    yield Filed("mariner", _LAUNCH + 150, "en-own-4", "launch")
    yield Filed("exchange", _LAUNCH + 260, "en-own-5", "launch")
    yield Filed("citizen", _CORRECTION + 55, "en-correction-own", "correction")
    yield Filed("citizen", _SECOND + 90, "en-second-own", "second")
    yield Filed("observer", _SECOND + 120, "en-second", "second", title="North Korea fires second missile of the day")
    yield Filed("gathered", _LAUNCH + 40, "en-wire", "launch", title="{title} - Tribune", lead="")
    yield Filed("gathered", _SECOND + 45, "en-second-nord", "second", title="{title} - Gazette", lead="")


def _live_page() -> Iterator[Filed]:
    for number, minute in enumerate((_LAUNCH + 7, _CORRECTION + 5, _DENIAL + 10, _SECOND + 5), 1):
        yield Filed("live", minute, f"en-live-{number}", "page")


@dataclass(frozen=True, slots=True)
class Day:
    """What each channel was told, and what each alert tells."""

    told: dict[str, list[tuple[datetime, Message]]]
    tally: Tally

    def missing(self, channel: str) -> list[str]:
        """Return what must be told and was not."""
        told = {self.tally.truth(alert.id) for _, message in self.told[channel] for alert in message.alerts}
        return [name for name, truth in MUST_BE_TOLD.items() if truth not in told]

    def lines(self) -> list[str]:
        """Return the document's list of all messages."""
        lines = []
        for channel, told in sorted(self.told.items()):
            lines += [
                "",
                f"## {channel}: {len(told)} messages",
                "",
                "| time | kind | tells | headlines |",
                "|---|---|---|---|",
            ]
            lines += [self._line(at, message) for at, message in told]
        return lines[1:]

    def first_told(self, channel: str, event: str) -> datetime:
        """Return when a channel was first told of an event of `MUST_BE_TOLD`."""
        truth = MUST_BE_TOLD[event]
        return min(
            at
            for at, message in self.told[channel]
            if any(self.tally.truth(alert.id) == truth for alert in message.alerts)
        )

    def _line(self, at: datetime, message: Message) -> str:
        into = at - START
        clock = f"{into // timedelta(hours=1):02}:{into % timedelta(hours=1) // timedelta(minutes=1):02}"
        kind = message.kind.value if message.kind is not MessageKind.ALERT else "alert"
        tells = ", ".join(sorted({str(self.tally.truth(alert.id)) for alert in message.alerts}))
        headlines = "; ".join(f"{alert.headline.text} ({alert.source})" for alert in message.alerts) or message.title
        return f"| {clock} | {kind} | {tells} | {headlines.replace('|', '/')} |"


def play_day() -> Day:
    """Play the day in memory."""
    rng = Random("launch day")
    season = Season(World(rng), rng, START, 1.75)
    by_outlet: dict[str, list[Filed]] = {}
    for one in filed():
        by_outlet.setdefault(one.outlet, []).append(one)
    outlets = [Desk(name, season, texts) for name, texts in by_outlet.items()]
    play = Play(outlets, MemoryStore(), season.end, text=CONFIGURATION, tick=timedelta(minutes=5))
    tally = asyncio.run(play.run())
    return Day({name: channel.told for name, channel in play.channels.items()}, tally)


def renew() -> None:
    """Write down what every channel is told now."""
    put(DOCUMENT, play_day().lines())


def expected() -> list[str]:
    """Return what was written down."""
    return between(DOCUMENT)
