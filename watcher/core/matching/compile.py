"""Compiling: from rules as written to rules that the engine can walk.

1. Every rule's keys are worked out and filed (see keys and index); what is wrong in a rule is told then.
2. A rule's plan is made when it is first tried on an article: most rules of a large set never are.
3. Equal terms become one plan, whatever rules they stand in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from watcher.core.language.tree import scope_of, scoped
from watcher.core.matching.asks import asks_by_label
from watcher.core.matching.engine import RuleSet
from watcher.core.matching.keys import Key, Keys, KeySet, is_plain
from watcher.core.matching.plan import (
    AllPlan,
    Alternatives,
    AnyPlan,
    AtLeastPlan,
    ConceptPlan,
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
    term_plan_of,
    written,
)
from watcher.core.matching.texts import Lemmatise, Segment
from watcher.core.matching.walk import TermHits
from watcher.core.model.match import GroupHit
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    AtLeast,
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

_MOST_LEAVES = 100_000  # at about 250 bytes each

_Together: TypeAlias = AllOf | TitleOrLead | Sentence | Paragraph | First


def compile_rules(
    source: RuleSource,
    lemmatise: Lemmatise | None = None,
    segment: Segment | None = None,
    *,
    previous: RuleSet | None = None,
    frequencies: Mapping[str, float] | None = None,
) -> RuleSet:
    """Return the rules ready to match, in the order given.

    Without `lemmatise` terms that ask for stemming are taken literally; without `segment` a row of characters counts wherever it
    stands. What did not change since `previous` is taken from it. `frequencies`: the share of articles that hold a folded word, to file
    rules by; without it a rough estimate serves.

    Raises:
        ConfigError: a concept is unknown or names itself; the text holds the place.
        TermError: a term that holds no word.
    """
    usable = previous is not None and previous.fits(source, lemmatise, segment, frequencies)
    if previous is None or not usable:
        keys = Keys(source.concepts, lemmatised=lemmatise is not None, frequencies=frequencies)
        previous = RuleSet(Planner(keys), lemmatise, segment)
    return previous.renewed(source)


class Planner:
    """Makes the plans of rules, with one leaf for equal terms, and resolves concepts; one for each set of concepts."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._terms_planned: dict[str | Term, TermPlan] = {}
        self._named: dict[tuple[str, str, str], ConceptPlan] = {}
        self._has_regexes = False

    def again(self) -> Planner:
        """Return one that still knows the terms, which rules share, unless they became too many."""
        new = Planner(self.keys)
        if len(self._terms_planned) <= _MOST_LEAVES:
            new._terms_planned, new._has_regexes = self._terms_planned, self._has_regexes
        return new

    def rule(self, rule: Rule) -> RulePlan:
        """Return the plan of one rule, the keys of which were worked out before."""
        body = self._node(rule.body, rule.stem)
        none = tuple(self._node(node, rule.stem) for node in rule.none)
        alternatives = _alternatives(body)
        return RulePlan(
            rule=rule,
            body=body,
            none=none,
            stops=self._union(none),
            excepts=tuple(self._leaf(term, "") for term in rule.excepts),
            positive=is_positive(body),
            raises=tuple(None if one.when is None else self._node(one.when, rule.stem) for one in rule.raises),
            asks=asks_by_label(body),
            alternatives=alternatives,
            doubtful=tuple(one for one in alternatives if not is_sure(one)),
        )

    def words(self, rule: Rule, hits: TermHits) -> tuple[GroupHit, ...]:
        """Return by which words a rule holds that its words alone decided, as its plan would give, without making one."""
        items = rule.body.items if isinstance(rule.body, AllOf) else (rule.body,)
        return tuple([self._group(item, hits) for item in items])

    def _group(self, node: Node, hits: TermHits) -> GroupHit:
        if isinstance(node, AnyOf):
            terms = [item for item in node.items if isinstance(item, Term)]
            if len(terms) == len(node.items):
                keys, known = hits.keys, self.keys.of_text
                found = [self._leaf(term, "") for term in terms if not keys.isdisjoint(known[term.text])]
                if len(found) > 1:
                    found = list(dict.fromkeys(found))
                return GroupHit(written(terms[0]), hits.spans_of_any(found))
        plan = self._node(node, "")
        assert stands_for_one_thing(plan)
        return GroupHit(plan.label, hits.spans(plan))

    def _leaf(self, term: Term, stem: str) -> TermPlan:
        """Return a term ready to be looked up, the same for every equal term."""
        plain = is_plain(term) and not stem
        key = term.text if plain else replace(term, stem=term.stem or stem)
        leaf = self._terms_planned.get(key)
        if leaf is None:
            wanted = key if isinstance(key, Term) else Term(key)
            leaf = self._terms_planned[key] = term_plan_of(wanted, self.keys.term(wanted))
            self._has_regexes = self._has_regexes or leaf.regex is not None
        return leaf

    def _node(self, node: Node, stem: str) -> PlanNode:
        match node:
            case Term():
                return self._leaf(node, stem)
            case ConceptRef():
                return self._concept(node, stem)
            case AnyOf():
                return self._any(node, stem)
            case AllOf():
                return self._all(node, stem)
            case Not():
                item = self._node(node.item, stem)
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
                items = tuple(self._node(item, stem) for item in node.items)
                needs = self._rarest(items)
                return NearPlan(_joined(items), items, node.distance, node.ordered, needs)
            case AtLeast():
                item = self._node(node.item, stem)
                return AtLeastPlan(item.label, item, node.count, item.needs)

    def _concept(self, ref: ConceptRef, stem: str) -> ConceptPlan:
        key = (ref.name, stem, scope_of(ref))
        known = self._named.get(key)
        if known is not None:
            return known
        concept = self.keys.concepts[ref.name]
        terms = [scoped(item, scope_of(ref), again=True) for item in concept.terms] if scope_of(ref) else concept.terms
        items = tuple(self._node(item, stem) for item in terms)
        needs = self._union(items)
        by_key, others = _by_key(items)
        named = ConceptPlan(
            label=concept.label or concept.name,
            name=concept.name,
            by_key=by_key,
            others=others,
            excepts=tuple(self._leaf(term, "") for term in concept.excepts),
            one_thing=all(map(stands_for_one_thing, items)),
            needs=needs,
            sure=_sure(by_key, needs) if not concept.excepts else frozenset(),
        )
        self._named[key] = named
        return named

    def _any(self, node: AnyOf, stem: str) -> AnyPlan:
        items = tuple(self._node(item, stem) for item in node.items)
        needs = self._union(items)
        by_key, others = _by_key(items)
        return AnyPlan(
            label=items[0].label if items else "",
            by_key=by_key,
            others=others,
            one_thing=all(map(stands_for_one_thing, items)),
            needs=needs,
            sure=_sure(by_key, needs),
        )

    def _all(self, node: _Together, stem: str) -> AllPlan:
        items = tuple(self._node(item, stem) for item in node.items)
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


def _by_key(items: tuple[PlanNode, ...]) -> tuple[dict[Key, TermPlan], tuple[PlanNode, ...]]:
    """Return the items that are single terms by their keys, and the others."""
    found: dict[Key, TermPlan] = {}
    others: list[PlanNode] = []
    for item in dict.fromkeys(items):
        if isinstance(item, TermPlan) and found.keys().isdisjoint(item.keys):
            found.update(dict.fromkeys(item.keys, item))
        else:
            others.append(item)
    return found, tuple(others)


def _sure(by_key: Mapping[Key, TermPlan], needs: Needs) -> KeySet:
    """Return the keys of sure terms; `needs` itself, not to be kept twice, where it is no more than these."""
    found = frozenset(key for key, term in by_key.items() if term.sure is not None)
    return needs if needs is not None and found == needs else found


def _joined(items: tuple[PlanNode, ...]) -> str:
    return " + ".join(item.label for item in items)
