"""Two days as a desk lives them, each message of each channel listed: a night in which Slack refuses us, and an
ordinary Tuesday. All outlets and texts are invented.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tests.fakes.press import document, item
from tests.fakes.reporters import Reporters
from tests.fakes.station import Feeds
from tests.fakes.store import MemoryStore
from tests.manners.documented import between, put
from watcher.core.model.message import AttemptClass, Message
from watcher.daemon.feed_watch import FeedWatch
from watcher.daemon.wraps import WrapWatch
from watcher.ports import Store
from watcher.settings.env import read_settings

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "explanation" / "days.md"
_STEP: Final = timedelta(minutes=1)

_CONFIGURATION: Final = """
rules:
  - {name: Strikes, all: [[shells, drones, missile*, explosion]], severity: high}
  - {name: Capital, all: [[Kyiv], [missile*, drones]], severity: critical}
  - {name: Grain, all: [[grain, wheat], [port, ports, ship*, deal]]}
{rule}
feeds:
  - {url: 'https://wire.example/feed', name: wire, every: 5m}
  - {url: 'https://paper.example/feed', name: paper, every: 5m}
  - {url: 'https://post.example/feed', name: post, every: 5m}
  - {url: 'https://echo.example/feed', name: {echo}, every: 5m}
schedules: {night: {from: "23:00", until: "06:30"}}
channels:
  desk: {type: slack, webhook_url: "https://desk.example/in", quiet: night}
  me: {type: email, to: [me@example.org], quiet: night, wrap: "08:00"}
{silence}
defaults: {zone: UTC, send_to: [desk, me]}
meta: {send_to: [me, console]}
"""
SUMMARY: Final = "The regional administration said so in a statement."


def configuration(*, rule: str = "", silence: str = "", echo: str = "echo") -> str:
    """Return the files of the desk."""
    return _CONFIGURATION.replace("{rule}", rule).replace("{silence}", silence).replace("{echo}", echo)


Event = Callable[["Diary"], Awaitable[object]]


class Bureau(Reporters):
    """Reporters with a mail server."""

    def __init__(self, folder: Path, given: Store | None = None, feeds: Feeds | None = None) -> None:
        super().__init__(folder, given, feeds)
        self._settings = read_settings(
            config=folder,
            data=folder,
            database=f"sqlite:///{folder}/watcher.db",
            workers=1,
            smtp_url="smtp://mail.example:25",
            smtp_from="watcher@example.org",
        )


@dataclass
class Diary:
    """A desk whose channels are listened to, minute by minute."""

    desk: Reporters
    told: dict[str, list[tuple[datetime, Message]]]

    async def run(self, events: Mapping[str, Event], begins: datetime, ends: datetime) -> None:
        """Live from one time to another; an event happens at its time of day, the first that comes."""
        due = {_at(clock, begins): event for clock, event in events.items()}
        wraps = WrapWatch(self.desk.world, self.desk.active)
        feeds = FeedWatch(self.desk.world, self.desk.active)
        while self.desk.clock.now() < ends:
            now = self.desk.clock.now()
            if now in due:
                await due[now](self)
            await self.desk.active.settle()
            await feeds.look()
            await wraps.look()
            await self.desk.send()
            self._listen(now)
            self.desk.clock.advance(seconds=_STEP.total_seconds())

    def _listen(self, now: datetime) -> None:
        for name, channel in self.desk.channels.items():
            if name != "console":
                self.told.setdefault(name, []).extend((now, message) for message in channel.sent)
            channel.sent.clear()

    def lines(self, title: str) -> list[str]:
        """Return the document's list of all messages of a day."""
        lines = [f"## {title}"]
        for channel, told in sorted(self.told.items()):
            lines += ["", f"### {channel}: {len(told)} messages", "", "| time | kind | says |", "|---|---|---|"]
            lines += [f"| {at:%H:%M} | {message.kind.value} | {_says(message)} |" for at, message in told]
        return lines

    def headlines(self, channel: str) -> list[str]:
        """Return all that a channel was told of, in order."""
        return [alert.headline.text for _, message in self.told.get(channel, []) for alert in message.alerts]


def _at(clock: str, begins: datetime) -> datetime:
    hour, minute = (int(part) for part in clock.split(":"))
    at = begins.replace(hour=hour, minute=minute)
    return at if at >= begins else at + timedelta(days=1)


def _says(message: Message) -> str:
    said = "; ".join(f"{alert.headline.text} ({alert.severity.word})" for alert in message.alerts)
    return (said or message.title).replace("|", "/")


def report(feed: str, title: str, summary: str = SUMMARY, guid: str = "") -> Event:
    """Return the event that a feed lists a text."""
    return lambda diary: diary.desk.report(feed, title, summary, guid=guid)


def _refused(diary: Diary) -> Awaitable[object]:
    diary.desk.channels["desk"].fails_with(AttemptClass.PERMANENT, answer="token_revoked")
    return asyncio.sleep(0)


def _accepted(diary: Diary) -> Awaitable[object]:
    diary.desk.channels["desk"].recovers()
    return asyncio.sleep(0)


