"""Keys: by which words an article shows, before it is looked at closely, that a term or a condition may hold in it.

A key is a folded word, two neighbouring words of a phrase, or a word with `*`. A condition comes to a clause: sets of
keys, of each of which an article must have one for the condition to hold. A list of conditions comes to several
clauses, any of which will do. Keys may promise too much, never too little.

    (Kim OR Pyongyang) "test flight"     one clause: {kim, pyongyang} and {(test, flight)}
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from itertools import pairwise
from typing import TypeAlias

import regex

from watcher.core.articles.common_words import COMMON_WORDS
from watcher.core.articles.words import folded_words
from watcher.core.language.regexes import compile_regex
from watcher.core.language.tree import scope_of, scoped
from watcher.core.matching.known_terms import known
from watcher.core.matching.pattern import Pattern, Shape, patterns_of
from watcher.core.model.article import Field
from watcher.core.model.place import NOWHERE
from watcher.core.model.rule import AnyOf, AtLeast, Concept, ConceptRef, NamesFile, Node, Not, Rule, Term
from watcher.core.spelling import nearest_word
from watcher.errors import ConfigError

Key: TypeAlias = str | tuple[str, str]
KeySet: TypeAlias = frozenset[Key]
"""Keys of which one is enough."""

Clause: TypeAlias = tuple[KeySet, ...]
"""Sets of each of which an article must have a key; no set at all = the condition may hold in any article."""

ALWAYS: Key = ""
"""The key of terms that no word announces; every article has it."""

_LISTED = "\0"
_LISTED_SHARE = 0.05
"""The share of articles that are expected to hold any name of a large list."""

_MOST_ALTERNATIVES = 64
_WORD_SHARE = 0.0005
"""The share of articles that hold a word of which nothing is known."""

_PREFIX_FACTOR, _INNER_FACTOR, _PAIR_FACTOR = 3.0, 10.0, 0.05
_COSTLY = 1e9
_WORD = "(?:[A-Za-z]+|[А-Яа-яЁёІіЇїЄєҐґЎў]+)"
SURE = regex.compile(rf"{_WORD}\*?|{_WORD} {_WORD}")
"""Plain terms that are found wherever their key is, of two words where nothing else stands between: no other form,
sign or particle counts.
"""

_PLAIN_ROW = re.compile(r"(?:[A-Z]?[a-z]{2,}|[0-9]+)(?: (?:[A-Z]?[a-z]{2,}|[0-9]+))*|[A-Za-z]+(?: [A-Za-z]+)+")
"""Words, and numbers beside words that no number makes a designator: all there is to look for is what is written."""

_HANGUL_END = regex.compile(r"[가-힣]\Z")


class Keys:
    """Works out keys, and which concepts they came from; one for each set of concepts, kept while only rules change."""

    def __init__(
        self, concepts: Mapping[str, Concept], *, lemmatised: bool, frequencies: Mapping[str, float] | None = None
    ) -> None:
        self.concepts = concepts
        self.lemmatised = lemmatised
        self.frequencies = frequencies
        self.fields: set[Field] = set()
        self.doubtful: set[Key] = {ALWAYS}
        """Keys that do not prove their term, such as `war` of a term `War` with case; every other key does, one of
        two words where they are next to one another.
        """
        self._unknown = min(frequencies.values(), default=_WORD_SHARE) / 2 if frequencies is not None else _WORD_SHARE
        self._shares = frequencies if frequencies is not None else COMMON_WORDS
        self.of_text: dict[str, tuple[Key, ...]] = {}
        """The keys of terms by their text; regular expressions and terms to be lemmatised are not among them."""
        self._costs: dict[Key, float] = {ALWAYS: _COSTLY}
        self._named: dict[tuple[str, str, str], Clause] = {}
        self._open: list[str] = []
        self.tables: dict[Key, NamesFile] = {}
        """The tables of large lists that rules use, by the key of any name in them."""
        self.made: list[Key] = [ALWAYS]
        """All keys in the order in which they were made; it only grows."""

    def with_concepts(self, concepts: Mapping[str, Concept], changed: Set[str]) -> Keys:
        """Return keys for concepts of which only those `changed` differ, directly or by what stands in them."""
        new = Keys(concepts, lemmatised=self.lemmatised, frequencies=self.frequencies)
        new.fields, new.doubtful = self.fields.copy(), self.doubtful.copy()
        new.of_text, new._costs, new.made = self.of_text.copy(), self._costs, self.made.copy()
        new._named = {key: clause for key, clause in self._named.items() if key[0] not in changed}
        used = {listed_key(one.table) for one in concepts.values() if one.table is not None}
        new.tables = {key: file for key, file in self.tables.items() if key in used}
        return new

    def of_rule(self, rule: Rule) -> tuple[Clause, ...]:
        """Return the clauses of a rule's body, and make the keys of all its terms; raises as `clauses`."""
        for node in rule.none:
            self.clause(node, rule.stem)
        for term in rule.excepts:
            self.term(term)
        for one in rule.raises:
            if one.when is not None:
                self.clause(one.when, rule.stem)
        return self.clauses(rule.body, rule.stem)

    def clauses(self, node: Node, stem: str) -> tuple[Clause, ...]:
        """Return the clauses of a rule's body, one of which must hold; in each the rarest set comes first.

        Raises:
            ConfigError: a concept is unknown or names itself.
            TermError: a term that cannot be looked for.
        """
        if isinstance(node, AnyOf) and len(node.items) <= _MOST_ALTERNATIVES and not all(map(_is_term, node.items)):
            found = [self.clause(item, stem) for item in node.items]
        else:
            found = [self.clause(node, stem)]
        return tuple(one if len(one) < 2 else tuple(sorted(one, key=self._cost)) for one in found)

    def clause(self, node: Node, stem: str) -> Clause:
        """Return the clause of a condition, its sets in no order; raises as `clauses`."""
        match node:
            case Term():
                return (frozenset(self.term(node, stem)),)
            case ConceptRef():
                return self._concept(node, stem)
            case AnyOf():
                return self._any(node.items, stem)
            case Not():
                self.clause(node.item, stem)  # what is wrong in it is told now
                return ()
            case AtLeast():
                return self.clause(node.item, stem)
            case _:
                return tuple(keys for item in node.items for keys in self.clause(item, stem))

    def term(self, term: Term, stem: str = "") -> tuple[Key, ...]:
        """Return the keys of a term, any of which announces it; raises as `clauses`."""
        if term.regex:
            compile_regex(term.text, case=term.case)
            return (ALWAYS,)
        if self.lemmatised and (stem or term.stem):
            return (ALWAYS,)
        keys = self.of_text.get(term.text)
        if keys is None:
            keys = self.of_text[term.text] = keys_of(term.text)
            self.made += keys
            if not SURE.fullmatch(term.text):
                self.doubtful.update(keys)
        if term.field is not None:
            self.fields.add(term.field)
        if stem or not is_bare(term):
            self.doubtful.update(keys)
        return keys

    def rarest(self, sets: Iterable[KeySet | None]) -> KeySet | None:
        """Return the set of which the fewest articles are expected to have a key; None when there is none to choose
        from.
        """
        return min((keys for keys in sets if keys is not None), key=self._cost, default=None)

    def _any(self, items: Sequence[Node], stem: str) -> Clause:
        found: set[Key] = set()
        known = self.of_text
        for item in items:
            if isinstance(item, Term):
                plain = not stem and is_bare(item)
                found.update((known.get(item.text) if plain else None) or self.term(item, stem))
                continue
            clause = self.clause(item, stem)
            if not clause:
                for other in items:
                    self.clause(other, stem)
                return ()
            rarest: KeySet = min(clause, key=self._cost)
            found.update(rarest)
        return (frozenset(found),)

    def _concept(self, ref: ConceptRef, stem: str) -> Clause:
        scope = scope_of(ref)
        known = self._named.get((ref.name, stem, scope))
        if known is not None:
            return known
        concept = self.concepts.get(ref.name)
        if concept is None:
            raise ConfigError(f"{_at(ref.place)}unknown concept `${ref.name}`{_suggest(ref.name, self.concepts)}")
        if ref.name in self._open:
            circle = " -> ".join(f"${name}" for name in (*self._open[self._open.index(ref.name) :], ref.name))
            raise ConfigError(f"{_at(ref.place)}concept `${ref.name}` names itself: {circle}")
        self._open.append(ref.name)
        try:
            terms = [scoped(item, scope, again=True) for item in concept.terms] if scope else concept.terms
            clause = self._any(terms, "" if concept.rows else stem)
            if concept.table is not None:
                clause = (self._listed(concept.table).union(*clause[:1]),)
            for term in concept.excepts:
                self.term(term)
        finally:
            self._open.pop()
        self._named[ref.name, stem, scope] = clause
        return clause

    def _listed(self, table: NamesFile) -> KeySet:
        """Return the key of any name of a table."""
        key = listed_key(table)
        if key not in self.tables:
            self.tables[key] = table
            self.made.append(key)
            self.doubtful.add(key)
        return frozenset((key,))

    def _cost(self, keys: Collection[Key]) -> float:
        costs = self._costs
        try:
            return sum(map(costs.__getitem__, keys))
        except KeyError:
            costs.update((key, self._key_cost(key)) for key in keys if key not in costs)
        return sum(map(costs.__getitem__, keys))

    def _key_cost(self, key: Key) -> float:
        """Return in what share of articles a key is expected."""
        if isinstance(key, tuple):
            return min(map(self._key_cost, key)) * _PAIR_FACTOR
        if is_listed(key):
            return _LISTED_SHARE
        if key[0] == "*":
            return self._share(key.strip("*")) * _INNER_FACTOR
        return self._share(key[:-1]) * _PREFIX_FACTOR if key[-1] == "*" else self._share(key)

    def _share(self, word: str) -> float:
        share = self._shares.get(word)
        if share is not None:
            return share
        # Short words are frequent ones; with measured frequencies there is no need to guess.
        return self._unknown if self.frequencies is not None else self._unknown * max(1.0, 8.0 - len(word))


