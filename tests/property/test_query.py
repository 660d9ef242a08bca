"""Queries: every tree that can be printed is read back the same, and no text brings the parser down."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from watcher.core.language.query import LONGEST_QUERY, parse, read_query
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

_WORDS = (
    "north", "North Korea", "kor*", "*ea", "U.S.", "T-72", "C++", "AT&T", "Moscow, Idaho", "Коре*", "북한", "朝鲜", "O'Brien", 'צה"ל', "AND", "or",
    "NEAR/5", "$5", "=x", "-x", "/x/", "title:x", "SENTENCE(a)", "(a)", 'say "x"', "back\\slash", "a:", "W/5", "$", "x\ty", "x\\", "near", "“x”",
)  # fmt: skip
_PATTERNS = ("a+", "a/b", r"x\.y", "[/]z", "two words", r"\bкор\w*", 'q"q', "(a|b)", r"\\")


def _placed() -> st.SearchStrategy[tuple[Field | None, bool]]:
    fields = st.sampled_from([(field, False) for field in Field])
    return st.one_of(st.just((None, False)), st.just((None, True)), fields)


def _term(text: str, case: bool, regex: bool, place: tuple[Field | None, bool]) -> Term:
    return Term(text, case=case, regex=regex, field=place[0], lead=place[1])


def _leaves() -> st.SearchStrategy[Node]:
    words = st.sampled_from([word for word in _WORDS if word != "$"])
    written = st.text(st.sampled_from('ab*=$-/()"\\ :.,&ж'), min_size=1, max_size=8).map(str.strip).filter(_is_term)
    return st.one_of(
        st.builds(_term, st.one_of(words, written), st.booleans(), st.just(False), _placed()),
        st.builds(_term, st.sampled_from(_PATTERNS), st.booleans(), st.just(True), _placed()),
        st.builds(
            lambda name, place: ConceptRef(name, field=place[0], lead=place[1]),
            st.sampled_from(("russia", "북한", "x-1")),
            _placed(),
        ),
    )


def _is_term(text: str) -> bool:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return read_query(f'"{quoted}"').tree is not None


def _groups(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    number = st.integers(1, 100_000)
    near = st.one_of(_leaves(), st.lists(_leaves(), min_size=2, max_size=3).map(lambda items: AnyOf(tuple(items))))
    return st.one_of(
        st.builds(AllOf, several),
        st.builds(AnyOf, several),
        st.builds(Not, inner),
        st.builds(AtLeast, inner, number),
        st.builds(Sentence, some),
        st.builds(Paragraph, some),
        st.builds(TitleOrLead, some),
        st.builds(First, some, number),
        st.builds(Near, st.lists(near, min_size=2, max_size=3).map(tuple), number, st.booleans()),
    )


_TREES = st.recursive(_leaves(), _groups, max_leaves=8)


@given(_TREES)
def test_what_is_printed_is_read_back(tree: Node) -> None:
    whole = AllOf((Term("x"), tree))

    assert parse(print_query(whole)) == whole


@given(_TREES)
def test_printing_says_nothing_odd(tree: Node) -> None:
    assert read_query(print_query(AllOf((Term("x"), tree)))).hints == ()


_PIECES = st.sampled_from(
    ["(", ")", " ", "AND", " OR ", "NOT ", "-", '"', "/", "NEAR/2", " ONEAR/", "SENTENCE(", "ATLEAST/3(", "title:", "$", "=", "*", "a", "ж", "\\", "[", "(?", "\n"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=25).map("".join)))
def test_any_text_gives_a_tree_or_errors_that_lie_in_it(text: str) -> None:
    reading = read_query(text)

    assert (reading.tree is None) == bool(reading.errors)
    places = [(each.offset, each.length) for each in reading.errors]
    places += [(each.offset, each.length) for each in reading.hints]
    assert all(0 <= offset <= len(text) and length >= 1 for offset, length in places)
    if reading.tree is not None:
        assert parse(print_query(reading.tree)) == reading.tree


def test_a_query_of_the_longest_kind_is_read() -> None:
    query = " OR ".join(["word"] * ((LONGEST_QUERY + 4) // 8))

    tree = parse(query)

    assert isinstance(tree, AnyOf)
    assert len(query) <= LONGEST_QUERY
