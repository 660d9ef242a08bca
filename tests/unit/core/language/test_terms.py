"""Terms as users write them."""

from __future__ import annotations

import pytest

from watcher.core.language.terms import make_term, parse_term
from watcher.core.model.article import Field
from watcher.core.model.place import Place
from watcher.core.model.rule import ConceptRef, Term
from watcher.errors import TermError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("missile*", Term("missile*")),
        ("*ase", Term("*ase")),
        ("  North Korea ", Term("North Korea")),
        ("=DPRK", Term("DPRK", case=True)),
        ("title:football", Term("football", field=Field.TITLE)),
        ("title:=US", Term("US", case=True, field=Field.TITLE)),
        ('title:"North Korea"', Term("North Korea", field=Field.TITLE)),
        ("lead:missile", Term("missile", lead=True)),
        ("url:example.org", Term("example.org", field=Field.URL)),
        ("$north-korea", ConceptRef("north-korea")),
        ("title:$russia", ConceptRef("russia", field=Field.TITLE)),
        ("lead:$russia", ConceptRef("russia", lead=True)),
        ("$$100", Term("$100")),
        ("/Hwasong-[0-9]+/", Term("Hwasong-[0-9]+", regex=True)),
        ("title:=/a\\/b/", Term("a/b", case=True, regex=True, field=Field.TITLE)),
        ('"/x/"', Term("/x/")),
        ("Re:Zero", Term("Re:Zero")),
        ("note: this", Term("note: this")),
        ("Moscow, Idaho", Term("Moscow, Idaho")),
        ('צה"ל', Term('צה"ל')),
    ],
)
def test_what_is_written_is_what_is_meant(text: str, expected: Term | ConceptRef) -> None:
    assert parse_term(text) == expected


def test_a_term_keeps_its_place() -> None:
    place = Place("rules.yaml", 3, 7)

    term = parse_term("Iran", place)

    assert term.place == place


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "empty", ""),
        ("+++", "holds no word", ""),
        ("a*b", "start or the end", "two terms"),
        ("Kim * Un", "beside no word", "next to a word"),
        ("//", "pattern is empty", ""),
        ("/mis(?=s)/", "no look-ahead", "AND"),
        ("titel:war", "no scope `titel:`", "`title:`"),
        ("body:war", "no scope `body:`", "`content:`"),
        ("=$russia", "`=` cannot stand before a concept", ""),
        ("$", "names no concept", "$$"),
        ("$north korea", "holds no blank", "$north-korea"),
        ("x" * 600, "longer than", ""),
    ],
)
def test_a_bad_term_says_what_is_wrong(text: str, message: str, hint: str) -> None:
    with pytest.raises(TermError) as caught:
        parse_term(text)

    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_a_literal_term_takes_signs_as_words() -> None:
    assert make_term("title:x", case=True, exact=True, scope="lead") == Term(
        "title:x", case=True, exact=True, lead=True
    )
