"""The engine: finds which rules an article satisfies, and the words that did it.

1. The index names the terms that may occur, and the rules worth trying. Most rules ask for no more than words; then
   it also says that they hold.
2. Those whose `where` does not let the article through are put aside.
3. The tree of any other rule is walked; each term is looked up once an article, whatever rules use it.
4. Where the words stand is looked up for the rules that hold, and for no other.
5. `except` covers words: a hit that touches a covered word does not count. `none` stops a rule that would hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from watcher.core.articles.spoken import Detect
from watcher.core.language.tree import changed_concepts, names_any
from watcher.core.matching.asks import asks_of_weak, in_place, rows_of
from watcher.core.matching.hits import span_of, spans_of
from watcher.core.matching.index import Index
from watcher.core.matching.keys import ALWAYS, Key
from watcher.core.matching.occurrences import TermHits
from watcher.core.matching.plan import Alternatives, RulePlan, TermPlan
from watcher.core.matching.planner import PlanCache, Planner
from watcher.core.matching.quick_rules import QuickRules
from watcher.core.matching.texts import PROSE, ArticleText, Lemmatise, Segment
from watcher.core.matching.walk import Evidence, Walk
from watcher.core.matching.where import ANYWHERE, blocked_by
from watcher.core.matching.word_index import Asked, asked_for
from watcher.core.model.article import Article, Field
from watcher.core.model.ids import RuleId
from watcher.core.model.match import Excluded, FailedMatch, GroupHit, Match, Raised, Span
from watcher.core.model.rule import FirstSeen, Rule, RuleSource, Term, Where

_MOST_EDITS = 50
_DIGEST = "an item of many stories ({}): all in one of them"


class Tried(NamedTuple):
    """What came of trying the rules on one article, each in the order of the rules."""

    matches: tuple[Match, ...]
    failed: tuple[FailedMatch, ...]
    excluded: tuple[Excluded, ...]


class Fired(NamedTuple):
    """A rule that an article satisfies; `evidence` where more than words decided, no `plan` for a quick rule."""

    rule: Rule
    walk: Walk
    plan: RulePlan | None = None
    evidence: Evidence | None = None


class RuleSet:
    """All rules, compiled together; it never changes, a new one takes its place.

    A rule has a number for as long as it stays the same over revisions.
    """

    def __init__(
        self,
        planner: Planner,
        lemmatise: Lemmatise | None = None,
        segment: Segment | None = None,
        detect: Detect | None = None,
    ) -> None:
        self._revision = 0
        self._keys = planner.keys
        self._plans = PlanCache(planner)
        self._quick = QuickRules(planner.keys, self._plans)
        self._lemmatise = lemmatise
        self._segment = segment
        self._detect = detect
        self._index = Index()
        self._rules: dict[int, Rule] = {}
        self._numbers: dict[RuleId, int] = {}
        self._order: dict[int, int] = {}
        self._always: frozenset[int] = frozenset()
        self._limited: dict[int, Where] = {}
        self._others: tuple[Field, ...] = ()
        self._next = 0
        self._edits = 0  # so often concepts changed since all was compiled
        self._known = 0  # the index knows this many of the keys that were made

    @property
    def revision(self) -> int:
        """The configuration revision that the rules belong to."""
        return self._revision

    def asked_for(self) -> Asked | None:
        """Return what an index of stored articles is asked for those on which a rule may fire; None = any may be."""
        return asked_for(self._rules.values(), self._keys)

    def asked_for_each(self) -> Iterator[tuple[Rule, Asked | None]]:
        """Yield each rule with what an index is asked for articles on which it may fire; None = any may be."""
        for rule in self._rules.values():
            yield rule, asked_for((rule,), self._keys)

    def plans(self) -> Iterator[RulePlan]:
        """Yield the plans of all rules, in order; no more of them are kept than at any time."""
        return map(self._plan, self._rules)

    def ids(self) -> Iterable[RuleId]:
        """Return the ids of all rules."""
        return self._numbers.keys()

    def plan_of(self, rule: RuleId) -> RulePlan | None:
        """Return the plan of one rule, None where the set does not hold it."""
        number = self._numbers.get(rule)
        return None if number is None else self._plan(number)

    def fits(
        self,
        source: RuleSource,
        lemmatise: Lemmatise | None,
        segment: Segment | None,
        detect: Detect | None,
        frequencies: Mapping[str, float] | None,
    ) -> bool:
        """Say whether rules of `source` can be compiled by changing these: when all else is the same, and not too much
        is kept of what is gone.
        """
        keys = self._keys
        same_ways = (self._lemmatise, self._segment, self._detect) == (lemmatise, segment, detect)
        same_ways = same_ways and keys.frequencies == frequencies
        few_gone = self._next <= 2 * len(self._rules)  # what was made for rules that are gone is kept until then
        return same_ways and few_gone and self._edits < _MOST_EDITS

    def renewed(self, source: RuleSource) -> RuleSet:
        """Return the rules of `source`; rules that did not change, nor any of the concepts in them, are taken over.

        Raises:
            ConfigError: a concept is unknown or names itself.
            TermError: a term that cannot be looked for.
        """
        changed = changed_concepts(self._keys.concepts, source.concepts)
        planner = self._plans.planner
        if changed:
            planner = planner.with_keys(self._keys.with_concepts(source.concepts, changed), changed)
        new = RuleSet(planner, self._lemmatise, self._segment, self._detect)
        new._revision, new._next, new._edits = source.revision, self._next, self._edits + bool(changed)
        come = {number: new._keys.of_rule(rule) for number, rule in new._number(source.rules, self, changed).items()}
        rules, gone = new._rules, self._rules.keys() - new._rules.keys()
        new._numbers = {rule.id: number for number, rule in rules.items()} if gone or come else self._numbers
        new._order = dict(zip(rules, range(len(rules)), strict=True))
        new._plans = self._plans.without(gone, planner)
        new._quick = self._quick.renewed(new._plans, gone, {number: rules[number] for number in come})
        new._limited = {number: where for number, where in self._limited.items() if number in rules}
        new._limited |= _limited({number: rules[number] for number in come})
        always = {number for number, clauses in come.items() if not all(clauses) and new._plan(number).positive}
        new._always = self._always - gone | always
        new._others = tuple(sorted(new._keys.fields.difference(PROSE)))
        # Another set may have been made from this one before, so that keys which are not new may be new to this index.
        made = new._keys.made
        new._index, new._known = self._index.renewed(gone, come, made[self._known :], new._always), len(made)
        new._index.tables = self._plans.planner.tables()
        return new

    def _number(self, rules: Iterable[Rule], before: RuleSet, changed: Set[str]) -> dict[int, Rule]:
        """Give each rule a number, its own where it did not change since `before`, nor a concept in it; return those
        with a new one.
        """
        come: dict[int, Rule] = {}
        for rule in rules:
            number = before._numbers.get(rule.id)
            known = before._rules[number] if number is not None and number not in self._rules else None
            if number is None or (known is not rule and known != rule) or (changed and names_any(rule, changed)):
                number, self._next = self._next, self._next + 1
                come[number] = rule
            self._rules[number] = rule
        return come

    def match(self, article: Article) -> tuple[tuple[Match, ...], tuple[FailedMatch, ...]]:
        """Return every rule that the article satisfies, in the order of the rules, and every rule that could not be
        tried.
        """
        tried = self.tried(article)
        return tried.matches, tried.failed

    def tried(self, article: Article) -> Tried:
        """Return what `match` does, and beside it the rules that only their `none` kept from firing."""
        fired, failed, excluded = self.fired(article)
        matches = []
        for one in fired:
            try:
                matches.append(self._match(one))
            except Exception as err:  # noqa: BLE001 - as in `fired`
                failed.append(_failed(one.rule, err))
        failed.sort(key=lambda one: self._order[self._numbers[one.rule]])
        return Tried(tuple(matches), tuple(failed), tuple(excluded))

    def fired(self, article: Article) -> tuple[list[Fired], list[FailedMatch], list[Excluded]]:
        """Return the rules that the article satisfies, those that could not be tried, and those that only their
        `none` kept from firing.

        Which words did it is yet to be looked up where words alone decided.
        """
        hits, candidates, quick = self._candidates(article)
        plain = Walk(hits, ())
        fired, failed, excluded = [], [], []
        for number in candidates:
            rule = self._rules[number]
            if number in quick and not hits.text.digest:
                fired.append(Fired(rule, plain))
                continue
            try:
                plan = self._plan(number)
                found = _decide(plan, Walk(hits, plan.excepts) if plan.excepts else plain)
            except Exception as err:  # noqa: BLE001 - one bad rule must not lose the article for the others; it is tried again
                failed.append(_failed(rule, err))
                continue
            if isinstance(found, Fired):
                fired.append(found)
            elif found is not None:
                excluded.append(found)
        return fired, failed, excluded

    def _match(self, fired: Fired) -> Match:
        rule, walk, plan, evidence = fired
        if plan is None:
            groups = self._quick.words(rule, walk.hits)
        elif evidence is None:
            groups = tuple([_group(one, walk.hits) for one in plan.alternatives])
        else:
            said = _DIGEST.format(walk.hits.text.digest) if walk.is_by_story(plan) else ""
            groups = tuple(
                GroupHit(
                    label, spans_of(found), _asked(rows_of(found), plan.asks.get(label, ""), said, asks_of_weak(found))
                )
                for label, found in evidence
                if found
            )
        return Match(
            rule.id,
            groups,
            _raised(plan, walk) if plan is not None and plan.raises else (),
            rule.trend.since if isinstance(rule.trend, FirstSeen) else None,
        )

    def _candidates(self, article: Article) -> tuple[TermHits, list[int], Set[int]]:
        """Return the look-up of terms in an article, the rules worth trying on it in order, and the quick ones that
        hold.
        """
        text = ArticleText(article, self._lemmatise, self._segment, self._detect)
        if not self._rules or self._all_blocked(text):
            return TermHits(text, set()), [], frozenset()
        hits, single = self._looked_up(text)
        sure = self._quick.sure(single)

        def is_sure(key: Key) -> bool:
            if self._quick.proves(key, hits):
                sure.add(key)
            return key in sure

        found, certain = self._index.rules(hits.keys, sure, is_sure)
        for number in found & self._limited.keys():
            if _is_blocked(self._limited[number], text):
                found.discard(number)
        return hits, sorted(found, key=self._order.__getitem__), self._quick.holding(certain, hits)

    def hits(self, article: Article) -> TermHits:
        """Return the look-up of terms in one article, to walk several rules with."""
        return self._looked_up(ArticleText(article, self._lemmatise, self._segment, self._detect))[0]

    def _looked_up(self, text: ArticleText) -> tuple[TermHits, set[Key]]:
        """Return the look-up of terms, and the keys of title, summary and content but for pairs of words."""
        self._plans.make_room()
        prose, single = self._index.hits([text.prose.words])
        others = [text.field(field).words for field in self._others]
        keys = prose | self._index.hits(others)[0] if others else prose
        return TermHits(text, keys, prose), single

    def _all_blocked(self, text: ArticleText) -> bool:
        if len(self._limited) < len(self._rules):
            return False
        return all(_is_blocked(where, text) for where in self._limited.values())

    def _plan(self, number: int) -> RulePlan:
        return self._plans.of(number, self._rules[number])


def find_terms(terms: Sequence[Term], article: Article) -> tuple[Span, ...]:
    """Return every occurrence of the terms in an article, in field and text order."""
    hits = TermHits(ArticleText(article), {ALWAYS})
    return tuple(span_of(hit) for hit in sorted({hit for term in terms for hit in hits.of(TermPlan(term))}))


def _decide(plan: RulePlan, walk: Walk) -> Fired | Excluded | None:
    """Return what comes of a rule in an article; None = its body does not hold."""
    hits, evidence = walk.hits, None
    if plan.alternatives and not walk.covers and not walk.is_by_story(plan):
        # The index has seen to it that the article has a key of each.
        for one in plan.doubtful if hits.keys is hits.prose else plan.alternatives:
            if not hits.has(one):
                return None
    else:
        evidence = walk.body(plan)
        if evidence is None or not any(found for _, found in evidence):
            return None
    return _excluded(plan, walk) or Fired(plan.rule, walk, plan, evidence)


def _group(one: Alternatives, hits: TermHits) -> GroupHit:
    """Return the words of a group that words alone decided."""
    if isinstance(one, TermPlan) or not one.tells_more:
        return GroupHit(one.label, hits.spans(one))
    found = hits.of_any(one)
    return GroupHit(one.label, hits.spans(one), _asked(rows_of(found), asks_of_weak(found)))


def _asked(*asked: str) -> str:
    return "; ".join(filter(None, asked))


def _excluded(plan: RulePlan, walk: Walk) -> Excluded | None:
    """Return which `none` of a rule holds, and the first term that makes it hold."""
    if plan.stops is not None and plan.stops.isdisjoint(walk.hits.keys):
        return None
    for node in plan.none:
        if walk.holds(node):
            against = walk.evidence(node) or ()
            return Excluded(plan.rule.id, next((hit.term for _, found in against for hit in found), node.label))
    return None


def _is_blocked(where: Where, text: ArticleText) -> bool:
    return blocked_by(where, text.article, lambda: text.spoken) is not None


def _limited(rules: Mapping[int, Rule]) -> dict[int, Where]:
    return {number: rule.where for number, rule in rules.items() if rule.where != ANYWHERE}


def _raised(plan: RulePlan, walk: Walk) -> tuple[Raised, ...]:
    """Return the raises whose condition on the article holds; those that ask for sources alone are not among them."""
    return tuple(
        Raised(number, in_place(node))
        for number, node in enumerate(plan.raises)
        if node is not None and walk.evidence(node) is not None
    )


def _failed(rule: Rule, err: Exception) -> FailedMatch:
    return FailedMatch(rule.id, f"{type(err).__name__}: {err}")
