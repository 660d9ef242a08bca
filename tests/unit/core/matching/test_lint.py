"""Lint: rules that are well formed but hardly meant."""

from __future__ import annotations

from watcher.core.matching.lint import lint
from watcher.core.matching.terms import parse_term
from watcher.core.model.ids import RuleId
from watcher.core.model.place import Place
from watcher.core.model.rule import AllOf, AnyOf, Concept, ConceptRef, Node, Not, Rule, RuleSource, Term


def messages(
    *items: Node | str, none: tuple[Node | str, ...] = (), concepts: dict[str, Concept] | None = None
) -> list[str]:
    body, excluded = (
        tuple(parse_term(item) if isinstance(item, str) else item for item in side) for side in (items, none)
    )
    rule = Rule(RuleId("r"), "R", AllOf(body), none=excluded, place=Place("r.yaml"))
    return [warning.message for warning in lint(RuleSource(1, (rule,), concepts or {}))]


def test_a_sound_rule_has_no_warning() -> None:
    assert messages("Russia*", "=US", "북*", none=("football",)) == []


def test_a_rule_without_a_positive_term_can_never_match() -> None:
    assert messages(Not(Term("sport"))) == ["rule `R` can never match: it has no term that must occur"]
    assert len(messages(none=("sport",))) == 1


def test_a_term_both_required_and_excluded_can_never_match() -> None:
    assert messages("missile", none=("missil*",)) == [
        "rule `R` can never match: `missile` is both required and excluded"
    ]
    assert messages(AnyOf((Term("missile"), Term("rocket"))), none=("missile",)) == []


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
