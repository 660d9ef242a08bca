"""A daemon without its clock and its network: the real store, rules, judge and loops, around feeds and channels that
a test holds in its hands.

    station = Station(tmp_path)
    await station.adopt(config(channels=["desk"]))
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    await station.send()
    station.channels["desk"].sent

Every feed has seen an empty document first, so that what comes is news.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

from tests.fakes.channel import FakeChannel
from tests.fakes.clock import FakeClock
from tests.fakes.places import place_database
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.matching.explain import nearest
from watcher.core.model.article import Article
from watcher.core.model.explanation import Nearest
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import (
    FeedProblem,
    Fetched,
    FetchFailed,
    FetchOutcome,
    FetchProblemKind,
    FetchRequest,
    Reading,
    ReadRequest,
)
from watcher.core.model.page import PageRead, PageRequest
from watcher.core.model.rule import RuleSource
from watcher.core.read import match_articles, read_document
from watcher.daemon.active import Active
from watcher.daemon.clock_watch import ClockWatch, DatedFetcher
from watcher.daemon.health import DatabaseWatch
from watcher.daemon.look_back import BackLooker
from watcher.daemon.meta import Meta
from watcher.daemon.poll import Poller
from watcher.daemon.send import Sender
from watcher.daemon.state import DaemonState
from watcher.daemon.world import BuildChannel, World
from watcher.errors import ParseError
from watcher.lexicon.full_text import read_page
from watcher.network.hosts import HostLimits
from watcher.ports import Channel, Store
from watcher.settings.configuration import ChannelSetup, Configuration
from watcher.settings.env import read_settings
from watcher.settings.load import load_files
from watcher.storage.open import open_store
from watcher.storage.store import SqlStore
from watcher.storage.upkeep import newest_at
from watcher.telemetry.logging import Masker
from watcher.telemetry.metrics import Metrics

RULE = """
  - name: Shells
    all: [shells]
"""


def config(
    *,
    rules: str = RULE,
    channels: Sequence[str] = ("desk",),
    send_to: Sequence[str] = ("desk",),
    feeds: Sequence[str] = ("wire",),
    more: str = "",
    gather: str = "none",
) -> str:
    """Return the text of a configuration, under which alerts go at once unless `gather` says how long they wait."""
    lines = [f"rules:{rules}", "feeds:"]
    lines += [f"  - {{url: 'https://{name}.example/feed', name: {name}, every: 5m}}" for name in feeds]
    lines += ["channels:"] if channels else []
    lines += [f"  {name}: {{type: slack, webhook_url: 'https://{name}.example/in'}}" for name in channels]
    lines += [f"defaults: {{send_to: [{', '.join(send_to)}], gather: {gather}}}", more]
    return "\n".join(lines)


def rss(*titles: str, at: datetime | None = None, end: str = "</channel></rss>") -> bytes:
    """Return a feed of items with the title as guid, all of one date or undated; without `end` it is cut short."""
    date = f"<pubDate>{format_datetime(at)}</pubDate>" if at else ""
    items = "".join(f"<item><title>{escape(t)}</title><guid>{escape(t)}</guid>{date}</item>" for t in titles)
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>Wire</title>{items}{end}".encode()


class Feeds(dict[str, bytes]):
    """Implements ports.Fetcher: documents by feed name; a name that is missing has an empty feed."""

    def __init__(self) -> None:
        super().__init__()
        self.before_answer = asyncio.Event()
        self.before_answer.set()
        self.asked = asyncio.Event()
        self.unreachable: set[str] = set()  # "*" = all
        self.server_time: Callable[[], datetime] | None = None  # what the servers say of the time, None = nothing

    async def fetch(self, request: FetchRequest) -> FetchOutcome:
        """Return the document of the host's first label."""
        self.asked.set()
        await self.before_answer.wait()
        name = request.url.split("//")[1].split(".")[0]
        if self.unreachable & {name, "*"}:
            return FetchFailed(FeedProblem(FetchProblemKind.DNS, f"{name}.example cannot be found"))
        headers = {"date": format_datetime(self.server_time(), usegmt=True)} if self.server_time else None
        return Fetched(self.get(name, rss()), request.url, "application/rss+xml", headers=headers)

    async def aclose(self) -> None:
        """There is nothing to close."""


