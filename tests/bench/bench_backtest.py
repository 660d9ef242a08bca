"""What searching and backtesting cost over many stored articles, in time and memory.

    python -m tests.bench.bench_backtest [--held 100000] [--rules 1000] [--share 0.01] [--folder FOLDER]

A database is made of texts of `tests.bench.texts` under 500 feeds over 14 days, oldest first, with the search index:
news of all kinds, and a share of what the example rule is about (of which a fifth has the words of its groups);
texts come again from the 20,000th on, as articles of their own with a name of their own in the title. A folder that
holds one already is used as it is; then the memory told is that of the questions alone. Each question is asked by the
program in a process of its own, of which time, CPU and the most memory are told: a search, a backtest of the example
rule, and one of many drawn rules.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, insert

from tests.bench.rules import Watch, draw_watches
from tests.bench.texts import make_texts
from tests.fakes.newsroom import first_revision, spec
from watcher.core.matching.word_index import words_to_index
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, digest, public_id
from watcher.core.model.verdict import Stage
from watcher.daemon.clock import SystemClock
from watcher.settings.bundled import bundled
from watcher.storage import search, values
from watcher.storage import tables as t
from watcher.storage.open import open_store
from watcher.storage.store import SqlStore

_FEEDS: Final = 500
_TEXTS: Final = 20_000
_BATCH: Final = 2_000
_SPAN: Final = timedelta(days=14)
_SEED: Final = 7


def main() -> None:
    """Make the database where it is not there, and ask."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--held", type=int, default=100_000)
    parser.add_argument("--rules", type=int, default=1_000)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = given.folder or Path(made)
        file = folder / "watcher.db"
        if not file.exists():
            began = time.monotonic()
            asyncio.run(_make(file, given.held, given.share))
            size = file.stat().st_size / 1e6
            print(f"made {given.held:,} articles in {time.monotonic() - began:.0f} s: {size:,.0f} MB", flush=True)
        many, one = folder / "many", bundled("config")
        if not many.exists():
            _configure(many, draw_watches(_base(1.0), given.rules, _SEED))
        place = ["--database", f"sqlite:///{file}", "--data", str(folder)]
        days = ["--days", "15"]
        _ask("search, two words", ["search", "tumen bridge", *place, "--config", str(one)])
        _ask("search, two concepts", ["search", "$north-korea $russia", *place, "--config", str(one)])
        _ask("backtest, example rule", ["backtest", "dprk-russia-military", *days, *place, "--config", str(one)])
        _ask("backtest, one drawn rule", ["backtest", "r0", *days, *place, "--config", str(many)])
        _ask(f"backtest, {given.rules:,} rules", ["backtest", *days, "--json", *place, "--config", str(many)])


def _base(share: float) -> list[Article]:
    """Return texts of which so large a share is about what the example rule looks for."""
    count = round(_TEXTS * share)
    draw = random.Random(_SEED)
    found = []
    for wanted, corpus_only in ((count, False), (_TEXTS - count, True)):
        texts = make_texts(wanted // 2, _SEED, corpus_only=corpus_only)
        found += [*texts.plain, *texts.other]
    draw.shuffle(found)
    return found


def _articles(held: int, share: float, feeds: Sequence[FeedId]) -> Iterator[Article]:
    base = _base(share)
    begun = SystemClock().now() - _SPAN
    for number in range(held):
        text = base[number % len(base)]
        at = begun + _SPAN * (number / held)
        yield replace(
            text,
            id=ArticleId(public_id("a", digest("held", str(number)))),
            feed=feeds[number % len(feeds)],
            feed_name=f"feed{number % len(feeds)}",
            guid=f"urn:held:{number}",
            url=f"https://feed{number % len(feeds)}.example/{number}",
            title=f"{text.title} {number:x}" if number >= len(base) else text.title,
            published_at=at,
            first_seen_at=at,
        )


async def _make(file: Path, held: int, share: float) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    store = open_store(f"sqlite:///{file}")
    now = SystemClock().now()
    ids = await store.activate(first_revision(), [spec(f"feed{number}") for number in range(_FEEDS)], now)
    words = [words_to_index(replace(one, feed=FeedId(""), url="", title=f"{one.title} _")) for one in _base(share)]
    batch: list[Article] = []
    for number, article in enumerate(_articles(held, share, list(ids.values()))):
        batch.append(article)
        if len(batch) == _BATCH or number + 1 == held:
            first = number + 1 - len(batch)
            texts = [" ".join((*words[at % len(words)], f"{at:x}")) for at in range(first, number + 1)]
            await _write(store, batch, texts, now)
            batch = []
    await store.checkpoint()
    await store.close()


async def _write(store: SqlStore, batch: Sequence[Article], texts: Sequence[str], now: datetime) -> None:
    """Store articles with their words, but for those of their address and feed: cutting each text once and not for
    each of its articles makes a million in minutes.
    """

    def work(db: Connection) -> None:
        items = [
            {
                "id": one.id,
                "feed": one.feed,
                "stage": Stage.MATCHED,
                "content": digest("content", one.id),
                "text": 1,
                "rules": 1,
                "published_at": one.published_at,
                "first_seen_at": one.first_seen_at,
            }
            for one in batch
        ]
        db.execute(insert(t.items), items)
        db.execute(
            insert(t.articles), [{**values.article_values(one), "changed_at": one.first_seen_at} for one in batch]
        )
        search.add_to_index(db, list(zip(batch, texts, strict=True)), now)

    await store._writer.run(work)


def _configure(many: Path, watches: Sequence[Watch]) -> None:
    """Write a configuration of the drawn rules."""
    many.mkdir()
    rules = [
        {
            "name": f"r{number}",
            "all": [[{"term": term} for term in group] for group in watch.groups],
            **({"none": [{"term": term} for term in watch.none]} if watch.none else {}),
        }
        for number, watch in enumerate(watches)
    ]
    # JSON is YAML; a file may hold a mebibyte.
    for start in range(0, len(rules), 200):
        text = json.dumps({"rules": rules[start : start + 200]}, ensure_ascii=False)
        (many / f"rules{start}.yaml").write_text(text, encoding="utf-8")


def _ask(what: str, arguments: Sequence[str]) -> None:
    """Run the program and print what it cost."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen([sys.executable, "-m", "watcher", *arguments], stdout=out, stderr=subprocess.PIPE)
        _, status, used = os.wait4(child.pid, 0)
        out.seek(0)
        answer = out.read().decode()
    seconds, cpu = time.monotonic() - began, used.ru_utime + used.ru_stime
    lines = answer.splitlines()
    said = lines[0][:110] if lines and not lines[0].startswith("{") else f"{len(lines):,} lines"
    print(
        f"{what:<28} {seconds:8.1f} s  CPU {cpu:7.1f} s  {used.ru_maxrss / 1024:6.0f} MB  exit {status >> 8}  {said}",
        flush=True,
    )


if __name__ == "__main__":
    main()
