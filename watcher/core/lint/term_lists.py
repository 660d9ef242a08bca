"""What the conditions of many rules come down to; what is asked of a concept again and again is worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import regex

from watcher.core.language.tree import below
from watcher.core.lint.covers import Covered, Covering
from watcher.core.lint.terms import Shares, is_everywhere, share_of
from watcher.core.model.place import NOWHERE
from watcher.core.model.rule import AnyOf, Concept, ConceptRef, Node, Not, Term


class TermList(NamedTuple):
    """Alternatives, any of which makes a condition hold: the terms written in it, and the names of concepts."""

    terms: tuple[Term, ...]
    concepts: tuple[str, ...]


class ConceptFacts:
    """One concept; `terms` are those any of which makes it hold, None when that is not the whole story."""

    def __init__(self, wanted: tuple[Term, ...], terms: tuple[Term, ...] | None, shares: Shares) -> None:
        self._shares = shares
        self.wanted = wanted
        self.terms = terms

    @cached_property
    def only_regexes(self) -> bool:
        """Whether it holds nothing but regular expressions."""
        return all(term.regex for term in self.wanted)

    @cached_property
    def is_everywhere(self) -> bool:
        """Whether one of its terms stands in very many articles."""
        return any(is_everywhere(term, self._shares) for term in self.wanted)

    @cached_property
    def share(self) -> float:
        """The share of articles in which it is expected to hold, at least."""
        return sum(share_of(term, self._shares) for term in self.terms or ())

    @cached_property
    def text(self) -> str:
        """All that is written in it."""
        return " ".join(term.text for term in self.wanted)

    @cached_property
    def covering(self) -> Covering:
        """Which of its terms cover a given one."""
        return Covering(self.terms or ())

    @cached_property
    def covered(self) -> Covered:
        """Which of its terms a given one covers."""
        return Covered(self.terms or ())


class TermLists:
    """Looks at conditions; the concepts must exist and not name themselves."""

    def __init__(self, concepts: Mapping[str, Concept], shares: Shares) -> None:
        self._concepts = concepts
        self._shares = shares
        self._facts: dict[str, ConceptFacts] = {}
        self._below: dict[str, frozenset[str]] = {}
        self._killed: dict[tuple[str, str], tuple[tuple[Term, Term], ...]] = {}
        self._written: dict[tuple[str, str], bool] = {}

    def of_concept(self, name: str) -> ConceptFacts:
        """Return what is known of a concept."""
        facts = self._facts.get(name)
        if facts is None:
            items = self._concepts[name].terms
            term_list = self.of(AnyOf(items))
            wanted = tuple(term for item in items for term in self._wanted(item))
            facts = self._facts[name] = ConceptFacts(
                wanted, None if term_list is None else self.terms_of(term_list), self._shares
            )
        return facts

    def of(self, node: Node) -> TermList | None:
        """Return the alternatives that a condition is made of; None when that is not the whole story."""
        match node:
            case Term():
                return TermList((node,), ())
            case ConceptRef():
                whole = node.field is None and not node.lead and self.of_concept(node.name).terms is not None
                return TermList((), (node.name,)) if whole else None
            case AnyOf():
                return self._together(node.items)
            case _:
                return None

    def _together(self, items: Sequence[Node]) -> TermList | None:
        terms: list[Term] = []
        names: list[str] = []
        for item in items:
            if isinstance(item, Term):
                terms.append(item)
                continue
            term_list = self.of(item)
            if term_list is None:
                return None
            terms += term_list.terms
            names += term_list.concepts
        return TermList(tuple(terms), tuple(names))

    def is_empty(self, term_list: TermList) -> bool:
        """Say whether nothing can make a list hold."""
        return not term_list.terms and not any(self.of_concept(name).terms for name in term_list.concepts)

    def terms_of(self, term_list: TermList) -> tuple[Term, ...]:
        """Return all terms of a list, those of its concepts last."""
        return (*term_list.terms, *(term for name in term_list.concepts for term in self.of_concept(name).terms or ()))

    def share(self, node: Node) -> float:
        """Return the share of articles in which a condition is expected to hold, at least."""
        term_list = self.of(node)
        if term_list is None:
            return 0.0
        own = sum(share_of(term, self._shares) for term in term_list.terms)
        return own + sum(self.of_concept(name).share for name in term_list.concepts)

    def killed(self, wanted: TermList, excluded: TermList) -> Iterator[tuple[Term, Term]]:
        """Yield the wanted terms that an excluded one covers, with that one; a term may come twice."""
        own = Covering(excluded.terms)
        for term in wanted.terms:
            yield from ((term, no) for no in own.of(term))
            for name in excluded.concepts:
                yield from ((term, no) for no in self.of_concept(name).covering.of(term))
        for name in wanted.concepts:
            for no in excluded.terms:
                yield from ((term, no) for term in self.of_concept(name).covered.by(no))
            for other in excluded.concepts:
                yield from self._killed_by(name, other)

    def concepts_below(self, node: Node) -> frozenset[str]:
        """Return the names of the concepts that a condition uses, theirs included."""
        return frozenset().union(*(self._with_its_own(ref.name) for ref in _refs(node)))

    def is_shipped(self, name: str) -> bool:
        """Say whether a concept comes from the library: it has no place that a user could edit."""
        return self._concepts[name].place == NOWHERE

    def is_written_in(self, name: str, script: str) -> bool:
        """Say whether a concept has a letter that a regular expression accepts."""
        known = self._written.get((name, script))
        if known is None:
            known = self._written[name, script] = regex.search(script, self.of_concept(name).text) is not None
        return known

    def _killed_by(self, name: str, other: str) -> tuple[tuple[Term, Term], ...]:
        pair = (name, other)
        if pair not in self._killed:
            covering = self.of_concept(other).covering
            terms = self.of_concept(name).terms or ()
            self._killed[pair] = tuple((term, no) for term in terms for no in covering.of(term))
        return self._killed[pair]

    def _with_its_own(self, name: str) -> frozenset[str]:
        known = self._below.get(name)
        if known is None:
            below_it = (self.concepts_below(item) for item in self._concepts[name].terms)
            known = self._below[name] = frozenset({name}).union(*below_it)
        return known

    def _wanted(self, node: Node) -> Iterable[Term]:
        for item in wanted(node):
            if isinstance(item, Term):
                yield item
            else:
                yield from self.of_concept(item.name).wanted


def wanted(node: Node) -> Iterator[Term | ConceptRef]:
    """Yield the terms and concepts that can make a node hold."""
    match node:
        case Term() | ConceptRef():
            yield node
        case Not():
            return
        case _:
            for item in below(node):
                yield from wanted(item)


def _refs(node: Node) -> Iterator[ConceptRef]:
    if isinstance(node, ConceptRef):
        yield node
    for item in below(node):
        if not isinstance(item, Term):
            yield from _refs(item)
