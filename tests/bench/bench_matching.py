"""Prints how fast rules are matched, beside other ways to do it, on the same texts and rules with equal results.

Run as `make bench`, or `python -m tests.bench.bench_matching [--big]`; `--big` adds 100,000 rules.
"""

from __future__ import annotations

import argparse
import gc
import platform
import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from tests.bench import peers
from tests.bench.rules import Watch, as_rule, draw_watches
from tests.bench.texts import make_texts
from tests.reference_engine import Reference
from watcher.core.articles.frequency import word_shares
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.rule import RuleSource, Term

SEED = 20260508
ARTICLES = 1000
SECONDS = 1.5
"""Time for one measurement of one engine, at most; slow ones see fewer articles."""

REFERENCE_PAIRS = 1200
MOST_PATTERNS = 10_000
IN_LOOP, PATTERNS, AUTOMATON, FULL_TEXT = (
    "`in` loop (inexact)",
    "compiled re per group",
    "ahocorasick_rs + anchors",
    "SQLite FTS5, one batch",
)

WANTED: dict[str, dict[int, float]] = {
    IN_LOOP: {100: 2, 1_000: 12, 10_000: 50, 100_000: 100},
    PATTERNS: {1_000: 100, 10_000: 400},
    AUTOMATON: {1_000: 0.8, 10_000: 0.9, 100_000: 1.8},
    FULL_TEXT: {10_000: 2.5, 100_000: 5},
}
"""How many times as fast as each peer the engine is meant to be, by the number of rules; memory: 25 MB at 10,000
rules, 250 at 100,000.
"""


class Row(NamedTuple):
    """What was measured of one engine."""

    name: str
    speed: float
    build: float
    note: str


class Ours:
    """The project's own engine as a peer: which rules an article satisfies, as the others say it; told how frequent
    words are, as they are.
    """

    def __init__(self, watches: Sequence[Watch], articles: Sequence[Article]) -> None:
        rules = tuple(as_rule(number, watch) for number, watch in enumerate(watches))
        shares = word_shares(f"{article.title}\n\n{article.summary}\n\n{article.content}" for article in articles)
        self.source = RuleSource(1, rules, frequencies=shares)
        begin = time.process_time()
        self.rules = compile_rules(self.source, frequencies=shares)
        self.build = time.process_time() - begin

    def match(self, articles: Sequence[Article]) -> list[set[int]]:
        return [{int(one.rule.id[1:]) for one in self.rules.fired(article)[0]} for article in articles]


class Words:
    """The same with what only our engine tells: by which words, in which field, from where to where."""

    def __init__(self, ours: Ours) -> None:
        self._rules = ours.rules

    def match(self, articles: Sequence[Article]) -> list[set[int]]:
        return [{int(match.rule[1:]) for match in self._rules.match(article)[0]} for article in articles]


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--big", action="store_true", help="also 100,000 rules")
    big = options.parse_args().big
    texts = make_texts(ARTICLES, SEED)
    _say(f"Python {platform.python_version()}, {platform.machine()}; seed {SEED}; texts from {_sources(texts.sources)}")
    if not texts.sources["corpus"]:
        _say("The measuring corpus is not beside the project: own texts alone, with a smaller vocabulary.")
    if not peers.HAS_AUTOMATON:
        _say("ahocorasick_rs is not installed (dependency group `bench`): its rows are left out.")
    for name, articles in (("ASCII text", texts.plain), ("other text", texts.other)):
        size = sum(len(a.title) + len(a.summary) + len(a.content) for a in articles) // len(articles)
        _say(f"\n== {name}: {len(articles)} articles of {size} characters ==")
        folded = peers.Folded(articles)
        watches = draw_watches(articles, 100_000 if big else 10_000, SEED)
        for count in (100, 1_000, 10_000, 100_000)[: 4 if big else 3]:
            _table(watches[:count], articles, folded)
    _costs(texts.plain, texts.other)


def _table(watches: list[Watch], articles: list[Article], folded: peers.Folded) -> None:
    built: list[tuple[str, peers.Peer, float]] = []
    ours = Ours(watches, articles)
    built.append(("watcher", ours, ours.build))
    built.append(("watcher, with the words", Words(ours), ours.build))
    ways: dict[str, Callable[[], peers.Peer]] = {IN_LOOP: lambda: peers.InLoop(watches, folded)}
    if len(watches) <= MOST_PATTERNS:
        ways[PATTERNS] = lambda: peers.Patterns(watches, folded)
    if peers.HAS_AUTOMATON:
        frequencies = peers.frequencies_of(watches, folded, articles)
        ways[AUTOMATON] = lambda: peers.Automaton(watches, folded, frequencies)
    ways[FULL_TEXT] = lambda: peers.FullText(watches, folded)
    for name, way in ways.items():
        gc.collect()
        begin = time.process_time()
        peer = way()
        built.append((name, peer, time.process_time() - begin))
    expected = ours.match(articles)
    terms = {term for watch in watches for term in (*sum(watch.groups, ()), *watch.none)}
    fired = sum(map(len, expected)) / len(articles)
    _say(f"\n{len(watches):,} rules, {len(terms):,} different terms, {fired:.2f} matches an article")
    _say(f"  {_proven(ours, watches, articles, expected)}")
    rows = [_measured(name, peer, build, articles, expected) for name, peer, build in built]
    base = next(row.speed for row in rows if row.name == IN_LOOP)
    _say(f"  {'engine':26}{'articles/s':>12}{'x in loop':>11}{'watcher x':>11}{'wanted':>8}{'build s':>9}  result")
    for row in rows:
        ratios = f"{row.speed / base:11.2f}{rows[0].speed / row.speed:11.2f}"
        wanted = WANTED.get(row.name, {}).get(len(watches))
        _say(f"  {row.name:26}{row.speed:12,.1f}{ratios}{wanted or '':>8}{row.build:9.3f}  {row.note}")
    del built, rows
    gc.unfreeze()
    _say(f"  watcher: {_memory(ours.source, articles[:300]):.1f} MB; one rule edited in {_edit(ours) * 1000:.2f} ms")


