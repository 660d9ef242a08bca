"""Texts made to hurt: the engine answers, its marks lie inside the text, and its work grows no faster than the text."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from watcher.core.articles.korean import _stems
from watcher.core.articles.letters import _known_forms
from watcher.core.articles.sentences import sentences
from watcher.core.articles.tokens import _known_tokens
from watcher.core.articles.words import _folded
from watcher.core.language.query import parse
from watcher.core.language.terms import parse_term
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import Rule, RuleSource, Term

QUERIES = (
    '"war war war"',
    "war NEAR/5 war",
    "war NEAR/100000 peace",
    "war ONEAR/100000 peace ONEAR/100000 war",
    '("war war" OR war) ONEAR/1000 ("war war war" OR war)',
    "ATLEAST/500(war OR w*)",
    "SENTENCE(war peace)",
    "PARAGRAPH(war peace)",
    "FIRST/100000(war peace)",
    "TITLE_OR_LEAD(war peace)",
    "*a*",
    "é OR ı*",
    "북한 OR *한",
    "朝朝朝鲜",
    "T-72 OR C++ OR a-b",
    r"/(\w+\s)+peace/ OR /\bwar\b/",
)
TEXTS: dict[str, Callable[[int], str]] = {
    "one word again and again": lambda n: "war " * n + "peace",
    "words in sentences": lambda n: "war. War " * (n // 2) + "peace",
    "a word a line": lambda n: "war\n" * n + "peace",
    "words two ways": lambda n: "war peace " * (n // 2),
    "one letter with many marks": lambda n: "a" + "\u0301\u0327\u0323" * (n // 3) + " war peace",
    "many letters with many marks": lambda n: ("a" + "\u0301" * 30) * (n // 31) + " war peace",
    "joiners in a word": lambda n: "a" + "\u200d" * n + "b war peace",
    "joiners alone": lambda n: "\u200d" * n + " war peace",
    "invisible signs and blanks between two words": lambda n: "war" + "\u200e \u200f" * (n // 3) + "war peace",
    "hyphens and blanks between two letters": lambda n: "a" + "- " * (n // 2) + "b war",
    "line breaks between two words": lambda n: "war" + "\n" * n + "war peace",
    "overrides of direction": lambda n: "\u202ewar\u202c peace " * (n // 2),
    "half characters": lambda n: "\ud800war \udc00peace " * (n // 2),
    "zero characters": lambda n: "\x00war\x00 peace" * (n // 2),
    "a word without end": lambda n: "é" * n + " war peace",
    "an acronym without end": lambda n: "A." * n + " war peace",
    "addresses without end": lambda n: "http://" * (n // 7) + " war peace",
    "at-signs": lambda n: "a@" * n + " war peace",
    "Korean particles in a row": lambda n: "북한에서는 " * (n // 6) + "한" * n,
    "letters of Korean syllables": lambda n: "\u1107\u116e\u11a8" * (n // 3),
    "one Chinese character": lambda n: "朝" * n + "鲜",
    "half-width katakana": lambda n: "ｶﾞ" * n,
    "Thai vowels in the wrong order": lambda n: "ก\u0e4d" + "\u0e48" * n + "\u0e32 war",
    "one character for four words": lambda n: "ﷺ" * n,
    "Latin and Cyrillic by turns": lambda n: "aбoо" * (n // 4),
    "marks that end no sentence": lambda n: "!" * n + "war peace",
    "plus signs": lambda n: "C+" * n + " C" + "+" * n,
    "designators": lambda n: "T-72 T 72 " * (n // 10),
}


def rules(*queries: str, excepts: tuple[Term, ...] = ()) -> RuleSet:
    made = [Rule(RuleId(f"r{at}"), f"r{at}", parse(query), excepts=excepts) for at, query in enumerate(queries)]
    return compile_rules(RuleSource(1, tuple(made)))


def article(text: str) -> Article:
    return Article(ArticleId("a"), FeedId("f"), content=text)


def term(text: str) -> Term:
    made = parse_term(text)
    assert isinstance(made, Term)
    return made


ALL = rules(*QUERIES)
MASKED = rules("war", excepts=(term("war war"), term("*r w*")))


@pytest.mark.parametrize("build", TEXTS.values(), ids=TEXTS)
def test_any_text_gets_an_answer_with_marks_inside_it(build: Callable[[int], str]) -> None:
    text = build(3_000)
    for rule_set in (ALL, MASKED):
        matches, failed = rule_set.match(article(text))

        assert failed == ()
        assert all(0 <= span.start < span.end <= len(text) for match in matches for span in match.spans)


@pytest.mark.parametrize("build", TEXTS.values(), ids=TEXTS)
def test_work_grows_with_the_text_and_not_with_its_square(build: Callable[[int], str]) -> None:
    for rule_set in (ALL, MASKED):
        small, large = calls(rule_set, build(250)), calls(rule_set, build(1_000))

        assert large < 6 * small + 1_000


def test_a_hundred_thousand_words_are_read_to_the_end() -> None:
    text = "war " * 100_000 + "peace"
    matches, _ = rules("ATLEAST/99999(war)", '"war peace"', "war ONEAR/100000 peace").match(article(text))

    assert [match.rule for match in matches] == ["r0", "r1", "r2"]


def test_a_run_of_marks_is_tried_once() -> None:
    text = "!" * 300_000 + "war"

    assert sentences(text) == [(0, len(text))]


def calls(rule_set: RuleSet, text: str) -> int:
    """Return how many functions are called while a text is matched, those of C among them; nothing is remembered from
    before.
    """
    for cache in (_known_forms, _known_tokens, _folded, _stems):
        cache.cache_clear()
    made = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        rule_set.match(article(text))
    finally:
        sys.setprofile(None)
    return made
