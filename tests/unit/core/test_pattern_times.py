"""Every pattern that meets remote text takes time that grows with the text, and so does what reads and compares texts.

How a pattern is used is read from the source: one that is only ever matched where a text begins is timed so, any other is searched for.
"""

from __future__ import annotations

import ast
import functools
import importlib
import pkgutil
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import regex

import watcher
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
from watcher.core.feeds.parse import parse_feed
from watcher.core.feeds.prescan import feed_links, kind_of
from watcher.core.model.article import Article, Entry
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.policy import ReadLimits
from watcher.core.stories.claims import claims_of
from watcher.core.stories.facts import facts_of
from watcher.core.stories.words import story_words
from watcher.errors import ParseError

ROOMS = tuple(f"watcher.core.{room}" for room in ("matching", "articles", "dedup", "feeds", "stories", "alerts"))
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
SHORT = 500
MEGABYTE = 1_000_000
MOST_BASES = 30.0
"""A pattern may take as long for a text as finding each of its letters takes, so many times; a square takes thousands."""
METHODS = {"match", "fullmatch"}


def source_trees() -> dict[str, ast.Module]:
    root = Path(watcher.__file__).parent
    return {
        ".".join(("watcher", *path.relative_to(root).with_suffix("").parts)): ast.parse(
            path.read_text(encoding="utf-8")
        )
        for path in root.rglob("*.py")
    }


TREES = source_trees()


def uses(module: str, variable: str) -> set[str]:
    """Return the methods of a pattern that its module calls, or {"search"} when it is handed to something else."""
    if not variable.startswith("_"):
        return {"search"}
    tree = list(ast.walk(TREES[module]))
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


def cpu_seconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def use(pattern: Any, text: str, methods: set[str]) -> None:
    if methods <= METHODS:
        for method in methods:
            getattr(pattern, method)(text)
    else:
        for _ in pattern.finditer(text):
            pass


@functools.cache
def base_seconds() -> float:
    """Return what finding each letter of a megabyte takes on this machine."""
    return min(cpu_seconds(lambda: use(regex.compile("."), "a" * MEGABYTE, {"search"})) for _ in range(2))


@pytest.mark.parametrize(("name", "pattern", "methods"), FOUND, ids=[name for name, _, _ in FOUND])
def test_time_grows_with_the_text_and_not_with_its_square(name: str, pattern: Any, methods: set[str]) -> None:
    if name in CUT:
        return
    base = base_seconds() * SHORT / MEGABYTE
    slowest, worst = 0.0, ""
    for text in (unit * (4 * SHORT // len(unit)) + ending for unit in UNITS for ending in ("", "\x01")):
        took = cpu_seconds(lambda text=text: use(pattern, text, methods))  # type: ignore[misc]
        if took > 0.001:  # another process may have had its turn
            took = min(took, cpu_seconds(lambda text=text: use(pattern, text, methods)))  # type: ignore[misc]
        assert took < 0.004 + 4 * MOST_BASES * base, (text[:20], text[-1], took)
        if took > slowest:
            slowest, worst = took, text
    long = worst * (MEGABYTE // max(1, len(worst)))
    took = cpu_seconds(lambda: use(pattern, long, methods))
    sys.stdout.write(f"{name}: {len(long):,} letters of {worst[:10]!r} take {took * 1000:.0f} ms\n")
    assert took < 0.02 + MOST_BASES * base_seconds(), (worst[:20], took)


def test_every_exception_is_a_pattern_that_exists_and_its_text_is_cut() -> None:
    assert set(CUT) <= {name for name, _, _ in FOUND}
    assert all(int(vars(sentences_module)[constant]) <= 100 for constant in CUT.values())


LIMITS = ReadLimits()
FEW = 1024


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


WHOLE: dict[str, Callable[[str], object]] = {
    "claims_of": lambda text: claims_of(article(text)),
    "facts_of": lambda text: facts_of(article(text)),
    "story_words": lambda text: story_words(article(text)),
    "lead": lambda text: lead(article(text)),
    "read_title": lambda text: read_title(text, text, text, text),
    "kind_of": kind_of,
    "feed_links": lambda text: feed_links(text, "https://a.example/"),
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


@pytest.mark.timeout(300)
@pytest.mark.parametrize("function", WHOLE)
def test_what_reads_a_text_takes_time_that_grows_with_it(function: str) -> None:
    WHOLE[function]("a")  # what is imported and looked up at the first call only
    slowest, worst = 0.0, ""
    for unit in PLACES:
        text = (unit * (FEW // len(unit) + 1))[:FEW]
        took = cpu_seconds(lambda text=text: WHOLE[function](text))  # type: ignore[misc]
        if took > slowest:
            slowest, worst = took, unit
    part, whole = (
        cpu_seconds(lambda length=length: WHOLE[function]((worst * (length // len(worst) + 1))[:length]))  # type: ignore[misc]
        for length in (MEGABYTE // 8, MEGABYTE)
    )
    sys.stdout.write(
        f"{function}: {MEGABYTE // 8:,} letters of {worst!r} take {part * 1000:.0f} ms, {MEGABYTE:,} {whole * 1000:.0f} ms\n"
    )
    assert whole < 1.0 + 2.5 * 8 * part, "it grows with the square"
    assert whole < 4 * MOST_BASES * base_seconds(), f"one letter of {worst!r} costs too much"
