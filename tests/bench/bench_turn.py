"""How many results of polls a second several processes commit to one PostgreSQL.

    python -m tests.bench.bench_turn [--processes 1,2,4,8] [--seconds 4]

Each result lists twenty items of which one is new. In three runs that new item is matched by one hot rule, by one of
200 rules, or by none. The judge is the real one, the server a fresh one of this machine; unless `--durable` it does
not wait for its disk, which is often all that is measured otherwise. Round trips are what a commit waits for on a
server that is farther away; the wait is that for the turn which writers take.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
from sqlalchemy import event

from tests.bench.texts import make_texts
from tests.fakes.newsroom import first_revision, spec
from tests.postgres import running
from watcher.core.alerts.judge import make_judge
from watcher.core.dedup.keys import article_keys
from watcher.core.model.alert import FeedContext
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId, digest, public_id
from watcher.core.model.match import Match, ReadArticle
from watcher.core.model.outcome import Identity, Reading
from watcher.core.model.policy import CONSOLE, ChannelState, Policy
from watcher.core.model.record import FeedClaim, PollResult
from watcher.core.model.rule import Rule, Term
from watcher.storage.open import open_store
from watcher.storage.tables import TURN

_START: Final = datetime(2026, 11, 1, tzinfo=UTC)
_FEEDS, _LISTED = 12, 20
_RULES: Final = 200
_TURN_BEGINS: Final = "UPDATE meta SET value = split_part"
HOT, MANY, NONE = "one hot rule", f"{_RULES} rules", "no rule"


@dataclass
class Work:
    """What one process does."""

    url: str
    number: int
    kind: str
    seconds: float
    pause: float = 0.0


@dataclass
class Done:
    """What came of it: commits, their times and the waits for the turn in seconds, CPU seconds, and round trips."""

    commits: int
    took: list[float]
    waits: list[float]
    cpu: float
    trips: int


def _policy() -> Policy:
    rules = [RuleId(f"rule{number}") for number in range(_RULES)]
    return Policy(1, {rule: Rule(rule, str(rule), Term("x")) for rule in rules}, {CONSOLE: ChannelState.READY})


def _names(number: int) -> list[str]:
    return [f"feed{number}x{place}" for place in range(_FEEDS)]


def _read(feed: FeedId, text: Article, number: int, rule: RuleId | None, at: datetime) -> ReadArticle:
    article = replace(
        text,
        id=ArticleId(public_id("a", digest("bench", feed, str(number)))),
        feed=feed,
        guid=str(number),
        url=f"https://{feed}.example/{number}",
        published_at=at,
        first_seen_at=None,
    )
    return ReadArticle(article, article_keys(article, Identity.GUID), (Match(rule, ()),) if rule else ())


class _Process:
    """One process: its feeds are polled one after the other."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._store = open_store(work.url)
        self._judge = make_judge(_policy())
        self._texts = make_texts(1000, work.number)[0]
        self._chance = random.Random(work.number)
        self._listed: dict[FeedId, list[ReadArticle]] = {}
        self._count = 0
        self.done = Done(0, [], [], 0.0, 0)

    async def run(self, begin: Any, stop: Any) -> None:
        claims = await self._claimed(0)
        for claim in claims:
            for _ in range(_LISTED):
                self._add(claim.state.feed, None, _START)
            await self._commit(claim, _START)
        self._count_turns()
        begin.wait()
        self.done = Done(0, [], [], 0.0, 0)
        minute, cpu = 1, time.process_time()
        while not stop.is_set():
            for claim in await self._claimed(minute):
                if stop.is_set():
                    break
                now = _START + timedelta(minutes=minute)
                self._add(claim.state.feed, self._rule(), now)
                before = time.perf_counter()
                await self._commit(claim, now)
                self.done.took.append(time.perf_counter() - before)
                self.done.commits += 1
                if self._work.pause:
                    await asyncio.sleep(self._work.pause * 2 * self._chance.random())
            minute += 1
        self.done.cpu = time.process_time() - cpu
        await self._store.close()

    def _rule(self) -> RuleId | None:
        if self._work.kind == NONE:
            return None
        return RuleId("rule0" if self._work.kind == HOT else f"rule{self._chance.randrange(_RULES)}")

    def _add(self, feed: FeedId, rule: RuleId | None, at: datetime) -> None:
        self._count += 1
        text = self._texts[self._count % len(self._texts)]
        old = [replace(one, matches=()) for one in self._listed.get(feed, [])]
        self._listed[feed] = [_read(feed, text, self._count, rule, at), *old][:_LISTED]

    async def _claimed(self, minute: int) -> Sequence[FeedClaim]:
        now = _START + timedelta(minutes=minute)
        await self._store.request_poll(_names(self._work.number), now)
        due = [one.feed for one in await self._store.due_feeds(str(self._work.number), now) if self._is_mine(one.url)]
        return await self._store.claim_feeds(str(self._work.number), now, _FEEDS, timedelta(minutes=3), due)

    def _is_mine(self, url: str) -> bool:
        return url.startswith(f"https://feed{self._work.number}x")

    async def _commit(self, claim: FeedClaim, now: datetime) -> None:
        feed = claim.state.feed
        state = replace(claim.state, last_ok_at=now, last_poll_at=now, next_poll_at=now + timedelta(days=30))
        context = FeedContext(feed, claim.spec.name, first=now == _START, last_ok_at=claim.state.last_ok_at)
        reading = Reading(feed, 1, tuple(self._listed[feed]))
        await self._store.commit(PollResult(claim, state, context, reading), self._judge, 1, now)

    def _count_turns(self) -> None:
        writer = self._store._writer
        asked: list[float] = []

        @event.listens_for(writer._engine, "before_cursor_execute")
        def _before(*call: Any) -> None:
            if call[2].startswith(_TURN_BEGINS) and TURN in call[3]:
                asked.append(time.perf_counter())

        @event.listens_for(writer._engine, "after_cursor_execute")
        def _after(*call: Any) -> None:
            if call[2].startswith(_TURN_BEGINS) and TURN in call[3]:
                self.done.waits.append(time.perf_counter() - asked.pop())

        for name in ("execute", "executemany"):
            self._count_trips(name)

    def _count_trips(self, name: str) -> None:
        before = getattr(psycopg.Cursor, name)

        def counted(*args: Any, **options: Any) -> Any:
            self.done.trips += 1
            return before(*args, **options)

        setattr(psycopg.Cursor, name, counted)


