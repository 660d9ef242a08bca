"""The index: from the words of an article to the rules worth trying.

1. The keys that the article has are found by set operations: words, pairs of neighbours, and wildcards, each word of which is
   resolved once and remembered.
2. Each rule is filed under the keys of its rarest group.
3. Of the rules found there those remain of whose every group the article has a key. Where it is a sure one, the rule holds.

What an article does not touch costs nothing.

Source: Yan and Garcia-Molina, "Index structures for selective dissemination of information under the Boolean model", 1994.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import pairwise
from typing import TypeAlias

from watcher.core.articles.korean import stems
from watcher.core.matching.keys import ALWAYS, Group, Groups, Key

_REMEMBERED_WORDS = 50_000
_LONGEST_REMEMBERED = 64

_FEW = 16
"""So many keys of a group are simply tried one after the other; that takes a fifth of the memory of a set."""

_Filed: TypeAlias = tuple[Key, ...] | Group

_ANY: _Filed = (ALWAYS,)
"""Stands for the second group of a row that has none; every article has its key."""


class Index:
    """Files rules, by number, under keys; changed only by `renewed`, which makes another."""

    def __init__(self) -> None:
        # Of each row its rule and its groups: the first, the second, and a row of the others.
        self._rules: list[int] = []
        self._first: list[_Filed] = []
        self._second: list[_Filed] = []
        self._others: list[tuple[_Filed, ...]] = []
        self._rows_of: dict[int, tuple[int, ...]] = {}
        self._filed: dict[Key, tuple[int, ...]] = {}
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
        new._filed = self._filed.copy()
        new._always = frozenset(always)
        added: dict[Key, list[int]] = {}
        removed: dict[Key, set[int]] = {}
        for rule in gone:
            for row in new._rows_of.pop(rule, ()):
                for key in new._first[row]:
                    removed.setdefault(key, set()).add(row)
                new._first[row], new._second[row], new._others[row] = (), (), ()
        for rule, rows in come.items():
            numbers = []
            for groups in filter(None, rows):
                row = len(new._rules)
                numbers.append(row)
                new._rules.append(rule)
                new._first.append(_filed(groups[0]))
                new._second.append(_filed(groups[1]) if len(groups) > 1 else _ANY)
                new._others.append(tuple(map(_filed, groups[2:])))
                for key in groups[0]:
                    added.setdefault(key, []).append(row)
            new._rows_of[rule] = tuple(numbers)
        for key in added.keys() | removed.keys():
            without = removed.get(key, ())
            kept = tuple(row for row in new._filed.pop(key, ()) if row not in without)
            here = (*kept, *added.get(key, ()))
            if here:
                new._filed[key] = here
        new._take_words(self, keys)
        return new

    def hits(self, rows: Sequence[Sequence[str]]) -> tuple[set[Key], set[Key]]:
        """Return the keys that an article has, by the folded words of its fields in order: all, and without pairs; all its words are among them."""
        seen = set[str]().union(*rows)
        single = set[Key](seen)
        for keys in self._given(seen):
            single.update(keys)
        single.add(ALWAYS)
        found = single.copy()
        if not self._firsts.isdisjoint(seen):
            for row in rows:
                found |= self._pairs.intersection(pairwise(row))
        return found, single

    def rules(self, hits: set[Key], sure: set[Key], is_sure: Callable[[Key], bool]) -> tuple[set[int], set[int]]:
        """Return the numbers of the rules worth trying on an article that has the keys `hits`, and of those that have a sure key in each group.

        `sure` are such keys; of others, that an article has, `is_sure` tells.
        """
        first, second = self._first, self._second
        near = [row for rows in map(self._filed.get, hits) if rows for row in rows if not hits.isdisjoint(second[row])]
        found, certain = set(self._always), set[int]()
        for row in near:
            others = self._others[row]
            for group in others:
                if hits.isdisjoint(group):
                    break
            else:
                found.add(self._rules[row])
                groups = (first[row],) if second[row] is _ANY else (first[row], second[row], *others)
                for group in groups:
                    if sure.isdisjoint(group) and not any(key in hits and is_sure(key) for key in group):
                        break
                else:
                    certain.add(self._rules[row])
        return found, certain

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


def _filed(group: Group) -> _Filed:
    return tuple(group) if len(group) <= _FEW else group
