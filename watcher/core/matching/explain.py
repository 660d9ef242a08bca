"""Explaining: for every rule, each group with its hits, and the first thing that stopped it.

It walks the same trees as the engine; only the index is left out, so that rules which would not even be tried are
explained too.
"""

from __future__ import annotations

from collections.abc import Sequence

from watcher.core.articles.spoken import Spoken
from watcher.core.matching.asks import asks_of_raise, asks_of_trend, asks_of_weak, rows_of, sentences_of
from watcher.core.matching.engine import RuleSet
from watcher.core.matching.hits import Hit, spans_of
from watcher.core.matching.narrow import TOLD
from watcher.core.matching.occurrences import TermHits
from watcher.core.matching.plan import (
    AllPlan,
    AnyPlan,
    ConceptPlan,
    NotPlan,
    PlanNode,
    RulePlan,
    TermPlan,
    plans_below,
    stands_for_one_thing,
)
from watcher.core.matching.walk import Evidence, Walk
from watcher.core.matching.where import blocked_by
from watcher.core.model.article import Article
from watcher.core.model.explanation import (
    Explanation,
    GroupExplanation,
    LanguageExplanation,
    Nearest,
    RaiseExplanation,
    Stop,
    StopKind,
)
from watcher.core.model.ids import RuleId
from watcher.core.model.match import GroupHit
from watcher.core.model.rule import FirstSeen, Rule, Severity

_MOST_TOLD = 20


def explain(rules: RuleSet, article: Article) -> tuple[Explanation, ...]:
    """Return, for each rule in order, why it fires on the article or what stopped it."""
    hits = rules.hits(article)
    return tuple(_explain(plan, hits) for plan in rules.plans())


def explain_one(rules: RuleSet, rule: RuleId, article: Article) -> Explanation | None:
    """Return why one rule fires on the article or what stopped it; None where the set does not hold it."""
    plan = rules.plan_of(rule)
    return None if plan is None else _explain(plan, rules.hits(article))


def nearest(rules: RuleSet, article: Article) -> Nearest:
    """Return why the rules that come nearest to an article fire or stay quiet: those that fire, then near misses,
    then by groups that hold.

    At most twenty are told in full; the others are counted.
    """
    told = sorted(explain(rules, article), key=_distance)
    return Nearest(tuple(told[:_MOST_TOLD]), len(told[_MOST_TOLD:]))


def _distance(one: Explanation) -> tuple[bool, bool, float]:
    is_near = bool(one.near_miss) or (one.stop is not None and one.stop.kind is StopKind.EXCLUDED)
    holding = sum(group.holds for group in one.groups) / max(1, len(one.groups))
    return not one.matched, not is_near, -holding


def _explain(plan: RulePlan, hits: TermHits) -> Explanation:
    rule = plan.rule
    groups = () if counts_over_time(rule) else tuple(_group(node, plan, hits) for node in groups_of(plan.body))
    missing = [group.label for group in groups if not group.holds]
    stop = _stop(plan, hits, missing)
    raises = _raises(plan, hits)
    return Explanation(
        rule=rule.id,
        name=rule.name,
        matched=stop is None,
        groups=groups,
        stop=stop,
        near_miss=missing[0] if len(missing) == 1 and len(groups) > 1 and _nothing_else_stops(plan, hits) else "",
        severity=_severity(rule, raises),
        raises=raises,
        time=asks_of_trend(rule.trend) if rule.trend is not None else "",
        language=_language(hits.text.spoken) if rule.where.lang is not None or _has_foreign(groups) else None,
    )


def _raises(plan: RulePlan, hits: TermHits) -> tuple[RaiseExplanation, ...]:
    walk, found = Walk(hits, plan.excepts), []
    for one, node in zip(plan.rule.raises, plan.raises, strict=True):
        evidence = walk.evidence(node) if node is not None else []
        # Sources are counted over other articles, so that a condition that holds is not yet the whole answer.
        holds = None if evidence is not None and one.sources is not None else evidence is not None
        found.append(RaiseExplanation(one.severity, asks_of_raise(one, node), holds, spans_of(_hits(evidence))))
    return tuple(found)


def _severity(rule: Rule, raises: Sequence[RaiseExplanation]) -> Severity:
    return max((rule.severity, *(one.severity for one in raises if one.holds)))


def _has_foreign(groups: Sequence[GroupExplanation]) -> bool:
    return any(group.foreign for group in groups)


def _language(found: Spoken) -> LanguageExplanation:
    others = tuple(sorted(found.codes)) if len(found.codes) > 1 else ()
    return LanguageExplanation(found.code, found.origin, others)


def counts_over_time(rule: Rule) -> bool:
    """Say whether a rule looks at counts over time and at no article."""
    return rule.trend is not None and not isinstance(rule.trend, FirstSeen)


def groups_of(body: PlanNode) -> tuple[PlanNode, ...]:
    """Return the nodes that must all hold, flattened."""
    if isinstance(body, AllPlan):
        return tuple(node for item in body.items for node in groups_of(item))
    return (body,)


