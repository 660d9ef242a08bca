from __future__ import annotations

import pytest

from tests.unit.settings.support import good, mistake, mistakes, warnings
from watcher.core.model.article import Field
from watcher.core.model.place import Place
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    AtLeast,
    ConceptRef,
    First,
    Near,
    Node,
    Not,
    Paragraph,
    Rule,
    Sentence,
    Severity,
    Term,
    TitleOrLead,
)
from watcher.settings.conditions import warn_of_stem
from watcher.settings.issues import Issues
from watcher.settings.yaml_text import ScalarNode


def rule(body: str, concepts: str = "concepts: {fleet: [tanker], army: [soldier*]}\n") -> Rule:
    return good(f"{concepts}rules: [{{name: r, {body}}}]\n").rules[0]


def shape(node: Node) -> object:
    """Return a node without places, as nested plain values."""
    match node:
        case Term():
            marks = [mark for mark, on in (("case", node.case), ("exact", node.exact), ("lead", node.lead)) if on]
            field = [node.field.value] if node.field else []
            return node.text if not marks + field else (node.text, *marks, *field)
        case ConceptRef():
            return f"${node.name}" if node.field is None else (f"${node.name}", node.field.value)
        case AllOf() | AnyOf() | Sentence() | Paragraph() | TitleOrLead():
            return {type(node).__name__: [shape(item) for item in node.items]}
        case Not() | AtLeast():
            count = [node.count] if isinstance(node, AtLeast) else []
            return {type(node).__name__: [shape(node.item), *count]}
        case Near():
            return {"Onear" if node.ordered else "Near": [*(shape(item) for item in node.items), node.distance]}
        case First():
            return {"First": [*(shape(item) for item in node.items), node.words]}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("any: ship", "ship"),
        ("any: [ship, boat]", {"AnyOf": ["ship", "boat"]}),
        ("all: [ship, boat]", {"AllOf": ["ship", "boat"]}),
        ("all: [ship, [boat, raft]]", {"AllOf": ["ship", {"AnyOf": ["boat", "raft"]}]}),
        ("all: [ship], any: [a, b]", {"AllOf": ["ship", {"AnyOf": ["a", "b"]}]}),
        ("all: [$fleet, $army]", {"AllOf": ["$fleet", "$army"]}),
        ("any: [a, {all: [b, {none: [c, d]}]}]", {"AnyOf": ["a", {"AllOf": ["b", {"Not": [{"AnyOf": ["c", "d"]}]}]}]}),
        ("all: [{all: [a, b], any: [c, d]}]", {"AllOf": [{"AllOf": ["a", "b"]}, {"AnyOf": ["c", "d"]}]}),
        ("near: [a, $fleet, 5]", {"Near": ["a", "$fleet", 5]}),
        ("all: [{near: [[a, b], c, 5]}]", {"Near": [{"AnyOf": ["a", "b"]}, "c", 5]}),
        ("onear: [a, b, c, 2]", {"Onear": ["a", "b", "c", 2]}),
        ("atleast: [$fleet, 3]", {"AtLeast": ["$fleet", 3]}),
        ("atleast: [[a, b], 3]", {"AtLeast": [{"AnyOf": ["a", "b"]}, 3]}),
        ("sentence: [a, b]", {"Sentence": ["a", "b"]}),
        ("paragraph: [a, [b, c]]", {"Paragraph": ["a", {"AnyOf": ["b", "c"]}]}),
        ("first: [a, b, 50]", {"First": ["a", "b", 50]}),
        ("title_or_lead: [$fleet, $army]", {"TitleOrLead": ["$fleet", "$army"]}),
        ("any: [{title: a}]", ("a", "title")),
        ("any: [{title: $fleet}]", ("$fleet", "title")),
        ("any: [{title: [a, b]}, {lead: c}]", {"AnyOf": [{"AnyOf": [("a", "title"), ("b", "title")]}, ("c", "lead")]}),
        ("any: ['title:cup', =DPRK]", {"AnyOf": [("cup", "title"), ("DPRK", "case")]}),
        ("any: [{term: GRU, case: true, in: summary}]", ("GRU", "case", "summary")),
        ("any: [{term: Côte, exact: yes}]", ("Côte", "exact")),
        ("any: [{term: army}]", "army"),
        ("any: [{title: [{term: GRU, case: true}]}]", ("GRU", "case", "title")),
    ],
)
def test_conditions_are_read_as_written(written: str, read: object) -> None:
    assert shape(rule(written).body) == read


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "all: [fleet]",
            "a.yaml:2:25: `fleet` is the name of a concept; write `$fleet` for the concept, or `{term: fleet}` for the word",
        ),
        ("all: [$flet]", "there is no concept `flet` here; did you mean `$fleet`?"),
        ("all: [$russia]", "there is no concept `russia` here; add `use: [places/russia]` to the rule"),
        ("any: [{titel: x}]", "unknown key `titel` in a condition; did you mean `title`?"),
        ("any: [Moscow: Idaho]", 'a term that holds `: ` needs quotes: "Moscow: Idaho"'),
        ("any: [{except: x}]", "`except` stands at the rule"),
        ("any: [{title: x, summary: y}]", "`title:` must stand alone"),
        ("any: [{title: '=$fleet'}]", "`=` cannot stand before a concept"),
        ("near: [a, {all: [b, c]}, 5]", "`near` takes terms, concepts and lists of them"),
        ("any: [{query: a}]", "unknown key `query` in a condition; `query` stands at the rule"),
        ("any: [{title: {near: [a, b, 5]}}]", "`title` takes terms only"),
        ("any: [{term: [a, b]}]", "`term` takes one text"),
        ("any: [{term: $fleet}]", "`term` is a word, not a concept"),
        ("any: [{term: a, cas: true}]", "unknown key `cas` in a term; did you mean `case`?"),
        ("any: [{term: a, case: maybe}]", "`case` is true or false"),
        ("any: [{term: a, in: titel}]", "`titel` is not a part of an article; did you mean `title`?"),
        ("any: [{term: a, stem: 12}]", "`stem` is true, false or a language"),
        ("any: ['']", "an empty term"),
        ("any: [{}]", "an empty mapping"),
        ("any: [a，b]", "does not part the items"),
        ("any: a、b", "does not part terms"),
        ("any: ['${SECRET}']", "a secret cannot stand here"),
        ("near: [a, 5]", "`near` needs two conditions or more"),
        (
            "near: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, 5]",
            "`near` takes at most 20 conditions",
        ),
        ("near: [a, b]", "the last item of `near` is a number"),
        ("near: [a, b, 0]", "the last item of `near` is a number"),
        ("near: a", "`near` takes a list that ends with a number"),
        ("atleast: [a, b, 3]", "`atleast` counts one condition"),
        ("except: [{near: [a, b, 5]}]", "`except` takes terms only"),
        ("any: [a], none: ['mis*sile']", "`*` may stand only at the start or the end of a word"),
    ],
)
def test_a_wrong_condition_is_one_mistake(written: str, said: str) -> None:
    concepts = "concepts: {fleet: [tanker], army: [soldier*]}\n"
    assert said in mistake(f"{concepts}rules: [{{name: r, {written}}}]\n")


