"""Planning: from a rule as written to the plan that is walked, made when the rule is first tried.

Equal terms become one plan, whatever rules they stand in. Most rules of a large set are never tried, so their plans
are never made; those that were made are kept in a cache beside the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import replace
from typing import Final, TypeAlias

from watcher.core.language.tree import scope_of, scoped
from watcher.core.matching.asks import asks_by_label
from watcher.core.matching.keys import Key, Keys, KeySet, is_bare, listed_key
from watcher.core.matching.name_table import NameTable
from watcher.core.matching.plan import (
    AllPlan,
    Alternatives,
    Announced,
    AnyPlan,
    AtLeastPlan,
    ConceptPlan,
    NamePlans,
    NearPlan,
    Needs,
    NotPlan,
    PlanNode,
    RulePlan,
    TermPlan,
    WithinPlan,
    is_sure,
    plans_below,
    stands_for_one_thing,
)
from watcher.core.matching.texts import PROSE
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    AtLeast,
    Concept,
    ConceptRef,
    First,
    NamesFile,
    Near,
    Node,
    Not,
    Paragraph,
    Rule,
    Sentence,
    Term,
    TitleOrLead,
)

_MOST_PLANS: Final = 10_000
"""Kept at once, at about 4 kB each; others are made again when they are tried."""

_MOST_TERMS = 100_000  # at about 250 bytes each

_Together: TypeAlias = AllOf | TitleOrLead | Sentence | Paragraph | First


class Planner:
    """Makes the plans of rules, with one plan for equal terms, and resolves concepts; one for each set of concepts."""

    def __init__(self, keys: Keys, tables: Callable[[NamesFile], NameTable] | None = None) -> None:
        """Plan with keys; `tables` opens the tables of large lists, of which without it no more is looked for than
        their first names.
        """
        self.keys = keys
        self._open = tables
        self._tables: dict[Key, NameTable] = {}
        self._terms: dict[str | Term, TermPlan] = {}
        self._named: dict[tuple[str, str, str], ConceptPlan] = {}
        self._has_regexes = False

    def again(self) -> Planner:
        """Return one that still knows the terms, which rules share, unless they became too many."""
        new = Planner(self.keys, self._open)
        new._tables = self._tables
        if len(self._terms) <= _MOST_TERMS:
            new._terms, new._has_regexes = self._terms, self._has_regexes
        return new

    def with_keys(self, keys: Keys, changed: Set[str]) -> Planner:
        """Return one for the keys of other concepts, those `changed`; what it planned of the others it knows."""
        new = Planner(keys, self._open)
        if len(self._terms) <= _MOST_TERMS:
            new._terms, new._has_regexes = self._terms.copy(), self._has_regexes
        new._named = {key: plan for key, plan in self._named.items() if key[0] not in changed}
        new._tables = {key: table for key, table in self._tables.items() if key in keys.tables}
        return new

    def rule(self, rule: Rule) -> RulePlan:
        """Return the plan of one rule, the keys of which were worked out before."""
        body = self.node(rule.body, rule.stem)
        none = tuple(self.node(node, rule.stem) for node in rule.none)
        alternatives = _alternatives(body)
        return RulePlan(
            rule=rule,
            body=body,
            none=none,
            stops=self._union(none),
            excepts=tuple(self.term(term, "") for term in rule.excepts),
            positive=is_positive(body),
            raises=tuple(None if one.when is None else self.node(one.when, rule.stem) for one in rule.raises),
            asks=asks_by_label(body),
            alternatives=alternatives,
            doubtful=tuple(one for one in alternatives if not is_sure(one)),
            is_of_several=not stands_for_one_thing(body) and not _names_a_part(body),
        )

    def tables(self) -> Mapping[Key, NameTable]:
        """Return the tables of all large lists that rules use, by the key of any name in them.

        Raises:
            ConfigError: one cannot be opened.
        """
        if self._open is not None:
            for key, file in self.keys.tables.items():
                if key not in self._tables:
                    self._tables[key] = self._open(file)
        return self._tables

    def term(self, term: Term, stem: str) -> TermPlan:
        """Return a term ready to be looked up, the same for every equal term."""
        plain = is_bare(term) and not stem
        key = term.text if plain else (term if term.stem or not stem else replace(term, stem=stem))
        plan = self._terms.get(key)
        if plan is None:
            wanted = key if isinstance(key, Term) else Term(key)
            plan = self._terms[key] = TermPlan(wanted, self.keys.term(wanted))
            self._has_regexes = self._has_regexes or plan.regex is not None
        return plan

    def node(self, node: Node, stem: str) -> PlanNode:
        """Return the plan of a condition; `stem` is the rule's."""
        match node:
            case Term():
                return self.term(node, stem)
            case ConceptRef():
                return self._concept(node, stem)
            case AnyOf():
                return self._any(node, stem)
            case AllOf():
                return self._all(node, stem)
            case Not():
                item = self.node(node.item, stem)
                return NotPlan(item.label, item)
            case TitleOrLead():
                return self._within(node, stem, "title or lead")
            case Sentence():
                return self._within(node, stem, "sentence")
            case Paragraph():
                return self._within(node, stem, "paragraph")
            case First():
                return self._within(node, stem, "first words", node.words)
            case Near():
                items = tuple(self.node(item, stem) for item in node.items)
                needs = self._rarest(items)
                return NearPlan(_joined(items), items, node.distance, node.ordered, needs)
            case AtLeast():
                item = self.node(node.item, stem)
                return AtLeastPlan(item.label, item, node.count, item.needs)

    def _concept(self, ref: ConceptRef, stem: str) -> ConceptPlan:
        key = (ref.name, stem, scope_of(ref))
        known = self._named.get(key)
        if known is not None:
            return known
        concept = self.keys.concepts[ref.name]
        terms = [scoped(item, scope_of(ref), again=True) for item in concept.terms] if scope_of(ref) else concept.terms
        items = tuple(self.node(item, "" if concept.rows else stem) for item in terms)
        needs = self._union(items)
        names = self._names(concept, scope_of(ref))
        if names is not None and needs is not None:
            needs |= {names.key}
        by_key, doubled, others = _by_key(items)
        named = ConceptPlan(
            label=concept.label or concept.name,
            name=concept.name,
            by_key=by_key,
            doubled=doubled,
            others=others,
            excepts=Announced(self.term(term, "") for term in concept.excepts),
            one_thing=all(map(stands_for_one_thing, items)),
            needs=needs,
            sure=_sure(by_key, needs) if not concept.excepts and not concept.is_place else frozenset(),
            has_weak=any(map(_has_weak, items)),
            tells_more=bool(concept.rows) or any(map(_tells_more, items)),
            is_place=concept.is_place,
            rows=concept.rows,
            names=names,
        )
        self._named[key] = named
        return named

    def _names(self, concept: Concept, scope: str) -> NamePlans | None:
        if concept.table is None:
            return None
        key = listed_key(concept.table)
        table = self.tables().get(key)
        return None if table is None else NamePlans(key, concept.table, table, scope)

    def _any(self, node: AnyOf, stem: str) -> AnyPlan:
        items = tuple(self.node(item, stem) for item in node.items)
        needs = self._union(items)
        by_key, doubled, others = _by_key(items)
        return AnyPlan(
            label=items[0].label if items else "",
            by_key=by_key,
            doubled=doubled,
            others=others,
            one_thing=all(map(stands_for_one_thing, items)),
            needs=needs,
            sure=_sure(by_key, needs),
            has_weak=any(map(_has_weak, items)),
            tells_more=any(map(_tells_more, items)),
        )

    def _all(self, node: _Together, stem: str) -> AllPlan:
        items = tuple(self.node(item, stem) for item in node.items)
        return AllPlan(_joined(items), items, self._rarest(items), self._order(items))

    def _within(self, node: _Together, stem: str, kind: str, words: int = 0) -> WithinPlan:
        inner = self._all(node, stem)
        return WithinPlan(inner.label, kind, inner, words, inner.needs)

    def _order(self, items: tuple[PlanNode, ...]) -> tuple[int, ...]:
        if not self._has_regexes:
            return ()
        late = [position for position, item in enumerate(items) if self._has_regex(item)]
        if not late or len(items) == 1:
            return ()
        return (*(position for position in range(len(items)) if position not in late), *late)

    def _has_regex(self, node: PlanNode) -> bool:
        if isinstance(node, TermPlan):
            return node.regex is not None
        return any(map(self._has_regex, plans_below(node)))

    def _rarest(self, items: tuple[PlanNode, ...]) -> Needs:
        return self.keys.rarest(item.needs for item in items)

    def _union(self, items: tuple[PlanNode, ...]) -> Needs:
        found: set[Key] = set()
        for item in items:
            if item.needs is None:
                return None
            found |= item.needs
        return frozenset(found)


