"""`query`: the same tree as the structure, and every mistake at its letter in the file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.settings.support import good, mistake, mistakes, warnings
from tests.unit.settings.test_conditions import rule, shape
from watcher.core.language.query import parse
from watcher.core.language.query_print import print_query
from watcher.core.model.place import NOWHERE, Place
from watcher.core.model.rule import AllOf, Term


@pytest.mark.parametrize(
    ("query", "structure"),
    [
        ("ship", "any: ship"),
        ("ship boat", "all: [ship, boat]"),
        ("ship OR boat", "any: [ship, boat]"),
        ("ship AND (boat OR raft)", "all: [ship, [boat, raft]]"),
        ("$fleet $army NOT football", "all: [$fleet, $army], none: [football]"),
        ("$fleet -a -b", "any: $fleet, none: [a, b]"),
        ("$fleet NOT (a OR b)", "any: $fleet, none: [a, b]"),
        ("$fleet NOT a", "all: [$fleet, {none: [a]}]"),
        ('"North Korea" =DPRK', "all: [North Korea, =DPRK]"),
        ("a NEAR/5 (b OR c)", "near: [a, [b, c], 5]"),
        ("a ONEAR/2 b ONEAR/2 c", "onear: [a, b, c, 2]"),
        ("ATLEAST/3(a OR b)", "atleast: [[a, b], 3]"),
        ("SENTENCE(a (b OR c))", "sentence: [a, [b, c]]"),
        ("PARAGRAPH($fleet $army)", "paragraph: [$fleet, $army]"),
        ("FIRST/50(a b)", "first: [a, b, 50]"),
        ("TITLE_OR_LEAD($fleet $army)", "title_or_lead: [$fleet, $army]"),
        ("title:(a OR b) lead:c", "all: [{title: [a, b]}, {lead: c}]"),
        ("title:$fleet", "any: [{title: $fleet}]"),
        ("/t-?72/ =/T-[0-9]+/ x", "all: ['/t-?72/', '=/T-[0-9]+/', x]"),
        ("a (b OR (c SENTENCE(d e)))", "all: [a, {any: [b, {all: [c, {sentence: [d, e]}]}]}]"),
    ],
)
def test_both_forms_give_one_tree(query: str, structure: str) -> None:
    one, other = rule(f"query: '{query}'"), rule(structure)

    assert shape(one.body) == shape(other.body)
    assert [shape(node) for node in one.none] == [shape(node) for node in other.none]
    assert shape(parse(print_query(other.body))) == shape(other.body)


@pytest.mark.parametrize(
    "written",
    [
        "query: cat dog bird*s x",
        "query: 'it''s \"a b\" bird*s'",
        'query: "caf\\u00e9 \\"a b\\" bird*s"',
        "any: [a, '=bird*s']",
    ],
)
def test_a_mistake_is_at_its_letter(written: str) -> None:
    said = mistake("rules: [{" + written + ", name: r}]")

    assert said.startswith(f"a.yaml:1:{written.index('*') + len('rules: [{') + 1}: ")


@pytest.mark.parametrize(
    ("written", "line", "column"),
    [
        (">-\n    cat AND\n    (dog OR bird*s)", 5, 17),
        ("|\n    cat AND\n\n    (dog OR bird*s)\n", 6, 17),
        ("cat AND\n    (dog OR bird*s)", 4, 17),
        ("'cat AND\n\n    (dog OR bird*s)'", 5, 17),
        ('"cat AND \\\n    (dog OR bird*s)"', 4, 17),
        (">- # why\n    朝鲜 OR \U00010300\n    OR bird*s", 5, 12),
    ],
)
def test_a_mistake_is_found_through_folded_lines(written: str, line: int, column: int) -> None:
    said = mistake(f"rules:\n- name: r\n  query: {written}\n")

    assert said.startswith(f"a.yaml:{line}:{column}: `bird*s`")


def test_all_mistakes_of_all_queries_come_at_once() -> None:
    said = mistakes(
        "rules:\n- {name: a, query: 'x*y OR $nobody OR body:z'}\n- {name: b, query: 'a NEAR b'}\n- {name: c, query: '(a'}\n"
    )

    assert [each.split(" ")[0] for each in said] == [
        "a.yaml:2:22:",
        "a.yaml:2:28:",
        "a.yaml:2:39:",
        "a.yaml:3:23:",
        "a.yaml:4:21:",
    ]


def test_an_unknown_concept_is_at_its_place_and_a_known_one_without_sign_too() -> None:
    concepts = "concepts: {fleet: [tanker]}\n"

    assert mistake(concepts + "rules: [{name: r, query: 'a $flet'}]") == (
        "a.yaml:2:29: there is no concept `flet` here; did you mean `$fleet`?"
    )
    assert mistake(concepts + "rules: [{name: r, query: 'a fleet'}]") == (
        'a.yaml:2:29: `fleet` is the name of a concept; write `$fleet` for the concept, or `"fleet"` for the word'
    )


def test_terms_know_their_place() -> None:
    body = good("rules:\n- name: r\n  query: cat dog\n").rules[0].body

    assert isinstance(body, AllOf)
    assert [item.place for item in body.items if isinstance(item, Term)] == [
        Place("a.yaml", 3, 10),
        Place("a.yaml", 3, 14),
    ]
    assert all(isinstance(item, Term) and replace(item, place=NOWHERE).place == NOWHERE for item in body.items)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("query: a b OR c", "AND binds closer than OR: this is read as `(a AND b) OR c`; write the brackets"),
        ("query: a and b", "`and` is searched for as a word"),
        ("any: [Kim AND Putin]", "`Kim AND Putin` is one phrase: in a list, operators are words"),
        ("any: [a NEAR/5 b]", "is one phrase"),
        ("any: [a, {none: [b]}]", "`none` within `any` holds for nearly every article"),
        ("sentence: [a]", "one condition alone is always in one sentence"),
        ("atleast: [a, 1]", "`atleast` 1 says no more than the condition alone"),
    ],
)
def test_what_is_odd_is_said(body: str, said: str) -> None:
    assert any(said in warning for warning in warnings(f"rules: [{{name: r, {body}}}]"))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("query: a, any: [b]", "`any` cannot stand beside `query`"),
        ("query: a, none: [b]", "`none` cannot stand beside `query`; write NOT in the query"),
        ("query: [a]", "`query` is one text"),
        ("query: NOT a", "only says what must not occur"),
        ("query: /a(?=b)/", "RE2, which keeps patterns fast, has no look-ahead"),
        ("any: ['/a{2000}/']", "no more than 1000 repetitions"),
    ],
)
def test_a_wrong_query_is_one_mistake(body: str, said: str) -> None:
    assert said in mistake(f"rules: [{{name: r, {body}}}]")


def test_except_and_where_stand_beside_a_query() -> None:
    found = rule("query: a NOT b, except: [c], where: {lang: [en]}, severity: high")

    assert (shape(found.body), [shape(node) for node in found.none]) == ("a", ["b"])
    assert found.excepts[0].text == "c"


def test_enormous_queries_end_in_one_mistake_each() -> None:
    texts = ["(" * 20_000, "a" * 10_000, "NOT " * 12_000 + "a"]

    for text in texts:
        assert "a.yaml:1:" in mistake(f"rules: [{{name: r, query: '{text}'}}]")
