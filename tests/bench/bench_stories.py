"""Stories on labelled news: BCubed and pair figures, with the time that linking takes.

Run by `python -m tests.bench.bench_stories DIR`, DIR holding the labelled files (JSON lines with title, summary, ts,
lang, cluster).
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import ArticleId, FeedId, RuleId, StoryId
from watcher.core.model.match import Match, ReadArticle
from watcher.core.stories.link import Stories, Teller
from watcher.core.stories.shelf import Shelf


def bcubed(gold: Sequence[object], found: Sequence[object]) -> tuple[float, float, float]:
    """Return BCubed precision, recall and F."""
    pairs, golds, founds = Counter(zip(gold, found, strict=True)), Counter(gold), Counter(found)
    precision = sum(n * n / founds[key[1]] for key, n in pairs.items()) / len(gold)
    recall = sum(n * n / golds[key[0]] for key, n in pairs.items()) / len(gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


def pair_f(gold: Sequence[object], found: Sequence[object]) -> float:
    """Return F over all pairs."""

    def same(counts: Counter[object]) -> int:
        return sum(n * (n - 1) // 2 for n in counts.values())

    both = same(Counter(zip(gold, found, strict=True)))
    return 2 * both / max(same(Counter(gold)) + same(Counter(found)), 1)


def measure(rows: Sequence[dict[str, object]]) -> str:
    """Link all rows in order of time and return one line of figures."""
    shelf, found, spent = Shelf(), [], []
    for number, row in enumerate(sorted(rows, key=lambda row: (row["ts"], row["id"]))):
        article = Article(
            ArticleId(f"a{number}"),
            FeedId("f"),
            title=str(row["title"]),
            summary=str(row["summary"]),
            lang=str(row["lang"]),
        )
        started = time.process_time()
        found.append(_place(shelf, article, datetime.fromtimestamp(float(str(row["ts"])), UTC)))
        spent.append(time.process_time() - started)
    ordered = sorted(rows, key=lambda row: (row["ts"], row["id"]))
    gold = [(row["cluster"], row["lang"]) for row in ordered]
    ids = [shelf.now(id_) for id_ in found]
    p, r, f = bcubed(gold, ids)
    spent.sort()
    return (
        f"{len(rows):6} articles  BCubed P {p:.3f} R {r:.3f} F {f:.3f}  pair F {pair_f(gold, ids):.3f}  "
        f"{len(rows) / sum(spent):6.0f}/s  p99 {spent[int(len(spent) * 0.99)] * 1000:.1f} ms"
    )


def _place(shelf: Shelf, article: Article, at: datetime) -> StoryId:
    """Link one article as the store does within a commit."""
    read = ReadArticle(article, ArticleKeys(b"", b""), matches=(Match(RuleId("all"), ()),))
    known, counts = shelf.load([read], at)
    stories = Stories(known, counts)
    placed = stories.place(article, at, Teller())
    shelf.write(stories.changes(), at)
    return placed.story


def main(folder: Path) -> None:
    """Print the figures of each labelled file."""
    for path in sorted(folder.glob("*_dev.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        if "cluster" not in rows[0] or not rows[0].get("ts"):
            continue
        print(f"{path.stem:18} {measure(rows)}", flush=True)
        english = [row for row in rows if row["lang"] == "eng"]
        if len(english) < len(rows):
            print(f"{path.stem:18} {measure(english)}  (English)", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
