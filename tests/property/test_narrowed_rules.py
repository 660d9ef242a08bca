"""Rules that are narrowed to one article explain it as all of them do."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.test_matching_engine import _ARTICLES, _OF_CONCEPT, _TERMS, _plain, _rules
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.explain import explain
from watcher.core.matching.keys import keys_of
from watcher.core.matching.known_terms import learn, taught
from watcher.core.matching.narrow import narrowed
from watcher.core.matching.pattern import patterns_of, word_row_of
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.rule import Concept, Rule, RuleSource, Term

_LONG = st.tuples(st.lists(_OF_CONCEPT, min_size=1, max_size=24), st.lists(_plain(), max_size=4))


@settings(max_examples=50)
@given(_rules(), st.tuples(_LONG, _LONG), _ARTICLES)
def test_narrowed_rules_explain_as_all_of_them(
    rules: tuple[Rule, ...], concepts: tuple[tuple[list[Term], list[Term]], ...], article: Article
) -> None:
    terms = {text: taught(keys_of(text), word_row_of(patterns_of(Term(text)))) for text in _TERMS}
    learn({text: known for text, known in terms.items() if known is not None})
    named = dict(zip("ab", concepts, strict=True))
    places = {
        name: Concept(name, tuple(of), tuple(excepts), is_place=name == "a") for name, (of, excepts) in named.items()
    }
    source = RuleSource(revision=1, rules=rules, concepts=places)
    assert explain(compile_rules(narrowed(source, article)), article) == explain(compile_rules(source), article)


def test_words_that_an_article_has_not_are_left_out_and_those_that_a_concept_is_told_by_stay() -> None:
    words = tuple(Term(f"alpha{'b' * number}") for number in range(1, 40))
    learn({term.text: taught(keys_of(term.text), word_row_of(patterns_of(term))) or [] for term in words})
    source = RuleSource(1, (), {"c": Concept("c", words)})
    left = narrowed(source, Article(ArticleId("a"), FeedId("f"), title=f"here is {words[-1].text}")).concepts["c"].terms
    assert left == (*words[:8], words[-1])
