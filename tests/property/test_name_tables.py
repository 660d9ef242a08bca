"""A table of names says what the terms of all its rows would say, one by one."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference_engine import Reference
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.keys import Key, pattern_keys, worked_out
from watcher.core.matching.name_rows import PART, spellings, term_of
from watcher.core.matching.name_table import DamagedTable, NameRow, NameTable, is_whole
from watcher.core.matching.name_table_made import Making
from watcher.core.matching.pattern import patterns_of
from watcher.core.model.article import Article, Field
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    AtLeast,
    Concept,
    ConceptRef,
    NamesFile,
    Near,
    Node,
    Rule,
    RuleSource,
    Term,
)

WORDS = (
    "Lady", "Rose", "R", "lady", "rose", "Ocean", "Hope", "Star", "star", "5", "500", "T-72", "T72", "Леди", "Роза",
    "북한", "북한이", "한국호", "朝鲜", "号", "朝", "Nadežda", "Nadezda", "U.S.", "O'Brien", "St.", "Müller", "MULLER", "of",
    "the", "Angara-1", "Ангара", "С-500", "東京", "都", "I", "İzmir",
)  # fmt: skip
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
ROWS = st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=3), st.sampled_from(("", "1", "2"))), min_size=1, max_size=12)
TEXTS = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from((" ", "-", ", ", ". ", "", "\n\n"))), max_size=12
).map(lambda parts: "".join(word + sign for word, sign in parts))
ARTICLES = st.builds(
    lambda title, summary, tags: Article(ArticleId("a"), FeedId("f"), title=title, summary=summary, tags=tuple(tags)),
    TEXTS,
    TEXTS,
    st.lists(NAMES, max_size=2),
)
_SCOPED = {"r5", "r6", "stem"}  # the reference looks for a concept everywhere
FILE = NamesFile("/nowhere", "abc", 1, "imo")


def rows_of(drawn: list[tuple[str, list[str], str]]) -> list[NameRow]:
    return [
        NameRow(PART.join((name, ";".join(also), number)), at, at) for at, (name, also, number) in enumerate(drawn, 2)
    ]


def table_of(rows: list[NameRow], before: NameTable | None = None) -> NameTable:
    making = Making("imo", before)
    for row in rows:
        if not making.knows(row):
            making.add(row)
    return NameTable(making.packed())


def rules() -> tuple[Rule, ...]:
    listed = ConceptRef("vessels")
    bodies: list[Node] = [
        listed,
        AllOf((listed, AnyOf((Term("Star"), Term("북한"))))),
        AnyOf((Term("ocean"), ConceptRef("fleet"))),
        Near((listed, Term("star")), 2),
        AtLeast(listed, 2),
        ConceptRef("vessels", field=Field.TITLE),
        ConceptRef("vessels", field=Field.TAG),
    ]
    found = [Rule(RuleId(f"r{at}"), f"r{at}", body) for at, body in enumerate(bodies)]
    found.append(Rule(RuleId("none"), "none", Term("Ocean"), none=(listed,)))
    found.append(Rule(RuleId("stem"), "stem", listed, stem="en"))
    return tuple(found)


def concepts(rows: list[NameRow], *, large: bool) -> dict[str, Concept]:
    names = list(dict.fromkeys(name for row in rows for name in spellings(row.record)))
    told: dict[str, str] = {name: table_of(rows).parts.told(name, "imo") for name in names}
    chosen = names[:1] if large else names
    vessels = Concept(
        "vessels",
        tuple(map(term_of, chosen)),
        rows={name: told[name] for name in chosen},
        table=FILE if large else None,
    )
    return {"vessels": vessels, "fleet": Concept("fleet", (ConceptRef("vessels"), Term("shadow fleet")))}


@settings(max_examples=80, deadline=None)
@given(ROWS, st.lists(ARTICLES, min_size=1, max_size=3))
def test_the_engine_finds_what_the_terms_of_all_rows_would(
    drawn: list[tuple[str, list[str], str]], articles: list[Article]
) -> None:
    rows = rows_of(drawn)
    table = table_of(rows)
    small = compile_rules(RuleSource(1, rules(), concepts(rows, large=False)))
    large = compile_rules(RuleSource(1, rules(), concepts(rows, large=True)), tables=lambda _: table)
    for article in articles:
        assert large.match(article) == small.match(article)
        reference = Reference(article, concepts(rows, large=False))
        found = {match.rule for match in large.match(article)[0]}
        for rule in rules():
            if rule.id not in _SCOPED:
                assert (reference.match(rule) is not None) == (rule.id in found), rule.id


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS, TEXTS)
def test_a_table_made_after_another_says_what_one_made_anew_does(
    first: list[tuple[str, list[str], str]], drawn: list[tuple[str, list[str], str]], text: str
) -> None:
    rows = rows_of([*first[: len(first) // 2], *drawn, *first[len(first) // 2 :]])
    again, anew = table_of(rows, table_of(rows_of(first))), table_of(rows)
    words = text.casefold().split()
    keys: set[Key] = {*words, *pairwise(words)}
    assert again.keys_in([words], set(words)) >= anew.keys_in([words], set(words))
    assert set(again.names_at(keys)) == set(anew.names_at(keys))
    for row in rows:
        for name in spellings(row.record):
            assert again.parts.told(name, "imo") == anew.parts.told(name, "imo") != ""


@settings(max_examples=30, deadline=None)
@given(ROWS, st.data())
def test_any_byte_that_changes_and_any_cut_are_noticed(
    drawn: list[tuple[str, list[str], str]], data: st.DataObject
) -> None:
    making = Making("imo")
    for row in rows_of(drawn):
        making.add(row)
    whole = making.packed()
    assert is_whole([whole[:64], whole[64:]])
    at = data.draw(st.integers(0, len(whole) - 1))
    assert not is_whole([whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]])
    with pytest.raises(DamagedTable):
        NameTable(whole[:at])


def test_what_is_quick_for_plain_names_is_what_their_patterns_need() -> None:
    parts = ("Lady", "rose", "OK", "T", "x", "A", "12", "5", "5000", "Of", "McKay", "KAMA", "Co", "сок", "T72")
    for row in (row for count in (1, 2, 3) for row in product(parts, repeat=count)):
        text = " ".join(row)
        assert set(worked_out(text)) == set(pattern_keys(patterns_of(Term(text)))), text
