"""Counts what rules and concepts stand for before anything is made of it: a few lines of YAML can stand for a million
million terms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from watcher.core.language.tree import below, nodes_of
from watcher.core.model.rule import Concept, ConceptRef, Node, Rule, Term
from watcher.settings.issues import Issues

MOST_TERMS: Final = 100_000
"""So many terms one rule or concept may stand for, those of the concepts in it counted as often as they are named."""

MOST_DEEP: Final = 40
"""So many concepts may stand one in the other."""

_MEND = "name each concept once; split what is larger into several rules"


@dataclass(frozen=True, slots=True)
class Weight:
    """What a concept stands for: so many terms (at most MOST_TERMS + 1 is counted), through so many concepts."""

    terms: int
    depth: int

    @property
    def is_allowed(self) -> bool:
        """Whether it may be used."""
        return self.terms <= MOST_TERMS and self.depth <= MOST_DEEP


def refuse_large(rules: Sequence[Rule], concepts: Mapping[str, Concept], issues: Issues) -> None:
    """Note a mistake for each concept and rule that stands for too much; of concepts in concepts the innermost is
    named.
    """
    weights = weights_of(concepts)
    for name, concept in concepts.items():
        inner = [weights[ref] for ref in _refs(concept.terms) if ref in weights]
        if weights[name].is_allowed or not all(each.is_allowed for each in inner):
            continue
        if weights[name].depth > MOST_DEEP:
            message = f"concept {name} stands on more than {MOST_DEEP} concepts, one in the other"
            issues.error(concept.place, message, hint="name the terms themselves, or fewer concepts in between")
        else:
            message = f"concept {name} stands for more than {MOST_TERMS:,} terms, with those of the concepts in it"
            issues.error(concept.place, message, hint=_MEND)
    for rule in rules:
        if not all(weights[ref].is_allowed for ref in _refs(nodes_of(rule)) if ref in weights):
            continue  # its concept is named already
        if _terms_of(nodes_of(rule), weights) + len(rule.excepts) > MOST_TERMS:
            message = f"rule {rule.id} stands for more than {MOST_TERMS:,} terms, with those of its concepts"
            issues.error(rule.place, message, hint=_MEND)


def weights_of(concepts: Mapping[str, Concept]) -> Mapping[str, Weight]:
    """Return what each concept stands for; a concept within itself, which is refused elsewhere, counts as nothing
    there.
    """
    found: dict[str, Weight] = {}
    for name in _inner_first(concepts):
        terms = concepts[name].terms
        depths = [found[ref].depth for ref in _refs(terms) if ref in found]
        found[name] = Weight(_terms_of((*terms, *concepts[name].excepts), found), 1 + max(depths, default=0))
    return found


def _inner_first(concepts: Mapping[str, Concept]) -> Iterator[str]:
    """Yield each concept after those in it, without recursion: chains may be long."""
    begun: set[str] = set()
    for start in concepts:
        waiting = [(start, False)]
        while waiting:
            name, is_done = waiting.pop()
            if is_done:
                yield name
            elif name not in begun:
                begun.add(name)
                waiting.append((name, True))
                waiting += ((ref, False) for ref in _refs(concepts[name].terms) if ref in concepts and ref not in begun)


def _refs(nodes: Iterable[Node]) -> Collection[str]:
    return {node.name for node in _leaves(nodes) if isinstance(node, ConceptRef)}


def _terms_of(nodes: Iterable[Node], weights: Mapping[str, Weight]) -> int:
    """Return how many terms nodes stand for, at most MOST_TERMS + 1; that much more is not counted."""
    leaves = Counter(node.name if isinstance(node, ConceptRef) else "" for node in _leaves(nodes))
    each = {name: weights[name].terms if name in weights else 0 for name in leaves if name}
    total = leaves[""] + sum(leaves[name] * terms for name, terms in each.items())
    return min(total, MOST_TERMS + 1)


def _leaves(nodes: Iterable[Node]) -> Iterator[Term | ConceptRef]:
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Term | ConceptRef):
            yield node
        else:
            waiting += below(node)
