"""How many articles a second the search for copies judges as more are held, and what one title a thousand times costs
a store.

    python -m tests.bench.bench_copies [--held 3000,10000] [--sample 1000]

Every article counts as matched and told, which in a newsroom a few in a hundred are. The peer is the index that this
search took the place of: six rarest words, newest 300 articles each, the thirty likeliest compared by their share of
equal words; it has no guard and knows no items.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from tests.bench.texts import make_texts
from tests.fakes.newsroom import first_revision, spec
from watcher.core.alerts.judge import make_judge
from watcher.core.alerts.stream import Stream
from watcher.core.dedup.keys import article_keys
from watcher.core.dedup.leads import lead
from watcher.core.dedup.likeness import jaccard
from watcher.core.dedup.titles import title_of
from watcher.core.model.alert import FeedContext
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId, digest, public_id
from watcher.core.model.match import Match, ReadArticle
from watcher.core.model.outcome import Identity, Reading
from watcher.core.model.policy import CONSOLE, ChannelState, Policy
from watcher.core.model.record import PollResult
from watcher.core.model.rule import Rule, Term
from watcher.storage.open import open_store

_START = datetime(2026, 11, 1, tzinfo=UTC)
_FEEDS = 500
_LAST = 100


class Peer:
    """An index over rare words, without guards."""

    def __init__(self) -> None:
        self._by_word: defaultdict[str, deque[int]] = defaultdict(lambda: deque(maxlen=300))
        self._frequency: Counter[str] = Counter()
        self._held: list[frozenset[str]] = []

    def add(self, article: Article) -> object:
        """Return the likeliest earlier article, or None, and hold this one."""
        words = frozenset((*title_of(article).tokens, *lead(article)))
        rare = sorted(words & self._frequency.keys(), key=lambda word: (self._frequency[word], word))[:6]
        near = Counter(position for word in rare for position in self._by_word[word]).most_common(30)
        best = max((jaccard(words, self._held[position]) for position, _ in near), default=0.0)
        for word in words:
            self._by_word[word].append(len(self._held))
        self._frequency.update(words)
        self._held.append(words)
        return best if best >= 0.8 else None  # the advice of the survey for title and lead


def _stream(count: int, seed: int) -> list[Article]:
    """Return articles of many feeds, one in seven a copy of a late one in another feed."""
    chance, made = random.Random(seed), list[Article]()
    for number, article in enumerate(make_texts(count, seed)[0]):
        at = _START + timedelta(seconds=20 * number)
        if made and chance.random() < 0.15:
            article = chance.choice(made[-3000:])
        source = f"s{number % _FEEDS}.example"
        made.append(
            replace(
                article,
                id=ArticleId(f"a{number}"),
                guid=f"g{number}",
                url=f"https://{source}/{number}",
                source=source,
                feed_name=source,
                published_at=at,
                first_seen_at=at,
            )
        )
    return made


def _time(add: Callable[[Article], object], sample: list[Article]) -> str:
    spent = []
    for article in sample:
        before = time.thread_time_ns()
        add(article)
        spent.append((time.thread_time_ns() - before) / 1e6)
    spent.sort()
    return (
        f"{1000 * len(spent) / sum(spent):6.0f} articles/CPU s, "
        f"p50 {spent[len(spent) // 2]:.2f} p99 {spent[int(len(spent) * 0.99)]:.2f} ms"
    )


async def _title(count: int, title: str) -> float:
    """Return the milliseconds of a commit of one new article after `count` others, each in a poll of its own; `{}` is
    its number.
    """
    rule = RuleId("all")
    judge = make_judge(Policy(1, {rule: Rule(rule, "all", Term("x"))}, {CONSOLE: ChannelState.READY}))
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/watcher.db")
        feed = (await store.activate(first_revision(), [spec("wire")], _START))["wire"]
        spent = list[float]()
        for number in range(count):
            now = _START + timedelta(minutes=number)
            await store.request_poll(["wire"], now)
            [claim] = await store.claim_feeds("bench", now, 1, timedelta(minutes=2))
            result = PollResult(
                claim,
                replace(claim.state, last_ok_at=now, next_poll_at=now),
                FeedContext(feed, "wire", first=False, last_ok_at=now),
                Reading(feed, 1, (_read(feed, number, title.format(number), now, rule),)),
            )
            before = time.perf_counter()
            await store.commit(result, judge, 1, now)
            spent.append(time.perf_counter() - before)
        await store.close()
    return 1000 * sorted(spent[-_LAST:])[_LAST // 2]


def _read(feed: FeedId, number: int, title: str, at: datetime, rule: RuleId) -> ReadArticle:
    article = Article(
        id=ArticleId(public_id("a", digest("bench", str(number)))),
        feed=feed,
        guid=str(number),
        url=f"https://wire.example/{number}",
        title=title,
        published_at=at,
    )
    return ReadArticle(article, article_keys(article, Identity.GUID), (Match(rule, ()),))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held", default="3000,10000")
    parser.add_argument("--sample", type=int, default=1000)
    chosen = parser.parse_args()
    levels = [int(level) for level in chosen.held.split(",")]
    everything = _stream(max(levels) + chosen.sample * len(levels), seed=5)
    for name, add in (("watcher", Stream().add), ("peer", Peer().add)):
        rest = iter(everything)
        held = 0
        for level in levels:
            for article in islice(rest, max(0, level - held)):
                add(article)
            held = max(held, level) + chosen.sample
            print(f"{name:8} {level:7} held: {_time(add, list(islice(rest, chosen.sample)))}", flush=True)
    for name, title in (
        ("one title", "Air raid alert for the northern region"),
        ("other titles", "Alert {0} of ward {0} x{0}"),
    ):
        took = asyncio.run(_title(1000, title))
        print(f"1,000 polls of one new article with {name}, SQLite: {took:.2f} ms a commit at the end", flush=True)


if __name__ == "__main__":
    main()
