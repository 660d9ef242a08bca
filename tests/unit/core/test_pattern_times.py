"""Every pattern that meets remote text takes time that grows with the text, and so does what reads and compares texts.

How a pattern is used is read from the source: one that is only ever matched where a text begins is timed so, any
other is searched for.
"""

from __future__ import annotations

import ast
import gc
import importlib
import itertools
import math
import pkgutil
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import regex

from watcher.core.articles import sentences as sentences_module
from watcher.core.articles.language import language_of
from watcher.core.articles.normalise import normalise
from watcher.core.articles.sentences import sentences
from watcher.core.articles.text import html_to_text, plain_to_text
from watcher.core.articles.tokens import tokenise
from watcher.core.articles.urls import url_key_text
from watcher.core.dedup.leads import lead
from watcher.core.dedup.titles import read_title
from watcher.core.feeds.dates import parse_date
from watcher.core.feeds.decode import decode, mend_ampersands, without_comments
from watcher.core.feeds.discover import likely_feeds, named_feeds
from watcher.core.feeds.parse import parse_feed
from watcher.core.feeds.prescan import kind_of
from watcher.core.model.article import Article, Entry
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.policy import ReadLimits
from watcher.core.stories.claims import claims_of
from watcher.core.stories.facts import facts_of
from watcher.core.stories.words import story_words
from watcher.errors import ParseError

ROOMS = tuple(
    f"watcher.core.{room}" for room in ("matching", "articles", "dedup", "feeds", "stories", "alerts", "identity")
)
LETTERS = (
    "a",
    "A",
    "1",
    " ",
    "\n",
    ".",
    "-",
    "<",
    "&",
    "[",
    "(",
    '"',
    "é",
    "北",
    "е",
    "이",
    "カ",
    "e\u0301",
    "ا",
    "/",
    "%",
    "_",
)
PAIRS = (
    *("a ", "A.", "1,", "1 ", "a-", "a'", "a:", "a=", "a@", ". ", " | ", " - ", "=?", "\r\n \n", "a 1 ", "Ab ", "가나 ", "、", "]]"),
    *("<a ", "</", "<!--", "&#1", "//a:", "https://", "<link ", "<?xml ", "<item ", "<!DOCTYPE[", "<![CDATA[", " xmlns:a", "<channel "),
    *("not ", "no a ", "The post ", "Read more ", "appeared first on ", "(photo", "UPDATE 2-", "PORT ELWIN ", "12345.", "feared "),
)  # fmt: skip
UNITS = (*LETTERS, *PAIRS)
CUT = {"watcher.core.articles.sentences._WORD_BEFORE": "_LONGEST_ABBREVIATION"}
"""Slow where they are searched for, and only searched for in as many letters as the constant says."""
SHORT = 256
FEW, MANY = 2048, 8192
GROWTH = 2.0
"""A text four times as long may take four times as long, and so many times that, since another process may have had
its turn.
"""
WORST = 2
"""So many texts of all are tried at two lengths: those that took longest when they were short."""
LONG_ENOUGH_SECONDS = 0.03
MEGABYTE = 1_000_000
MOST_BASES = {"feeds": 3.0}
"""A pattern of a room that meets whole documents may take as long for a text as finding each of its letters takes, so
many times.
"""
MOST_BASES_OF_A_TEXT = 10.0
"""One that meets texts that were cut to 64 KiB; a square takes thousands."""
METHODS = {"match", "fullmatch"}


@cache
def nodes_of(module: str) -> list[ast.AST]:
    path = importlib.import_module(module).__file__
    assert path is not None
    return list(ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))))


def uses(module: str, variable: str) -> set[str]:
    """Return the methods of a pattern that its module calls, or {"search"} when it is handed to something else."""
    if not variable.startswith("_"):
        return {"search"}
    tree = nodes_of(module)
    loads = sum(isinstance(n, ast.Name) and n.id == variable and isinstance(n.ctx, ast.Load) for n in tree)
    called = [
        n.attr
        for n in tree
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == variable
    ]
    return set(called) if called and len(called) == loads and set(called) <= METHODS else {"search"}


