"""The engines that ours is measured beside; each finds which rules an article satisfies, none says by which words.

All but the `in` loop are exact: they look into a text of folded words with one blank between words of a phrase and "
| " where a phrase must not cross. For ASCII text they make it with str.translate, for other text with our tokeniser,
as none of them has words of its own.
"""

from __future__ import annotations

import importlib.util
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

from tests.bench.rules import Watch, gap_between
from watcher.core.articles.tokens import mask_addresses, tokenise
from watcher.core.model.article import Article

HAS_AUTOMATON = importlib.util.find_spec("ahocorasick_rs") is not None
"""Whether the group `bench` of pyproject.toml is installed."""

if HAS_AUTOMATON:
    import ahocorasick_rs

_BREAK = " | "
# One sign for one sign is what str.translate is quick at.
_PLAIN = str.maketrans({c: " " if chr(c) in " \t\r\n'`-" else "|" for c in range(128) if not chr(c).isalnum()})


class Peer(Protocol):
    """One engine, built for some rules."""

    def match(self, articles: Sequence[Article]) -> list[set[int]]:
        """Return, for each article, the positions of the rules that it satisfies."""
        ...


class Folded:
    """Makes the text that exact peers look into; articles that the quick way gets wrong are known beforehand."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._slow = {
            id(article) for article in articles if not _is_ascii(article) or _quick(article) != _full(article)
        }

    def of(self, article: Article) -> str:
        """Return the folded words of an article."""
        return _full(article) if id(article) in self._slow else _quick(article)


class InLoop:
    """`term in text.lower()`: what most tools do. Finds terms inside of other words, and misses phrases over a line
    break.
    """

    def __init__(self, watches: Sequence[Watch], folded: Folded) -> None:
        self._rules = [(tuple(map(_bare, watch.groups)), _bare(watch.none)) for watch in watches]

    def match(self, articles: Sequence[Article]) -> list[set[int]]:
        return [self._one("\n".join((a.title, a.summary, a.content)).lower()) for a in articles]

    def _one(self, text: str) -> set[int]:
        found = set()
        for position, (groups, none) in enumerate(self._rules):
            for group in groups:
                for term in group:
                    if term in text:
                        break
                else:
                    break
            else:
                if not any(term in text for term in none):
                    found.add(position)
        return found


class Patterns:
    """One compiled `re` for each group of each rule."""

    def __init__(self, watches: Sequence[Watch], folded: Folded) -> None:
        self._folded = folded
        self._rules = [
            (tuple(map(_alternatives, watch.groups)), _alternatives(watch.none) if watch.none else None)
            for watch in watches
        ]

    def match(self, articles: Sequence[Article]) -> list[set[int]]:
        return [self._one(self._folded.of(article)) for article in articles]

    def _one(self, text: str) -> set[int]:
        return {
            position
            for position, (groups, none) in enumerate(self._rules)
            if all(group(text) for group in groups) and not (none and none(text))
        }


class Automaton:
    """ahocorasick_rs over all terms, then the rules whose rarest group was hit, as in our index."""

    def __init__(self, watches: Sequence[Watch], folded: Folded, frequencies: Counter[str]) -> None:
        self._folded = folded
        terms = sorted({term for watch in watches for term in (*sum(watch.groups, ()), *watch.none)})
        numbers = {term: number for number, term in enumerate(terms)}
        self._automaton = ahocorasick_rs.AhoCorasick(
            [_needle(term) for term in terms], implementation=ahocorasick_rs.Implementation.ContiguousNFA
        )
        self._rules = []
        self._anchors: dict[int, list[int]] = {}
        for position, watch in enumerate(watches):
            groups = sorted(watch.groups, key=lambda group: sum(frequencies[term] for term in group))
            for term in groups[0]:
                self._anchors.setdefault(numbers[term], []).append(position)
            rest = tuple(frozenset(numbers[term] for term in group) for group in groups[1:])
            self._rules.append((rest, frozenset(numbers[term] for term in watch.none)))

    def match(self, articles: Sequence[Article]) -> list[set[int]]:
        return [self._one(self._folded.of(article)) for article in articles]

    def _one(self, text: str) -> set[int]:
        hits = {number for number, _, _ in self._automaton.find_matches_as_indexes(text, overlapping=True)}
        found = set()
        for number in self._anchors.keys() & hits:
            for position in self._anchors[number]:
                rest, none = self._rules[position]
                for group in rest:
                    if group.isdisjoint(hits):
                        break
                else:
                    if none.isdisjoint(hits):
                        found.add(position)
        return found


class FullText:
    """SQLite FTS5: a batch of articles is indexed, then every rule is a query over the batch."""

    _WORDS = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Cf Co'"

    def __init__(self, watches: Sequence[Watch], folded: Folded) -> None:
        self._folded = folded
        self._queries = [_query(watch) for watch in watches]

    def match(self, articles: Sequence[Article]) -> list[set[int]]:
        base = sqlite3.connect(":memory:")
        base.execute(f'CREATE VIRTUAL TABLE batch USING fts5(words, tokenize="{self._WORDS}", detail=full)')
        base.executemany(
            "INSERT INTO batch(rowid, words) VALUES (?, ?)",
            ((row, self._folded.of(article)) for row, article in enumerate(articles)),
        )
        found: list[set[int]] = [set() for _ in articles]
        for position, query in enumerate(self._queries):
            for (row,) in base.execute("SELECT rowid FROM batch WHERE batch MATCH ?", (query,)):
                found[row].add(position)
        base.close()
        return found


def frequencies_of(watches: Sequence[Watch], folded: Folded, articles: Sequence[Article]) -> Counter[str]:
    """Return in how many of the articles each term of the rules occurs."""
    terms = sorted({term for watch in watches for term in sum(watch.groups, ())})
    automaton = ahocorasick_rs.AhoCorasick([_needle(term) for term in terms])
    found: Counter[str] = Counter()
    for article in articles:
        hits = automaton.find_matches_as_indexes(folded.of(article), overlapping=True)
        found.update({terms[number] for number, _, _ in hits})
    return found


def _bare(terms: Sequence[str]) -> tuple[str, ...]:
    return tuple(term.rstrip("*") for term in terms)


def _alternatives(terms: Sequence[str]) -> Callable[[str], object]:
    # Blanks are looked at, not taken, so that neighbours can both be found.
    return re.compile("|".join(re.escape(_needle(term)) for term in terms)).search


@lru_cache(maxsize=1 << 17)
def _needle(term: str) -> str:
    words = " ".join(token.folded for token in tokenise(term))
    return f" {words}" if term.endswith("*") else f" {words} "


def _query(watch: Watch) -> str:
    wanted = " AND ".join(f"({_any_of(group)})" for group in watch.groups)
    return f"({wanted}) NOT ({_any_of(watch.none)})" if watch.none else wanted


def _any_of(terms: Sequence[str]) -> str:
    return " OR ".join('"{}"{}'.format(_needle(term).strip(), " *" if term.endswith("*") else "") for term in terms)


def _is_ascii(article: Article) -> bool:
    return article.title.isascii() and article.summary.isascii() and article.content.isascii()


def _quick(article: Article) -> str:
    text = mask_addresses("\n\n".join((article.title, article.summary, article.content)))
    for broken in ("\n\n", " - ", " ' "):
        text = text.replace(broken, _BREAK)
    return f" {' '.join(text.lower().translate(_PLAIN).replace('|', _BREAK).split())} "


def _full(article: Article) -> str:
    pieces: list[str] = []
    for text in (article.title, article.summary, article.content):
        if pieces:
            pieces.append("|")
        pieces += _field(text)
    return f" {' '.join(pieces)} "


def _field(text: str) -> list[str]:
    masked = mask_addresses(text)
    tokens = tokenise(text)
    pieces = [token.folded for token in tokens[:1]]
    for left, right in pairwise(tokens):
        between = masked[left.end : right.start]
        if between != " " and not gap_between(left, right).accepts(between):
            pieces.append("|")
        pieces.append(right.folded)
    return pieces
