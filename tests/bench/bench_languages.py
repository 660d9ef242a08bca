"""How well and how cheaply the language of a text is told: `python -m tests.bench.bench_languages FILE...`

FILE holds articles as JSON lines; those with `lang` are judged as if no language were declared, by their title alone
and by title and summary. Printed are, by language: how many, how often the likeliest is right, how often the right
one is left among the possible ones (or nothing is shut out, which loses no match), and how often nothing is told;
then what loading the table costs in time and memory, and what an article costs.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from watcher.core.articles.language import declared
from watcher.core.articles.spoken import spoken
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.lexicon.languages import detect


def _articles(path: Path) -> Iterator[tuple[str, Article, Article]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            one = json.loads(line)
            where = ArticleId(str(number)), FeedId("bench")
            title, summary = one["title"], one.get("summary") or ""
            yield (
                declared(one.get("lang") or ""),
                Article(*where, title=title),
                Article(*where, title=title, summary=summary),
            )


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the figures of each language and what they cost."""
    before, began = _peak_megabytes(), time.process_time()
    detect("Putin empfängt Kim in Moskau, sagt der Kreml")
    print(f"table: {time.process_time() - began:.3f} s, {_peak_megabytes() - before:.1f} MB, once a process")
    told: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    wrong: dict[tuple[str, str, str], int] = defaultdict(int)
    spent, judged = 0.0, 0
    for path in map(Path, sys.argv[1:]):
        for lang, title, whole in _articles(path):
            for what, article in (("title", title), ("title and summary", whole)):
                began = time.process_time()
                found = spoken(article, detect)
                spent, judged = spent + time.process_time() - began, judged + 1
                counts = told[lang, what]
                counts[0] += 1
                counts[1] += found.code == lang
                counts[2] += lang in found.codes or not found.codes
                counts[3] += not found.codes
                if found.codes and lang not in found.codes:
                    wrong[lang, what, found.code] += 1
    for (lang, what), (all_of, right, kept, silent) in sorted(told.items()):
        if all_of >= 20:
            others = [(times, code) for (own, part, code), times in wrong.items() if (own, part) == (lang, what)]
            as_others = sorted(others, reverse=True)[:4]
            print(
                f"{lang} {what}: {all_of}, likeliest {100 * right / all_of:.1f} %, kept {100 * kept / all_of:.2f} %,"
                f" not told {100 * silent / all_of:.1f} %; taken for {as_others}"
            )
    print(f"{1000 * spent / max(judged, 1):.3f} ms of CPU an article")


if __name__ == "__main__":
    main()