def listed_key(table: NamesFile) -> Key:
    """Return the key that an article has where it has one of any name of a table."""
    return _LISTED + table.digest


def is_listed(key: Key) -> bool:
    """Say whether a key stands for those of a table."""
    return key[0] == _LISTED if isinstance(key, str) and key else False


def keys_of(text: str) -> tuple[Key, ...]:
    """Return the keys of a term by its text; most texts need no patterns for that."""
    before = known(text)
    return worked_out(text) if before is None else before.keys


def worked_out(text: str) -> tuple[Key, ...]:
    """Return what `keys_of` does of a text that is not known."""
    if text.isascii() and text.isalpha():
        return (text.lower(),)
    if text.isascii() and text[:-1].isalpha() and text[-1] == "*":
        return (text.lower(),)
    if _PLAIN_ROW.fullmatch(text):
        return (_words_key(text.lower().split(" ")),)
    if "*" in text or any(map(str.isnumeric, text)):
        return pattern_keys(patterns_of(Term(text)))
    folded = folded_words(text, prose=False)
    return (_words_key(folded),) if folded else pattern_keys(patterns_of(Term(text)))


def pattern_keys(patterns: Iterable[Pattern]) -> tuple[Key, ...]:
    """Return the keys of a term's patterns."""
    return tuple(dict.fromkeys(map(_pattern_key, patterns)))


