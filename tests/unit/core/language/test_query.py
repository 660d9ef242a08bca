"""The one-line form: what a query means, how it is printed, and what is said about a wrong one."""

from __future__ import annotations

import pytest

from watcher.core.language.query import parse, read_query, split_excluded
from watcher.core.language.query_print import print_query
from watcher.core.model.article import Field
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
    Sentence,
    Term,
    TitleOrLead,
)
from watcher.errors import TermError

A, B, C, D = Term("a"), Term("b"), Term("c"), Term("d")


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("a", A),
        ("a b", AllOf((A, B))),
        ("a AND b", AllOf((A, B))),
        ("a b AND c", AllOf((A, B, C))),
        ("a OR b OR c", AnyOf((A, B, C))),
        ("a b OR c d", AnyOf((AllOf((A, B)), AllOf((C, D))))),
        ("a (b OR c)", AllOf((A, AnyOf((B, C))))),
        ("(a b) c", AllOf((AllOf((A, B)), C))),
        ("((a))", A),
        ("a NOT b", AllOf((A, Not(B)))),
        ("a AND NOT b c", AllOf((A, Not(B), C))),
        ("a -b", AllOf((A, Not(B)))),
        ("a -(b OR c)", AllOf((A, Not(AnyOf((B, C)))))),
        ("a NOT b NEAR/3 c", AllOf((A, Not(Near((B, C), 3))))),
        ("a b NEAR/3 c", AllOf((A, Near((B, C), 3)))),
        ("a ONEAR/3 b ONEAR/3 c", Near((A, B, C), 3, ordered=True)),
        ("(a OR b) NEAR/20 $ship", Near((AnyOf((A, B)), ConceptRef("ship")), 20)),
        ('"north korea"', Term("north korea")),
        ('"say \\"hi\\""', Term('say "hi"')),
        ('"AND"', Term("AND")),
        ('"$x" "=y" "title:z"', AllOf((Term("$x"), Term("=y"), Term("title:z")))),
        ("=DPRK", Term("DPRK", case=True)),
        ('="Kim Il"', Term("Kim Il", case=True)),
        ("title:a", Term("a", field=Field.TITLE)),
        ('title:="a b"', Term("a b", case=True, field=Field.TITLE)),
        ("lead:(a OR b)", AnyOf((Term("a", lead=True), Term("b", lead=True)))),
        ("title:(a NEAR/2 $b)", Near((Term("a", field=Field.TITLE), ConceptRef("b", field=Field.TITLE)), 2)),
        ("title:$b", ConceptRef("b", field=Field.TITLE)),
        ("-title:a b", AllOf((Not(Term("a", field=Field.TITLE)), B))),
        ("ATLEAST/3(a)", AtLeast(A, 3)),
        ("ATLEAST/3(a OR b)", AtLeast(AnyOf((A, B)), 3)),
        ("SENTENCE(a b)", Sentence((A, B))),
        ("SENTENCE(a AND b)", Sentence((A, B))),
        ("SENTENCE((a b) c)", Sentence((AllOf((A, B)), C))),
        ("SENTENCE((a b))", Sentence((AllOf((A, B)),))),
        ("PARAGRAPH(a (b OR c))", Paragraph((A, AnyOf((B, C))))),
        ("FIRST/50(a b)", First((A, B), 50)),
        ("TITLE_OR_LEAD(a b)", TitleOrLead((A, B))),
        ("/kim [a-z]+/", Term("kim [a-z]+", regex=True)),
        ("=/a\\/b/", Term("a/b", case=True, regex=True)),
        ("missile* *ase", AllOf((Term("missile*"), Term("*ase")))),
        ('צה"ל', Term('צה"ל')),
        ("$$5", Term("$5")),
        ("T-72 https://x.example/a", AllOf((Term("T-72"), Term("https://x.example/a")))),
    ],
)
def test_a_query_means_its_tree(query: str, tree: Node) -> None:
    assert parse(query) == tree
    assert parse(print_query(tree)) == tree