def _stop(plan: RulePlan, hits: TermHits, missing: list[str]) -> Stop | None:
    if counts_over_time(plan.rule):
        return Stop(StopKind.TIME)
    if not plan.positive:
        return Stop(StopKind.NO_TERM)
    key = blocked_by(plan.rule.where, hits.text.article, lambda: hits.text.spoken)
    if key is not None:
        return Stop(StopKind.WHERE, key)
    if missing:
        return Stop(StopKind.MISSING, missing[0])
    walk = Walk(hits, plan.excepts)
    if not _hits(walk.body(plan)):
        if walk.is_by_story(plan) and _hits(walk.evidence(plan.body)):
            return Stop(StopKind.STORIES, hits.text.digest)
        return Stop(StopKind.MISSING, plan.body.label)
    for node in plan.none:
        evidence = walk.evidence(node)
        if evidence is not None:
            found = _hits(evidence)
            return Stop(StopKind.EXCLUDED, found[0].term if found else node.label, spans_of(found))
    return None


def _nothing_else_stops(plan: RulePlan, hits: TermHits) -> bool:
    walk = Walk(hits, plan.excepts)
    is_asked_for = plan.positive and blocked_by(plan.rule.where, hits.text.article, lambda: hits.text.spoken) is None
    return is_asked_for and all(walk.evidence(node) is None for node in plan.none)


def _group(node: PlanNode, plan: RulePlan, hits: TermHits) -> GroupExplanation:
    evidence = Walk(hits, plan.excepts).evidence(node)
    if isinstance(node, NotPlan):
        label = f"not {node.label}"
        return GroupExplanation(label, evidence is not None, spans_of(_counted(node.item, plan, hits)))
    counted = {hit._replace(concept="", row="") for hit in _counted(node, plan, hits)}
    weak = _alone(node, plan, hits)
    covered = [hit for hit in _everywhere(node, hits) if hit not in counted and hit not in weak]
    found = _hits(evidence)
    return GroupExplanation(
        label=node.label,
        holds=evidence is not None,
        asks="; ".join(filter(None, (rows_of(found), *_asks(node, plan, hits), asks_of_weak(found)))),
        spans=spans_of(set(found)),
        parts=tuple(GroupHit(label, spans_of(part)) for label, part in evidence or () if part),
        covered=spans_of(covered),
        weak=spans_of(weak),
        foreign=spans_of(hit for term in terms_of(node) for hit in hits.of_other_languages(term)),
        elsewhere=() if evidence is not None else spans_of(_counted(node, plan, hits)),
        wanted=() if evidence is not None else _wanted(node, plan, hits),
    )


def _asks(node: PlanNode, plan: RulePlan, hits: TermHits) -> list[str]:
    """Return what the operators below a node ask that took part: of alternatives those that hold, or, where none does,
    those of which something was found.
    """
    if not isinstance(node, AnyPlan):
        return list(sentences_of(node))
    walk = Walk(hits, plan.excepts)
    holding = [item for item in plans_below(node) if walk.evidence(item) is not None]
    took_part = holding or [item for item in plans_below(node) if _counted(item, plan, hits)]
    return list(dict.fromkeys(asked for item in took_part for asked in _asks(item, plan, hits)))


def _counted(node: PlanNode, plan: RulePlan, hits: TermHits) -> list[Hit]:
    """Return the hits of all terms below a node that no `except` covers, wherever they stand."""
    walk = Walk(hits, plan.excepts)
    return [hit for leaf in _leaves(node) for hit in _hits(walk.evidence(leaf))]


def _alone(node: PlanNode, plan: RulePlan, hits: TermHits) -> set[Hit]:
    """Return the hits of weak words in concepts of which the article has no second word."""
    found: set[Hit] = set()
    for leaf in _concepts(node):
        if leaf.has_weak and Walk(hits, plan.excepts).evidence(leaf) is None:
            covers = (hits.cover_of(leaf), hits.cover(plan.excepts))
            weak = (hit for term in terms_of(leaf) if term.term.weak for hit in hits.of(term))
            found.update(hit for hit in weak if not any(cover.touches(hit) for cover in covers))
    return found


def _concepts(node: PlanNode) -> list[ConceptPlan]:
    """Return the concepts at and below a node."""
    below = [concept for item in plans_below(node) for concept in _concepts(item)]
    return [node, *below] if isinstance(node, ConceptPlan) else below


def _everywhere(node: PlanNode, hits: TermHits) -> set[Hit]:
    """Return the hits of all terms below a node, covered or not, without their concept."""
    return {hit for term in terms_of(node) for hit in hits.of(term)}


def _leaves(node: PlanNode) -> list[PlanNode]:
    """Return the terms, lists and concepts below a node that stand for one thing each."""
    if stands_for_one_thing(node):
        return [node]
    return [leaf for item in plans_below(node) for leaf in _leaves(item)]


def terms_of(node: PlanNode) -> list[TermPlan]:
    """Return the terms below a node."""
    return [node] if isinstance(node, TermPlan) else [term for item in plans_below(node) for term in terms_of(item)]


def _wanted(node: PlanNode, plan: RulePlan, hits: TermHits) -> tuple[str, ...]:
    """Return the first terms of what does not occur below a node; nothing where all of it does, only not as asked."""
    walk = Walk(hits, plan.excepts)
    absent = [leaf for leaf in _leaves(node) if walk.evidence(leaf) is None]
    wanted = (term.label for leaf in absent for term in terms_of(leaf) if not term.term.weak)
    return tuple(dict.fromkeys(wanted))[:TOLD]


def _hits(evidence: Evidence | None) -> list[Hit]:
    return [hit for _, hits in evidence or () for hit in hits]
