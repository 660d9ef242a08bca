"""Examples beside rules: which of them a rule set does not answer as they say, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from watcher.core.backtest import fires
from watcher.core.matching.engine import RuleSet
from watcher.core.matching.explain import explain_one
from watcher.core.model.explanation import Explanation
from watcher.core.model.ids import RuleId
from watcher.core.model.rule_test import RuleTest


@dataclass(frozen=True, slots=True)
class Differs:
    """An example that a rule does not answer as it says, and what the rule makes of its text."""

    test: RuleTest
    explanation: Explanation

    def said(self) -> str:
        """Return what is wrong, as part of a sentence: "should match and does not"."""
        if self.test.fires != self.explanation.matched:
            return "should match and does not" if self.test.fires else "should not match and does"
        wanted = self.test.severity.word if self.test.severity is not None else ""
        return f"should be {wanted} and is {self.explanation.severity.word}"


def differing(rules: RuleSet, tests: Iterable[RuleTest]) -> tuple[Differs, ...]:
    """Return the examples that are not answered as they say, in the order given; those of rules that the set does not
    hold are left out.
    """
    return tuple(found for test in tests if (found := _differs(rules, test)) is not None)


def rules_with_tests(tests: Iterable[RuleTest]) -> frozenset[RuleId]:
    """Return the ids of the rules that have examples."""
    return frozenset(test.rule for test in tests)


def _differs(rules: RuleSet, test: RuleTest) -> Differs | None:
    does_fire = fires(rules, test.rule, test.article)
    if does_fire == test.fires and test.severity is None:
        return None
    said = explain_one(rules, test.rule, test.article)
    if said is None or (does_fire == test.fires and said.severity == test.severity):
        return None
    return Differs(test, said)
