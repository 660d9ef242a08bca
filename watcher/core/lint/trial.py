"""Linting by trial: what `none` takes away from rules in articles that really came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from watcher.core.language.tree import terms_below
from watcher.core.lint.rules import LintWarning
from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId
from watcher.core.model.place import NOWHERE, Place
from watcher.core.model.rule import Rule

if TYPE_CHECKING:
    from watcher.core.matching.engine import RuleSet

_FEWEST_HITS = 5
"""With fewer articles a share says little."""


def lint_by_trial(rules: Iterable[Rule], compiled: RuleSet, articles: Iterable[Article]) -> tuple[LintWarning, ...]:
    """Return the terms of `none` that stop more than half of the articles which their rule would match, in the order
    of the rules.

    `compiled` holds these rules, or those of them that have a `none`. Rules with fewer than five such articles are
    passed over, and those that are quiet about "not-kills".
    """
    hits: Counter[RuleId] = Counter()
    stopped: dict[RuleId, Counter[str]] = {}
    for article in articles:
        tried = compiled.tried(article)
        hits.update(match.rule for match in tried.matches)
        for one in tried.excluded:
            hits[one.rule] += 1
            stopped.setdefault(one.rule, Counter())[one.term] += 1
    return tuple(
        warning
        for rule in rules
        if hits[rule.id] >= _FEWEST_HITS and "not-kills" not in rule.quiet_lint
        for warning in _warnings(rule, hits[rule.id], stopped.get(rule.id, Counter()))
    )


def _warnings(rule: Rule, hits: int, stopped: Counter[str]) -> Iterator[LintWarning]:
    for term, articles in stopped.most_common():
        if articles * 2 > hits:
            yield LintWarning(
                _place(rule, term),
                f"`{term}` under `none` drops {articles} of the {hits} stored articles that rule `{rule.name}` would match",
                "write a phrase, or write it under `except`, which only ignores words",
                rule.id,
                "not-kills",
            )


def _place(rule: Rule, written: str) -> Place:
    """Return where a term of `none` stands; one of a concept stands nowhere in the rule."""
    found = (term.place for node in rule.none for term in terms_below(node) if written in (term.text, f"/{term.text}/"))
    return next((place for place in found if place != NOWHERE), rule.place)