def _measured(name: str, peer: peers.Peer, build: float, articles: list[Article], expected: list[set[int]]) -> Row:
    """Return articles a second of processor time, on as many as the time allows; the best of three runs counts."""
    begin = time.process_time()
    found = peer.match(articles[:4])
    once = (time.process_time() - begin) / 4
    whole_batch = isinstance(peer, peers.FullText)
    count = len(articles) if whole_batch else max(4, min(len(articles), int(SECONDS / 3 / max(once, 1e-6))))
    best = float("inf")
    for _ in range(1 if whole_batch else 3):
        gc.collect()
        # as a reader process does with its rules; what the other engines built would be looked through, too
        gc.freeze()
        begin = time.process_time()
        found = peer.match(articles[:count])
        best = min(best, time.process_time() - begin)
    return Row(name, count / best, build, _compared(found, expected, count))


def _compared(found: list[set[int]], expected: list[set[int]], count: int) -> str:
    extra = sum(len(a - b) for a, b in zip(found, expected, strict=False))
    missing = sum(len(b - a) for a, b in zip(found, expected, strict=False))
    if not extra and not missing:
        return f"equal on {count} articles"
    return f"{extra} extra, {missing} missing of {sum(map(len, expected[:count]))} on {count} articles"


def _proven(ours: Ours, watches: list[Watch], articles: list[Article], expected: list[set[int]]) -> str:
    """Compare with the slow reference engine, on every rule that fired and as many others, of articles drawn at
    random.
    """
    draw = random.Random(SEED)
    pairs = wrong = 0
    while pairs < REFERENCE_PAIRS:
        at = draw.randrange(len(articles))
        reference = Reference(articles[at], {})
        tried = {*draw.sample(sorted(expected[at]), min(10, len(expected[at]))), *draw.sample(range(len(watches)), 20)}
        for position in tried:
            pairs += 1
            wrong += (reference.match(ours.source.rules[position]) is not None) != (position in expected[at])
    return f"{pairs} pairs of rule and article tried with the reference engine, {wrong} differ"


def _memory(source: RuleSource, articles: list[Article]) -> float:
    """Return how many MB the compiled rules need beside the rules as written, after they were tried on the articles."""
    gc.collect()
    tracemalloc.start()
    rules = compile_rules(source, frequencies=source.frequencies)
    for article in articles:
        rules.match(article)
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del rules
    return size / 1e6


def _edit(ours: Ours) -> float:
    """Return how many seconds it takes to compile again after one rule has changed; the best of three."""
    best = float("inf")
    for number in range(3):
        rules = list(ours.source.rules)
        rules[len(rules) // 2] = replace(rules[len(rules) // 2], body=Term(f"edited{'abc'[number]}"))
        source = RuleSource(2, tuple(rules), frequencies=ours.source.frequencies)
        begin = time.process_time()
        compile_rules(source, previous=ours.rules, frequencies=source.frequencies)
        best = min(best, time.process_time() - begin)
    return best


def _costs(plain: list[Article], other: list[Article]) -> None:
    """Print what fields, spans and Unicode keys cost, each left out in turn."""
    _say("\n== what the parts cost, in microseconds an article ==")
    joined = [replace(a, title="", summary="", content=f"{a.title}\n\n{a.summary}\n\n{a.content}") for a in plain]
    marked = [replace(a, content=f"{a.content}\n\né", title=f"{a.title} é", summary=f"{a.summary} é") for a in plain]
    for count in (1_000, 10_000):
        rules = Ours(draw_watches(plain, count, SEED), plain).rules
        others = Ours(draw_watches(other, count, SEED), other).rules
        whole = _micros(rules.match, plain)
        _say(
            f"  {count:6,} rules: whole {whole:.0f}; which rules, without the words {_micros(rules.fired, plain):.0f}; "
            f"without fields (one text) {_micros(rules.match, joined):.0f}; "
            f"with Unicode keys (same text and one é a field) {_micros(rules.match, marked):.0f}; "
            f"other text whole {_micros(others.match, other):.0f}, which rules {_micros(others.fired, other):.0f}"
        )


def _micros(work: Callable[[Article], object], articles: list[Article]) -> float:
    best = float("inf")
    for _ in range(3):
        gc.collect()
        gc.freeze()
        begin = time.process_time()
        for article in articles:
            work(article)
        best = min(best, time.process_time() - begin)
    return best / len(articles) * 1e6


def _sources(sources: dict[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in sources.items())


def _say(line: str) -> None:
    print(line, file=sys.stdout, flush=True)


if __name__ == "__main__":
    main()