def _process(work: Work, begin: Any, stop: Any, answers: Any) -> None:
    process = _Process(work)
    asyncio.run(process.run(begin, stop))
    answers.put(process.done)


def measure(url: str, kind: str, processes: int, seconds: float, pause: float = 0.0) -> list[Done]:
    """Return what each of so many processes did in that time on an empty database."""
    feeds = [spec(name) for number in range(processes) for name in _names(number)]
    asyncio.run(_activate(url, feeds))
    context = multiprocessing.get_context("spawn")
    begin, stop, answers = context.Barrier(processes + 1), context.Event(), context.Queue()
    works = [Work(url, number, kind, seconds, pause) for number in range(processes)]
    workers = [context.Process(target=_process, args=(work, begin, stop, answers)) for work in works]
    for worker in workers:
        worker.start()
    begin.wait()
    stop.wait(seconds)  # nobody sets it before
    stop.set()
    done = [answers.get() for _ in workers]
    for worker in workers:
        worker.join()
    return done


async def _activate(url: str, feeds: Sequence[Any]) -> None:
    store = open_store(url)
    await store.activate(first_revision(), feeds, _START)
    await store.close()


def _at(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", default="1,2,4,8")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--half", action="store_true", help="then again at half of the commits a second")
    parser.add_argument(
        "--durable", action="store_true", help="wait for the disk at each commit, as a real server does"
    )
    chosen = parser.parse_args()
    print("processes  the new item matches  commits/s  ms each p50   p99  wait for turn p50   p99  CPU ms  trips")
    with running(durable=chosen.durable) as server:
        for processes in [int(one) for one in chosen.processes.split(",")]:
            for kind in (HOT, MANY, NONE):
                rate = _line(server, kind, processes, chosen.seconds, 0.0)
                if chosen.half and kind == HOT:
                    _line(server, kind, processes, chosen.seconds, 2 * processes / rate)


def _line(server: Any, kind: str, processes: int, seconds: float, pause: float) -> float:
    done = measure(server.make("bench"), kind, processes, seconds, pause)
    server.drop("bench")
    took, waits = [x for one in done for x in one.took], [x for one in done for x in one.waits]
    commits = sum(one.commits for one in done)
    print(
        f"{processes:9}  {kind + (' (half)' if pause else ''):<20}  {commits / seconds:9.1f}  {_at(took, 0.5):11.1f} "
        f"{_at(took, 0.99):5.0f}  {_at(waits, 0.5):17.1f} {_at(waits, 0.99):5.0f}  "
        f"{1000 * sum(one.cpu for one in done) / commits:6.1f}  {sum(one.trips for one in done) / commits:5.1f}",
        flush=True,
    )
    return commits / seconds


if __name__ == "__main__":
    main()
