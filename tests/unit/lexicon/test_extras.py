"""Extras: dictionary forms in many languages, and what happens without them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from watcher.core.language.terms import parse_term
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import Rule, RuleSource, Term
from watcher.lexicon.extras import compile_with_extras, installed, lemmatiser, segmenter
from watcher.lexicon.languages import detect
from watcher.reading.readers import WorkerReader

# Term, language, text, the words found.
INFLECTED = [
    ("ракета", "ru", "Десятки ракет запущены ночью", ["ракет"]),
    ("Корея", "ru", "Послы обеих Корей прибыли в Корею", ["Корей", "Корею"]),
    ("Зеленский", "ru", "Визит Зеленского в Киев", ["Зеленского"]),
    ("Пхеньян", "ru", "Делегация в Пхеньяне", ["Пхеньяне"]),
    ("Киев", "ru", "Поезд под Киевом", ["Киевом"]),
    ("Путин", "ru", "Слова Путина", ["Путина"]),
    ("Харків", "uk", "Вибухи у Харкові", ["Харкові"]),
    ("Praha", "cs", "Summit v Praze skončil", ["Praze"]),
    ("Suomi", "fi", "Vaalit Suomessa", ["Suomessa"]),
    ("missile", "en", "MISSILES over the sea", ["MISSILES"]),
    ("Rakete", "de", "Zwei Raketen gestartet", ["Raketen"]),
    ("سوريا", "ar", "العراق وسوريا", ["وسوريا"]),
]
NOT_FORMS = [
    ("universe", "en", "The university is closed"),
    ("import", "en", "An important day"),
    ("general", "en", "It is generally known"),
    ("Киев", "ru", "Бильярдный кий"),
    ("missil*", "en", "a mission"),
]


def found(term: str, lang: str, text: str, stem: str = "auto") -> list[str]:
    rule = Rule(RuleId("r"), "r", parse_term(term), stem=stem)
    article = Article(ArticleId("a"), FeedId("f"), summary=text, lang=lang)
    return [
        text[span.start : span.end]
        for match in compile_with_extras(RuleSource(1, (rule,))).match(article)[0]
        for span in match.spans
    ]


@pytest.mark.parametrize(("term", "lang", "text", "words"), INFLECTED)
def test_stem_finds_inflected_forms_as_they_stand_in_the_text(
    term: str, lang: str, text: str, words: list[str]
) -> None:
    assert found(term, lang, text) == words
    assert found(term, lang, text, stem="") == []


@pytest.mark.parametrize(("term", "lang", "text"), NOT_FORMS)
def test_stem_does_not_mix_words_of_one_root(term: str, lang: str, text: str) -> None:
    assert found(term, lang, text) == []


def test_stem_in_a_named_language_does_not_ask_the_article() -> None:
    assert found("Россия", "", "Президент России", stem="ru") == ["России"]


def test_stem_leaves_letters_that_count_as_they_are() -> None:
    assert found("=US", "en", "give us time") == []


def test_language_without_a_dictionary_is_taken_as_written() -> None:
    assert found("북한", "ko", "북한 외무성") == ["북한"]
    assert found("Russia", "xx", "Russia") == ["Russia"]


def test_nothing_is_loaded_that_no_rule_asks_for() -> None:
    rules = compile_with_extras(RuleSource(1, (Rule(RuleId("r"), "r", parse_term("Russia")),)))
    assert rules._lemmatise is None


def test_extras_say_what_was_found() -> None:
    assert re.fullmatch(r"simplemma 2[.\d]*, pymorphy3 2[.\d]*", installed()["morph"])
    assert lemmatiser() is not None
    assert set(installed()) == {"morph", "cjk", "re2", "fulltext"}


async def test_reader_processes_know_inflected_words(tmp_path: Path) -> None:
    reader = WorkerReader(1)
    try:
        rule = Rule(RuleId("r"), "r", parse_term("Москва"), none=(parse_term("футбол"),), stem="auto")
        await reader.use(RuleSource(1, (rule,)))
        texts = ("Саммит в Москве", "Футбол в Москве")
        articles = [Article(ArticleId(text), FeedId("f"), title=text, lang="ru") for text in texts]
        summit, game = await reader.match(articles, 1)
    finally:
        await reader.close()
    assert [match.spans[0].start for match in summit.matches] == [9]
    assert (game.matches, [one.term for one in game.excluded]) == ((), ["футбол"])


def test_rules_are_filed_by_the_frequencies_that_come_with_them() -> None:
    source = RuleSource(1, (Rule(RuleId("r"), "r", Term("army")),), frequencies={"army": 0.5})

    rules = compile_with_extras(source)

    assert rules.fits(source, None, segmenter(), detect, {"army": 0.5})
    assert not rules.fits(source, None, segmenter(), detect, None)
