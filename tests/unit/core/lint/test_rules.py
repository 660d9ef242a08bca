"""Lint: rules that are well formed but hardly meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from watcher.core.language.terms import parse_term
from watcher.core.lint.covers import covers
from watcher.core.lint.rules import CODES, LintWarning, lint
from watcher.core.model.article import Field
from watcher.core.model.ids import RuleId
from watcher.core.model.place import Place
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    Concept,
    ConceptRef,
    Limits,
    Near,
    Node,
    Not,
    Rule,
    RuleSource,
    Term,
    Where,
)


def rule(*items: Node | str, none: tuple[Node | str, ...] = (), quiet: tuple[str, ...] = (), lang: str = "") -> Rule:
    body, excluded = (tuple(node(item) for item in side) for side in (items, none))
    where = Where(lang=Limits((lang,))) if lang else Where()
    return Rule(RuleId("r"), "R", AllOf(body), none=excluded, where=where, quiet_lint=quiet, place=Place("r.yaml"))


def node(item: Node | str) -> Node:
    return parse_term(item) if isinstance(item, str) else item


def any_of(*words: str) -> AnyOf:
    return AnyOf(tuple(map(node, words)))


def warned(of: Rule, concepts: dict[str, Concept] | None = None) -> list[LintWarning]:
    return list(lint(RuleSource(1, (of,), concepts or {})))


def codes(*items: Node | str, none: tuple[Node | str, ...] = (), lang: str = "") -> list[str]:
    return [warning.code for warning in warned(rule(*items, none=none, lang=lang))]


def messages(
    *items: Node | str, none: tuple[Node | str, ...] = (), concepts: dict[str, Concept] | None = None
) -> list[str]:
    return [warning.message for warning in warned(rule(*items, none=none), concepts)]


def test_a_sound_rule_has_no_warning() -> None:
    assert messages("Russia*", "=US", "북*", none=("football",)) == []


def test_a_rule_without_a_positive_term_can_never_match() -> None:
    assert messages(Not(Term("sport"))) == ["rule `R` can never match: it has no term that must occur"]
    assert len(messages(none=("sport",))) == 1


def test_a_term_both_required_and_excluded_can_never_match() -> None:
    assert messages("missile", none=("missil*",)) == [
        "rule `R` can never match: `missile` is both required and excluded"
    ]
    assert messages(AnyOf((Term("missile"), Term("rocket"))), none=("missiles",)) == []


def test_a_required_concept_that_is_excluded_can_never_match() -> None:
    concepts = {"russia": Concept("russia", (Term("Russia"), Term("Moscow")))}

    assert len(messages("$russia", none=(ConceptRef("russia"),), concepts=concepts)) == 1


def test_an_acronym_that_is_also_a_word_wants_its_capitals() -> None:
    assert messages("US", "NATO") == ["`US` also finds the word `us`"]


def test_a_wildcard_on_very_few_letters_floods() -> None:
    assert messages("Ru*") == ["`Ru*` finds very many words: `*` stands beside 2 letters"]


def test_mixed_letters_in_a_term_are_a_slip() -> None:
    assert messages("Mосква") == ["`Mосква` mixes Latin and Cyrillic letters"]


def test_terms_of_concepts_are_looked_at_once() -> None:
    concepts = {"health": Concept("health", (Term("WHO", place=Place("c.yaml", 2)),))}
    rules = tuple(Rule(RuleId(name), name, ConceptRef("health")) for name in "ab")

    (warning,) = lint(RuleSource(1, rules, concepts))

    assert (str(warning.place), warning.hint, warning.rule) == ("c.yaml:2:1", "write `=WHO` for the capitals alone", "")


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("Russia*", "Russian"),
        ("Russia*", "russia"),
        ("Russ*", "Russia*"),
        ("Kim", "Kim Jong Un"),
        ("Jong Un", "Kim Jong Un"),
        ("Erdogan", "Erdoğan"),
        ("北", "北朝鮮"),
        ("*ase", "ceasecase"),
        ("Iran", "title:Iran"),
    ],
)
def test_covering_is_seen(wide: str, narrow: str) -> None:
    assert covers(_term(wide), _term(narrow))


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("Russia", "Russia*"),
        ("Russian", "Russia*"),
        ("Erdoğan", "Erdogan"),
        ("=US", "US"),
        ("title:Iran", "Iran"),
        ("Kim Un", "Kim Jong Un"),
        ("North Korea", "North Korea*"),
        ("C++", "C"),
        ("Kim Jong", "Kim, Jong"),
        ("case", "*case"),
    ],
)
def test_what_is_not_sure_is_not_called_covered(wide: str, narrow: str) -> None:
    assert not covers(_term(wide), _term(narrow))


def _term(text: str) -> Term:
    term = parse_term(text)
    assert isinstance(term, Term)
    return term


def test_a_term_that_another_of_its_list_finds_adds_nothing() -> None:
    assert messages(any_of("Russia*", "Kremlin", "Russian")) == ["`Russian` adds nothing: `Russia*` finds it already"]
    assert messages(any_of("Kim Jong Un", "Kim")) == ["`Kim Jong Un` adds nothing: `Kim` finds it already"]


def test_of_two_that_find_the_same_the_later_is_named_once() -> None:
    (warning,) = warned(rule(any_of("missile", "rocket", "MISSILE")))
    assert (warning.code, warning.message) == ("subsumed", "`MISSILE` adds nothing: `missile` finds it already")


def test_a_term_that_a_concept_beside_it_holds_adds_nothing() -> None:
    concepts = {"russia": Concept("russia", (Term("Russia*"),))}
    assert messages(AnyOf((ConceptRef("russia"), Term("Russian"))), concepts=concepts) == [
        "`Russian` adds nothing: `Russia*`, which `$russia` holds, finds it already"
    ]


def test_terms_of_different_groups_may_overlap() -> None:
    assert codes("Russia*", any_of("Russian army", "troops")) == []


def test_an_excluded_word_within_a_wanted_phrase_kills_it() -> None:
    (warning,) = warned(rule(any_of("football war", "border war"), none=("football",)))
    assert warning.code == "not-kills"
    assert "drops every article with `football war`" in warning.message
    assert codes(any_of("football war", "border war"), none=("title:football",)) == []


@pytest.mark.parametrize(
    ("items", "lang"),
    [
        ((AnyOf(()), "Iran"), ""),
        (("Iran", "missile"), "ja"),
        (("Иран",), "en"),
        ((Near((Term("a1x"), Term("b1x"), Term("c1x")), 1),), ""),
        ((Term(" ".join(["word"] * 40), field=Field.TITLE),), ""),
    ],
)
def test_what_can_never_match_is_said(items: tuple[Node | str, ...], lang: str) -> None:
    assert codes(*items, lang=lang) == ["never"]


def test_one_term_in_the_letters_of_the_language_is_enough() -> None:
    assert codes(any_of("Iran", "イラン"), lang="ja") == []
    assert codes("Iran", lang="en") == []


def test_a_language_is_no_short_word() -> None:
    assert codes(AllOf((Term("ko", field=Field.LANG), Term("北京")))) == []


def test_very_short_words_flood() -> None:
    assert codes("at") == ["floods"]
    assert codes("=at", "EU", "T-72") == []


def test_frequent_words_flood_unless_something_rarer_must_stand_beside() -> None:
    shares = {"bank": 0.12, "rouble": 0.001, "said": 0.7}

    def ask(*items: Node | str) -> list[str]:
        return [one.message for one in lint(RuleSource(1, (rule(*items),)), lambda word: shares.get(word, 0.0))]

    assert ask(any_of("bank", "rouble")) == ["rule `R` matches about 12% of all articles"]
    assert ask("bank", "rouble") == []
    assert ask("rouble", "said") == ["`said` stands in about 70% of all articles, so it says little"]


def test_a_frequent_word_under_none_drops_too_much() -> None:
    shares = {"bank": 0.12}
    found = lint(RuleSource(1, (rule("rouble", none=("bank",)),)), lambda word: shares.get(word, 0.0))
    assert [(one.code, one.message) for one in found] == [
        ("not-kills", "`bank` under `none` drops about 12% of all articles")
    ]


def test_what_is_excluded_may_stand_in_concepts_on_both_sides() -> None:
    concepts = {
        "sport": Concept("sport", (Term("football*"), Term("chess"))),
        "war": Concept("war", (Term("football war"), Term("border war"))),
    }
    everything = Concept("all", (ConceptRef("war"), Term("chess")))

    assert codes_of(concepts, "$war", none=(ConceptRef("sport"),)) == ["not-kills"]
    assert codes_of(concepts, "$war", none=("football",)) == ["not-kills"]
    assert codes_of(concepts, any_of("football war", "truce"), none=(ConceptRef("sport"),)) == ["not-kills"]
    assert codes_of({**concepts, "all": everything}, "$war", none=(ConceptRef("all"),)) == ["never"]
    assert codes_of(concepts, "$war", none=("tennis",)) == []


def codes_of(concepts: dict[str, Concept], *items: Node | str, none: tuple[Node | str, ...]) -> list[str]:
    return [one.code for one in warned(rule(*items, none=none), concepts) if one.rule]


def test_an_exact_term_that_is_required_and_excluded_can_never_match() -> None:
    assert codes(Term("schön", exact=True), none=(Term("schön", exact=True),)) == ["never"]


def test_own_concepts_are_asked_for_letters_of_the_language_too() -> None:
    own = {"ships": Concept("ships", (Term("ship*"),), place=Place("c.yaml"))}
    both = {"ships": Concept("ships", (Term("ship*"), Term("船")), place=Place("c.yaml"))}

    assert [one.code for one in warned(rule("$ships", lang="ja"), own)] == ["never"]
    assert warned(rule("$ships", lang="ja"), both) == []


def test_a_country_with_a_namesake_wants_context() -> None:
    (warning,) = warned(rule(any_of("Georgia", "Tbilisi")))
    assert (warning.code, warning.message) == ("ambiguous", "`Georgia` is also an American state")
    assert codes("Georgia", "elections") == []
    masked = replace(rule("Jordan"), excepts=(Term("Michael Jordan"),))
    assert warned(masked) == []
    assert codes("=Turkey") == []


def test_a_word_without_marks_that_finds_another_word_is_said() -> None:
    assert messages("schon") == ["`schon` also finds `schön`"]
    assert codes(Term("schon", exact=True)) == []


def test_a_rule_of_regular_expressions_alone_is_slow() -> None:
    assert codes(Term("T-?(72|90)", regex=True)) == ["regex-only"]
    assert codes(Term("T-?(72|90)", regex=True), "tank") == []


def test_a_rule_is_quiet_about_the_codes_it_lists() -> None:
    noisy = rule(any_of("Russia*", "Russian", "schon"))
    assert [one.code for one in warned(noisy)] == ["subsumed", "folding"]
    assert [one.code for one in warned(replace(noisy, quiet_lint=("subsumed",)))] == ["folding"]


def test_a_concept_is_quiet_when_all_its_rules_are() -> None:
    concepts = {"health": Concept("health", (Term("WHO"),))}
    quiet, loud = rule("$health", quiet=("ambiguous",)), replace(rule("$health"), id=RuleId("loud"))
    assert warned(quiet, concepts) == []
    assert [one.code for one in lint(RuleSource(1, (quiet, loud), concepts))] == ["ambiguous"]


def test_every_code_is_explained_and_every_warning_has_one() -> None:
    found = warned(rule(any_of("Ru*", "Mосква", "WHO", "schon", "Georgia"), none=("Georgia",)))
    assert {one.code for one in found} <= set(CODES)
    assert all(one.hint and one.place.file for one in found)


@pytest.mark.parametrize(
    ("stem", "lang", "message"),
    [
        ("xx", "", "`stem` finds no other forms in xx: there is no dictionary"),
        ("auto", "xx", "`stem` finds no other forms in xx: there is no dictionary"),
        ("auto", "", ""),
        ("auto", "en", ""),
        ("en", "xx", ""),
        ("", "xx", ""),
    ],
)
def test_stem_wants_a_dictionary(stem: str, lang: str, message: str) -> None:
    def asked(of: Rule) -> list[str]:
        return [one.message for one in lint(RuleSource(1, (of,)), has_dictionary=lambda language: language == "en")]

    plain = rule("missile", lang=lang)
    expected = [message] if message else []
    assert asked(replace(plain, stem=stem)) == expected
    assert asked(replace(plain, body=Term("missile", stem=stem))) == expected
    assert asked(replace(plain, stem=stem, quiet_lint=("stem",))) == []


def test_stem_of_a_concept_wants_a_dictionary() -> None:
    concepts = {"c": Concept("c", (Term("missile", stem="xx", place=Place("c.yaml", 2)),))}
    source = RuleSource(1, (rule("$c"),), concepts)
    assert [one.code for one in lint(source, has_dictionary=lambda language: False)] == ["stem"]


def test_a_concept_without_a_place_is_not_looked_at_where_only_places_are_shown() -> None:
    shipped = Concept("shipped", (Term("war*"), Term("warfare")))
    own = Concept("own", (Term("war*"), Term("warfare", place=Place("a.yaml", 3, 1))), place=Place("a.yaml", 2, 1))
    source = RuleSource(1, (rule(ConceptRef("shipped"), ConceptRef("own")),), {"shipped": shipped, "own": own})
    places = [one.place for one in lint(source, placed_only=True)]
    assert places == [Place("a.yaml", 3, 1)]
    assert len(lint(source)) > len(places)


@pytest.mark.parametrize(
    ("body", "none", "excepts", "is_wrong"),
    [
        (Term("shells"), (Term("shells"),), (), True),
        (AnyOf((Term("shells"), Term("rockets"))), (Term("shells"),), (), False),
        (Term("shells"), (), (Term("shells"),), True),
        (Term("shells"), (), (Term("shells company"),), False),
        (AnyOf((Term("shells"), Term("rockets"))), (), (Term("shells"),), False),
        (Term("shells"), (Term("shells", field=Field.TITLE),), (), False),
    ],
)
def test_only_what_nobody_can_have_meant_is_wrong(
    body: Node, none: tuple[Node, ...], excepts: tuple[Term, ...], is_wrong: bool
) -> None:
    found = lint(RuleSource(1, (Rule(RuleId("r"), "R", body, none=none, excepts=excepts),)))
    assert any(one.is_wrong for one in found) is is_wrong
