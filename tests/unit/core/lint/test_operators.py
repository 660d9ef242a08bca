"""Lint of operators: numbers that ask for nothing, or for what no text has."""

from __future__ import annotations

import pytest

from watcher.core.lint.rules import lint
from watcher.core.model.article import Field
from watcher.core.model.ids import RuleId
from watcher.core.model.place import Place
from watcher.core.model.rule import (
    AnyOf,
    AtLeast,
    Concept,
    ConceptRef,
    First,
    Near,
    Node,
    Paragraph,
    Rule,
    RuleSource,
    Sentence,
    Term,
    TitleOrLead,
)

A, B = Term("missile", place=Place("r.yaml", 7)), Term("rocket")
TITLES = (Term("missile", field=Field.TITLE), Term("rocket", field=Field.TITLE))
CONCEPTS = {"korea": Concept("korea", (Term("Pyongyang"), Term("평양")))}


def told(body: Node, quiet: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    rule = Rule(RuleId("r"), "R", body, place=Place("r.yaml"), quiet_lint=quiet)
    return [(one.code, one.message) for one in lint(RuleSource(1, (rule,), CONCEPTS))]


@pytest.mark.parametrize(
    "body",
    [
        Near((A, B), 100),
        Near((A, B), 1),
        Near(TITLES, 30),
        Near((Term("미사일"), Term("朝鮮")), 200),
        Near((ConceptRef("korea"), A), 200),
        Sentence((Near((A, B), 60),)),
        First((Near((A, B), 20),), 50),
        First((A, B), 1000),
        First((Term("ballistic missile test"),), 3),
        AtLeast(A, 50),
        AtLeast(TITLES[0], 5),
    ],
)
def test_numbers_that_ask_for_something_are_left_alone(body: Node) -> None:
    assert told(body) == []


@pytest.mark.parametrize(
    "body",
    [
        Near((A, B), 101),
        Near((A, B), 5000, ordered=True),
        Near((Term("ミサイル"), Term("朝鮮")), 201),
        Near((ConceptRef("korea"), A), 201),
        Near(TITLES, 31),
        Sentence((Near((A, B), 61),)),
        Paragraph((Near((A, B), 101),)),
        TitleOrLead((Near((A, B), 101),)),
        First((Near((A, B), 50),), 50),
        First((A, B), 1001),
    ],
)
def test_a_number_that_asks_no_more_than_all_is_idle(body: Node) -> None:
    assert [code for code, _ in told(body)] == ["idle"]
    assert told(body, quiet=("idle",)) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (AtLeast(A, 51), "`atleast` 51 hardly ever holds: a text does not say one thing so often"),
        (AtLeast(TITLES[0], 6), "`atleast` 6 hardly ever holds: a title does not say one thing so often"),
        (First((Term("ballistic missile test"),), 2), "the first 2 words never hold a phrase of 3"),
        (
            First((AnyOf((Term("missile test"), Term("rocket launch site"))),), 1),
            "the first 1 words never hold a phrase of 2",
        ),
        (Near((A, B, Term("shell")), 1), "3 words never stand within 1"),
    ],
)
def test_a_number_that_no_text_meets_can_never_match(body: Node, message: str) -> None:
    assert told(body) == [("never", message)]


def test_an_operator_is_shown_at_its_first_term_and_with_a_mend() -> None:
    rule = Rule(RuleId("r"), "R", Near((A, B), 300), place=Place("r.yaml"))
    (found,) = lint(RuleSource(1, (rule,)))
    assert str(found.place) == "r.yaml:7:1"
    assert found.message == "`near` 300 asks for nothing: most texts that feeds give are not that long"
    assert found.hint == "write a smaller number, or `paragraph`, or `all`"


def test_operators_under_none_and_in_concepts_are_looked_at() -> None:
    concept = Concept("c", (Near((A, B), 300),), place=Place("c.yaml"))
    rule = Rule(RuleId("r"), "R", ConceptRef("c"), none=(AtLeast(B, 80),))
    assert [one.code for one in lint(RuleSource(1, (rule,), {"c": concept}))] == ["never", "idle"]