@pytest.mark.parametrize("body", ["any: []", "all: [a, []]", "all: [a], any: []"])
def test_an_empty_list_of_choices_is_kept_so_that_it_never_makes_a_rule_wider(body: str) -> None:
    assert "AnyOf(items=())" in repr(rule(body).body)
    assert any("is an empty list" in said for said in warnings(f"rules: [{{name: r, {body}}}]\n"))


def test_the_caret_of_a_wrong_term_stands_inside_it() -> None:
    assert mistake("rules:\n  - {name: r, any: ['big mis*sile']}\n").startswith("a.yaml:2:29: ")


def test_none_keeps_its_items_apart() -> None:
    assert [shape(item) for item in rule("any: [a], none: [b, {title: [c, d]}]").none] == [
        "b",
        {"AnyOf": [("c", "title"), ("d", "title")]},
    ]


def test_except_takes_the_terms_of_a_concept() -> None:
    assert [term.text for term in rule("any: [a], except: ['Moscow, Idaho', $fleet]").excepts] == [
        "Moscow, Idaho",
        "tanker",
    ]


def test_a_rule_without_conditions_holds_nowhere() -> None:
    assert rule("severity: low").body == AnyOf(())


def test_a_rule_has_the_id_of_its_name_in_any_script() -> None:
    names = {
        "DPRK-Russia military": "dprk-russia-military",
        "북한 뉴스!": "북한-뉴스",
        "Ünter Ärzte": "ünter-ärzte",
        "ＡＢＣ": "abc",
    }
    for name, slug in names.items():
        assert good(f"rules: [{{name: '{name}', any: [a]}}]\n").rules[0].id == slug


