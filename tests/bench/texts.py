"""Texts to measure with: articles of about 850 bytes put together from sentences of the project's own feeds and cases.

Where the measuring corpus lies beside the project, its texts are read too; it is never copied. Names are partly
replaced by invented ones, so that the vocabulary grows with the number of articles as it does in real news.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import regex

from tests.shared import SHARED
from watcher.core.articles.text import html_to_text, one_line
from watcher.core.feeds.parse import parse_feed
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.policy import ReadLimits

_ROOT = Path(__file__).resolve().parents[2]
_CASES = ("headlines.jsonl", "matching.jsonl", "dedup.jsonl")
_CONTENT_CHARS = 560
_SHORT = 20
_NAMES = 20_000
_REPLACED = 0.35
_SYLLABLES = "ba bel dor kan kir lan lov mar mir na nor ost pra ran rin sal sar ter tor ul va ven vik zel zhu".split()  # noqa: SIM905
_NAME = regex.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}")
_LATIN = regex.compile(r"\p{Latin}")
_SCRIPTS = tuple(
    (name, regex.compile(rf"\p{{{name}}}")) for name in ("Hangul", "Hiragana", "Han", "Cyrillic", "Arabic", "Hebrew")
)


class Piece(NamedTuple):
    """One text from a source: a headline and what follows it."""

    title: str
    text: str


class Texts(NamedTuple):
    """Articles of ASCII text alone, the others, and where their pieces come from."""

    plain: list[Article]
    other: list[Article]
    sources: dict[str, int]


def make_texts(count: int, seed: int, *, corpus_only: bool = False) -> Texts:
    """Return `count` articles of ASCII text and `count` others, always the same ones for the same pieces.

    `corpus_only` = of the measuring corpus, which is news of all kinds, where it is there.
    """
    pieces = {"seeds": list(_seeds()), "cases": list(_cases()), "corpus": list(_corpus())}
    if corpus_only and pieces["corpus"]:
        pieces = {"corpus": pieces["corpus"]}
    everything = sorted({piece for found in pieces.values() for piece in found if piece.title})
    plain = [piece for piece in everything if (piece.title + piece.text).isascii()]
    other = [piece for piece in everything if not (piece.title + piece.text).isascii()]
    draw = random.Random(seed)
    names = [_invented(draw) for _ in range(_NAMES)]
    return Texts(
        _articles(plain, names, draw, count),
        [
            article
            for _, group in _by_script(other)
            for article in _articles(group, names, draw, count * len(group) // len(other))
        ],
        {name: len(found) for name, found in pieces.items()},
    )


def _articles(pieces: list[Piece], names: list[str], draw: random.Random, count: int) -> list[Article]:
    found = []
    for number in range(count):
        head, second = pieces[number % len(pieces)], draw.choice(pieces)
        content: list[str] = []
        while sum(map(len, content)) < _CONTENT_CHARS * draw.uniform(0.7, 1.2):
            piece = draw.choice(pieces)
            content.append(f"{piece.title}. {piece.text}"[:_CONTENT_CHARS])
        title, summary, body = (
            _renamed(text, names, draw) for text in (head.title, head.text or second.title, "\n\n".join(content))
        )
        found.append(
            Article(ArticleId(f"a{number}"), FeedId("bench"), title=title, summary=summary[:250], content=body)
        )
    return found


def _renamed(text: str, names: list[str], draw: random.Random) -> str:
    return _NAME.sub(lambda word: _zipf(names, draw) if draw.random() < _REPLACED else word.group(), text)


def _zipf(names: list[str], draw: random.Random) -> str:
    return names[int(len(names) ** draw.random()) - 1]


def _invented(draw: random.Random) -> str:
    return "".join(draw.choices(_SYLLABLES, k=draw.choice((2, 3, 3, 4)))).capitalize()


def _by_script(pieces: list[Piece]) -> list[tuple[str, list[Piece]]]:
    groups: dict[str, list[Piece]] = {}
    for piece in pieces:
        found = (name for name, letter in _SCRIPTS if letter.search(piece.title))
        groups.setdefault(next(found, "Latin"), []).append(piece)
    return sorted(groups.items())


def _seeds() -> Iterator[Piece]:
    for path in sorted((_ROOT / "seeds" / "feeds").iterdir()):
        parsed = parse_feed(path.read_bytes(), content_type="", url="https://bench.example/feed", limits=ReadLimits())
        for entry in parsed.entries:
            yield Piece(_plain(entry.title), _plain(entry.content or entry.summary))


def _cases() -> Iterator[Piece]:
    for name in _CASES:
        for case in _lines(_ROOT / "tests" / "cases" / name):
            for part in (case, case.get("one"), case.get("two")):
                if isinstance(part, dict) and isinstance(part.get("title"), str):
                    yield Piece(_plain(part["title"]), _plain(part.get("summary", "")))


def _corpus() -> Iterator[Piece]:
    folder = SHARED / "corpus" / "dedup" if SHARED is not None else None
    for path in sorted(folder.glob("*.jsonl")) if folder is not None else ():
        for row in _lines(path):
            for part in (row, row.get("a"), row.get("b")):
                if isinstance(part, dict) and "title" in part:
                    text = part.get("lead") or part.get("summary") or ""
                    yield Piece(_plain(part["title"] or text[:80]), _plain(text))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _plain(text: object) -> str:
    return one_line(html_to_text(text)) if isinstance(text, str) else ""
