"""A list of a language counts in articles that may be in it; what is unsure matches."""

from __future__ import annotations

import pytest

from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.matching.explain import explain
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import Concept, ConceptRef, Rule, RuleSource, Term
from watcher.lexicon.languages import detect
from watcher.settings.concepts import library_concept, library_names
from watcher.settings.language_lists import tied

OWN = Concept(
    "ship",
    tied(
        {"de": [Term("Schiff*")], "en": [Term("ship")], "ko": [Term("천경해운")], "any": [Term("IMO")]}, elsewhere=False
    ),
)


def rules_of(*concepts: Concept) -> RuleSet:
    rules = tuple(Rule(RuleId(one.name), one.name, ConceptRef(one.name)) for one in concepts)
    return compile_rules(RuleSource(1, rules, {one.name: one for one in concepts}), None, None, detect)


def library(*names: str) -> RuleSet:
    return rules_of(*(library_concept(library_names()[name]).concept for name in names))


def article(title: str, lang: str = "") -> Article:
    return Article(ArticleId("a"), FeedId("f"), title=title, lang=lang, lang_declared=True if lang else None)


def fires(rules: RuleSet, title: str, lang: str = "") -> bool:
    one = article(title, lang)
    matches, failed = rules.match(one)
    assert not failed
    assert [told.rule for told in explain(rules, one) if told.matched] == [match.rule for match in matches]
    return bool(matches)


@pytest.mark.parametrize(
    ("concept", "title", "lang"),
    [
        ("military", "DeSantis signs school funding bill", ""),
        ("military", "DeSantis signs school funding bill", "en"),
        ("shipping", "Texas teen crowned prom queen", ""),
        ("shipping", "Adam Schiff wins Senate primary", "en"),
        ("russia", "To moja duma, mówi trener", "pl"),
        ("espionage", "NSA: wyrok w sprawie podatku od nieruchomości", "pl"),
    ],
)
def test_word_of_another_language_is_no_hit(concept: str, title: str, lang: str) -> None:
    assert not fires(library(concept), title, lang)


@pytest.mark.parametrize(
    ("concept", "title", "lang"),
    [
        ("military", "Desant w Gdyni: ćwiczenia marynarki", "pl"),
        ("military", "Desant w Gdyni: ćwiczenia marynarki", "en"),
        ("military", "Desant", ""),
        ("shipping", "Ein Schiff mit Kohle erreicht den Hafen", "de"),
        ("shipping", "Ein Schiff mit Kohle erreicht den Hafen", "en"),
        ("north-korea", "Kim Jong Un (김정은) inspects a farm", "en"),
        ("russia", "Rusland en Noord-Korea: Putin in Pyongyang", "nl"),
        ("military", "Минобороны: HIMARS и drone strike", "ru"),
    ],
)
def test_word_counts_in_its_language_under_a_wrong_label_and_where_nothing_is_known(
    concept: str, title: str, lang: str
) -> None:
    assert fires(library(concept), title, lang)


@pytest.mark.parametrize(
    ("title", "lang", "expected"),
    [
        ("Das Schiff liegt im Hafen", "de", True),
        ("Das Schiff liegt im Hafen", "", True),
        ("Schiff wins", "", True),
        ("Schiff wins the Senate primary in California", "en", False),
        ("Le Schiff est un bateau pour les touristes", "fr", False),
        ("Sanctions on 천경해운 of Busan are lifted today", "en", True),
        ("IMO warnt die Reeder vor neuen Gefahren", "de", True),
    ],
)
def test_own_lists_count_in_their_languages_alone(title: str, lang: str, expected: bool) -> None:
    assert fires(rules_of(OWN), title, lang) is expected


def test_explanation_says_which_words_are_of_another_language_and_how_the_language_is_known() -> None:
    (told,) = explain(rules_of(OWN), article("Schiff wins the Senate primary in California", "en"))
    assert [span.term for span in told.groups[0].foreign] == ["Schiff*"]
    assert told.language is not None
    assert told.language.code == "en"


def test_term_of_two_lists_counts_in_both_languages() -> None:
    (term,) = tied({"de": [Term("Hafen")], "en": [Term("Hafen")], "fr": []}, elsewhere=False)
    assert isinstance(term, Term)
    assert term.langs is not None
    assert term.langs.own == ("de", "en")


@pytest.mark.parametrize(
    ("title", "lang"),
    [
        ("Nordkorea: Soldaten in Kursk, Russland", "en"),
        ("Wojska KRLD w Rosji", "en"),
        ("Wojska KRLD w Rosji", "de"),
        ("朝鲜向俄罗斯派遣军队", "ko"),
        ("North Korean troops in Kursk, Russia", "de"),
    ],
)
def test_the_example_fires_under_a_wrong_label(title: str, lang: str) -> None:
    for concept in ("north-korea", "russia", "military"):
        assert fires(library(concept), title, lang)


@pytest.mark.parametrize(
    ("language", "term", "title", "lang"),
    [
        ("bg", "войни*", "Севернокорейски войници в Курск", ""),
        ("vi", "quân", "Triều Tiên đưa quân sang Nga", ""),
        ("nb", "soldat*", "Nordkoreanske soldater i Russland sier Kreml", "nb"),
        ("nn", "soldat*", "Nordkoreanske soldater i Russland sier Kreml", "no"),
    ],
)
def test_list_of_a_language_that_is_not_told_from_others_counts(
    language: str, term: str, title: str, lang: str
) -> None:
    concept = Concept("c", tied({language: [Term(term)], "en": [Term("troops")]}, elsewhere=False))
    assert fires(rules_of(concept), title, lang)


@pytest.mark.parametrize(
    "title", ["Musk Zelensky Putin Trump", "Lavrov, Blinken, Wang Yi", "Kim Jong Un Xi Jinping Putin"]
)
def test_a_headline_of_names_alone_counts_for_english_lists(title: str) -> None:
    names = rules_of(
        Concept("names", tied({"en": [Term("Putin"), Term("Lavrov")], "pl": [Term("nic")]}, elsewhere=False))
    )
    assert fires(names, title)


def test_a_headline_with_words_beside_its_names_is_told_by_them() -> None:
    assert not fires(library("military"), "DeSantis signs school funding bill")
    names = rules_of(Concept("names", tied({"en": [Term("pogrom")]}, elsewhere=False)))
    assert not fires(names, "Trener Lecha Poznań mówi o porażce: to był pogrom naszej drużyny")
