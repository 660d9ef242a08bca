"""The compiled engine and the slow reference engine agree on random rules and texts in several scripts."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference_engine import Reference, longest
from watcher.core.language.tree import nodes_of, terms_below
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import Fired, _decide
from watcher.core.matching.explain import explain
from watcher.core.matching.walk import Walk
from watcher.core.model.article import Article, Field
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    AtLeast,
    Concept,
    ConceptRef,
    First,
    Near,
    Node,
    Not,
    Paragraph,
    Rule,
    RuleSource,
    Sentence,
    Term,
    TitleOrLead,
)

_TERMS = (
    "north", "North Korea", "kor*", "*ea", "*or*", "cafe", "café", "U.S.", "us", "T-72", "t72", "C++", "AT&T", "Moscow, Idaho", "moscow",
    "Коре*", "Северн* Коре*", "Т-72", "북한", "*사일", "북한*", "朝鲜", "北朝", "鲜", "ミサイル", "がミサイル", "ไทย", "นำ", "Straße", "O'Brien",
)  # fmt: skip
_WORDS = (
    "North", "Korea", "north-korea", "Korean", "CAFÉ", "cafe", "U.S.", "us", "US", "T-72", "T72", "T 72", "Т‑72", "C++", "C", "AT&T", "AT",
    "Moscow, Idaho", "Moscow", "Idaho", "Северной Кореи", "Корея", "북한", "북한이", "북한군", "탄도미사일을", "朝鲜", "北朝鲜", "ミサイル", "ミサイルが",
    "ไทย", "นําไป", "STRASSE", "O’Brien", "https://moscow.example/us", "Mоscow", "(", "said",
)  # fmt: skip
_GLUE = (" ", " ", " ", ", ", ". ", "\n", "\n\n", "-", "", "\u200b", "。")

_CONCEPTS = ("a", "b")


def _terms() -> st.SearchStrategy[Term]:
    field = st.sampled_from((None, None, None, Field.TITLE, Field.CONTENT, Field.TAG))
    return st.builds(
        Term, st.sampled_from(_TERMS), case=st.booleans(), exact=st.booleans(), field=field, lead=st.booleans()
    )


def _plain() -> st.SearchStrategy[Term]:
    return st.builds(Term, st.sampled_from(_TERMS))


def _nodes() -> st.SearchStrategy[Node]:
    leaf: st.SearchStrategy[Node] = st.one_of(_plain(), _terms(), st.builds(ConceptRef, st.sampled_from(_CONCEPTS)))

    def _more(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        items = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(
            st.builds(AllOf, items),
            st.builds(AnyOf, items),
            st.builds(Not, inner),
            st.builds(TitleOrLead, items),
            st.builds(Sentence, items),
            st.builds(Paragraph, items),
            st.builds(First, items, st.integers(1, 8)),
            st.builds(Near, st.lists(inner, min_size=2, max_size=3).map(tuple), st.integers(1, 6), st.booleans()),
            st.builds(AtLeast, inner, st.integers(1, 3)),
        )

    return st.recursive(leaf, _more, max_leaves=6)


def _texts() -> st.SearchStrategy[str]:
    pieces = st.lists(st.tuples(st.sampled_from(_WORDS), st.sampled_from(_GLUE)), max_size=12)
    return pieces.map(lambda pairs: "".join(word + glue for word, glue in pairs))


def _rules() -> st.SearchStrategy[tuple[Rule, ...]]:
    rule = st.tuples(_nodes(), st.lists(_nodes(), max_size=1), st.lists(_plain(), max_size=1))
    return st.lists(rule, min_size=1, max_size=4).map(
        lambda rows: tuple(
            Rule(RuleId(f"r{at}"), f"r{at}", body, none=tuple(none), excepts=tuple(excepts))
            for at, (body, none, excepts) in enumerate(rows)
        )
    )


_ARTICLES = st.builds(
    Article,
    id=st.just(ArticleId("a")),
    feed=st.just(FeedId("f")),
    title=_texts(),
    summary=_texts(),
    content=_texts(),
    tags=st.lists(st.sampled_from(("North", "Korea", "us")), max_size=2).map(tuple),
)
# Some words of a concept are weak: forms of one word, or of two.
_OF_CONCEPT = st.builds(Term, st.sampled_from(_TERMS), weak=st.sampled_from(("", "", "one", "two")))
_CONCEPT = st.tuples(st.lists(_OF_CONCEPT, min_size=1, max_size=3), st.lists(_plain(), max_size=1))


@settings(max_examples=200)
@given(_rules(), _ARTICLES, _CONCEPT, _CONCEPT)
def test_compiled_engine_equals_the_reference(
    rules: tuple[Rule, ...],
    article: Article,
    first: tuple[list[Term], list[Term]],
    second: tuple[list[Term], list[Term]],
) -> None:
    concepts = {
        "a": Concept("a", tuple(first[0]), tuple(first[1])),
        "b": Concept("b", (*second[0], ConceptRef("a")), tuple(second[1])),
    }
    compiled = compile_rules(RuleSource(1, rules, concepts))
    matches, failed = compiled.match(article)
    reference = Reference(article, concepts)
    expected = {rule.id: spans for rule in rules if (spans := reference.match(rule)) is not None}

    assert failed == ()
    assert {match.rule for match in matches} == set(expected)
    for match in matches:
        found = {(span.field, span.start, span.end) for span in match.spans}
        assert longest(found) == longest(expected[match.rule])
        assert found <= expected[match.rule]
        assert list(match.spans) == sorted(match.spans, key=lambda span: (list(Field).index(span.field), span.start))
    explained = {why.rule for why in explain(compiled, article) if why.matched}
    assert explained == set(expected)


def _plain_texts() -> st.SearchStrategy[str]:
    words = st.sampled_from(
        (
            "North",
            "Korea",
            "north-korea",
            "Korean",
            "U.S.",
            "us",
            "USA",
            "Moscow",
            "said",
            "(",
            "x.Moscow",
            "a@north.org",
            "Www.us.gov",
            "http://us.gov",
        )
    )
    pieces = st.lists(
        st.tuples(words, st.sampled_from((" ", " ", ", ", "\n", "\n\n", "-", " - ", "_", ""))), max_size=12
    )
    return st.one_of(pieces.map(lambda pairs: "".join(word + glue for word, glue in pairs)), _texts())


def _plain_rules() -> st.SearchStrategy[tuple[Rule, ...]]:
    terms = (
        "north",
        "North Korea",
        "korea",
        "kor*",
        "us",
        "us*",
        "*ea",
        "U.S.",
        "said us",
        "us north",
        "Коре*",
        "북한",
        "朝鲜",
        "T-72",
    )
    odd = st.sampled_from((Term("Nor.h", regex=True), Term("korea", stem="en"), Term("us", case=True)))
    term = st.one_of(st.builds(Term, st.sampled_from(terms)), _terms(), odd)
    group = st.one_of(
        term,
        st.builds(ConceptRef, st.sampled_from(_CONCEPTS)),
        st.builds(AnyOf, st.lists(term, min_size=1, max_size=4).map(tuple)),
        st.builds(AnyOf, st.tuples(st.builds(AnyOf, st.tuples(term)), st.builds(AnyOf, st.tuples(term, term)))),
    )
    body = st.one_of(group, st.builds(AllOf, st.lists(group, min_size=1, max_size=3).map(tuple)))
    rule = st.tuples(body, st.lists(term, max_size=2), st.lists(_plain(), max_size=1))
    return st.lists(rule, min_size=1, max_size=4).map(
        lambda rows: tuple(
            Rule(RuleId(f"r{at}"), f"r{at}", body, none=tuple(none), excepts=tuple(excepts))
            for at, (body, none, excepts) in enumerate(rows)
        )
    )


@settings(max_examples=300)
@given(
    _plain_rules(),
    st.builds(
        Article,
        id=st.just(ArticleId("a")),
        feed=st.just(FeedId("f")),
        title=_plain_texts(),
        summary=_plain_texts(),
        content=_plain_texts(),
        tags=st.lists(st.sampled_from(("North", "us")), max_size=1).map(tuple),
    ),
    _CONCEPT,
    _CONCEPT,
)
def test_quick_rules_give_the_same_answer_as_the_walk(
    rules: tuple[Rule, ...],
    article: Article,
    first: tuple[list[Term], list[Term]],
    second: tuple[list[Term], list[Term]],
) -> None:
    concepts = {
        "a": Concept("a", tuple(first[0]), tuple(first[1])),
        "b": Concept("b", (*second[0], ConceptRef("a")), tuple(second[1])),
    }
    compiled = compile_rules(RuleSource(1, rules, concepts))
    tried = compiled.tried(article)
    hits = compiled.hits(article)
    walked = [
        _decide(replace(plan, alternatives=(), doubtful=()), Walk(hits, plan.excepts)) for plan in compiled.plans()
    ]
    expected = [compiled._match(found) for found in walked if isinstance(found, Fired)]
    assert list(tried.matches) == expected
    _, _, quick = compiled._candidates(article)
    told_by_words = [Fired(compiled._rules[number], Walk(hits, ())) for number in sorted(quick)]
    by_rule = {match.rule: match for match in expected}
    assert [compiled._match(one) for one in told_by_words] == [by_rule.get(one.rule.id) for one in told_by_words]
    if any(term.regex or term.stem for rule in rules for node in nodes_of(rule) for term in terms_below(node)):
        return  # the reference knows no such terms
    reference = Reference(article, concepts)
    assert {match.rule for match in tried.matches} == {rule.id for rule in rules if reference.match(rule) is not None}
    assert {one.rule for one in tried.excluded} == {
        rule.rule for rule in walked if rule and not isinstance(rule, Fired)
    }
