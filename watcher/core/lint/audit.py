"""Audit: by which terms rules are met in many articles, which terms never are, and what only just stays quiet.

A single bad term hides in a long list: among a hundred alerts it brings two. Here each term that alone met a group is
counted, with a headline, so that it shows.

    military   24  열병식*   "중국 열병식에 …"      the parade is the only military word
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from watcher.core.matching.engine import RuleSet
from watcher.core.matching.explain import counts_over_time, groups_of, terms_of
from watcher.core.matching.hits import spans_of
from watcher.core.matching.keys import Key
from watcher.core.matching.occurrences import TermHits
from watcher.core.matching.plan import NotPlan, PlanNode, RulePlan, TermPlan
from watcher.core.matching.walk import Evidence, Walk
from watcher.core.matching.where import blocked_by
from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId

_HEADLINE_CHARS: Final = 200
ANY: Final = ""
"""Stands for every language where terms are listed by language."""


@dataclass(frozen=True, slots=True)
class Counted:
    """In how many articles something was seen: a term, or a group that was missing; with one headline of these."""

    word: str
    articles: int
    headline: str


@dataclass(frozen=True, slots=True)
class GroupAudit:
    """One group of a rule in the articles that the rule matches.

    `alone` counts the terms that met it without any other, the most frequent first. `always` is the term that met it
    alone in every one of them, "" where there is none.
    """

    label: str
    articles: int
    alone: tuple[Counted, ...]
    always: str = ""


@dataclass(frozen=True, slots=True)
class NeverMet:
    """The terms for one language that no article holds; `articles` were read in it. ANY as language: those of all."""

    language: str
    articles: int
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleAudit:
    """What the articles say of one rule.

    `matched` of `read` articles match it. `near` counts the groups that alone were missing, `stopped` the terms of
    `none` that alone kept it from firing. Of `terms` different terms `unmet` are in no article at all; `never` names
    them by language, one that is for several in each of them.
    """

    rule: RuleId
    name: str
    read: int
    matched: int
    groups: tuple[GroupAudit, ...]
    near: tuple[Counted, ...]
    stopped: tuple[Counted, ...]
    terms: int
    unmet: int
    never: tuple[NeverMet, ...]


def audit(rules: RuleSet, articles: Iterable[Article]) -> tuple[RuleAudit, ...]:
    """Return what articles say of each rule, in the order of the rules; those over time that look at no article are
    left out.

    Every rule is looked at in every article, so the time grows with both.
    """
    tallies = [_Tally(plan) for plan in rules.plans() if not counts_over_time(plan.rule)]
    spoken: Counter[str] = Counter()
    read = 0
    for article in articles:
        hits = rules.hits(article)
        read += 1
        spoken[hits.text.spoken.code] += 1
        for tally in tallies:
            tally.add(hits)
    return tuple(tally.result(read, spoken) for tally in tallies)


class _Seen:
    """Counts words, each with the first headline that it was seen in."""

    def __init__(self) -> None:
        self._articles: Counter[str] = Counter()
        self._headlines: dict[str, str] = {}

    def add(self, word: str, article: Article) -> None:
        self._articles[word] += 1
        if word not in self._headlines:
            self._headlines[word] = (article.title or article.summary or article.content)[:_HEADLINE_CHARS]

    def counted(self) -> tuple[Counted, ...]:
        """Return what was seen, the most frequent first."""
        return tuple(Counted(word, articles, self._headlines[word]) for word, articles in self._articles.most_common())


@dataclass(slots=True)
class _GroupTally:
    articles: int = 0
    alone: _Seen = field(default_factory=_Seen)

    def result(self, label: str) -> GroupAudit:
        alone = self.alone.counted()
        always = alone[0].word if alone and alone[0].articles == self.articles else ""
        return GroupAudit(label, self.articles, alone, always)


class _Tally:
    """Counts for one rule."""

    def __init__(self, plan: RulePlan) -> None:
        self._plan = plan
        self._parts = groups_of(plan.body)
        self._matched = 0
        self._groups: dict[str, _GroupTally] = {}
        self._near, self._stopped = _Seen(), _Seen()
        terms = list(dict.fromkeys(term for part in self._parts for term in terms_of(part)))
        self._terms = len(terms)
        self._unmet = dict.fromkeys(terms)
        self._unmet_by_key: dict[Key, list[TermPlan]] = {}
        for term in terms:
            for key in term.keys:
                self._unmet_by_key.setdefault(key, []).append(term)

    def add(self, hits: TermHits) -> None:
        """Count one article."""
        self._note_met(hits)
        plan, article = self._plan, hits.text.article
        if not plan.positive or blocked_by(plan.rule.where, article, lambda: hits.text.spoken) is not None:
            return
        walk = Walk(hits, plan.excepts)
        evidence, missing = self._evidence(walk)
        if len(missing) > 1 or (missing and len(self._parts) == 1):
            return
        stops = _stops(plan, walk)
        if missing and not stops:
            self._near.add(missing[0], article)
        elif stops and not missing:
            self._stopped.add(stops, article)
        elif not missing and (not walk.is_by_story(plan) or walk.body(plan)):
            self._count(evidence, article)

    def _evidence(self, walk: Walk) -> tuple[Evidence, list[str]]:
        """Return by what the groups hold, and the first two of those that do not."""
        found: Evidence = []
        missing: list[str] = []
        for part in self._parts:
            evidence = walk.evidence(part)
            if evidence is not None:
                found += evidence
                continue
            missing.append(_label(part))
            if len(missing) > 1:
                break
        return found, missing

    def _count(self, evidence: Evidence, article: Article) -> None:
        self._matched += 1
        found: dict[str, set[str]] = {}
        for label, hits in evidence:
            found.setdefault(label, set()).update(span.term for span in spans_of(hits))
        for label, terms in found.items():
            if not terms:
                continue
            group = self._groups.setdefault(label, _GroupTally())
            group.articles += 1
            if len(terms) == 1:
                group.alone.add(next(iter(terms)), article)

    def _note_met(self, hits: TermHits) -> None:
        for key in hits.keys & self._unmet_by_key.keys():
            left = [term for term in self._unmet_by_key[key] if term in self._unmet and not hits.of(term)]
            for term in self._unmet_by_key[key]:
                if term not in left:
                    self._unmet.pop(term, None)
            self._unmet_by_key[key] = left

    def result(self, read: int, spoken: Counter[str]) -> RuleAudit:
        """Return what was counted; `spoken` says how many articles were read in each language."""
        rule = self._plan.rule
        return RuleAudit(
            rule=rule.id,
            name=rule.name,
            read=read,
            matched=self._matched,
            groups=tuple(group.result(label) for label, group in self._groups.items()),
            near=self._near.counted(),
            stopped=self._stopped.counted(),
            terms=self._terms,
            unmet=len(self._unmet),
            never=_never(list(self._unmet), read, spoken),
        )


def _label(part: PlanNode) -> str:
    return f"not {part.label}" if isinstance(part, NotPlan) else part.label


def _stops(plan: RulePlan, walk: Walk) -> str:
    """Return the first term of `none` that holds, "" where none does."""
    for node in plan.none:
        evidence = walk.evidence(node)
        if evidence is not None:
            return next((hit.term for _, found in evidence for hit in found), node.label)
    return ""


def _never(unmet: Sequence[TermPlan], read: int, spoken: Counter[str]) -> tuple[NeverMet, ...]:
    """Return terms by the language that they count in: those of every language first, then by articles read in it."""
    by_language: dict[str, list[str]] = {}
    for plan in unmet:
        langs = plan.term.langs
        for language in langs.own if langs is not None else (ANY,):
            by_language.setdefault(language, []).append(plan.label)
    in_order = sorted(by_language.items(), key=lambda one: (one[0] != ANY, -spoken[one[0]], one[0]))
    return tuple(
        NeverMet(language, read if language == ANY else spoken[language], tuple(dict.fromkeys(terms)))
        for language, terms in in_order
    )
