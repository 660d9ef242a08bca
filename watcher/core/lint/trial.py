"""Linting by trial: what rules did in articles that really came.

What `none` took away, and groups that one term alone met in every article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from watcher.core.language.tree import terms_below
from watcher.core.lint.rules import LintWarning
from watcher.core.matching.explain import groups_of, terms_of
from watcher.core.model.ids import RuleId
from watcher.core.model.match import Match
from watcher.core.model.place import NOWHERE, Place
from watcher.core.model.rule import Node, Rule

if TYPE_CHECKING:
    from watcher.core.matching.engine import RuleSet, Tried

_FEWEST_HITS = 5
"""With fewer articles a share says little."""

_FEWEST_ALONE = 20
"""In fewer articles it may be chance that one term met a group each time."""

_FEWEST_TERMS = 3


class Trial:
    """Counts what came of trying rules on articles."""

    def __init__(self) -> None:
        self._matched: Counter[RuleId] = Counter()
        self._stopped: dict[RuleId, Counter[str]] = {}
        self._alone: dict[tuple[RuleId, str], Counter[str]] = {}

    def add(self, tried: Tried) -> None:
        """Count one article."""
        for match in tried.matches:
            self._matched[match.rule] += 1
            self._note_alone(match)
        for one in tried.excluded:
            self._stopped.setdefault(one.rule, Counter())[one.term] += 1

    def matched(self, rule: RuleId) -> int:
        """Return how many articles a rule matched."""
        return self._matched[rule]

    def warnings(self, rules: Iterable[Rule], compiled: RuleSet) -> tuple[LintWarning, ...]:
        """Return what is odd, in the order of the rules; codes that a rule is quiet about are left out.

        Of `none` the terms that stop more than half of the articles which their rule would match, where these are five
        or more. Of groups of three terms or more those that the same term alone met in all of twenty or more articles.
        """
        found = (one for rule in rules for one in (*self._kills(rule), *self._always_one(rule, compiled)))
        quiet = {rule.id: rule.quiet_lint for rule in rules}
        return tuple(one for one in found if one.code not in quiet[one.rule])

    def _note_alone(self, match: Match) -> None:
        for group in match.groups:
            terms = {span.term for span in group.spans}
            if len(terms) == 1:
                self._alone.setdefault((match.rule, group.label), Counter()).update(terms)

    def _kills(self, rule: Rule) -> Iterator[LintWarning]:
        stopped = self._stopped.get(rule.id, Counter())
        hits = self._matched[rule.id] + stopped.total()
        if hits < _FEWEST_HITS:
            return
        for term, articles in stopped.most_common():
            if articles * 2 > hits:
                yield LintWarning(
                    _place(rule.none, rule, term),
                    f"`{term}` under `none` drops {articles} of the {hits} stored articles that rule `{rule.name}` would match",
                    "write a phrase, or write it under `except`, which only ignores words",
                    rule.id,
                    "not-kills",
                )

    def _always_one(self, rule: Rule, compiled: RuleSet) -> Iterator[LintWarning]:
        matched = self._matched[rule.id]
        plan = compiled.plan_of(rule.id) if matched >= _FEWEST_ALONE else None
        if plan is None:
            return
        parts = {part.label: len(dict.fromkeys(terms_of(part))) for part in groups_of(plan.body)}
        for label, terms in parts.items():
            counted = self._alone.get((rule.id, label), Counter()).most_common(1)
            if terms >= _FEWEST_TERMS and counted and counted[0][1] == matched:
                term = counted[0][0]
                yield LintWarning(
                    _place((rule.body,), rule, term),
                    f"`{term}` alone met {label} in each of the {matched} stored articles that rule `{rule.name}` matched",
                    f"if it says too little, take it out or drop it; `watcher rules audit {rule.id}` shows the headlines",
                    rule.id,
                    "alone",
                )


def _place(nodes: Iterable[Node], rule: Rule, written: str) -> Place:
    """Return where a term of some conditions stands; one of a concept stands nowhere in the rule."""
    found = (term.place for node in nodes for term in terms_below(node) if written in (term.text, f"/{term.text}/"))
    return next((place for place in found if place != NOWHERE), rule.place)
