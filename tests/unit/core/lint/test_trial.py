"""Lint by trial: what `none` takes away in articles that came, and what one term alone meets."""

from __future__ import annotations

from dataclasses import replace

from watcher.core.lint.trial import Trial
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.place import Place
from watcher.core.model.rule import AllOf, AnyOf, Concept, ConceptRef, Rule, RuleSource, Term

FOOTBALL = Term("football", place=Place("r.yaml", 9, 12))
RULE = Rule(RuleId("r"), "R", Term("Russia*"), none=(FOOTBALL, Term("chess")), place=Place("r.yaml", 7))
SPORT = {"sport": Concept("sport", (Term("football"),))}


def told(rule: Rule, *titles: str) -> list[str]:
    articles = [Article(ArticleId(str(at)), FeedId("f"), title=title) for at, title in enumerate(titles)]
    rules, trial = compile_rules(RuleSource(1, (rule,), SPORT)), Trial()
    for article in articles:
        trial.add(rules.tried(article))
    found = trial.warnings((rule,), rules)
    return [f"{one.place} {one.code}: {one.message}" for one in found]


def test_a_term_of_none_that_takes_more_than_half_of_the_hits_is_named_where_it_stands() -> None:
    titles = ["Russian football"] * 3 + ["Russian army"] * 2
    assert told(RULE, *titles) == [
        "r.yaml:9:12 not-kills: `football` under `none` drops 3 of the 5 stored articles that rule `R` would match"
    ]


def test_half_of_the_hits_may_go() -> None:
    assert told(RULE, *["Russian football"] * 3, *["Russian army"] * 3) == []


def test_articles_that_the_rule_would_not_match_do_not_count() -> None:
    assert told(RULE, *["Brazilian football"] * 9, *["Russian army"] * 5) == []


def test_few_hits_say_little() -> None:
    assert told(RULE, *["Russian football"] * 4) == []


def test_terms_that_take_less_than_half_each_are_left_alone() -> None:
    assert told(RULE, *["Russian football"] * 3, *["Russian chess"] * 3) == []


def test_a_term_of_a_concept_is_shown_at_the_rule() -> None:
    rule = replace(RULE, none=(ConceptRef("sport"),))
    [found] = told(rule, *["Russian football"] * 5)
    assert found.startswith("r.yaml:7:1 not-kills: `football` under `none` drops 5 of the 5 stored articles")


def test_a_rule_may_be_quiet_about_it() -> None:
    assert told(replace(RULE, quiet_lint=("not-kills",)), *["Russian football"] * 5) == []


ARMY = AnyOf((Term("troops"), Term("army", place=Place("r.yaml", 8, 20)), Term("soldiers")))
TWO = replace(RULE, body=AllOf((Term("Russia*"), ARMY)), none=())


def test_a_group_that_one_term_alone_always_meets_is_named_at_the_term() -> None:
    assert told(TWO, *["Russian army"] * 20) == [
        "r.yaml:8:20 alone: `army` alone met troops in each of the 20 stored articles that rule `R` matched"
    ]


def test_a_group_that_another_term_met_once_or_of_two_terms_is_not() -> None:
    assert told(TWO, *["Russian army"] * 20, "Russian troops") == []
    assert told(TWO, *["Russian army"] * 20, "Russian troops and army") == []
    assert told(TWO, *["Russian army"] * 19) == []
    two_terms = AnyOf((Term("troops"), Term("army")))
    assert told(replace(TWO, body=AllOf((Term("Russia*"), two_terms))), *["Russian army"] * 20) == []


def test_a_rule_may_be_quiet_about_a_group_too() -> None:
    assert told(replace(TWO, quiet_lint=("alone",)), *["Russian army"] * 20) == []
