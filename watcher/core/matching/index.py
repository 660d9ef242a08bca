"""The index: from the words of an article to the rules worth trying.

1. The keys that the article has are found by set operations: words, pairs of neighbours, and wildcards, each word of which is
   resolved once and remembered.
2. Each rule is filed under the keys of its rarest group. In a crowded key it is filed again under those of its second group.
3. Of the rules found there those remain of whose every group the article has a key.

What an article does not touch costs nothing.

Source: Yan and Garcia-Molina, "Index structures for selective dissemination of information under the Boolean model", 1994.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import pairwise
from typing import NamedTuple

from watcher.core.articles.korean import stems
from watcher.core.matching.keys import ALWAYS, Group, Groups, Key

_REMEMBERED_WORDS = 50_000
_LONGEST_REMEMBERED = 64
_CROWDED = 8
"""So many rules under one key are simply tried."""

_ANY: Group = frozenset([ALWAYS])
"""Stands for the second group of a row that has none."""


class _Crowd(NamedTuple):
    """The rows of a crowded key: all, those without a second group, and the others by the keys of that."""

    rows: tuple[int, ...]
    alone: tuple[int, ...]
    second: dict[Key, list[int]]
    keys: frozenset[Key]


class Index:
    """Files rules, by number, under keys; changed only by `renewed`, which makes another."""

    def __init__(self) -> None:
        # Of each row its rule and its groups: the first, the second, and a row of the others.
        self._rules: list[int] = []
        self._first: list[
            tuple[Key, ...]
        ] = []  # no article is held against it, and a set would take five times the memory
        self._second: list[Group] = []
        self._others: list[Groups] = []
        self._rows_of: dict[int, tuple[int, ...]] = {}
        self._filed: dict[Key, tuple[int, ...]] = {}
        self._crowds: dict[Key, _Crowd] = {}
        self._crowded: frozenset[Key] = frozenset()
        self._always: frozenset[int] = frozenset()
        self._vocabulary: set[Key] = set()
        self._pairs: set[Key] = set()
        self._firsts: set[str] = set()
        self._wild: tuple[set[str], set[str], set[str]] = (set(), set(), set())
        self._lengths: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
        self._beside: dict[str, tuple[Key, ...]] = {}  # the keys that words seen give beside themselves

    def renewed(
        self, gone: Iterable[int], come: Mapping[int, tuple[Groups, ...]], keys: Iterable[Key], always: Iterable[int]
    ) -> Index:
        """Return an index without the rules `gone` and with those that `come`, each with its rows; rows of no group are not filed.

        `keys` are those of all their terms that are new; `always` the rules that may hold in any article, of all rules.
        """
        new = Index()
        new._rules, new._rows_of = self._rules.copy(), self._rows_of.copy()
        new._first, new._second, new._others = self._first.copy(), self._second.copy(), self._others.copy()
        new._filed, new._crowds = self._filed.copy(), self._crowds.copy()
        new._always = frozenset(always)
        added: dict[Key, list[int]] = {}
        removed: dict[Key, set[int]] = {}
        for rule in gone:
            for row in new._rows_of.pop(rule, ()):
                for key in new._first[row]:
                    removed.setdefault(key, set()).add(row)
                new._first[row], new._second[row], new._others[row] = (), frozenset(), ()
        for rule, rows in come.items():
            numbers = []
            for groups in filter(None, rows):
                row = len(new._rules)
                numbers.append(row)
                new._rules.append(rule)
                new._first.append(tuple(groups[0]))
                new._second.append(groups[1] if len(groups) > 1 else _ANY)
                new._others.append(groups[2:])
                for key in groups[0]:
                    added.setdefault(key, []).append(row)
            new._rows_of[rule] = tuple(numbers)
        for key in added.keys() | removed.keys():
            without = removed.get(key, ())
            crowd = new._crowds.get(key)
            kept = new._filed.get(key, ()) if crowd is None else crowd.rows
            if without:
                kept = tuple(row for row in kept if row not in without)
            new._file(key, (*kept, *added.get(key, ())))
        new._crowded = frozenset(new._crowds)
        new._take_words(self, keys)
        return new

    @property
    def dead(self) -> int:
        """How many rows belong to rules that are gone."""
        return len(self._rules) - sum(map(len, self._rows_of.values()))

    def hits(self, rows: Sequence[Sequence[str]]) -> set[Key]:
        """Return the keys that an article has, and all its words, by the folded words of its fields in order."""
        seen = set[str]().union(*rows)
        found = set[Key](seen)
        if not self._firsts.isdisjoint(seen):
            for row in rows:
                found |= self._pairs.intersection(pairwise(row))
        for keys in self._given(seen):
            found.update(keys)
        found.add(ALWAYS)
        return found

    def rules(self, hits: Set[Key]) -> set[int]:
        """Return the numbers of the rules worth trying on an article that has these keys."""
        second = self._second
        near = [row for rows in map(self._filed.get, hits) if rows for row in rows if not second[row].isdisjoint(hits)]
        for key in self._crowded & hits:
            crowd = self._crowds[key]
            near += crowd.alone
            for other in crowd.keys & hits:
                near += crowd.second[other]
        found = set(self._always)
        for row in near:
            for group in self._others[row]:
                if group.isdisjoint(hits):
                    break
            else:
                found.add(self._rules[row])
        return found

    def groups(self, rule: int) -> Iterable[Group]:
        """Return the groups that a rule is filed with, but the first of each row."""
        for row in self._rows_of.get(rule, ()):
            yield from (self._second[row], *self._others[row])

    def _file(self, key: Key, rows: tuple[int, ...]) -> None:
        self._crowds.pop(key, None)
        self._filed.pop(key, None)
        if len(rows) <= _CROWDED:
            if rows:
                self._filed[key] = rows
            return
        alone = []
        second: dict[Key, list[int]] = {}
        for row in rows:
            if self._second[row] is _ANY:
                alone.append(row)
                continue
            for other in self._second[row]:
                second.setdefault(other, []).append(row)
        self._crowds[key] = _Crowd(rows, tuple(alone), second, frozenset(second))

    def _take_words(self, old: Index, keys: Iterable[Key]) -> None:
        new = set(keys) - old._vocabulary - old._pairs
        if not new:
            self._vocabulary, self._pairs, self._firsts = old._vocabulary, old._pairs, old._firsts
            self._wild, self._lengths, self._beside = old._wild, old._lengths, old._beside
            return
        pairs = {key for key in new if isinstance(key, tuple)}
        singles = {key for key in new if isinstance(key, str)}
        self._vocabulary = old._vocabulary | singles
        self._pairs = old._pairs | pairs
        self._firsts = old._firsts | {pair[0] for pair in pairs}
        wild = [key for key in singles if key[:1] == "*" or key[-1:] == "*"]
        if wild:
            self._wild = (
                old._wild[0] | {key[:-1] for key in wild if key[0] != "*"},
                old._wild[1] | {key[1:] for key in wild if key[-1] != "*"},
                old._wild[2] | {key[1:-1] for key in wild if key[0] == key[-1] == "*"},
            )
            self._lengths = (_lengths(self._wild[0]), _lengths(self._wild[1]))
        else:
            self._wild, self._lengths = old._wild, old._lengths
        # A word seen before may be a noun or a wildcard's word only now.
        self._beside = {} if wild or not all(map(str.isascii, singles)) else old._beside

    def _given(self, words: Set[str]) -> list[tuple[Key, ...]]:
        """Return the keys that words give beside themselves, of those words that give any."""
        given = list(map(self._beside.get, words))
        if None in given:
            for word in [word for word, keys in zip(words, given, strict=True) if keys is None]:
                keys = self._keys_beside(word)
                given.append(keys)
                if len(word) <= _LONGEST_REMEMBERED:
                    if len(self._beside) >= _REMEMBERED_WORDS:
                        self._beside = {}
                    self._beside[word] = keys
        return [keys for keys in given if keys]

    def _keys_beside(self, word: str) -> tuple[Key, ...]:
        """Return the keys that a word gives beside itself: wildcards, and the nouns behind a Korean particle."""
        nouns = stems(word)
        found: list[Key] = [noun for noun in nouns if noun in self._vocabulary]
        prefixes, suffixes, infixes = self._wild
        for length in self._lengths[0]:
            if length > len(word):
                break
            if word[:length] in prefixes:
                found.append(f"{word[:length]}*")
        for form in (word, *nouns):
            for length in self._lengths[1]:
                if length > len(form):
                    break
                if form[-length:] in suffixes:
                    found.append(f"*{form[-length:]}")
        found += [f"*{text}*" for text in infixes if text in word]
        return tuple(found)


def _lengths(texts: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted(set(map(len, texts))))