def test_the_other_keys_of_a_rule_reach_the_rule() -> None:
    found = good(
        "channels: {desk: {type: console}}\n"
        "rules:\n"
        "  - name: Ships\n"
        "    id: sea\n"
        "    was: [ships, boats]\n"
        "    any: [tanker]\n"
        "    severity: high\n"
        "    send_to: [desk, console, desk]\n"
        "    where: {lang: [EN, ko], tags: {not: satire}, sites: www.A.example}\n"
    ).rules[0]
    assert (found.id, found.was, found.severity, found.send_to) == (
        "sea",
        ("ships", "boats"),
        Severity.HIGH,
        ("desk", "console"),
    )
    assert found.where.lang is not None
    assert found.where.lang.values == ("en", "ko")
    assert found.where.tags is not None
    assert (found.where.tags.values, found.where.tags.negated) == (("satire",), True)
    assert found.where.sites is not None
    assert found.where.sites.values == ("a.example",)
    assert str(found.place) == "a.yaml:3:5"


def test_default_severity_holds_where_a_rule_has_none() -> None:
    assert good("defaults: {severity: low}\nrules: [{name: r, any: [a]}]\n").rules[0].severity is Severity.LOW


def test_stem_is_read_and_needs_nothing_but_its_extra() -> None:
    assert rule("any: [tank], stem: en").stem == "en"
    assert warnings("rules: [{name: r, any: [tank], stem: en}]\n") == []


def test_stem_without_its_extra_is_a_warning() -> None:
    node = ScalarNode("en", Place("a.yaml", 1, 35), 2)
    issues = Issues({})

    warn_of_stem(issues, node, "en", has_morphology=False)

    [told] = issues.all()
    assert str(told) == (
        "a.yaml:1:35: `stem` needs the extra `morph`: without it words are found as written; "
        "install it with: pip install 'news-watcher[morph]'; or write `word*`, or list the forms"
    )


def test_the_extra_is_not_named_for_a_language_that_it_does_not_know() -> None:
    issues = Issues({})

    warn_of_stem(issues, ScalarNode("ko", Place("a.yaml", 1, 35), 2), "ko", has_morphology=False)

    assert not issues.all()


def test_stem_in_a_language_without_a_dictionary_is_a_warning() -> None:
    mend = "there is no dictionary; write `word*`, or list the forms, and leave out `stem`"
    assert warnings("rules: [{name: r, any: [{term: 전쟁, stem: ko}]}]\n") == [
        f"a.yaml:1:32: `stem` finds no other forms in ko: {mend}"
    ]
    text = "rules: [{name: r, any: [전쟁, 戦争], stem: true, where: {lang: [%s]}}]\n"
    assert warnings(text % "ko, ja") == [f"a.yaml:1:9: `stem` finds no other forms in ko, ja: {mend}"]
    assert warnings(text.replace("전쟁", "война") % "ru, ja") == []


def test_rule_keeps_the_codes_that_it_wants_no_warning_of() -> None:
    text = "rules: [{name: r, any: [Russia*, Russian]%s}]\n"
    assert warnings(text % "") == ["a.yaml:1:34: `Russian` adds nothing: `Russia*` finds it already; remove it"]
    assert warnings(text % ", quiet_lint: [subsumed]") == []
    assert mistakes(text % ", quiet_lint: [subsume]") == [
        (
            "a.yaml:1:57: `subsume` is no code of a warning; did you mean `subsumed`? "
            "one of: never, subsumed, not-kills, idle, floods, ambiguous, folding, regex-only, mixed-script, prefix, stem, "
            "unseen, alone"
        )
    ]


def test_scopes_of_long_terms_are_fields() -> None:
    body = rule("any: [{term: a, in: tag}]").body
    assert isinstance(body, Term)
    assert body.field is Field.TAG