NIGHT: Final[Mapping[str, Event]] = {
    "23:20": report("wire", "Shells hit grain store near Odesa, guard wounded"),
    "23:40": report("paper", "Shells hit grain store near Odesa, guard wounded"),
    "00:30": report("wire", "Drones cut power line at Sumy, villages dark"),
    "01:10": _refused,
    "01:40": report("wire", "Missiles strike Kyiv railway depot, two killed"),
    "01:55": report("post", "Missiles strike Kyiv railway depot, two killed"),
    "03:00": report("paper", "Explosion heard at Poltava oil terminal, says mayor"),
    "03:45": report("post", "Army denies explosion at Poltava oil terminal, says drill was held"),
    "07:30": _accepted,
}
NIGHT_MUST_TELL: Final = (
    "Shells hit grain store near Odesa, guard wounded",
    "Drones cut power line at Sumy, villages dark",
    "Missiles strike Kyiv railway depot, two killed",
    "Explosion heard at Poltava oil terminal, says mayor",
    "Army denies explosion at Poltava oil terminal, says drill was held",
)

_LIVE: Final = (
    ("07:10", "Live: drones over Kharkiv, sirens sound"),
    ("08:20", "Live: drones over Kharkiv, sirens sound again"),
    ("09:45", "Live: mayor of Kharkiv says drones were shot down"),
    ("12:10", "Live: Kharkiv metro runs again after drones"),
    ("15:30", "Live: governor counts damage after drones over Kharkiv"),
)
_ARCHIVE: Final = tuple(
    f"Anniversary of the {place} shells: what is left"
    for place in ("Ypres", "Verdun", "Arras", "Lens", "Loos", "Cambrai", "Albert", "Bapaume")
)
_MUTED: Final = "silences: [{name: harvest, rule: grain, from: '{day} 00:00', until: '{day} 14:00', because: fair}]"
_NEW_RULE: Final = "  - {name: Rail, all: [[railway, train*], [strike, derail*]]}"


def _archive(diary: Diary) -> Awaitable[object]:
    """Move every date of a feed to now, as a site does that is published anew."""
    return _list_archive(diary.desk, diary.desk.clock.now())


async def _list_archive(desk: Reporters, at: datetime) -> None:
    for number, title in enumerate(_ARCHIVE):
        link = f"https://post.example/archive/{number}-anniversary"
        desk.listed["post"][title] = item(title, guid=title, link=link, at=at, summary=f"{title}. A visit.")
    await _read(desk, "post")


async def _read(desk: Reporters, feed: str) -> None:
    desk.feeds[feed] = document(*reversed(desk.listed[feed].values()))
    await desk.read(feed)


def _adopt(**changes: str) -> Event:
    return lambda diary: diary.desk.adopt(configuration(**changes))


def tuesday(day: str) -> Mapping[str, Event]:
    """Return what happens on a Tuesday; `day` is its date."""
    silence = _MUTED.replace("{day}", day)
    return {
        "06:40": _adopt(silence=silence),
        **{
            clock: report("paper", title, guid="live", summary=f"{title}. {clock} more follows.")
            for clock, title in _LIVE
        },
        "08:40": _archive,
        "09:10": report("wire", "Wheat ship leaves port of Odesa under deal"),
        "09:50": report("post", "Grain fair opens at port of Constanta"),
        "10:05": report("wire", "Shells found in school yard near Nikopol"),
        "10:25": report("post", "Shells found in school yard near Nikopol"),
        "11:00": _adopt(silence=silence, rule=_NEW_RULE),
        "11:30": report("wire", "Train derails near Lviv after rails were cut"),
        "13:00": _adopt(silence=silence, rule=_NEW_RULE, echo="echo-of-asia, was: [echo]"),
        "14:30": report("wire", "Grain deal extended, ports stay open"),
        "16:05": report("post", "Correction: shells near Nikopol were found in a park, not a school yard"),
        "17:40": report("wire", "Second explosion at Poltava oil terminal in two days"),
    }


TUESDAY_MUST_TELL: Final = (
    "Live: drones over Kharkiv, sirens sound",
    "Shells found in school yard near Nikopol",
    "Train derails near Lviv after rails were cut",
    "Grain deal extended, ports stay open",
    "Correction: shells near Nikopol were found in a park, not a school yard",
    "Second explosion at Poltava oil terminal in two days",
)


async def _opened(folder: Path, clock: str) -> Diary:
    desk = await Bureau.open(folder, MemoryStore(), configuration())
    now = desk.clock.now()
    await desk.active.settle()
    begins = _at(clock, now)
    desk.clock.advance(seconds=(begins - now).total_seconds())
    return Diary(desk, {})


async def _night(folder: Path) -> Diary:
    diary = await _opened(folder, "23:00")
    begins = diary.desk.clock.now()
    await diary.run(NIGHT, begins, begins + timedelta(hours=8, minutes=50))
    return diary


async def _tuesday(folder: Path) -> Diary:
    diary = await _opened(folder, "06:35")
    while diary.desk.clock.now().weekday() != 1:
        diary.desk.clock.advance(hours=24)
    await _list_archive(diary.desk, diary.desk.clock.now() - timedelta(days=700))
    begins = diary.desk.clock.now()
    await diary.run(tuesday(f"{begins:%Y-%m-%d}"), begins, begins + timedelta(hours=16))
    return diary


def play_night() -> Diary:
    """Play the night in memory."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_night(Path(folder)))


def play_tuesday() -> Diary:
    """Play the Tuesday in memory."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_tuesday(Path(folder)))


def lines(night: Diary, day: Diary) -> list[str]:
    """Return the lists of both."""
    return [*night.lines("A night"), "", *day.lines("A Tuesday")]


def renew() -> None:
    """Write down what every channel is told now."""
    put(DOCUMENT, lines(play_night(), play_tuesday()))


def expected() -> list[str]:
    """Return what was written down."""
    return between(DOCUMENT)
