"""Walking a rule's tree over one article: which nodes hold, and by which hits.

A scope is a set of regions that hits must lie in; None = anywhere. A covered word (`except`) does not count for a hit
that touches it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from watcher.core.matching.cover import Cover
from watcher.core.matching.hits import FieldRegion, Hit, hits_within, is_one_weak_word
from watcher.core.matching.occurrences import TermHits
from watcher.core.matching.plan import (
    AllPlan,
    Alternatives,
    AnyPlan,
    AtLeastPlan,
    ConceptPlan,
    NearPlan,
    NotPlan,
    PlanNode,
    RulePlan,
    TermPlan,
    WithinPlan,
    stands_for_one_thing,
)
from watcher.core.matching.proximity import close_hits, count_occurrences
from watcher.core.matching.texts import PROSE
from watcher.core.model.article import Field

Scope: TypeAlias = tuple[FieldRegion, ...] | None
Evidence: TypeAlias = list[tuple[str, list[Hit]]]
"""By what a node holds: the label of each part, and its hits; a node that only excludes holds by none."""


class Walk:
    """Walks the nodes of one rule; `excepts` are the rule's."""

    def __init__(self, hits: TermHits, excepts: Sequence[TermPlan]) -> None:
        self.hits = hits
        self._covers: tuple[Cover, ...] = ()
        if excepts:
            self._take(hits.cover(excepts))

    @property
    def covers(self) -> bool:
        """Whether any word of the article is covered."""
        return bool(self._covers)

    def holds(self, node: PlanNode) -> bool:
        """Say whether a node holds, as `evidence` finds; quicker where no more than words are asked for."""
        if stands_for_one_thing(node) and not self._covers:
            return self.hits.has(node)
        return self.evidence(node) is not None

    def evidence(self, node: PlanNode, scope: Scope = None) -> Evidence | None:
        """Return by what a node holds within the scope, or None when it does not hold."""
        if not isinstance(node, TermPlan) and node.needs is not None and node.needs.isdisjoint(self.hits.keys):
            return None
        match node:
            case TermPlan():
                return self._one_thing(node, scope)
            case ConceptPlan() | AnyPlan():
                # A covered word leaves another weak one alone, so that what was looked up once does not tell.
                at_once = node.one_thing and not (self._covers and node.has_weak)
                return self._one_thing(node, scope) if at_once else self._either(node, scope)
            case AllPlan():
                return self._every(node, scope)
            case NotPlan():
                return None if self.evidence(node.item, scope) is not None else []
            case WithinPlan():
                return self._within(node, scope)
            case NearPlan():
                return self._close(node, scope)
            case AtLeastPlan():
                return self._often(node, scope)

    def body(self, plan: RulePlan) -> Evidence | None:
        """Return by what the body of a rule holds; in a digest all of it holds within one of its stories."""
        if not self.is_by_story(plan):
            return self.evidence(plan.body)
        return _joined(self.evidence(plan.body, story) for story in self.hits.text.stories)

    def is_by_story(self, plan: RulePlan) -> bool:
        """Say whether a rule is asked of each story of a digest, and not of the whole article."""
        return plan.is_of_several and bool(self.hits.text.digest)

    def _take(self, cover: Cover) -> None:
        if cover:
            self._covers = (*self._covers, cover)

    def _one_thing(self, node: Alternatives, scope: Scope) -> Evidence | None:
        found = self._counted(self.hits.of_any(node), scope)
        return [(node.label, found)] if found else None

    def _counted(self, hits: Sequence[Hit], scope: Scope) -> list[Hit]:
        """Return those of some sorted hits that lie in the scope and are not covered."""
        within = hits if scope is None else [hit for region in scope for hit in hits_within(hits, region)]
        if not self._covers:
            return list(within)
        return [hit for hit in within if not any(cover.touches(hit) for cover in self._covers)]

    def _either(self, node: ConceptPlan | AnyPlan, scope: Scope) -> Evidence | None:
        walk = self
        if isinstance(node, ConceptPlan):
            walk = Walk(self.hits, ())
            walk._covers = self._covers
            walk._take(self.hits.cover_of(node))
            if node.has_weak and walk._has_no_second(node):
                return None
        leaves = sorted({hit for term in self.hits.announced(node) for hit in walk._counted(self.hits.of(term), scope)})
        evidence: Evidence = [(node.label, leaves)] if leaves else []
        holds = bool(leaves)
        for item in node.others:
            parts = walk.evidence(item, scope)
            if parts is not None:
                holds = True
                evidence += parts
        if not holds:
            return None
        if isinstance(node, ConceptPlan):
            return [(node.label, sorted({node.own(hit) for _, hits in evidence for hit in hits}))]
        return evidence

    def _has_no_second(self, node: ConceptPlan) -> bool:
        """Say whether no more than one weak word of a concept stands in the article, wherever the scope is."""
        own = [hit for term in self.hits.announced(node) for hit in self._counted(self.hits.of(term), None)]
        return is_one_weak_word(own) and all(self.evidence(item) is None for item in node.others)

    def _every(self, node: AllPlan, scope: Scope) -> Evidence | None:
        found: list[Evidence] = [[] for _ in node.items]
        for position in node.order or range(len(node.items)):
            parts = self.evidence(node.items[position], scope)
            if parts is None:
                return None
            found[position] = parts
        return [part for parts in found for part in parts]

    def _often(self, node: AtLeastPlan, scope: Scope) -> Evidence | None:
        found = self.evidence(node.item, scope)
        if found is None:
            return None
        hits = (hit for _, hits in found for hit in hits)
        return found if count_occurrences(hits, self.hits.text.title_again) >= node.count else None

    def _within(self, node: WithinPlan, scope: Scope) -> Evidence | None:
        clipped = (_clip(regions, scope) for regions in self._scopes(node))
        return _joined(self._every(node.inner, regions) for regions in clipped if regions)

    def _scopes(self, node: WithinPlan) -> list[tuple[FieldRegion, ...]]:
        article = self.hits.text
        if node.kind == "title or lead":
            return [((Field.TITLE, 0, len(article.article.title)), article.lead)]
        found: list[tuple[FieldRegion, ...]] = []
        for field in PROSE:
            text = article.field(field)
            if node.kind == "sentence":
                found += [((field, start, end),) for start, end in text.sentences]
            elif node.kind == "paragraph":
                found += [((field, start, end),) for start, end in text.paragraphs]
            elif text.tokens[: node.words]:
                found.append(((field, 0, text.tokens[: node.words][-1].end),))
        return found

    def _close(self, node: NearPlan, scope: Scope) -> Evidence | None:
        found: list[tuple[str, list[Hit]]] = []
        for item in node.items:
            parts = self.evidence(item, scope)
            if parts is None:
                return None
            found.append((item.label, [hit for _, hits in parts for hit in hits]))
        kept = close_hits([hits for _, hits in found], node.distance, ordered=node.ordered)
        if kept is None:
            return None
        return [(label, hits) for (label, _), hits in zip(found, kept, strict=True)]


def _joined(parts: Iterable[Evidence | None]) -> Evidence | None:
    """Return what holds in any of several places, each label once; None where nothing does."""
    joined: dict[str, set[Hit]] = {}
    holds = False
    for evidence in parts:
        if evidence is not None:
            holds = True
            for label, hits in evidence:
                joined.setdefault(label, set()).update(hits)
    return [(label, sorted(hits)) for label, hits in joined.items()] if holds else None


def _clip(regions: tuple[FieldRegion, ...], scope: Scope) -> tuple[FieldRegion, ...]:
    if scope is None:
        return regions
    return tuple(
        (field, max(start, first), min(end, last))
        for field, start, end in regions
        for inside, first, last in scope
        if field is inside and max(start, first) < min(end, last)
    )
