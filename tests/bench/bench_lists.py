"""Prints what a large list costs: first load, load after an edited row, memory of all processes, time of matching.

    python -m tests.bench.bench_lists [--names 100000] [--aliases 5] [--rules 1000] [--workers 2]

Half of the names are made of words that the articles hold, so that a look into the list is often worth it. Times of
loading are those of this process and of those that it began. Matching with and without the list is measured in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gc
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.rules import as_rule, draw_watches
from tests.bench.texts import make_texts
from watcher.core.matching.engine import RuleSet
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import AllOf, AnyOf, ConceptRef, Rule, RuleSource, Term
from watcher.lexicon.extras import compile_with_extras
from watcher.reading.configurations import load_tried
from watcher.reading.readers import WorkerReader
from watcher.settings.configuration import Configuration
from watcher.settings.env import read_settings
from watcher.settings.load import load

SEED: Final = 20261128
_ARTICLES: Final = 600
_TURNS: Final = 9
_CYRILLIC: Final = dict(zip("abdeiklmnoprstuvz", "абдеиклмнопрстувз", strict=True))


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--names", type=int, default=100_000)
    options.add_argument("--aliases", type=int, default=5)
    options.add_argument("--rules", type=int, default=1_000)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--load", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--memory", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.load is not None:
        _print_load(chosen.load)
    elif chosen.memory is not None:
        asyncio.run(_print_memory(chosen.memory, chosen.workers))
    else:
        _say(f"Python {sys.version.split()[0]}; load {Path('/proc/loadavg').read_text(encoding='ascii').strip()}")
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_CACHE_HOME"] = folder
            _measure(Path(folder), chosen)


def _measure(folder: Path, chosen: Any) -> None:
    texts = make_texts(_ARTICLES, SEED)
    rows = _rows(chosen.names, chosen.aliases, [*texts.plain, *texts.other])
    _write(folder, rows[:50])
    few = _loaded(folder)
    without = float(_of_another("--memory", folder, chosen.workers))
    _write(folder, rows)
    size = (folder / "config" / "vessels.csv").stat().st_size / 1e6
    _say(f"{chosen.names:,} names with {chosen.aliases} aliases each, {size:.1f} MB of CSV")
    _say(f"  first load: {_of_another('--load', folder, 1)}")
    _say(f"  the same again: {_of_another('--load', folder, 1)}")
    rows[len(rows) // 2][0] += " II"
    _write(folder, rows)
    _say(f"  load after an edited row: {_of_another('--load', folder, 1)}")
    rows.insert(10, ["Inserted Vessel", "", "1"])
    _write(folder, rows)
    begin = time.perf_counter()
    many = _loaded(folder)
    _say(f"  as a daemon does after an inserted row, tried apart and then read: {time.perf_counter() - begin:.2f} s")
    file = many.concepts["vessels"].table
    if file is not None:
        _say(f"  file of names {Path(file.path).stat().st_size / 1e6:.1f} MB, {file.names:,} names")
    whole = float(_of_another("--memory", folder, chosen.workers))
    more = f"{without:.0f} MB with 50 names, {whole:.0f} MB with all: {whole - without:.0f} more"
    _say(f"  memory of a main process and {chosen.workers} workers, what they share counted once: {more}")
    for name, articles in (("ASCII text", texts.plain), ("other text", texts.other)):
        _print_ratio(name, articles, chosen.rules, few, many)


def _of_another(what: str, folder: Path, workers: int) -> str:
    """Return what this module says in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bench_lists", what, str(folder), "--workers", str(workers)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _print_load(folder: Path) -> None:
    """Print how long the files take to be read here, where nothing was read before."""
    read_settings()
    begin, cpu = time.perf_counter(), time.process_time()
    found = load(folder / "config", read_settings(data=folder, secrets=folder / "none"), shares=None)
    assert found.configuration is not None, found.problems
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _say(f"{time.perf_counter() - begin:.2f} s, {time.process_time() - cpu:.2f} s CPU, {peak:.0f} MiB at most")