TABLES = {
    "watcher.core.articles.urls._REDIRECTORS": "fullmatch",
    "watcher.core.dedup.titles._SPELLINGS": "sub",
    "watcher.core.dedup.wire._DATELINES": "match",
    "watcher.core.dedup.wire._LEAD_FORMS": "match",
}
"""Tables of patterns, and the one call that is made of them."""


def within(value: object) -> Iterator[Any]:
    if isinstance(value, re.Pattern | regex.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, dict | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from within(item)


def patterns() -> Iterator[tuple[str, Any, set[str]]]:
    for room in ROOMS:
        for module in pkgutil.iter_modules(importlib.import_module(room).__path__):
            name = f"{room}.{module.name}"
            for variable, value in vars(importlib.import_module(name)).items():
                known = TABLES.get(f"{name}.{variable}")
                for number, item in enumerate(within(value)):
                    is_table = not isinstance(value, re.Pattern | regex.Pattern)
                    shown = f"{name}.{variable}" + (f"[{number}]" if is_table else "")
                    yield shown, item, {known} if known else {"search"} if is_table else uses(name, variable)


FOUND = sorted(patterns(), key=lambda found: found[0])


def cpu_seconds(work: Callable[[], object], times: int = 1) -> float:
    """Return the shortest of some tries; one that takes long enough is enough.

    The collector is off meanwhile: what it walks after thousands of tests is no cost of a text.
    """
    best = math.inf
    for _ in range(times):
        gc.disable()
        began = time.thread_time()
        work()
        took = time.thread_time() - began
        gc.enable()
        best = min(best, took)
        if took > LONG_ENOUGH_SECONDS:
            break
    return best


def use(pattern: Any, text: str, methods: set[str]) -> None:
    if methods <= METHODS:
        for method in methods:
            getattr(pattern, method)(text)
    else:
        for _ in pattern.finditer(text):
            pass


def base_seconds() -> float:
    """Return what finding each letter of a text of MANY takes on this machine now: on a busy one all takes longer."""
    return cpu_seconds(lambda: use(regex.compile("."), "a" * MANY, {"search"}), 2)


def repeated(unit: str, length: int) -> str:
    return unit * max(1, length // len(unit))


def worst(work: Callable[[str], object], units: Iterable[tuple[str, str]], length: int) -> list[tuple[str, str]]:
    """Return the pieces, each with an ending, whose repetition takes `work` longest."""
    took = [(cpu_seconds(partial(work, repeated(unit, length) + ending)), unit, ending) for unit, ending in units]
    return [(unit, ending) for _, unit, ending in sorted(took, reverse=True)[:WORST]]


def grown(work: Callable[[str], object], unit: str, ending: str, times: int) -> tuple[float, float]:
    """Return what a text of FEW letters takes, and one of MANY."""
    short, long = repeated(unit, FEW) + ending, repeated(unit, MANY) + ending
    return cpu_seconds(lambda: work(short), times), cpu_seconds(lambda: work(long), times)


@dataclass(frozen=True, slots=True)
class Look:
    """What a text of FEW letters, one of MANY and the base took at one time, and whether that is within the limits."""

    part: float
    whole: float
    base: float
    most: float

    @property
    def fits(self) -> bool:
        grows = 0.0005 + MANY / FEW * GROWTH * self.part
        return self.whole < grows and self.whole < 0.0005 + self.most * self.base


def looked_at(work: Callable[[str], object], unit: str, ending: str, most: float) -> Iterator[Look]:
    """Look until all fits, three times at most: the base is taken anew each time, since a core that another process
    shares is slower for seconds, and a square is one each time.
    """
    for _ in range(3):
        before = base_seconds()
        part, whole = grown(work, unit, ending, times=3)
        look = Look(part, whole, max(before, base_seconds()), most)
        yield look
        if look.fits:
            return


@pytest.mark.parametrize(("name", "pattern", "methods"), FOUND, ids=[name for name, _, _ in FOUND])
def test_time_grows_with_the_text_and_not_with_its_square(name: str, pattern: Any, methods: set[str]) -> None:
    if name in CUT:
        return

    def work(text: str) -> None:
        use(pattern, text, methods)

    most = MOST_BASES.get(name.split(".")[2], MOST_BASES_OF_A_TEXT)
    slowest, told = 0.0, ""
    for unit, ending in worst(work, itertools.product(UNITS, ("", "\x01")), SHORT):
        looks = list(looked_at(work, unit, ending, most))
        assert looks[-1].fits, (unit, ending, looks)
        if looks[-1].whole > slowest:
            slowest, told = looks[-1].whole, unit + ending
    sys.stdout.write(f"{name}: a megabyte of {told!r} takes {slowest * MEGABYTE / MANY * 1000:.0f} ms\n")


def test_every_exception_is_a_pattern_that_exists_and_its_text_is_cut() -> None:
    assert set(CUT) <= {name for name, _, _ in FOUND}
    assert all(int(vars(sentences_module)[constant]) <= 100 for constant in CUT.values())


LIMITS = ReadLimits()


def article(text: str) -> Article:
    return Article(
        ArticleId("a"), FeedId("f"), title=text, summary=text, content=text, source=text, url="https://a.example/"
    )


def entry(text: str) -> Entry:
    return Entry(guid=text, link=text, title=text, summary=text, content=text, author=text, tags=(text,), lang=text)


def feed(text: str) -> object:
    item = f"<item><title>{text}</title><link>{text}</link><description>{text}</description><pubDate>{text}</pubDate></item>"
    try:
        return parse_feed(f"<rss version='2.0'><channel>{item}</channel></rss>".encode())
    except ParseError:
        return None


def unreadable(text: str) -> object:
    try:
        return parse_feed(text.encode())
    except ParseError:
        return None


MOST_OF_A_FUNCTION = 100.0
"""What reads a text may take as long as finding each of its letters takes, so many times; its text was cut to
64 KiB.
"""
MOST_OF_A_TOLERANT_PARSER = 500.0
"""For documents that feedparser gets, in a process that is stopped."""


WHOLE: dict[str, Callable[[str], object]] = {
    "claims_of": lambda text: claims_of(article(text)),
    "facts_of": lambda text: facts_of(article(text)),
    "story_words": lambda text: story_words(article(text)),
    "lead": lambda text: lead(article(text)),
    "read_title": lambda text: read_title(text, text, text, text),
    "kind_of": kind_of,
    "named_feeds": lambda text: named_feeds(text, "https://a.example/"),
    "likely_feeds": lambda text: likely_feeds(text, "https://a.example/"),
    "decode": lambda text: decode(text.encode()),
    "mend_ampersands": mend_ampersands,
    "without_comments": without_comments,
    "parse_feed": unreadable,
    "parse_feed, one item": feed,
    "parse_date": parse_date,
    "language_of": language_of,
    "html_to_text": html_to_text,
    "plain_to_text": plain_to_text,
    "url_key_text": url_key_text,
    "sentences": sentences,
    "tokenise": tokenise,
    "normalise": lambda text: normalise(entry(text), feed=FeedId("f"), limits=LIMITS),
}
PLACES = (
    *UNITS,
    "a. ",
    "1.  ",
    "Read more" + " " * 300,
    "a" * 30 + ". ",
    "<![CDATA[<item ",
    " - a",
    "killed 7 ",
    "no dead ",
)


@pytest.mark.parametrize("function", WHOLE)
def test_what_reads_a_text_takes_time_that_grows_with_it(function: str) -> None:
    work = WHOLE[function]
    work("a")  # what is imported and looked up at the first call only
    base, slowest, told = base_seconds(), 0.0, ""
    for unit, ending in worst(work, ((unit, "") for unit in PLACES), SHORT):
        part, whole = grown(work, unit, ending, times=1)  # they remember what they read
        most = 0.004 + MANY / FEW * 2 * GROWTH * part
        if whole >= most:  # one slow reading may be the machine's: a text that is a little longer was not read before
            whole = min(whole, cpu_seconds(partial(work, repeated(unit, MANY + 8 * len(unit)) + ending)))
        assert whole < most, (unit, part, whole)
        if whole > slowest:
            slowest, told = whole, unit
    sys.stdout.write(f"{function}: a megabyte of {told!r} takes {slowest * MEGABYTE / MANY * 1000:.0f} ms\n")
    most = MOST_OF_A_TOLERANT_PARSER if function.startswith("parse_feed") else MOST_OF_A_FUNCTION
    assert slowest < 0.002 + most * base, told
