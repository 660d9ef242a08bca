"""Audits: which term alone met a group, what was only just missing, what no article holds."""

from __future__ import annotations

from datetime import timedelta

from watcher.core.lint.audit import Counted, NeverMet, RuleAudit, audit
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    Concept,
    ConceptRef,
    Languages,
    Limits,
    Rule,
    RuleSource,
    Sentence,
    Term,
    Volume,
    Where,
)

CONCEPTS = {
    "russia": Concept("russia", (Term("Russia*"), Term("Moscow")), (Term("Moscow, Idaho"),), "Russia"),
    "military": Concept("military", (Term("troops"), Term("parade"), Term("weapon*")), (), "Military"),
}
RULE = Rule(RuleId("r"), "Russia military", AllOf((ConceptRef("russia"), ConceptRef("military"))), (Term("football"),))


def over(*titles: str, rule: Rule = RULE, lang: str = "en") -> RuleAudit:
    articles = [Article(ArticleId(str(n)), FeedId("f"), title=title, lang=lang) for n, title in enumerate(titles)]
    [found] = audit(compile_rules(RuleSource(1, (rule,), CONCEPTS)), articles)
    return found


def alone(found: RuleAudit) -> dict[str, tuple[Counted, ...]]:
    return {group.label: group.alone for group in found.groups}


def test_a_term_that_alone_met_a_group_is_counted_with_the_first_headline() -> None:
    found = over("Moscow parade", "Moscow parade again", "Moscow troops hold weapons", "Rome parade")
    assert (found.read, found.matched) == (4, 3)
    assert alone(found) == {
        "Russia": (Counted("Moscow", 3, "Moscow parade"),),
        "Military": (Counted("parade", 2, "Moscow parade"),),
    }


def test_a_term_that_stands_twice_still_is_alone() -> None:
    assert alone(over("Moscow parade after parade"))["Military"] == (
        Counted("parade", 1, "Moscow parade after parade"),
    )


def test_a_group_that_is_always_met_by_one_term_is_named() -> None:
    found = over("Moscow parade", "Moscow troops")
    assert [(group.label, group.always) for group in found.groups] == [("Russia", "Moscow"), ("Military", "")]


def test_what_was_only_just_missing_is_counted_by_group() -> None:
    found = over("Moscow fair", "Moscow opera", "Rome parade", "Rome fair")
    assert found.near == (Counted("Military", 2, "Moscow fair"), Counted("Russia", 1, "Rome parade"))


def test_what_none_stops_is_no_match_and_no_near_miss() -> None:
    found = over("Moscow troops play football", "Moscow football")
    assert (found.matched, found.near) == (0, ())
    assert found.stopped == (Counted("football", 1, "Moscow troops play football"),)


def test_a_covered_word_meets_nothing() -> None:
    assert over("Moscow, Idaho sees a parade").near == (Counted("Russia", 1, "Moscow, Idaho sees a parade"),)


def test_an_article_that_where_shuts_out_counts_for_nothing() -> None:
    rule = Rule(RuleId("r"), "R", RULE.body, where=Where(lang=Limits(("ko",))))
    found = over("Moscow parade ahead of a long day of speeches", rule=rule)
    assert (found.matched, found.near) == (0, ())


def test_terms_that_no_article_holds_are_named_by_language() -> None:
    rule = Rule(
        RuleId("r"), "R", AnyOf((Term("parade"), Term("army"), Term("Heer", langs=Languages(("de",), ("en",)))))
    )
    found = over("A parade", rule=rule)
    assert (found.terms, found.unmet) == (3, 2)
    assert found.never == (NeverMet("", 1, ("army",)), NeverMet("de", 0, ("Heer",)))


def test_a_term_counts_as_met_where_only_another_group_is_missing() -> None:
    assert "weapon*" not in over("Rome buys weapons").never[0].terms


def test_the_parts_of_an_operator_are_groups_of_their_own() -> None:
    rule = Rule(RuleId("r"), "R", Sentence((ConceptRef("russia"), ConceptRef("military"))))
    found = over("Moscow parade", rule=rule)
    assert sorted(alone(found)) == ["Military", "Russia"]
    assert over("Moscow fair", rule=rule).near == ()  # one group has nothing beside it to be near to


def test_rules_that_look_at_no_article_are_left_out() -> None:
    counting = Rule(RuleId("v"), "V", AnyOf(()), trend=Volume(RuleId("r"), 3, timedelta(hours=1)))
    assert audit(compile_rules(RuleSource(1, (counting,), {})), []) == ()
