"""Plays outlets over days: the real flow, reader (without the parser), judge and store on a clock that stands in our
hands.

A feed is asked where its document may have changed, and once more after that, so that "nothing new" is seen as well;
polls between that would bring the same are left out. Messages are sent within the hour, and retention runs once a
day.
"""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.fakes.channel import FakeChannel
from tests.manners.outlets import Document, Outlet
from tests.manners.tally import Tally
from watcher.core.alerts.judge import make_judge
from watcher.core.matching.compile import compile_rules
from watcher.core.model.alert import JudgeContext, Judgement
from watcher.core.model.article import Article
from watcher.core.model.explanation import Nearest
from watcher.core.model.feed import ParsedFeed
from watcher.core.model.ids import FeedId, digest
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import AttemptResult, Message
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
from watcher.core.model.policy import FeedSpec, Keep, RetryPolicy
from watcher.core.model.record import FeedClaim, RevisionRecord
from watcher.core.model.rule import RuleSource
from watcher.core.read import match_articles, read_parsed
from watcher.pipeline import Ruling, deliver, process_feed
from watcher.ports import Clock, Fetcher, Reader, Store
from watcher.reading.seen import SeenEntries
from watcher.settings.configuration import Configuration
from watcher.settings.env import read_settings
from watcher.settings.load import load_files

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
RULES = """
rules:
  - name: Attacks and arms
    any: [shells, shelling, drone*, missile*, explosion, blast*, rifles, munitions, rocket*, weapons, "air raid", sirens]
channels:
  desk: {type: slack, webhook_url: 'https://desk.example/in'}
defaults: {send_to: [desk], gather: none}
"""
_LEASE = timedelta(minutes=5)
_AT_ONCE = 100_000
_TICK = 1_000_000  # after all outlets of its moment
_KEEP = Keep()


class PlayClock:
    """Implements ports.Clock; the play sets it."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        """The present of the play."""
        return self.time

    def monotonic(self) -> float:
        """Seconds since 1970."""
        return self.time.timestamp()

    def elapsed(self) -> float:
        """The same: the machine never sleeps."""
        return self.time.timestamp()


class Heard(FakeChannel):
    """A channel that notes when it was told; the play sets `now`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.now = START
        self.told: list[tuple[datetime, Message]] = []

    async def send(self, message: Message) -> AttemptResult:
        """Take the message."""
        self.told.append((self.now, message))
        return await super().send(message)


def configuration(text: str) -> Configuration:
    """Return a configuration, which must be right."""
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings(
            config=Path(folder),
            data=Path(folder),
            database=f"sqlite:///{folder}/watcher.db",
            workers=1,
            smtp_url="smtp://mail.example:25",
            smtp_from="watcher@example.com",
        )
        loaded = load_files({"watcher.yaml": text}, settings)
    assert loaded.configuration is not None, [str(problem) for problem in loaded.problems]
    return loaded.configuration


