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
from watcher.core.matching.keys import Group, Key, Keys, is_plain
from watcher.core.matching.plan import (
    All,
    Alternatives,
    Any,
    Close,
    Leaf,
    Named,
    Needs,
    No,
    Often,
    PlanNode,
    RulePlan,
    Within,
    below,
    is_one_group,
    is_sure,
    leaf_of,
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
        self._leaves: dict[str | Term, Leaf] = {}
        self._named: dict[tuple[str, str, str], Named] = {}
        self._has_regexes = False

    def again(self) -> Planner:
        """Return one that still knows the terms, which rules share, unless they became too many."""
        new = Planner(self.keys)
        if len(self._leaves) <= _MOST_LEAVES:
            new._leaves, new._has_regexes = self._leaves, self._has_regexes
        return new

    def rule(self, rule: Rule) -> RulePlan:
        """Return the plan of one rule, the keys of which were worked out before."""
        body = self._node(rule.body, rule.stem)
        none = tuple(self._node(node, rule.stem) for node in rule.none)
        groups = _groups(body)
        return RulePlan(
            rule=rule,
            body=body,
            none=none,
            stops=self._union(none),
            excepts=tuple(self._leaf(term, "") for term in rule.excepts),
            positive=is_positive(body),
            raises=tuple(None if one.when is None else self._node(one.when, rule.stem) for one in rule.raises),
            asks=asks_by_label(body),
            groups=groups,
            doubtful=tuple(group for group in groups if not is_sure(group)),
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
        assert is_one_group(plan)
        return GroupHit(plan.label, hits.spans(plan))

    def _leaf(self, term: Term, stem: str) -> Leaf:
        """Return a term ready to be looked up, the same for every equal term."""
        plain = is_plain(term) and not stem
        key = term.text if plain else replace(term, stem=term.stem or stem)
        leaf = self._leaves.get(key)
        if leaf is None:
            wanted = key if isinstance(key, Term) else Term(key)
            leaf = self._leaves[key] = leaf_of(wanted, self.keys.term(wanted))
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
        key = (ref.name, stem, scope_of(ref))
        known = self._named.get(key)
        if known is not None:
            return known
        concept = self.keys.concepts[ref.name]
        terms = [scoped(item, scope_of(ref), again=True) for item in concept.terms] if scope_of(ref) else concept.terms
        items = tuple(self._node(item, stem) for item in terms)
        needs = self._union(items)
        by_key, others = _by_key(items)
        named = Named(
            label=concept.label or concept.name,
            name=concept.name,
            by_key=by_key,
            others=others,
            excepts=tuple(self._leaf(term, "") for term in concept.excepts),
            one_group=all(map(is_one_group, items)),
            needs=needs,
            sure=_sure(by_key, needs) if not concept.excepts else frozenset(),
        )
        self._named[key] = named
        return named

    def _any(self, node: AnyOf, stem: str) -> Any:
        items = tuple(self._node(item, stem) for item in node.items)
        needs = self._union(items)
        by_key, others = _by_key(items)
        return Any(
            label=items[0].label if items else "",
            by_key=by_key,
            others=others,
            one_group=all(map(is_one_group, items)),
            needs=needs,
            sure=_sure(by_key, needs),
        )

    def _all(self, node: _Together, stem: str) -> All:
        items = tuple(self._node(item, stem) for item in node.items)
        return All(_joined(items), items, self._rarest(items), self._order(items))

    def _within(self, node: _Together, stem: str, kind: str, words: int = 0) -> Within:
        inner = self._all(node, stem)
        return Within(inner.label, kind, inner, words, inner.needs)

    def _order(self, items: tuple[PlanNode, ...]) -> tuple[int, ...]:
        if not self._has_regexes:
            return ()
        late = [position for position, item in enumerate(items) if self._has_regex(item)]
        if not late or len(items) == 1:
            return ()
        return (*(position for position in range(len(items)) if position not in late), *late)

    def _has_regex(self, node: PlanNode) -> bool:
        if isinstance(node, Leaf):
            return node.regex is not None
        return any(map(self._has_regex, below(node)))

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
        case Leaf():
            return True
        case Named() | Any():
            return bool(node.by_key) or any(is_positive(item) for item in node.others)
        case All() | Close():
            return any(is_positive(item) for item in node.items)
        case Within():
            return is_positive(node.inner)
        case Often():
            return is_positive(node.item)
        case No():
            return False


def _groups(body: PlanNode) -> tuple[Alternatives, ...]:
    items = body.items if isinstance(body, All) else (body,)
    groups = tuple(filter(is_one_group, items))
    return groups if len(groups) == len(items) else ()


def _by_key(items: tuple[PlanNode, ...]) -> tuple[dict[Key, Leaf], tuple[PlanNode, ...]]:
    """Return the items that are single terms by their keys, and the others."""
    found: dict[Key, Leaf] = {}
    others: list[PlanNode] = []
    for item in dict.fromkeys(items):
        if isinstance(item, Leaf) and found.keys().isdisjoint(item.keys):
            found.update(dict.fromkeys(item.keys, item))
        else:
            others.append(item)
    return found, tuple(others)


def _sure(by_key: Mapping[Key, Leaf], needs: Needs) -> Group:
    """Return the keys of sure terms; `needs` itself, not to be kept twice, where it is no more than these."""
    found = frozenset(key for key, term in by_key.items() if term.sure is not None)
    return needs if needs is not None and found == needs else found


def _joined(items: tuple[PlanNode, ...]) -> str:
    return " + ".join(item.label for item in items)
