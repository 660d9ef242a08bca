"""What a poll costs in a database that holds a hundred thousand articles and more, and how large that is.

    python -m tests.bench.bench_held [--held 100000,300000] [--polls 300] [--folder FOLDER]

The database is a file on a disk, filled through the store's own writing with texts of `tests.bench.texts` under 500
feeds, oldest first, the most of them over 90 days, so that as many a day stand in each level; of a hundred articles
five matched a rule and were told, each as a story of its own. Texts come again from the 20,000th on, as articles of
their own: with other ids, addresses and titles. All but the 5,000 newest of each level have keys that are hashed with
their number, as if no two had words in common. Right after them, each poll reads a document of 20 items, of which one
is new: it matches, and in every seventh poll it is a copy of one that was told lately in another feed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, update

from tests.bench.texts import make_texts
from tests.fakes.newsroom import first_revision, spec
from watcher.core.alerts.judge import make_judge
from watcher.core.dedup.keys import article_keys
from watcher.core.model.alert import AlertKind, Disposition, FeedContext, Judged, Member, NewAlert, NewMessage
from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import AlertId, ArticleId, FeedId, MessageId, RuleId, digest, public_id
from watcher.core.model.match import Match, ReadArticle
from watcher.core.model.message import MessageKind, MessageState
from watcher.core.model.outcome import Identity, Reading
from watcher.core.model.policy import CONSOLE, ChannelState, Policy
from watcher.core.model.record import PollResult
from watcher.core.model.rule import Rule, Severity, Term
from watcher.core.model.verdict import Level, Outcome, Stage, Verdict
from watcher.core.stories.link import Stories, Teller, own_story
from watcher.storage import alerts, articles, copies, stories
from watcher.storage.open import open_store
from watcher.storage.store import SqlStore
from watcher.storage.tables import items

_END: Final = datetime(2026, 11, 1, tzinfo=UTC)
_SPAN: Final = timedelta(days=90)
_FEEDS: Final = 500
_LISTED: Final = 20
_MATCHED_OF: Final = 20
_COPY_OF: Final = 7
_TEXTS: Final = 20_000
_REAL: Final = 5_000
_BATCH: Final = 1000
_RULE: Final = RuleId("all")


def _held(levels: Sequence[int], feeds: Sequence[FeedId]) -> Iterator[ReadArticle]:
    """Return the articles to be held, the oldest first."""
    count = max(levels)
    texts = make_texts(min(count, _TEXTS), seed=5)[0]
    for number in range(count):
        text = texts[number % len(texts)]
        again = min(level - number for level in levels if level > number) > _REAL
        title = f"{text.title} ({number // len(texts)})" if number >= len(texts) else text.title
        at = _END - _SPAN * (count - number) / count
        yield _read(replace(text, title=title), number, feeds[number % _FEEDS], at, again=again)


def _read(text: Article, number: int, feed: FeedId, at: datetime, *, again: bool = False) -> ReadArticle:
    source = f"s{feed[1:7]}.example"
    article = replace(
        text,
        id=ArticleId(public_id("a", digest("held", str(number)))),
        feed=feed,
        guid=f"g{number}",
        url=f"https://{source}/{number}",
        source=source,
        feed_name=source,
        published_at=at,
        first_seen_at=at,
    )
    keys = article_keys(article, Identity.GUID)
    matches = (Match(_RULE, ()),) if number % _MATCHED_OF == 0 else ()
    return ReadArticle(article, _apart(keys, number) if again else keys, matches)


def _apart(keys: ArticleKeys, number: int) -> ArticleKeys:
    """Return keys that no other article has, as many as these."""
    found = {one.name: getattr(keys, one.name) for one in fields(keys)}
    return ArticleKeys(**{name: key and digest("apart", key.hex(), str(number)) for name, key in found.items()})


def _write(db: Connection, reads: Sequence[ReadArticle], now: datetime) -> None:
    refused = articles.write(db, [Judged(one, one.article.id, Disposition.NEW, Stage.MATCHED) for one in reads], 1, now)
    assert not refused, refused
    told = [one for one in reads if one.matches]
    made = [_alert(one.article) for one in told]
    carried = [
        NewMessage(MessageId("m" + one.id[1:]), CONSOLE, MessageKind.ALERT, (one.id,), MessageState.SENT)
        for one in made
    ]
    alerts.add(db, made, carried, {}, now)
    copies.write(db, [Member(one.article, one.keys) for one in told], now)
    alerts.write_verdicts(
        db,
        [
            Verdict(one.article, _RULE, CONSOLE, Outcome.WAITING, one.story, level=Level.NEW, alert=one.id)
            for one in made
        ],
        now,
    )
    begun = Stories((), {})
    for one in told:
        teller = Teller(one.article.source, frozenset({_RULE}), seen_at=now)
        begun.join(own_story(one.article), one.article, one.article.published_at or now, teller)
    stories.write(db, begun.changes(), now)


def _alert(article: Article) -> NewAlert:
    return NewAlert(
        id=AlertId("l" + article.id[1:]),
        rule=_RULE,
        target=CONSOLE,
        story=own_story(article),
        kind=AlertKind.FIRST,
        ordinal=0,
        severity=Severity.NORMAL,
        article=article.id,
        revision=1,
        sample=False,
        note="",
    )


class Room:
    """A store that fills up, with what its feeds list now and what was told lately."""

    def __init__(self, store: SqlStore, feeds: Sequence[FeedId], levels: Sequence[int]) -> None:
        self.store = store
        self.feeds = feeds
        self.count = 0
        self._rest = _held(levels, feeds)
        self._until = _END
        self._listed: dict[FeedId, deque[ReadArticle]] = {feed: deque(maxlen=_LISTED) for feed in feeds}
        self._told: deque[Article] = deque(maxlen=200)
        self._fresh = iter(make_texts(_TEXTS, seed=6)[0])
        self._draw = random.Random(7)
        self._judge = make_judge(Policy(1, {_RULE: Rule(_RULE, "all", Term("x"))}, {CONSOLE: ChannelState.READY}))

    async def fill(self, held: int) -> None:
        """Hold so many articles."""
        while self.count < held and (batch := list(islice(self._rest, min(_BATCH, held - self.count)))):
            now = self._until = batch[-1].article.first_seen_at or _END
            await self.store._writer.run(_writing(batch, now))
            self.count += len(batch)
            for one in batch:
                self._list(one)
        here = {one.article.id for listed in self._listed.values() for one in listed}
        oldest = min(one.article.first_seen_at or _END for listed in self._listed.values() for one in listed)
        await self.store._writer.run(
            lambda db: db.execute(update(items).where(items.c.first_seen_at < oldest).values(absent_since=oldest))
        )
        assert here

    def _list(self, one: ReadArticle) -> None:
        self._listed[one.article.feed].append(one)
        if one.matches:
            self._told.append(one.article)

    async def poll(self, number: int) -> tuple[float, float]:
        """Poll one feed, and return what its commit took: CPU milliseconds, and those on the wall."""
        name, feed = f"feed {number % _FEEDS}", self.feeds[number % _FEEDS]
        now = self._until + timedelta(seconds=30 * number)
        text = self._draw.choice(self._told) if number % _COPY_OF == 0 else next(self._fresh)
        new = _read(text, -number * _MATCHED_OF, feed, now)
        document = (*self._listed[feed], new)[-_LISTED:]
        await self.store.request_poll([name], now)
        [claim] = await self.store.claim_feeds("bench", now, 1, timedelta(minutes=2), only=[feed])
        result = PollResult(
            claim,
            replace(claim.state, last_ok_at=now, next_poll_at=now + timedelta(hours=1)),
            FeedContext(feed, name, first=False, last_ok_at=now),
            Reading(feed, 1, document),
        )
        cpu, wall = time.process_time(), time.perf_counter()
        committed = await self.store.commit(result, self._judge, 1, now)
        spent = 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall)
        assert committed.new == 1, committed
        self._list(new)
        return spent


def _writing(batch: Sequence[ReadArticle], now: datetime) -> Callable[[Connection], None]:
    return lambda db: _write(db, batch, now)


async def _measure(levels: Sequence[int], polls: int, folder: Path) -> None:
    store = open_store(f"sqlite:///{folder}/watcher.db")
    names = [f"feed {number}" for number in range(_FEEDS)]
    ids = await store.activate(first_revision(), [spec(name) for name in names], _END - _SPAN)
    room = Room(store, [ids[name] for name in names], levels)
    number = 0
    for level in levels:
        began = time.perf_counter()
        await room.fill(level)
        filled = time.perf_counter() - began
        spent = []
        for _ in range(polls):
            number += 1
            spent.append(await room.poll(number))
        await store.checkpoint()
        size = (folder / "watcher.db").stat().st_size / 1e6
        print(f"{level:8,} held, {size:7.0f} MB (filled in {filled:.0f} s): {_said(spent)}", flush=True)
    await store.close()


def _said(spent: Sequence[tuple[float, float]]) -> str:
    cpu, wall = (sorted(one[side] for one in spent) for side in (0, 1))
    return (
        f"{1000 * len(cpu) / sum(cpu):5.0f} polls of 20 items, one new and told, a CPU second; a commit takes "
        f"p50 {cpu[len(cpu) // 2]:.1f} p99 {cpu[int(len(cpu) * 0.99)]:.1f} ms of CPU, "
        f"p50 {wall[len(wall) // 2]:.1f} p99 {wall[int(len(wall) * 0.99)]:.1f} ms on the wall"
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held", default="100000,300000")
    parser.add_argument("--polls", type=int, default=300)
    parser.add_argument("--folder", type=Path, help="where the database is made; else a temporary one")
    chosen = parser.parse_args()
    levels = sorted(int(level) for level in chosen.held.split(","))
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        asyncio.run(_measure(levels, chosen.polls, Path(folder)))


if __name__ == "__main__":
    main()
