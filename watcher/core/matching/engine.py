"""The engine: finds which rules an article satisfies, and the words that did it.

1. `where` is looked at before any text.
2. The index names the terms that may occur, and the rules worth trying.
3. A rule's tree is walked; each term is looked up once an article, whatever rules use it.
4. `except` covers words: a hit that touches a covered word does not count. `none` stops a rule that would hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from watcher.core.matching.index import Index
from watcher.core.matching.keys import ALWAYS, Groups, Keys
from watcher.core.matching.plan import Hit, RulePlan, TermPlan, plan_of
from watcher.core.matching.raises import raised, sources_within
from watcher.core.matching.texts import PROSE, ArticleText, Lemmatise, Segment
from watcher.core.matching.walk import TermHits, Walk
from watcher.core.matching.where import ANYWHERE, blocked_by
from watcher.core.model.article import Article, Field
from watcher.core.model.ids import RuleId
from watcher.core.model.match import Excluded, FailedMatch, GroupHit, Match, Span
from watcher.core.model.rule import FirstSeen, Rule, RuleSource, Term, Where

_MOST_PLANS = 10_000  # kept at once, at about 7 kB each; others are made again when they are tried
_MOST_SPANS = 1000  # a page that repeats one word a hundred thousand times is marked only so far


class Tried(NamedTuple):
    """What came of trying the rules on one article, each in the order of the rules."""

    matches: tuple[Match, ...]
    failed: tuple[FailedMatch, ...]
    excluded: tuple[Excluded, ...]


class PlanMaker(Protocol):
    """Makes plans of rules, and knows the keys of their terms."""

    keys: Keys
    plans: list[TermPlan]

    def rule(self, rule: Rule) -> RulePlan:
        """Return the plan of one rule."""
        ...

    def again(self) -> PlanMaker:
        """Return one that has made nothing yet."""
        ...


class RuleSet:
    """All rules, compiled together; it never changes, a new one takes its place.

    A rule has a number for as long as it stays the same over revisions; its plan is made when it is first tried.
    """

    def __init__(self, planner: PlanMaker, lemmatise: Lemmatise | None, segment: Segment | None) -> None:
        self._revision = 0
        self._planner = planner
        self._lemmatise = lemmatise
        self._segment = segment
        self._index = Index()
        self._rules: dict[int, Rule] = {}
        self._numbers: dict[RuleId, int] = {}
        self._order: dict[int, int] = {}
        self._always: frozenset[int] = frozenset()
        self._limited: dict[int, Where] = {}
        self._plans: dict[int, RulePlan] = {}
        self._fields: tuple[Field, ...] = PROSE
        self._next = 0

    @property
    def revision(self) -> int:
        """The configuration revision that the rules belong to."""
        return self._revision

    @property
    def rules(self) -> tuple[RulePlan, ...]:
        """The plans of all rules, in order."""
        return tuple(map(self._plan, self._rules))

    def fits(
        self,
        source: RuleSource,
        lemmatise: Lemmatise | None,
        segment: Segment | None,
        frequencies: Mapping[str, float] | None,
    ) -> bool:
        """Say whether rules of `source` can be compiled by changing these: when its concepts and all else are the same."""
        keys = self._planner.keys
        same_ways = self._lemmatise is lemmatise and self._segment is segment and keys.frequencies == frequencies
        few_gone = self._index.dead <= len(self._rules)
        return same_ways and few_gone and keys.concepts == source.concepts

    def renewed(self, source: RuleSource) -> RuleSet:
        """Return the rules of `source`, which has the same concepts; rules that did not change are taken over.

        Raises:
            ConfigError: a concept is unknown or names itself.
            TermError: a term that cannot be looked for.
        """
        new = RuleSet(self._planner, self._lemmatise, self._segment)
        new._revision, new._next = source.revision, self._next
        keys = self._planner.keys
        come: dict[int, tuple[Groups, ...]] = {}
        always = set()
        for rule in source.rules:
            number = self._numbers.get(rule.id)
            if number is None or number in new._rules or not _same(self._rules[number], rule):
                number, new._next = new._next, new._next + 1
                come[number] = keys.of_rule(rule)
            elif number in self._always:
                always.add(number)
            new._rules[number] = rule
            new._numbers[rule.id] = number
        gone = self._rules.keys() - new._rules.keys()
        new._plans = {number: plan for number, plan in self._plans.items() if number not in gone}
        always.update(number for number, rows in come.items() if not all(rows) and new._plan(number).positive)
        new._always = frozenset(always)
        new._order = {number: position for position, number in enumerate(new._rules)}
        new._limited = {number: where for number, where in self._limited.items() if number not in gone}
        new._limited.update(
            (number, new._rules[number].where) for number in come if new._rules[number].where != ANYWHERE
        )
        new._fields = (*PROSE, *sorted(keys.fields.difference(PROSE)))
        new._index = self._index.renewed(gone, come, keys.fresh(), always)
        return new

    def match(self, article: Article) -> tuple[tuple[Match, ...], tuple[FailedMatch, ...]]:
        """Return every rule that the article satisfies, in the order of the rules, and every rule that could not be tried."""
        tried = self.tried(article)
        return tried.matches, tried.failed

    def tried(self, article: Article) -> Tried:
        """Return what `match` does, and beside it the rules that only their `none` kept from firing."""
        hits, candidates = self.candidates(article)
        matches, failed, excluded = [], [], []
        for number in candidates:
            plan = self._plan(number)
            try:
                found = _try(plan, hits)
            except Exception as err:  # noqa: BLE001 - one bad rule must not lose the article for the others; it is tried again
                failed.append(FailedMatch(plan.rule.id, f"{type(err).__name__}: {err}"))
                continue
            if isinstance(found, Match):
                matches.append(found)
            elif found is not None:
                excluded.append(found)
        return Tried(tuple(matches), tuple(failed), tuple(excluded))

    def candidates(self, article: Article) -> tuple[TermHits, list[int]]:
        """Return the look-up of terms in an article, and the numbers of the rules worth trying on it, in order."""
        if not self._rules or self._all_blocked(article):
            return TermHits(ArticleText(article), (), frozenset()), []
        hits = self.hits(article)
        found = self._index.rules(hits.keys)
        for number in found & self._limited.keys():
            if blocked_by(self._limited[number], article) is not None:
                found.discard(number)
        return hits, sorted(found, key=self._order.__getitem__)

    def hits(self, article: Article) -> TermHits:
        """Return the look-up of terms in one article, to walk several rules with."""
        if len(self._plans) > _MOST_PLANS:
            self._planner, self._plans = self._planner.again(), {}
        text = ArticleText(article, self._lemmatise, self._segment)
        keys = self._index.hits([text.field(field).words for field in self._fields])
        return TermHits(text, self._planner.plans, keys)

    def _all_blocked(self, article: Article) -> bool:
        if len(self._limited) < len(self._rules):
            return False
        return all(blocked_by(where, article) is not None for where in self._limited.values())

    def _plan(self, number: int) -> RulePlan:
        plan = self._plans.get(number)
        if plan is None:
            plan = self._plans[number] = self._planner.rule(self._rules[number])
        return plan


def find_terms(terms: Sequence[Term], article: Article) -> tuple[Span, ...]:
    """Return every occurrence of the terms in an article, in field and text order."""
    plans = [plan_of(number, term) for number, term in enumerate(terms)]
    hits = TermHits(ArticleText(article), plans, {ALWAYS})
    return tuple(_span(hit) for hit in sorted({hit for plan in plans for hit in hits.of(plan.number)}))


def spans_of(hits: Iterable[Hit]) -> tuple[Span, ...]:
    """Return the longest of the hits of one group, in field and text order; at most the first thousand."""
    return tuple(_span(hit) for hit in _longest(hits)[:_MOST_SPANS])


def _try(plan: RulePlan, hits: TermHits) -> Match | Excluded | None:
    rule = plan.rule
    walk = Walk(hits, plan.excepts)
    held = walk.held(plan.body)
    if held is None or not any(found for _, found in held):
        return None
    for node in plan.none:
        against = walk.held(node)
        if against is not None:
            return Excluded(rule.id, next((hit.term for _, found in against for hit in found), node.label))
    spans: dict[tuple[int, int, int, str, str], Span] = {}
    groups = []
    for label, found in held:
        if found:
            here = []
            for hit in _longest(found)[:_MOST_SPANS]:
                key = (hit.rank, hit.start, hit.minus_end, hit.term, hit.concept)
                span = spans.get(key)
                if span is None:
                    span = spans[key] = _span(hit)
                here.append(span)
            groups.append(GroupHit(label, tuple(here), plan.asks.get(label, "")))
    return Match(
        rule.id,
        tuple(groups),
        tuple([spans[key] for key in sorted(spans)]),
        raised(plan, walk) if plan.raises else (),
        sources_within(rule) if rule.raises else None,
        rule.trend.since if isinstance(rule.trend, FirstSeen) else None,
    )


def _same(one: Rule, other: Rule) -> bool:
    return one is other or one == other


def _longest(hits: Iterable[Hit]) -> list[Hit]:
    """Drop hits that lie within another; of two on the same words the one without a wildcard stays."""
    kept: list[Hit] = []
    in_order = sorted(hits)
    if len(in_order) < 2:
        return in_order
    for hit in in_order:
        if kept and kept[-1].field is hit.field and hit.end <= kept[-1].end:
            continue
        kept.append(hit)
    return kept


def _span(hit: Hit) -> Span:
    return Span(hit.field, hit.start, hit.end, hit.term, hit.concept)
