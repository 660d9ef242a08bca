"""The veto of a segmenter on short rows of characters, and what `none` reports."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest

from watcher.core.language.terms import parse_term
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.match import Excluded
from watcher.core.model.rule import AllOf, Rule, RuleSource


def cut_at_bars(text: str, language: str) -> Collection[int]:
    """A segmenter for texts whose words stand in a table."""
    found, at = {0}, 0
    for word in WORDS[text].split("|"):
        at += len(word)
        found.add(at)
    return found


# Text without bars -> the words in it.
WORDS = {
    text.replace("|", ""): text
    for text in (
        "今日|本报|记者",
        "東京|都知事|選",
        "日本人|来了",
        "旧|日本|军",
        "以|中华|为|本",
        "発|露|軍",
        "北朝鮮|が",
        "習|近平",
        "新华社|北京|电",
    )
}


@pytest.mark.parametrize(
    ("term", "text", "hits"),
    [
        ("日本", "今日本报记者", False),
        ("京都", "東京都知事選", False),
        ("华为", "以中华为本", False),
        ("日本", "旧日本军", True),
        ("日本", "日本人来了", True),  # a word that goes on
        ("朝鮮", "北朝鮮が", True),  # or that began before
        ("露", "発露軍", True),
        ("朝", "北朝鮮が", False),  # one character must be a word
        ("北京", "新华社北京电", True),
        ("今日本", "今日本报记者", True),  # longer rows are left alone
        ("日本*", "今日本报记者", True),  # and so are wildcards
    ],
)
def test_a_short_row_of_characters_must_not_straddle_words(term: str, text: str, hits: bool) -> None:
    source = RuleSource(1, (Rule(RuleId("r"), "r", parse_term(term)),))
    article = Article(ArticleId("a"), FeedId("f"), summary=text, lang="zh")

    matches, failed = compile_rules(source, segment=cut_at_bars).match(article)

    assert (bool(matches), failed) == (hits, ())
    assert compile_rules(source).match(article)[0], "without a segmenter every row counts"


def test_an_article_says_which_term_of_none_stopped_a_rule() -> None:
    body = AllOf((parse_term("army"), parse_term("cup")))
    plain = Rule(RuleId("r"), "r", body, none=(parse_term("chess"), parse_term("footbal*")))
    rules = compile_rules(RuleSource(1, (plain, replace(plain, id=RuleId("open"), none=()))))

    tried = rules.tried(Article(ArticleId("a"), FeedId("f"), title="Football cup of the army"))

    assert [match.rule for match in tried.matches] == ["open"]
    assert tried.excluded == (Excluded(RuleId("r"), "footbal*"),)


def test_a_rule_that_would_not_hold_anyway_is_not_called_stopped() -> None:
    rule = Rule(RuleId("r"), "r", AllOf((parse_term("army"), parse_term("cup"))), none=(parse_term("football"),))
    tried = compile_rules(RuleSource(1, (rule,))).tried(
        Article(ArticleId("a"), FeedId("f"), title="Football in the army")
    )
    assert (tried.matches, tried.excluded) == ((), ())
