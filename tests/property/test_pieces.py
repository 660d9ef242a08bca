"""Items that are known by their text alone: a document is read to the same result as one whose items are all parsed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared import needs_shared, shared
from watcher.core.feeds.decode import decode
from watcher.core.feeds.pieces import take_to_pieces
from watcher.core.language.terms import parse_term
from watcher.core.matching.compile import compile_rules
from watcher.core.model.ids import FeedId, RuleId
from watcher.core.model.outcome import EntryMark, Reading, ReadRequest
from watcher.core.model.rule import AllOf, Rule, RuleSource
from watcher.core.read import read_document

CASES: Final = Path(__file__).resolve().parents[1] / "cases" / "feeds"
_RULES: Final = compile_rules(RuleSource(1, (Rule(RuleId("r"), "r", AllOf((parse_term("ferries"),))),)))
_ATOM: Final = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://n.example/a/">
<title>N</title><updated>2026-11-03T06:30:00Z</updated>%s</feed>"""
_ENTRY: Final = """<entry><id>urn:%d</id><title type="html">T %d &amp;amp; more</title><link href="p%d"/>
<updated>2026-11-0%dT06:30:00Z</updated><summary>ferries &#8212; s&nbsp;%d</summary></entry>"""
_DOCUMENTS: Final = (
    *(decode(path.read_bytes()) for path in sorted(CASES.iterdir())),
    decode((_ATOM % "\n".join(_ENTRY % ((number,) * 5) for number in range(1, 7))).encode()),
)

Change = Callable[[random.Random, list[str], list[str]], None]


def _head(draw: random.Random, around: list[str], _: list[str]) -> None:
    around[0] = around[0].replace("<title>", f"<title>{draw.choice(('', 'Other '))}", 1)


def _base(_: random.Random, around: list[str], __: list[str]) -> None:
    around[0] = (
        around[0].replace("https://n.example/a/", "https://n.example/b/").replace("<rss ", '<rss xml:lang="pl" ')
    )


def _tail(draw: random.Random, around: list[str], _: list[str]) -> None:
    around[1] = draw.choice(("<language>pl</language>", "<item><title>late</title></item>", "<!-- x -->")) + around[1]


def _drop(draw: random.Random, _: list[str], items: list[str]) -> None:
    if items:
        del items[draw.randrange(len(items))]


def _twice(draw: random.Random, _: list[str], items: list[str]) -> None:
    items.insert(0, draw.choice(items or ["<item><title>n</title></item>"]))


def _order(draw: random.Random, _: list[str], items: list[str]) -> None:
    draw.shuffle(items)


def _text(draw: random.Random, _: list[str], items: list[str]) -> None:
    if items:
        place = draw.randrange(len(items))
        items[place] = items[place].replace(
            *draw.choice((("e", "o"), ("2026", "2025"), ("</title>", " ferries</title>")))
        )


def _new(draw: random.Random, _: list[str], items: list[str]) -> None:
    name = "entry" if items and items[0].startswith("<entry") else "item"
    text = draw.choice(
        (
            "<title>new ferries</title><id>n</id><guid>n</guid>",
            "<title><![CDATA[all </item><item> of it]]></title>",
            "<title>x</title><!-- </item> --><guid>c</guid>",
            f"<{name}><title>within</title></{name}><guid>w</guid>",
            "<title>half</title><odd:thing>1</odd:thing><guid>o</guid>",
            "<title>declared</title><odd:thing xmlns:odd='urn:odd'>1</odd:thing><guid>d</guid>",
            "<title><![CDATA[<!ENTITY nbsp 'x'>]]></title><guid>e</guid>",
            "<title>&nbsp;&copy;</title><guid>a</guid>",
            f"<title>in capitals</title><{name.upper()}><title>too</title></{name.upper()}>",
            "<title>broken</b>",
            "",
        )
    )
    space = draw.choice(("", "", " xmlns='urn:other'"))
    items.insert(0, f"<{name}{space}>{text}</{name}>")


_CHANGES: Final[Sequence[Change]] = (_head, _base, _tail, _drop, _twice, _order, _text, _new, _new, _new)


def _read(text: str, before: Reading | None = None, *, by_text: bool = False) -> Reading:
    request = ReadRequest(FeedId("f1"), text.encode(), "https://n.example/rss", 1)
    if before is not None:
        seen = before.entries if by_text else tuple(EntryMark(mark.entry) for mark in before.entries)
        request = replace(request, known=before.stripped_hash, seen=seen)
    return read_document(request, _RULES)


def _assert_alike(first: str, later: str) -> int:
    """Compare both ways to read what follows a document; return how many entries were known by their text."""
    before = _read(first)
    assert _read(later, before, by_text=True) == _read(later, before)
    pieces = take_to_pieces(decode(later.encode()), 1000)
    return 0 if pieces is None else len({one.mark.piece for one in _read(later, before, by_text=True).again} - {b""})


def test_most_of_the_documents_are_plain() -> None:
    assert [take_to_pieces(text, 1000) is not None for text in _DOCUMENTS].count(True) >= 3


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(_DOCUMENTS),
    st.lists(st.sampled_from(_CHANGES), min_size=1, max_size=5),
    st.integers(0, 10**6),
)
def test_what_is_known_by_its_text_is_what_parsing_would_have_given(
    document: str, changes: list[Change], seed: int
) -> None:
    draw = random.Random(seed)
    found = take_to_pieces(document, 1000)
    spans = found.spans if found is not None else ()
    around = [document[: spans[0][0]], document[spans[-1][1] :]] if spans else [document, ""]
    items = [document[start:end] for start, end in spans]
    stages = [document]
    for change in changes:
        change(draw, around, items)
        stages.append(around[0] + "\n".join(items) + around[1])
    _assert_alike(draw.choice(stages[:-1]), stages[-1])


@pytest.mark.shared
@needs_shared
def test_series_of_real_feeds_are_read_alike_by_their_text() -> None:
    paths = sorted(shared("corpus/feeds/series").glob("*.xml"))
    known = 0
    for before, after in pairwise(paths):
        if before.name.partition("__")[0] == after.name.partition("__")[0]:
            known += _assert_alike(before.read_text("utf-8", "replace"), after.read_text("utf-8", "replace"))
    assert known > 100