async def _print_memory(folder: Path, workers: int) -> None:
    """Print the memory of this process, with its configuration, and of its workers, which hold the rules, in MB."""
    configuration = await asyncio.to_thread(_loaded, folder)
    reader = WorkerReader(workers)
    articles = [Article(ArticleId(str(at)), FeedId("f"), title=f"A ship said port {at}") for at in range(40)]
    try:
        await reader.use(configuration.rule_source(1))
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(reader.match(articles, 1))
        gc.collect()
        _say(f"{sum(map(_share, [os.getpid(), *_below(os.getpid())])) / 1e6:.1f}")
    finally:
        await reader.close()


def _loaded(folder: Path) -> Configuration:
    found = load_tried(folder / "config", read_settings(data=folder, secrets=folder / "none"))
    assert found.configuration is not None, found.problems
    return found.configuration


def _share(pid: int) -> int:
    """Return the memory of a process, its part of what it shares with others, in bytes."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


def _below(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [one for child in map(int, text.split()) for one in (child, *_below(child))]


def _print_ratio(name: str, articles: list[Article], count: int, few: Configuration, many: Configuration) -> None:
    rules = tuple(as_rule(number, watch) for number, watch in enumerate(draw_watches(articles, count, SEED)))
    listed = Rule(RuleId("ships"), "Ships", AllOf((ConceptRef("vessels"), AnyOf((Term("port"), Term("said"))))))
    alone = Rule(RuleId("any-ship"), "Any ship", ConceptRef("vessels"))
    sets = [
        compile_with_extras(RuleSource(1, rules)),
        compile_with_extras(RuleSource(1, (*rules, listed), dict(few.concepts))),
        compile_with_extras(RuleSource(1, (*rules, listed), dict(many.concepts))),
        compile_with_extras(RuleSource(1, (*rules, listed, alone), dict(many.concepts))),
    ]
    hits = sum(any(match.rule == "any-ship" for match in sets[3].match(article)[0]) for article in articles)
    times: list[list[float]] = [[] for _ in sets]
    for turn in range(_TURNS + 1):
        for at, one in enumerate(sets):
            taken = _micros(one, articles)
            if turn:
                times[at].append(taken)
    best = [statistics.median(each) for each in times]
    _say(
        f"  {name}, {count:,} rules, microseconds an article: no list {best[0]:.0f}; 50 names {best[1]:.0f}; "
        f"all names in a rule with a second group {best[2]:.0f} = {best[2] / best[0]:.2f} x; "
        f"and a rule of the list alone, which fires on {hits / len(articles):.0%}, {best[3]:.0f} = {best[3] / best[0]:.2f} x"
    )


def _micros(rules: RuleSet, articles: Sequence[Article]) -> float:
    gc.collect()
    gc.freeze()
    begin = time.process_time()
    for article in articles:
        rules.match(article)
    return (time.process_time() - begin) / len(articles) * 1e6


def _write(folder: Path, rows: Sequence[Sequence[str]]) -> None:
    config = folder / "config"
    config.mkdir(exist_ok=True)
    (config / "rules.yaml").write_text(
        "lists:\n  vessels: {csv: vessels.csv, name: name, also: aliases, id: imo}\n"
        "rules:\n  - {id: ships, name: Ships, all: [$vessels, [port, said]]}\n",
        encoding="utf-8",
    )
    with (config / "vessels.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["name", "aliases", "imo"])
        table.writerows(rows)


def _rows(names: int, aliases: int, articles: Sequence[Article]) -> list[list[str]]:
    draw = random.Random(SEED)
    seen = sorted({word for one in articles for word in one.content.split() if word.isascii() and word.isalpha()})
    syllables = [a + b for a in "bdklmnprstvz" for b in "aeiou"]

    def invented() -> str:
        return "".join(draw.choices(syllables, k=draw.choice((2, 3, 3, 4)))).capitalize()

    def name() -> str:
        words = [draw.choice(seen).capitalize() if draw.random() < 0.5 else invented() for _ in range(2)]
        number = f" {draw.randrange(1, 100)}" if draw.random() < 0.1 else ""
        word = " ".join(words) + number
        return "".join(_CYRILLIC.get(letter, letter) for letter in invented().lower()) if draw.random() < 0.1 else word

    return [[name(), ";".join(name() for _ in range(aliases)), str(9_000_000 + number)] for number in range(names)]


def _say(line: str) -> None:
    print(line, file=sys.stdout, flush=True)


if __name__ == "__main__":
    main()
