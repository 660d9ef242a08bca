"""Signs of a term that stand apart from its words: a blank or dash that the term has must not keep it from firing."""

from __future__ import annotations

import pytest

from watcher.core.language.terms import parse_term
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import Rule, RuleSource


def spans(term: str, text: str) -> list[str]:
    rules = compile_rules(RuleSource(1, (Rule(RuleId("r"), "R", parse_term(term)),)))
    matches, failed = rules.match(Article(ArticleId("a"), FeedId("f"), summary=text))
    assert failed == ()
    return [text[span.start : span.end] for match in matches for span in match.spans]


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("50 %", "Plus de 50 % des voix", "50 %"),
        ("50 %", "Plus de 50\xa0% des voix", "50\xa0%"),
        ("50 %", "More than 50% of them", "50%"),
        ("50%", "Mehr als 50 % der Stimmen", "50 %"),
        ("№ 5", "Школа № 5 закрыта", "№ 5"),
        ("№5", "Школа № 5 закрыта", "№ 5"),
        ("№ 5", "Школа №5 закрыта", "№5"),
        ("€ 5", "It costs € 5 now", "€ 5"),
        ("§ 129", "nach § 129 angeklagt", "§ 129"),
        ("$$ 5", "It costs $ 5 now", "$ 5"),
        ("$$100", "It costs $100 now", "$100"),
        ("— дрон", "Сообщили — дрон упал", "— дрон"),
        ("drone – ship", "The drone – ship link", "drone – ship"),
        ("Trump - Putin", "A Trump – Putin call", "Trump – Putin"),
        ("Trump – Putin", "A Trump-Putin call", "Trump-Putin"),
        ("Trump – Putin", "A Trump Putin call", "Trump Putin"),
    ],
)
def test_signs_set_apart_are_found(term: str, text: str, found: str) -> None:
    assert spans(term, text) == [found]


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("50 %", "More than 50 of them"),
        ("50 %", "More than 50, % unknown"),
        ("50 %", "More than 50\n% unknown"),
        (".NET", "He left. NET sales rose"),
        ("C++", "Vitamin C ++ helps"),
        ("Yahoo!", "Yahoo said"),
        ("№ 5", "5 schools"),
        ("€5", "5 schools"),
        ("$$5", "A $ 15 bill"),
        ("Trump Putin", "Trump – Putin is on the line"),
        ("North Korea", "Up north - Korea is cold"),
    ],
)
def test_signs_that_are_not_there_are_not_found(term: str, text: str) -> None:
    assert spans(term, text) == []