class Play:
    """One run of outlets through one store; `tally` knows what came of it. With `tick` messages are sent that often,
    polls or not.
    """

    def __init__(
        self,
        outlets: Sequence[Outlet],
        store: Store,
        end: datetime,
        tally: Tally | None = None,
        *,
        text: str = RULES,
        tick: timedelta | None = None,
    ) -> None:
        self.outlets = outlets
        self.store = store
        self.end = end
        self.tally = tally or Tally()
        self.clock = PlayClock(START)
        self.polls = 0
        self._specs: dict[str, FeedSpec] = {}
        self._by_feed: dict[FeedId, Outlet] = {}
        self._documents: dict[bytes, ParsedFeed] = {}
        self._tick = tick
        adopted = configuration(text)
        self.channels = {name: Heard(name) for name in adopted.channels}
        self._rules = compile_rules(adopted.rule_source(1))
        policy = self._policy = adopted.policy(1)
        self._judge = make_judge(policy)
        ruling = Ruling(1, policy, self._judging, dict(self.channels))
        self._world = _Doors(self, self, store, self.clock, ruling)
        self._revision = RevisionRecord(1, b"1", {}, START)

    async def run(self, shown: Callable[[datetime], None] = lambda now: None) -> Tally:
        """Play to the end and return the tally; `shown` is called with the time of each day."""
        await self._configure(START)
        await self.store.started(START)
        due = [(START, number) for number in range(len(self.outlets))]
        if self._tick is not None:
            due.append((START, _TICK))
        marks = [_marks(outlet, self.end) for outlet in self.outlets]
        next_day = START
        while due and due[0][0] < self.end:
            now = due[0][0]
            batch = []
            while due and due[0][0] == now:
                batch.append(heapq.heappop(due)[1])
            self.clock.time = now
            if now >= next_day:
                await self.store.prune(_KEEP, now)
                shown(now)
                next_day = now + timedelta(days=1)
            await self._poll([self.outlets[number] for number in batch if number != _TICK], now)
            await self._send()
            for number in batch:
                if number == _TICK and self._tick is not None:
                    heapq.heappush(due, (now + self._tick, _TICK))
                elif (later := _next(marks[number], self.outlets[number], now)) is not None:
                    heapq.heappush(due, (later, number))
        await self._settle()
        return self.tally

    async def _configure(self, now: datetime) -> None:
        specs = {outlet.name: outlet.spec(now) for outlet in self.outlets}
        if specs == self._specs:
            return
        self._specs = specs
        ids = await self.store.activate(self._revision, list(specs.values()), now)
        self._by_feed = {ids[specs[outlet.name].name]: outlet for outlet in self.outlets}

    async def _poll(self, outlets: Sequence[Outlet], now: datetime) -> None:
        await self._configure(now)
        asked = [outlet for outlet in outlets if outlet.is_asked(now)]
        if not asked:
            return
        await self.store.request_poll([self._specs[outlet.name].name for outlet in asked], now)
        wanted = {id_ for id_, outlet in self._by_feed.items() if outlet in asked}
        for claim in await self.store.claim_feeds("play", now, len(wanted), _LEASE, only=wanted):
            self._documents.clear()
            self.polls += 1
            await process_feed(claim, self._world)

    async def _send(self) -> None:
        now = self.clock.now()
        for channel in self.channels.values():
            channel.now = now
        await self.store.release_due(self._policy, now)
        while claims := await self.store.claim_messages("play", now, _LEASE, 50, list(self.channels)):
            for claim in claims:
                result, decision = await deliver(claim, self._world, RetryPolicy(), 0.0)
                await self.store.mark(claim, result, decision, now)

    async def _settle(self) -> None:
        """Send what still waits, and tell the tally what messages list."""
        self.clock.time = self.end + timedelta(days=2)
        await self._send()
        for message in await self.store.messages(limit=_AT_ONCE):
            self.tally.message(message)

    # -- the doors -------------------------------------------------------------------------------

    async def fetch(self, request: FetchRequest) -> FetchOutcome:
        """Implements ports.Fetcher: the outlet's document, by a digest in place of its bytes."""
        outlet = self._by_feed[request.feed]
        document = outlet.document(self.clock.now())
        if not document.answers:
            return FetchFailed(FeedProblem(FetchProblemKind.HTTP_STATUS, "The server answers 503."))
        body = digest("document", repr(document))
        self._documents[body] = _parsed(document, outlet.name)
        self.tally.document(outlet, document, self.clock.now())
        return Fetched(body, request.url, "application/rss+xml")

    async def aclose(self) -> None:
        """There is nothing to close."""

    async def use(self, source: RuleSource) -> None:
        """The rules never change."""

    async def read(self, request: ReadRequest) -> Reading:
        """Implements ports.Reader: what `core.read` makes of the document."""
        return read_parsed(self._documents[request.body], request, self._rules)

    async def match(self, articles: Sequence[Article], revision: int) -> tuple[ReadArticle, ...]:
        """Match again."""
        return match_articles(articles, self._rules)

    async def explain(self, article: Article, revision: int) -> Nearest:
        """Nobody asks."""
        raise NotImplementedError

    async def page(self, request: PageRequest) -> PageRead:
        """Nobody asks."""
        raise NotImplementedError

    def _judging(self, reads: Sequence[ReadArticle], context: JudgeContext) -> Judgement:
        judgement = self._judge(reads, context)
        self.tally.judged(self._by_feed[context.feed.feed], judgement, context.now)
        return judgement


def _parsed(document: Document, title: str) -> ParsedFeed:
    problem = None
    if not document.whole:
        problem = FeedProblem(FetchProblemKind.MALFORMED, "The document ends too early.")
    return ParsedFeed("rss 2.0", title, entries=document.entries, whole=document.whole, problem=problem)


def _marks(outlet: Outlet, end: datetime) -> list[datetime]:
    """Return when the document may change, the latest first, on the grid of its polls."""
    if outlet.churns:
        return []
    every = outlet.every
    marks = {START + -((START - at) // every) * every for at in outlet.moments() if START <= at < end}
    return sorted(marks, reverse=True)


def _next(marks: list[datetime], outlet: Outlet, now: datetime) -> datetime | None:
    """Return when a feed is asked next."""
    if outlet.churns:
        return now + outlet.every
    while marks and marks[-1] <= now:
        was = marks.pop()
        if was == now:
            return now + outlet.every  # once more, for what says nothing new
    return marks[-1] if marks else None


@dataclass(frozen=True, slots=True)
class _Doors:
    """Implements pipeline.Doors with one ruling for the whole play; what surprises ends it."""

    fetcher: Fetcher
    reader: Reader
    store: Store
    clock: Clock
    the_ruling: Ruling
    seen: SeenEntries = field(default_factory=SeenEntries)

    def ruling(self) -> Ruling:
        return self.the_ruling

    async def replaced(self, revision: int) -> None:
        raise AssertionError(f"revision {revision} is the only one")

    def is_ours(self, claim: FeedClaim, began: float, ended: float, outcome: FetchOutcome) -> bool:
        return False

    def is_clock_trusted(self) -> bool:
        return True

    def surprised(self, room: str, error: Exception, /, **ids: str) -> None:
        raise error
