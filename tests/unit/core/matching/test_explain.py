"""Explanations: which groups held by which words, what stopped a rule, and what was missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from watcher.core.matching.compile import compile_rules
from watcher.core.matching.explain import explain
from watcher.core.model.article import Article, Field
from watcher.core.model.explanation import Explanation, StopKind
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.match import Span
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    Concept,
    ConceptRef,
    Limits,
    Near,
    Not,
    Rule,
    RuleSource,
    Term,
    TitleOrLead,
    Where,
)

CONCEPTS = {
    "russia": Concept("russia", (Term("Russia*"), Term("Moscow")), (Term("Moscow, Idaho"),), "Russia"),
    "military": Concept("military", (Term("troop*"), Term("weapon*")), (), "military"),
}
RULE = Rule(
    RuleId("r"),
    "Russia military",
    AllOf((ConceptRef("russia"), ConceptRef("military"))),
    none=(Term("football"), Term("film*")),
    where=Where(lang=Limits(("en",))),
)


def why(title: str, rule: Rule = RULE, lang: str = "en", content: str = "") -> Explanation:
    article = Article(id=ArticleId("a"), feed=FeedId("f"), title=title, lang=lang, content=content)
    (explanation,) = explain(compile_rules(RuleSource(1, (rule,), CONCEPTS)), article)
    return explanation


def test_a_match_names_each_group_with_its_words() -> None:
    found = why("Moscow moves troops")

    assert found.matched
    assert found.stop is None
    assert [(group.label, group.holds) for group in found.groups] == [("Russia", True), ("military", True)]
    assert found.groups[1].spans == (Span(Field.TITLE, 13, 19, "troop*", "military"),)


def test_a_near_miss_names_the_only_missing_group() -> None:
    found = why("Moscow hosts a fair")

    assert not found.matched
    assert found.stop is not None
    assert (found.stop.kind, found.stop.detail) == (StopKind.MISSING, "military")
    assert found.near_miss == "military"
    assert found.groups[1].wanted == ("troop*", "weapon*")


def test_two_missing_groups_are_no_near_miss() -> None:
    assert why("A quiet day").near_miss == ""


def test_a_covered_word_is_told_apart_from_a_missing_one() -> None:
    found = why("Troops in Moscow, Idaho")

    assert found.near_miss == "Russia"
    assert [(span.start, span.end) for span in found.groups[0].covered] == [(10, 16)]


def test_an_excluding_term_is_named_with_its_words() -> None:
    found = why("Moscow troops play football in a film")

    assert found.stop is not None
    assert (found.stop.kind, found.stop.detail) == (StopKind.EXCLUDED, "football")
    assert [(span.start, span.end) for span in found.stop.spans] == [(19, 27)]
    assert found.near_miss == ""


def test_where_stops_before_words_do() -> None:
    found = why("Moscow football troops", lang="de")

    assert found.stop is not None
    assert (found.stop.kind, found.stop.detail) == (StopKind.WHERE, "lang")
    assert all(group.holds for group in found.groups)


def test_words_in_the_wrong_part_are_shown() -> None:
    narrow = replace(RULE, body=TitleOrLead((ConceptRef("russia"), ConceptRef("military"))))

    found = why("Moscow", narrow, content="Nothing here.\nTroops there.")

    assert not found.matched
    assert [(span.field, span.term) for span in found.groups[0].elsewhere] == [
        (Field.TITLE, "Moscow"),
        (Field.CONTENT, "troop*"),
    ]


def test_a_rule_without_a_positive_term_says_so() -> None:
    found = why("anything", replace(RULE, body=Not(Term("sport"))))

    assert found.stop is not None
    assert found.stop.kind is StopKind.NO_TERM


def test_an_alternative_of_nots_alone_does_not_fire() -> None:
    found = why("anything", replace(RULE, body=AnyOf((Term("war"), Not(Term("sport"))))))

    assert not found.matched


NEAR = AnyOf((Term("army"), Near((Term("war"), Term("games")), 3), Near((Term("sea"), Term("trial")), 8)))


@pytest.mark.parametrize(
    ("title", "asks"),
    [
        ("Moscow and its army", ""),
        ("War in Moscow, then games", "NEAR/3: positions differ by at most 3"),
        ("Moscow has war games", "NEAR/3: positions differ by at most 3"),
        ("Moscow at sea for its second trial, no games", "NEAR/8: positions differ by at most 8"),
        ("Moscow hosts a fair", ""),
    ],
)
def test_only_operators_that_took_part_are_told(title: str, asks: str) -> None:
    rule = replace(RULE, body=AllOf((ConceptRef("russia"), NEAR)))
    assert why(title, rule).groups[1].asks == asks