class PlanCache:
    """The plans of rules by their numbers. What it holds changes no answer, only how long it takes."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self._plans: dict[int, RulePlan] = {}

    def __len__(self) -> int:
        return len(self._plans)

    def without(self, gone: Iterable[int], planner: Planner | None = None) -> PlanCache:
        """Return a cache with the same plans but those of rules that are gone; others are made by `planner`, where one
        is given.
        """
        new = PlanCache(planner or self.planner)
        new._plans = self._plans.copy()
        for number in gone:
            new._plans.pop(number, None)
        return new

    def of(self, number: int, rule: Rule) -> RulePlan:
        """Return the plan of a rule, which always has the same number."""
        plan = self._plans.get(number)
        if plan is None:
            plan = self.planner.rule(rule)
            if len(self._plans) <= _MOST_PLANS:
                self._plans[number] = plan
        return plan

    def make_room(self) -> None:
        """Forget all plans when they are too many; between two articles, so that one article meets one plan of a
        rule.
        """
        if len(self._plans) > _MOST_PLANS:
            self.planner, self._plans = self.planner.again(), {}


def is_positive(node: PlanNode) -> bool:
    """Say whether a node can hold because a term occurs."""
    match node:
        case TermPlan():
            return True
        case ConceptPlan() | AnyPlan():
            return bool(node.by_key) or any(is_positive(item) for item in node.others)
        case AllPlan() | NearPlan():
            return any(is_positive(item) for item in node.items)
        case WithinPlan():
            return is_positive(node.inner)
        case AtLeastPlan():
            return is_positive(node.item)
        case NotPlan():
            return False


def _alternatives(body: PlanNode) -> tuple[Alternatives, ...]:
    items = body.items if isinstance(body, AllPlan) else (body,)
    found = tuple(filter(stands_for_one_thing, items))
    return found if len(found) == len(items) else ()


def _names_a_part(node: PlanNode) -> bool:
    """Say whether a node looks at a part of title, summary and content that the rule names."""
    match node:
        case TermPlan():
            return node.term.lead or node.term.field in PROSE
        case WithinPlan() if node.kind == "title or lead" or node.words:
            return True
        case _:
            return any(map(_names_a_part, plans_below(node)))


def _has_weak(node: PlanNode) -> bool:
    """Say whether a node is a weak term, or has some at any depth."""
    return bool(node.term.weak) if isinstance(node, TermPlan) else any(map(_has_weak, plans_below(node)))


def _tells_more(node: PlanNode) -> bool:
    """Say whether a node is a weak term, or a concept or list of which more than its words is told."""
    return (
        bool(node.term.weak)
        if isinstance(node, TermPlan)
        else isinstance(node, ConceptPlan | AnyPlan) and node.tells_more
    )


def _by_key(items: tuple[PlanNode, ...]) -> tuple[dict[Key, TermPlan], Announced, tuple[PlanNode, ...]]:
    """Return the items that are single terms by their keys, those of which another has a key already, and what is no
    term.
    """
    found: dict[Key, TermPlan] = {}
    doubled: list[TermPlan] = []
    others: list[PlanNode] = []
    for item in dict.fromkeys(items):
        if not isinstance(item, TermPlan):
            others.append(item)
        elif found.keys().isdisjoint(item.keys):
            found.update(dict.fromkeys(item.keys, item))
        else:
            doubled.append(item)
    return found, Announced(doubled), tuple(others)


def _sure(by_key: Mapping[Key, TermPlan], needs: Needs) -> KeySet:
    """Return the keys of sure terms; `needs` itself, not to be kept twice, where it is no more than these."""
    found = frozenset(key for key, term in by_key.items() if term.sure is not None)
    return needs if needs is not None and found == needs else found


def _joined(items: tuple[PlanNode, ...]) -> str:
    return " + ".join(f"not {item.label}" if isinstance(item, NotPlan) else item.label for item in items)
