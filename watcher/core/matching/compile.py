"""Compiling: from rules as written to rules that the engine can walk.

1. Concept references are resolved; unknown and circular ones are errors.
2. Equal terms become one plan, whatever rules they stand in.
3. Each node learns which terms it cannot hold without; the index files terms and rules by that.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from watcher.core.matching.engine import RuleSet
from watcher.core.matching.index import Index, cheapest, pattern_cost
from watcher.core.matching.plan import (
    All,
    Any,
    Close,
    Leaf,
    Named,
    No,
    Numbers,
    Often,
    PlanNode,
    RulePlan,
    TermPlan,
    Within,
    plan_of,
)
from watcher.core.matching.texts import Lemmatise
from watcher.core.model.place import NOWHERE
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    AtLeast,
    Concept,
    ConceptRef,
    First,
    Near,
    Node,
    Not,
    Paragraph,
    Rule,
    RuleSource,
    Sentence,
    Term,
    TitleOrLead,
)
from watcher.errors import ConfigError

_Together: TypeAlias = AllOf | TitleOrLead | Sentence | Paragraph | First


def compile_rules(source: RuleSource, lemmatise: Lemmatise | None = None) -> RuleSet:
    """Return the rules ready to match, in the order given.

    Without `lemmatise` terms that ask for stemming are taken literally.

    Raises:
        ConfigError: a concept is unknown or names itself; the text holds the place.
        TermError: a term that holds no word.
    """
    compiler = _Compiler(source.concepts)
    rules = tuple(compiler.rule(rule) for rule in source.rules)
    index = Index(compiler.plans, rules, lemmatised=lemmatise is not None)
    return RuleSet(source.revision, rules, tuple(compiler.plans), index, lemmatise)


class _Compiler:
    """Numbers terms and resolves concepts; one for each rule set."""

    def __init__(self, concepts: Mapping[str, Concept]) -> None:
        self.plans: list[TermPlan] = []
        self.costs: list[float] = []
        self._numbers: dict[Term, int] = {}
        self._concepts = concepts
        self._named: dict[tuple[str, str], Named] = {}
        self._open: list[str] = []

    def rule(self, rule: Rule) -> RulePlan:
        """Return the plan of one rule."""
        body = self._node(rule.body, rule.stem)
        return RulePlan(
            rule=rule,
            body=body,
            none=tuple(self._node(node, rule.stem) for node in rule.none),
            excepts=tuple(self.number(term, "") for term in rule.excepts),
            positive=is_positive(body),
            raises=tuple(None if one.when is None else self._node(one.when, rule.stem) for one in rule.raises),
        )

    def number(self, term: Term, stem: str) -> int:
        """Return the number of a term, the same for every equal term."""
        plain = replace(term, stem=term.stem or stem, place=NOWHERE)
        number = self._numbers.get(plain)
        if number is None:
            number = self._numbers[plain] = len(self.plans)
            plan = plan_of(number, plain)
            self.plans.append(plan)
            self.costs.append(sum(map(pattern_cost, plan.patterns)))
        return number

    def _node(self, node: Node, stem: str) -> PlanNode:
        match node:
            case Term():
                number = self.number(node, stem)
                return Leaf(node.text, number, frozenset({number}))
            case ConceptRef():
                return self._concept(node, stem)
            case AnyOf():
                return self._any(node, stem)
            case AllOf():
                return self._all(node, stem)
            case Not():
                item = self._node(node.item, stem)
                return No(item.label, item)
            case TitleOrLead():
                return self._within(node, stem, "title or lead")
            case Sentence():
                return self._within(node, stem, "sentence")
            case Paragraph():
                return self._within(node, stem, "paragraph")
            case First():
                return self._within(node, stem, "first words", node.words)
            case Near():
                items = tuple(self._node(item, stem) for item in node.items)
                needs = self._rarest(items)
                return Close(_joined(items), items, node.distance, node.ordered, needs)
            case AtLeast():
                item = self._node(node.item, stem)
                return Often(item.label, item, node.count, item.needs)

    def _concept(self, ref: ConceptRef, stem: str) -> Named:
        known = self._named.get((ref.name, stem))
        if known is not None:
            return known
        concept = self._concepts.get(ref.name)
        if concept is None:
            raise ConfigError(f"{_at(ref.place)}unknown concept `${ref.name}`{_suggest(ref.name, self._concepts)}")
        if ref.name in self._open:
            circle = " -> ".join(f"${name}" for name in (*self._open[self._open.index(ref.name) :], ref.name))
            raise ConfigError(f"{_at(ref.place)}concept `${ref.name}` names itself: {circle}")
        self._open.append(ref.name)
        items = tuple(self._node(item, stem) for item in concept.terms)
        self._open.pop()
        named = Named(
            label=concept.label or concept.name,
            name=concept.name,
            alone=_terms(items),
            leaves=frozenset(term.plan for term in _terms(items)),
            others=tuple(item for item in items if not isinstance(item, Leaf)),
            excepts=tuple(self.number(term, "") for term in concept.excepts),
            one_group=all(_is_alternative(item) for item in items),
            needs=_union(items),
        )
        self._named[ref.name, stem] = named
        return named

    def _any(self, node: AnyOf, stem: str) -> Any:
        items = tuple(self._node(item, stem) for item in node.items)
        return Any(
            label=items[0].label if items else "",
            alone=_terms(items),
            leaves=frozenset(term.plan for term in _terms(items)),
            others=tuple(item for item in items if not isinstance(item, Leaf)),
            one_group=all(_is_alternative(item) for item in items),
            needs=_union(items),
        )

    def _all(self, node: _Together, stem: str) -> All:
        items = tuple(self._node(item, stem) for item in node.items)
        return All(_joined(items), items, self._rarest(items))

    def _within(self, node: _Together, stem: str, kind: str, words: int = 0) -> Within:
        inner = self._all(node, stem)
        return Within(inner.label, kind, inner, words, inner.needs)

    def _rarest(self, items: tuple[PlanNode, ...]) -> Numbers | None:
        return cheapest((item.needs for item in items), self.costs)


def is_positive(node: PlanNode) -> bool:
    """Say whether a node can hold because a term occurs."""
    match node:
        case Leaf():
            return True
        case Named():
            return bool(node.leaves) or any(is_positive(item) for item in node.others)
        case Any():
            return bool(node.leaves) or any(is_positive(item) for item in node.others)
        case All() | Close():
            return any(is_positive(item) for item in node.items)
        case Within():
            return is_positive(node.inner)
        case Often():
            return is_positive(node.item)
        case No():
            return False


def _is_alternative(item: PlanNode) -> bool:
    return isinstance(item, Leaf) or (isinstance(item, (Named, Any)) and item.one_group)


def _terms(items: tuple[PlanNode, ...]) -> tuple[Leaf, ...]:
    return tuple(item for item in items if isinstance(item, Leaf))


def _union(items: tuple[PlanNode, ...]) -> Numbers | None:
    found: set[int] = set()
    for item in items:
        if item.needs is None:
            return None
        found |= item.needs
    return frozenset(found)


def _joined(items: tuple[PlanNode, ...]) -> str:
    return " + ".join(item.label for item in items)


def _at(place: object) -> str:
    return f"{place}: " if place != NOWHERE else ""


def _suggest(name: str, known: Mapping[str, Concept]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean `${near[0]}`?" if near else "; define it under `concepts:` or add it to `use:`"
