"""Arabic and Hebrew terms: a word that is written onto them hides them, and `check` says so."""

from __future__ import annotations

import pytest

from watcher.core.lint.rules import lint
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import Rule, RuleSource, Term


def said(text: str, *, exact: bool = False) -> list[str]:
    rule = Rule(RuleId("r"), "r", Term(text, exact=exact))
    return [one.hint for one in lint(RuleSource(1, (rule,)), lambda word: 0.0) if one.code == "prefix"]


def found(term: str, title: str) -> bool:
    rules = compile_rules(RuleSource(1, (Rule(RuleId("r"), "r", Term(term)),)))
    return bool(rules.match(Article(ArticleId("a"), FeedId("f"), title=title))[0])


@pytest.mark.parametrize(("term", "joined"), [("روسيا", "أوكرانيا وروسيا"), ("רוסיה", "אוקראינה ורוסיה")])
def test_a_term_that_is_hidden_by_a_word_before_it_is_warned_of(term: str, joined: str) -> None:
    assert not found(term, joined)
    [hint] = said(term)
    assert hint == f'write `"*{term}"`, which finds both'
    assert found(f"*{term}", joined)
    assert found(f"*{term}", term)


@pytest.mark.parametrize("text", ["*روسيا", "Russia", "Россия", "러시아"])
def test_other_terms_are_not(text: str) -> None:
    assert said(text) == []