def _words_key(words: Sequence[str]) -> Key:
    """Return the key of whole words in a row; the last may be a Korean noun, which a particle follows."""
    if len(words) == 1:
        return words[0]
    pairs = list(pairwise(words))
    if _HANGUL_END.search(words[-1]):
        pairs.pop()
    return max(pairs, key=_letters) if pairs else max(words, key=len)


def _pattern_key(pattern: Pattern) -> Key:
    words = pattern.words
    pairs = [
        (left.folded, right.folded)
        for left, right in pairwise(words)
        if left.shape is right.shape is Shape.WHOLE and not left.noun and not right.noun
    ]
    if pairs:
        return max(pairs, key=_letters)
    anchor = words[pattern.anchor]
    match anchor.shape:
        case Shape.WHOLE:
            return anchor.folded
        case Shape.PREFIX:
            return f"{anchor.folded}*"
        case Shape.SUFFIX:
            return f"*{anchor.folded}"
        case Shape.INFIX:
            return f"*{anchor.folded}*"


def _letters(pair: tuple[str, str]) -> int:
    return len(pair[0]) + len(pair[1])


def is_bare(term: Term) -> bool:
    """Say whether a term is looked for anywhere in title, summary and content of any article by its letters, and counts
    alone.
    """
    return term.langs is None and not term.weak and is_plain(term)


def is_plain(term: Term) -> bool:
    """Say whether a term is bare but for the languages that it counts in, and whether it is weak."""
    return not (term.case or term.exact or term.regex or term.stem or term.lead or term.field is not None)


def _is_term(node: Node) -> bool:
    return isinstance(node, Term)


def _at(place: object) -> str:
    return f"{place}: " if place != NOWHERE else ""


def _suggest(name: str, known: Mapping[str, Concept]) -> str:
    near = nearest_word(name, known)
    return f"; did you mean `${near}`?" if near else "; define it under `concepts:` or add it to `use:`"
