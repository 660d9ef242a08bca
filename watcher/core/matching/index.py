"""The index: from the words of an article to the rules worth trying.

1. The keys that the article has are found by set operations: words, pairs of neighbours, and wildcards, each word of
   which is resolved once and remembered.
2. Each clause of a rule is filed under the keys of its rarest set.
3. Of the clauses found there those remain of whose every set the article has a key. Where each of these keys is a
   sure one, the rule holds.

What an article does not touch costs nothing.

Source: Yan and Garcia-Molina, "Index structures for selective dissemination of information under the Boolean model",
1994.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import pairwise
from typing import TypeAlias

from watcher.core.articles.korean import stems
from watcher.core.matching.keys import ALWAYS, Clause, Key, KeySet
from watcher.core.matching.name_table import NameTable

_REMEMBERED_WORDS = 50_000
_LONGEST_REMEMBERED = 64

_FEW = 16
"""So many keys of a set are simply tried one after the other; that takes a fifth of the memory of a set."""

_Filed: TypeAlias = tuple[Key, ...] | KeySet

_ANY: _Filed = (ALWAYS,)
"""Stands for the second set of a clause that has none; every article has its key."""


class Index:
    """Files rules, by number, under keys; changed only by `renewed`, which makes another."""

    def __init__(self) -> None:
        # By the number of a clause: its rule, its first set, its second, and all others. Three lists take a third of
        # the memory of objects.
        self._rules: list[int] = []
        self._first: list[_Filed] = []
        self._second: list[_Filed] = []
        self._others: list[tuple[_Filed, ...]] = []
        self._clauses_of: dict[int, tuple[int, ...]] = {}
        self._filed: dict[Key, tuple[int, ...]] = {}
        self._always: frozenset[int] = frozenset()
        self._vocabulary: set[Key] = set()
        self._pairs: set[Key] = set()
        self._firsts: set[str] = set()
        self._wild: tuple[set[str], set[str], set[str]] = (set(), set(), set())
        self._lengths: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
        self.tables: Mapping[Key, NameTable] = {}
        """The names of large lists, by the key of any of them."""
        self._beside: dict[str, tuple[Key, ...]] = {}  # the keys that words seen give beside themselves

    def renewed(
        self, gone: Iterable[int], come: Mapping[int, tuple[Clause, ...]], keys: Iterable[Key], always: Iterable[int]
    ) -> Index:
        """Return an index without the rules `gone` and with those that `come`, each with its clauses; a clause
        without sets is not filed.

        `keys` are those of all their terms that are new; `always` the rules that may hold in any article, of all rules.
        """
        new = Index()
        new._rules, new._clauses_of = self._rules.copy(), self._clauses_of.copy()
        new._first, new._second, new._others = self._first.copy(), self._second.copy(), self._others.copy()
        new._filed = self._filed.copy()
        new._always = frozenset(always)
        new.tables = self.tables
        added: dict[Key, list[int]] = {}
        removed: dict[Key, set[int]] = {}
        for rule in gone:
            for clause in new._clauses_of.pop(rule, ()):
                for key in new._first[clause]:
                    removed.setdefault(key, set()).add(clause)
                new._first[clause], new._second[clause], new._others[clause] = (), (), ()
        for rule, clauses in come.items():
            numbers = []
            for sets in filter(None, clauses):
                number = len(new._rules)
                numbers.append(number)
                new._rules.append(rule)
                new._first.append(_filed(sets[0]))
                new._second.append(_filed(sets[1]) if len(sets) > 1 else _ANY)
                new._others.append(tuple(map(_filed, sets[2:])))
                for key in sets[0]:
                    added.setdefault(key, []).append(number)
            new._clauses_of[rule] = tuple(numbers)
        for key in added.keys() | removed.keys():
            without = removed.get(key, ())
            kept = tuple(number for number in new._filed.pop(key, ()) if number not in without)
            here = (*kept, *added.get(key, ()))
            if here:
                new._filed[key] = here
        new._take_words(self, keys)
        return new

    def hits(self, texts: Sequence[Sequence[str]]) -> tuple[set[Key], set[Key]]:
        """Return the keys that an article has, by the folded words of each of its `texts` in order: all keys, and all
        but pairs; every word is a key.
        """
        seen = set[str]().union(*texts)
        single = set[Key](seen)
        for keys in self._given(seen):
            single.update(keys)
        single.add(ALWAYS)
        found = single.copy()
        if not self._firsts.isdisjoint(seen):
            for words in texts:
                found |= self._pairs.intersection(pairwise(words))
        for key, table in self.tables.items():
            named = table.keys_in(texts, seen)
            if named:
                found |= named
                found.add(key)
        return found, single

    def rules(self, hits: set[Key], sure: set[Key], is_sure: Callable[[Key], bool]) -> tuple[set[int], set[int]]:
        """Return the numbers of the rules worth trying on an article that has the keys `hits`, and of those that
        surely hold: of each set of a clause it has a sure key.

        `sure` are such keys; of others, that an article has, `is_sure` tells.
        """
        first, second = self._first, self._second
        near = [
            clause
            for clauses in map(self._filed.get, hits)
            if clauses
            for clause in clauses
            if not hits.isdisjoint(second[clause])
        ]
        found, certain = set(self._always), set[int]()
        for clause in near:
            others = self._others[clause]
            for keys in others:
                if hits.isdisjoint(keys):
                    break
            else:
                found.add(self._rules[clause])
                sets = (first[clause],) if second[clause] is _ANY else (first[clause], second[clause], *others)
                for keys in sets:
                    if sure.isdisjoint(keys) and not any(map(is_sure, hits.intersection(keys))):
                        break
                else:
                    certain.add(self._rules[clause])
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
        self._wild, self._lengths = old._wild, old._lengths
        if wild:
            self._take_wild(wild)
        # A word seen before may be a noun or a wildcard's word only now.
        self._beside = {} if wild or not all(map(str.isascii, singles)) else old._beside

    def _take_wild(self, wild: Sequence[str]) -> None:
        """Add words with `*`: beginnings, endings, and what may stand anywhere in a word."""
        beginnings = {key[:-1] for key in wild if key[0] != "*"}
        endings = {key[1:] for key in wild if key[-1] != "*"}
        inner = {key[1:-1] for key in wild if key[0] == key[-1] == "*"}
        self._wild = (self._wild[0] | beginnings, self._wild[1] | endings, self._wild[2] | inner)
        self._lengths = (_lengths(self._wild[0]), _lengths(self._wild[1]))

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


def _filed(keys: KeySet) -> _Filed:
    return tuple(keys) if len(keys) <= _FEW else keys
