"""The engine: finds which rules an article satisfies, and the words that did it.

1. `where` is looked at before any text.
2. The index names the terms that may occur, and the rules worth trying.
3. A rule's tree is walked; each term is looked up once an article, whatever rules use it.
4. `except` covers words: a hit that touches a covered word does not count. `none` stops a rule that would hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watcher.core.matching.index import Index
from watcher.core.matching.plan import Hit, RulePlan, TermPlan, plan_of
from watcher.core.matching.raises import raised, sources_within
from watcher.core.matching.texts import FIELD_ORDER, PROSE, ArticleText, Lemmatise
from watcher.core.matching.walk import TermHits, Walk
from watcher.core.matching.where import blocked_by
from watcher.core.model.article import Article
from watcher.core.model.match import FailedMatch, GroupHit, Match, Span
from watcher.core.model.rule import FirstSeen, Term

_MOST_SPANS = 1000  # a page that repeats one word a hundred thousand times is marked only so far


class RuleSet:
    """All rules, compiled together; it never changes, a new one takes its place."""

    def __init__(
        self,
        revision: int,
        rules: tuple[RulePlan, ...],
        plans: tuple[TermPlan, ...],
        index: Index,
        lemmatise: Lemmatise | None,
    ) -> None:
        self._revision = revision
        self.rules = rules
        self.plans = plans
        self._index = index
        self._lemmatise = lemmatise
        self._fields = tuple(dict.fromkeys((*PROSE, *(field for plan in plans for field in plan.fields))))

    @property
    def revision(self) -> int:
        """The configuration revision that the rules belong to."""
        return self._revision

    def match(self, article: Article) -> tuple[tuple[Match, ...], tuple[FailedMatch, ...]]:
        """Return every rule that the article satisfies, in the order of the rules, and every rule that could not be tried."""
        hits = self.hits(article)
        matches, failed = [], []
        for position in self._index.rules(hits.active):
            plan = self.rules[position]
            try:
                match = _match(plan, hits)
            except Exception as err:  # noqa: BLE001 - one bad rule must not lose the article for the others; it is tried again
                failed.append(FailedMatch(plan.rule.id, f"{type(err).__name__}: {err}"))
                continue
            if match is not None:
                matches.append(match)
        return tuple(matches), tuple(failed)

    def hits(self, article: Article) -> TermHits:
        """Return the look-up of terms in one article, to walk several rules with."""
        text = ArticleText(article, self._lemmatise)
        words = frozenset[str]().union(*(text.field(field).words for field in self._fields))
        return TermHits(text, self.plans, self._index.terms(words))


def find_terms(terms: Sequence[Term], article: Article) -> tuple[Span, ...]:
    """Return every occurrence of the terms in an article, in field and text order."""
    plans = [plan_of(number, term) for number, term in enumerate(terms)]
    hits = TermHits(ArticleText(article), plans, set(range(len(plans))))
    return tuple(_span(hit) for hit in sorted({hit for plan in plans for hit in hits.of(plan.number)}))


def spans_of(hits: Iterable[Hit]) -> tuple[Span, ...]:
    """Return the longest of the hits of one group, in field and text order; at most the first thousand."""
    return tuple(_span(hit) for hit in _longest(hits)[:_MOST_SPANS])


def _match(plan: RulePlan, hits: TermHits) -> Match | None:
    rule = plan.rule
    if blocked_by(rule.where, hits.text.article) is not None:
        return None
    walk = Walk(hits, plan.excepts)
    held = walk.held(plan.body)
    if held is None or not any(found for _, found in held):
        return None
    if any(walk.held(node) is not None for node in plan.none):
        return None
    groups = tuple(GroupHit(label, spans_of(found)) for label, found in held if found)
    spans = sorted({span for group in groups for span in group.spans}, key=_order)
    return Match(
        rule.id,
        groups,
        tuple(spans),
        raised(plan, walk),
        sources_within(rule),
        rule.trend.since if isinstance(rule.trend, FirstSeen) else None,
    )


def _longest(hits: Iterable[Hit]) -> list[Hit]:
    """Drop hits that lie within another; of two on the same words the one without a wildcard stays."""
    kept: list[Hit] = []
    for hit in sorted(hits):
        if kept and kept[-1].field is hit.field and hit.end <= kept[-1].end:
            continue
        kept.append(hit)
    return kept


def _span(hit: Hit) -> Span:
    return Span(hit.field, hit.start, hit.end, hit.term, hit.concept)


def _order(span: Span) -> tuple[int, int, int, str, str]:
    return (FIELD_ORDER[span.field], span.start, -span.end, span.term, span.concept)
