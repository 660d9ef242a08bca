"""Raises in the matcher: which place conditions hold, what the judge is asked for, and how `explain` says it."""

from __future__ import annotations

from datetime import timedelta

from watcher.core.lint.rules import lint
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.explain import explain
from watcher.core.model.article import Article
from watcher.core.model.explanation import StopKind
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.match import Match
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    First,
    FirstSeen,
    Independent,
    Paragraph,
    Raise,
    Rule,
    RuleSource,
    Severity,
    Term,
    TitleOrLead,
    Volume,
)

NORTH, RUSSIA = Term("Pyongyang"), Term("Russia")
HOURS = timedelta(hours=2)
RAISES = (
    Raise(Severity.NORMAL, Paragraph((NORTH, RUSSIA))),
    Raise(Severity.HIGH, TitleOrLead((NORTH, RUSSIA))),
    Raise(Severity.CRITICAL, sources=Independent(3, HOURS)),
)
RULE = Rule(RuleId("arms"), "Arms", AllOf((NORTH, RUSSIA)), severity=Severity.LOW, raises=RAISES)


def article(title: str, content: str = "") -> Article:
    return Article(ArticleId("a1"), FeedId("f1"), title=title, content=content)


def match(rule: Rule, one: Article) -> Match:
    (found,), failed = compile_rules(RuleSource(1, (rule,))).match(one)
    assert failed == ()
    return found


def test_a_match_names_the_place_raises_that_hold() -> None:
    apart = match(RULE, article("Pyongyang speaks", "A line.\nMoney came from Russia."))
    assert apart.raised == ()
    below = match(RULE, article("Talks", "A line.\nPyongyang and Russia met."))
    assert [(one.number, one.why) for one in below.raised] == [(0, "Pyongyang + Russia in one paragraph")]
    title = match(RULE, article("Pyongyang visits Russia", "A line."))
    assert [(one.number, one.why) for one in title.raised] == [
        (0, "Pyongyang + Russia in one paragraph"),
        (1, "Pyongyang + Russia in title or lead"),
    ]


def test_spans_of_a_raise_take_no_part_in_the_match() -> None:
    rule = Rule(RuleId("r"), "R", RUSSIA, raises=(Raise(Severity.HIGH, First((NORTH,), 3)),))
    found = match(rule, article("Pyongyang visits Russia"))
    assert [span.term for span in found.spans] == ["Russia"]
    assert [one.why for one in found.raised] == ["Pyongyang in the first 3 words"]


def test_a_word_covered_by_except_raises_nothing() -> None:
    rule = Rule(
        RuleId("r"), "R", Term("visits"), excepts=(Term("Little Russia"),), raises=(Raise(Severity.HIGH, RUSSIA),)
    )
    assert match(rule, article("He visits Little Russia")).raised == ()
    assert len(match(rule, article("He visits Russia")).raised) == 1


def test_explain_says_which_raise_holds_and_what_depends_on_others() -> None:
    (one,) = explain(compile_rules(RuleSource(1, (RULE,))), article("Talks", "A line.\nPyongyang and Russia met."))
    assert one.severity is Severity.NORMAL
    assert [(each.severity, each.asks, each.holds) for each in one.raises] == [
        (Severity.NORMAL, "Pyongyang + Russia in one paragraph", True),
        (Severity.HIGH, "Pyongyang + Russia in title or lead", False),
        (Severity.CRITICAL, "3 independent sources within 2 h", None),
    ]
    assert [span.term for span in one.raises[0].spans] == ["Pyongyang", "Russia"]


def test_explain_says_that_a_rule_looks_at_time() -> None:
    volume = Rule(RuleId("v"), "V", AnyOf(()), trend=Volume(RuleId("arms"), 10, timedelta(hours=6)))
    first = Rule(RuleId("f"), "F", AnyOf((RUSSIA,)), trend=FirstSeen(timedelta(days=30)))
    source = RuleSource(1, (volume, first))
    counts, seen = explain(compile_rules(source), article("Russia"))
    assert not counts.matched
    assert counts.stop is not None
    assert counts.stop.kind is StopKind.TIME
    assert counts.time == "volume: 10 or more stories of arms within 6 h"
    assert seen.matched
    assert seen.time == "first seen: only when nothing matched this rule in the 30 d before"
    assert lint(source) == ()
    assert compile_rules(source).match(article("Russia"))[0][0].unseen_for == timedelta(days=30)
