"""What an index of words finds for a rule holds every article on which the rule fires: index and engine together give
what the engine gives over all.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.property.test_matching_engine import _ARTICLES, _CONCEPT, _nodes
from watcher.core.articles.korean import stems
from watcher.core.articles.tokens import tokenise
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.texts import PROSE
from watcher.core.matching.word_index import _GIVES_MORE, _MAY_GIVE_MORE, _is_unspaced, words_to_index
from watcher.core.model.article import Article, Field
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import Concept, ConceptRef, Node, Rule, RuleSource, Term
from watcher.core.read import match_articles
from watcher.storage.search import expression
from watcher.storage.sqlite import Sqlite
from watcher.storage.tables_of_search import WORDS_TABLE


def found(articles: Sequence[Article], asked: str) -> set[int]:
    """Return the numbers of the articles that an index gives."""
    index = sqlite3.connect(":memory:")
    index.execute(WORDS_TABLE)
    index.executemany(
        "INSERT INTO search_words (rowid, words) VALUES (?, ?)",
        [(number, " ".join(words_to_index(one))) for number, one in enumerate(articles)],
    )
    rows = index.execute("SELECT rowid FROM search_words WHERE search_words MATCH ?", (asked,)).fetchall()
    index.close()
    return {row[0] for row in rows}


@settings(max_examples=60)
@given(st.lists(_nodes(), min_size=1, max_size=2), st.lists(_ARTICLES, min_size=1, max_size=6), _CONCEPT, _CONCEPT)
def test_index_and_engine_give_what_the_engine_gives_over_all(
    bodies: list[Node],
    articles: list[Article],
    first: tuple[list[Term], list[Term]],
    second: tuple[list[Term], list[Term]],
) -> None:
    concepts = {
        "a": Concept("a", tuple(first[0]), tuple(first[1])),
        "b": Concept("b", (*second[0], ConceptRef("a")), tuple(second[1])),
    }
    rules = compile_rules(
        RuleSource(1, tuple(Rule(RuleId(f"r{at}"), f"r{at}", body) for at, body in enumerate(bodies)), concepts)
    )
    asked = rules.asked_for()
    fired = {number for number, article in enumerate(articles) if rules.match(article)[0]}
    if asked is not None:
        assert fired <= (found(articles, expression(asked, Sqlite.WORDS)) if asked else set())


@given(_ARTICLES)
def test_words_hold_nothing_that_an_index_would_cut(article: Article) -> None:
    words = words_to_index(article)
    assert all(word and not any(sign.isascii() and not sign.isalnum() for sign in word) for word in words)
    assert len(set(words)) == len(words)


@example(Article(ArticleId("a"), FeedId("f"), title="Kim Jong-un", summary="met 김정은이 — 朝鲜", tags=("a b", "c")))
@example(
    Article(ArticleId("a"), FeedId("f"), title="u.s.", summary="A. of the U.", content="S. “quoted” it’s ⒈ x" * 60)
)
@given(_ARTICLES)
def test_reading_says_the_words_that_the_index_would_ask_for(article: Article) -> None:
    (read,) = match_articles([article], compile_rules(RuleSource(1, ())))
    assert read.words.split() == words_to_index(article)
    assert set(words_to_index(article)) == set(_field_by_field(article))


def _field_by_field(article: Article) -> list[str]:
    """Return what `words_to_index` does, in the slow way: each field and each word for itself."""
    found: list[str] = []
    for field in Field:
        text = article.text_of(field)
        text = text.replace("\n", "\0") if field is Field.TAG else text
        words = [token.folded for token in tokenise(text, prose=field in PROSE)]
        nouns = [noun for word in words for noun in stems(word)]
        pairs = [one + two for one, two in pairwise(words) if _is_unspaced(one) and _is_unspaced(two)]
        found += [*words, *nouns, *pairs]
    return [plain for word in found if (plain := "".join(s for s in word if not s.isascii() or s.isalnum())[:200])]


def test_the_first_look_for_letters_that_give_more_leaves_none_out() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))

    given_more = set(_GIVES_MORE.findall(every))

    assert given_more
    assert given_more <= set(_MAY_GIVE_MORE.findall(every))