@pytest.mark.parametrize(
    ("query", "at", "message", "mend"),
    [
        ("", "", "empty", "one term"),
        ("NOT a", "NOT a", "must not occur", "a NOT b"),
        ("-a -b", "-a -b", "must not occur", ""),
        ("(a b", "(", "never closed", ")"),
        ("a b)", ")", "closes nothing", "delete"),
        ("a ( )", "( )", "nothing stands", "write terms"),
        ("a AND（b OR c）", "（", "not a bracket", "quotes"),
        ("a AND", "AND", "expected after `AND`", "quotes"),
        ("OR a", "OR", "expected first", '"OR"'),
        ("a AND OR b", "OR", "expected after `AND`, not `OR`", '"OR"'),
        ("a NEAR b", "NEAR", "takes a number", "NEAR/5"),
        ("a NEAR/x b", "NEAR/x", "takes a number", "NEAR/5"),
        ("a NEAR5 b", "NEAR5", "takes a number", "NEAR/5"),
        ("a NEAR/0 b", "0", "from 1 to", "NEAR/5"),
        ("a NEAR/3 (b c)", "(b c)", "takes terms", "SENTENCE"),
        ("a NEAR/3 b NEAR/4 c", "NEAR/4", "one number", "NEAR/3"),
        (" NEAR/3 ".join(["a"] * 20 + ["b"]), "b", "at most 20 things", "PARAGRAPH"),
        ("x /a\ud800/", "\ud800", "half a character", "again"),
        ("ATLEAST/3 a", "ATLEAST/3", "bracket", "ATLEAST/3(a)"),
        ("ATLEAST/3(a b)", "a b", "one thing", "a OR b"),
        ("SENTENCE a", "SENTENCE", "bracket", "SENTENCE(a b)"),
        ("SENTENCE/3(a)", "SENTENCE/3", "no number", "SENTENCE(a b)"),
        ('x "a b', '"', "never closed", '"'),
        ("x /a b", "/", "never closed", '"/a"'),
        ('x "a b"~5', "~", "right after", "NEAR/5"),
        ("title: a", "title:", "no term", "title:word"),
        ("titel:(a)", "titel:", "no scope", "`title:`"),
        ("x body:a", "body", "no scope", "`content:`"),
        ("title:(a title:b)", "(a title:b)", "scope already", "one scope"),
        ("x & y", "&", "not an operator", "AND"),
        ("x || y", "||", "not an operator", "OR"),
        ("“x y”", "“x", "curly", '"..."'),
        ("x y*z", "*", "start or the end", ""),
        (r"x /a(b)\1/", r"\1", "back-references", "write the alternatives"),
        ("$a b $", "$", "names no concept", "$$"),
    ],
)
def test_a_wrong_query_says_where_what_and_the_mend(query: str, at: str, message: str, mend: str) -> None:
    with pytest.raises(TermError) as caught:
        parse(query)

    error = caught.value
    assert message in str(error)
    assert mend in error.hint
    if at:
        assert query[error.offset : error.offset + error.length] == at


def test_all_wrong_terms_are_told_at_once() -> None:
    reading = read_query("a*b OR (c NEAR/2 (d e)) OR body:f")

    assert reading.tree is None
    assert [error.offset for error in reading.errors] == [1, 17, 27]


@pytest.mark.parametrize(
    ("query", "said", "mend"),
    [
        ("a b OR c", "read as `(a AND b) OR c`", "brackets"),
        ("x AND (a OR b NOT c)", "read as `a OR (b AND NOT c)`", "brackets"),
        ("a and b", "`and` is searched for as a word", "AND"),
        ("a Near/5 b", "`Near/5` is searched for", "NEAR/5"),
        ("a sentence", "`sentence` is searched for", "SENTENCE(a b)"),
        ("a W/5 b", "`W/5` is searched for", "NEAR/5"),
        ("a, b", "with its `,`", "OR"),
        ("东京，大阪", "with its `，`", "OR"),
        ("a ＡＮＤ b", "`ＡＮＤ` is searched for", "written AND"),
        ("Title:a", "`Title:a` is searched for", "`title:`"),
    ],
)
def test_what_is_odd_is_said(query: str, said: str, mend: str) -> None:
    (hint,) = read_query(query).hints

    assert said in hint.message
    assert mend in hint.hint


@pytest.mark.parametrize(
    "query", ["a b c", "a (b OR c)", "(a b) OR c", 'a "and" b', "a OR b OR c", "a NOT b", "a/5 x", "title:a", "Ab:c"]
)
def test_what_is_plain_is_not_commented(query: str) -> None:
    assert read_query(query).hints == ()


def test_a_bare_concept_name_is_an_error_and_a_quoted_one_a_word() -> None:
    reading = read_query('russia OR "russia" OR $russia OR title:russia', {"russia"})

    assert [(error.offset, error.length) for error in reading.errors] == [(0, 6)]
    assert "`$russia`" in reading.errors[0].hint


def test_outer_nots_are_what_excludes() -> None:
    assert split_excluded(parse("a b NOT c")) == (AllOf((A, B)), (C,))
    assert split_excluded(parse("a NOT (b OR c) NOT d")) == (A, (B, C, D))
    assert split_excluded(parse("a OR NOT b")) == (AnyOf((A, Not(B))), ())
    assert split_excluded(A) == (A, ())


@pytest.mark.parametrize(
    "query",
    [
        "(" * 20_000,
        "NOT " * 10_000 + "a",
        "-" * 20_000 + "a",
        "SENTENCE(" * 5_000,
        "title:(" * 5_000,
        "a" * 10_000,
        "a " * 40_000,
    ],
)
def test_enormous_queries_end_in_an_error(query: str) -> None:
    reading = read_query(query)

    assert reading.tree is None
    assert len(reading.errors) == 1


@pytest.mark.parametrize("tree", [AnyOf(()), Term("a", exact=True), Term("a", stem="en"), Near((A, AllOf((B, C))), 3)])
def test_what_a_query_cannot_say_is_not_printed(tree: Node) -> None:
    with pytest.raises(TermError):
        print_query(tree)
