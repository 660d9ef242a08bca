"""Rules compiled from those before match as rules compiled anew, and keys that are read off a term are those of its
patterns.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.core.matching.compile import compile_rules
from watcher.core.matching.keys import keys_of, pattern_keys
from watcher.core.matching.pattern import patterns_of
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import AllOf, AnyOf, Concept, ConceptRef, Limits, Not, Rule, RuleSource, Term, Where

_TERMS = (
    "north", "North Korea", "north korea said", "kor*", "*ea", "*or*", "café", "U.S.", "T-72", "C++", "AT&T", "Северн* Коре*", "북한",
    "한국 북한", "*한", "朝鲜", "北朝鲜", "ไทย", "O'Brien", "korea", "said",
)  # fmt: skip
_WORDS = (
    "North",
    "Korea",
    "korean",
    "Café",
    "U.S.",
    "T72",
    "C++",
    "AT&T",
    "Северной Кореи",
    "한국 북한이",
    "北朝鲜",
    "ไทย",
    "O’Brien",
    "said",
)


def _terms() -> st.SearchStrategy[Term]:
    return st.sampled_from(_TERMS).map(Term)


def _refs() -> st.SearchStrategy[ConceptRef]:
    return st.sampled_from("abc").map(ConceptRef)


def _concepts() -> st.SearchStrategy[dict[str, Concept]]:
    """Of three concepts the second may hold the first, and the third both."""
    terms = st.lists(_terms(), min_size=1, max_size=3).map(tuple)
    inner = st.lists(st.sampled_from("ab").map(ConceptRef), max_size=2).map(tuple)
    excepts = st.lists(_terms(), max_size=1).map(tuple)

    def together(
        parts: tuple[tuple[Term, ...], ...], held: tuple[ConceptRef, ...], no: tuple[Term, ...]
    ) -> dict[str, Concept]:
        first, second, third = parts
        return {
            "a": Concept("a", first, no),
            "b": Concept("b", (*second, *(ref for ref in held if ref.name == "a"))),
            "c": Concept("c", (*third, *held)),
        }

    return st.builds(together, st.tuples(terms, terms, terms), inner, excepts)


def _rules() -> st.SearchStrategy[tuple[Rule, ...]]:
    terms = st.lists(_terms(), min_size=1, max_size=2).map(tuple)
    body = st.one_of(
        st.lists(terms.map(AnyOf), min_size=1, max_size=3).map(lambda items: AllOf(tuple(items))),
        st.lists(terms.map(AllOf), min_size=1, max_size=3).map(lambda items: AnyOf(tuple(items))),
        st.tuples(_terms(), _terms()).map(lambda two: AnyOf((two[0], Not(two[1])))),
        st.tuples(_refs(), _terms()).map(AllOf),
        st.tuples(_terms(), _refs(), _refs()).map(AnyOf),
    )
    where = st.sampled_from((Where(), Where(lang=Limits(("en",))), Where(lang=Limits(("ko",)))))
    rule = st.builds(
        lambda number, body, none, where: Rule(RuleId(f"r{number}"), "r", body, none=tuple(none), where=where),
        st.integers(0, 15), body, st.lists(_terms() | _refs(), max_size=1), where,
    )  # fmt: skip
    return st.lists(rule, max_size=24).map(tuple)


_ARTICLES = st.builds(
    lambda title, words: Article(ArticleId("a"), FeedId("f"), title=title, content=" ".join(words), lang="en"),
    st.sampled_from(_WORDS),
    st.lists(st.sampled_from(_WORDS), max_size=6),
)


@settings(max_examples=150)
@given(
    st.lists(st.tuples(_rules(), _concepts()), min_size=2, max_size=4),
    st.lists(_ARTICLES, min_size=1, max_size=3),
    st.booleans(),
)
def test_taking_rules_over_changes_no_match(
    revisions: list[tuple[tuple[Rule, ...], dict[str, Concept]]], articles: list[Article], same_rules: bool
) -> None:
    current = compile_rules(RuleSource(0, ()))
    for number, (rules, concepts) in enumerate(revisions):
        source = RuleSource(number, revisions[0][0] if same_rules else rules, concepts)
        current = compile_rules(source, previous=current)

        assert current.revision == number
        for article in articles:
            assert current.tried(article) == compile_rules(source).tried(article)


@settings(max_examples=50)
@given(_rules(), _ARTICLES, st.dictionaries(st.sampled_from(_TERMS), st.floats(0.0001, 1), min_size=1))
def test_frequencies_change_no_match(rules: tuple[Rule, ...], article: Article, frequencies: dict[str, float]) -> None:
    source = RuleSource(1, rules, {name: Concept(name, (Term("Kim"),)) for name in "abc"})

    assert compile_rules(source, frequencies=frequencies).tried(article) == compile_rules(source).tried(article)


@settings(max_examples=300)
@given(
    st.one_of(
        st.sampled_from((*_TERMS, *_WORDS)),
        st.lists(st.sampled_from((*_WORDS, "russia", "İstanbul", "Straße")), min_size=1, max_size=3).map(" ".join),
    )
)
def test_quick_keys_are_those_of_the_patterns(text: str) -> None:
    assert set(keys_of(text)) == set(pattern_keys(patterns_of(Term(text))))
