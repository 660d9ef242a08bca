"""Every pattern that meets remote text takes time that grows with the text, whatever the text is."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import regex

ROOMS = ("watcher.core.matching", "watcher.core.articles", "watcher.core.dedup", "watcher.core.feeds")
UNITS = (
    *("a", "A", "1", " ", "\n", ".", "-", "<", "&", "[", "(", '"', "é", "北", "e\u0301", "ا"),
    *("a ", "A.", "1,", "a-", "a'", "<a ", "<!--", "&#1", "a@", "//a:", "https://", "=?", "\r\n \n"),
)
ANCHORED = {
    "watcher.core.articles.language._TAG": "fullmatch of 100 letters",
    "watcher.core.articles.letters._INFLECTED_ACRONYM": "fullmatch of one word",
    "watcher.core.articles.sentences._NUMBER_AFTER": "match behind a full stop",
    "watcher.core.articles.sentences._STARTS_SMALL": "match behind a full stop",
    "watcher.core.articles.sentences._WORD_BEFORE": "searched in a few letters before a full stop",
    "watcher.core.articles.tokens._SCRIPT_PART": "searched in a word that holds both scripts, so that no part of it fails",
    "watcher.core.articles.urls._AMP_CACHE": "fullmatch of a host",
    "watcher.core.dedup.near_copy._TELLING_NAME": "fullmatch of one segment of an address",
    "watcher.core.dedup.titles._DATELINE": "match where a title begins",
    "watcher.core.articles.text._AROUND_BREAK": "searched where runs of blanks are one blank already",
    "watcher.core.dedup.titles._TAKE": "match where a title begins",
    "watcher.core.feeds.dates._OFFSET": "match where the name of a zone begins",
    "watcher.core.feeds.decode._DECLARATION": "searched in the head of a document",
    "watcher.core.feeds.prescan._BEFORE_ROOT": "match where a document goes on",
    "watcher.core.feeds.prescan._ROOT": "match where a document goes on",
    "watcher.core.feeds.xmlfeed._NAMED_MAIL": "match where a name begins",
    "watcher.core.dedup.leads._FURNITURE": "searched in a text cut to 600 letters",
    "watcher.core.matching.pattern._DESIGNATOR": "fullmatch of one word",
}
"""Patterns that are slow where they are searched for, and are not: only matched where the text begins, or in a cut text."""
CUT = {"watcher.core.dedup.titles._SUFFIX"}
"""Slow, and only searched for in titles, of which at most 4 KiB are kept and whose blanks are single."""
LETTERS = 1_000
SECONDS_PER_MEGABYTE = 8.0
"""Of one core that others use too; quadratic patterns take a hundred and more, linear ones less than one."""


def patterns() -> Iterator[tuple[str, Any]]:
    for room in ROOMS:
        for module in pkgutil.iter_modules(importlib.import_module(room).__path__):
            name = f"{room}.{module.name}"
            for variable, value in vars(importlib.import_module(name)).items():
                items = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
                for item in items:
                    if isinstance(item, re.Pattern | regex.Pattern) and isinstance(item.pattern, str):
                        yield f"{name}.{variable}", item


FOUND = sorted((pair for pair in patterns() if pair[0] not in CUT), key=lambda pair: pair[0])


def seconds(pattern: Any, text: str, *, anchored: bool) -> float:
    before = time.process_time()
    if anchored:
        pattern.match(text)
        pattern.fullmatch(text)
    else:
        for _ in pattern.finditer(text):
            pass
    return time.process_time() - before


@pytest.mark.parametrize(("name", "pattern"), FOUND, ids=[name for name, _ in FOUND])
def test_time_grows_with_the_text_and_not_with_its_square(name: str, pattern: Any) -> None:
    for unit in UNITS:
        for ending in ("", "\x01"):
            length, took = LETTERS, 0.0
            while length <= 16 * LETTERS and took < 0.05:
                text = unit * (length // len(unit)) + ending
                took = min(seconds(pattern, text, anchored=name in ANCHORED) for _ in range(2))
                assert took < 0.02 + SECONDS_PER_MEGABYTE * length / 1_000_000, (unit, ending, length, took)
                length *= 4


def test_every_exception_is_a_pattern_that_exists() -> None:
    assert set(ANCHORED) <= {name for name, _ in FOUND}