class HereReader:
    """Implements ports.Reader in this process."""

    def __init__(self) -> None:
        self._rules: dict[int, RuleSet] = {}
        self.source = RuleSource(0, ())  # the newest
        self.stops_on = ""  # an article with this title stops its worker, as far as matching goes

    async def use(self, source: RuleSource) -> None:
        """Compile at once."""
        self.source = source
        self._rules[source.revision] = compile_rules(source, frequencies=source.frequencies)

    async def read(self, request: ReadRequest) -> Reading:
        """Read at once."""
        return read_document(request, self._rules[request.revision])

    async def match(self, articles: Sequence[Article], revision: int) -> tuple[ReadArticle, ...]:
        """Match at once."""
        if self.stops_on and any(article.title == self.stops_on for article in articles):
            raise ParseError("it took too long", kind="read_timeout")
        return match_articles(articles, self._rules[revision])

    async def page(self, request: PageRequest) -> PageRead:
        """Read at once."""
        return read_page(request, self._rules[request.revision])

    async def explain(self, article: Article, revision: int) -> Nearest:
        """Explain at once."""
        return nearest(self._rules[revision], article)


class Station:
    """All the parts; `restart` closes the store and begins again as a new process would."""

    def __init__(self, folder: Path, store: Store | None = None, feeds: Feeds | None = None) -> None:
        self.clock = FakeClock()
        self.feeds = feeds if feeds is not None else Feeds()
        self._given = store
        self.channels: dict[str, FakeChannel] = {}
        self._folder = folder
        self._settings = read_settings(config=folder, data=folder, database=f"sqlite:///{folder}/watcher.db", workers=1)
        self.starts = 0
        place_database(folder)
        self._begin()

    def _begin(self) -> None:
        self.starts += 1
        self.metrics = Metrics()
        self.state = DaemonState()
        self.reader = HereReader()
        self.store: Store = self._given or open_store(self._settings.database, alone=True)
        store = self.store if isinstance(self.store, SqlStore) else open_store(self._settings.database, alone=True)
        newest = store._readers.run_now(newest_at)
        self.watch = ClockWatch(self.clock, newest)
        self.world = World(
            settings=self._settings,
            store=self.store,
            reader=self.reader,
            fetcher=DatedFetcher(self.feeds, self.watch),
            hosts=HostLimits(self.clock, timedelta(0)),
            channel_builder=self._builder,
            clock=self.clock,
            watch=self.watch,
            database=store,
            masker=Masker(()),
            metrics=self.metrics,
            state=self.state,
            owner=f"station:{self.starts}",
        )
        self.bell = self.world.send_bell
        self.active = Active(self.world)
        self.meta = Meta(self.world)
        self.database = DatabaseWatch(self.world, self.meta)
        self.sender = Sender(self.world, self.meta, self.active.settle)
        self.poller = Poller(self.world, self.meta, lambda done: None)
        self.past = BackLooker(self.world, self.active, lambda done: None)

    def _builder(self, configuration: Configuration) -> BuildChannel:
        def build(setup: ChannelSetup) -> Channel:
            return self.channels.setdefault(setup.name, FakeChannel(setup.name))

        return build

    def use_store(self, store: Store) -> None:
        """Put another store, such as one that fails, between the loops and the database."""
        self.world = replace(self.world, store=store)
        for part in (self.active, self.meta, self.past):
            part._store = store
        for loop in (self.sender, self.poller):
            loop._world = self.world

    async def adopt(self, text: str) -> str:
        """Take a configuration, which must be right."""
        loaded = load_files({"watcher.yaml": text}, self._settings)
        assert loaded.configuration is not None, [str(problem) for problem in loaded.problems]
        return await self.active.adopt(loaded.configuration)

    async def begin(self, text: str) -> None:
        """Take a configuration and let every feed have its first poll."""
        await self.adopt(text)
        before = dict(self.feeds)
        self.feeds.clear()
        await self.poll()
        self.feeds.update(before)

    async def poll(self) -> None:
        """Poll every feed now."""
        await self.store.request_poll([], self.clock.now())
        await self.poller.poll_once()

    async def send(self) -> int:
        """Send all that is due now."""
        return await self.sender.send_all()

    async def restart(self, text: str) -> None:
        """Begin again as after a kill."""
        await self.store.close()
        self._begin()
        await self.adopt(text)

    async def close(self) -> None:
        """Close the store."""
        await self.store.close()

    def told(self, channel: str) -> list[list[str]]:
        """Return the headlines of each message that a channel took."""
        return [[alert.headline.text for alert in message.alerts] for message in self.channels[channel].sent]

    async def states(self) -> list[tuple[str, str, str]]:
        """Return target, state and hold of every message, sorted."""
        found = await self.store.messages(limit=5000)
        return sorted((one.target, one.state.value, one.hold.value if one.hold else "") for one in found)
