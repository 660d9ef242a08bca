"""`where: {lang: ...}` on articles as they are normalised: declared, told by the script, or unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from watcher.core.articles.normalise import normalise
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.explain import explain
from watcher.core.model.article import Article, Entry
from watcher.core.model.explanation import LanguageExplanation, LanguageOrigin, StopKind
from watcher.core.model.ids import FeedId, RuleId
from watcher.core.model.rule import Limits, Rule, RuleSource, Term, Where


def article(title: str, *, declared: str = "", feed: str = "", user: str = "") -> Article:
    entry = Entry(guid="g", title=title, lang=declared)
    return normalise(
        entry, feed=FeedId("f1"), feed_name="wire", feed_url="https://a.example/feed", languages=(user, feed)
    )


def fires(one: Article, term: str, *languages: str, negated: bool = False) -> bool:
    rule = Rule(RuleId("r"), "R", Term(term), where=Where(lang=Limits(languages, negated)))
    rules = compile_rules(RuleSource(1, (rule,)))
    matches, _ = rules.match(one)
    (explanation,) = explain(rules, one)
    assert explanation.matched is bool(matches)
    if not matches:
        assert explanation.stop is not None
        assert (explanation.stop.kind, explanation.stop.detail) == (StopKind.WHERE, "lang")
    return bool(matches)


def test_a_declared_language_decides() -> None:
    one = article("Iran holds talks", declared="en-GB")
    assert one.lang == "en"
    assert fires(one, "Iran", "en", "de")
    assert not fires(one, "Iran", "de")
    assert not fires(one, "Iran", "en", negated=True)


def test_the_entry_is_believed_before_the_user_and_the_user_before_the_feed() -> None:
    assert article("Iran holds talks", declared="en", user="de", feed="fr").lang == "en"
    assert article("Iran holds talks", user="de", feed="fr").lang == "de"
    assert article("Iran holds talks", feed="fr").lang == "fr"


@pytest.mark.parametrize(
    ("title", "term", "language"),
    [
        ("북한 군부대가 이동했다", "북한", "ko"),
        ("Войска вышли из города", "Войска", "ru"),
        ("قطار صبح به پایتخت رسید", "پایتخت", "fa"),
    ],
)  # fmt: skip
def test_the_script_tells_where_nothing_is_declared_or_the_declaration_cannot_be(
    title: str, term: str, language: str
) -> None:
    for one in (article(title), article(title, declared="en")):
        assert one.lang == language
        assert fires(one, term, language)
        assert not fires(one, term, "en")


def test_an_unknown_language_passes_whatever_is_asked() -> None:
    one = article("Iran holds talks")
    assert one.lang == ""
    assert fires(one, "Iran", "ko")
    assert fires(one, "Iran", "en", negated=True)


@pytest.mark.parametrize(
    ("one", "code", "origin"),
    [
        (article("Iran holds talks", declared="en"), "en", LanguageOrigin.DECLARED),
        (article("Iran holds talks", feed="en"), "en", LanguageOrigin.DECLARED),
        (article("Войска вышли из города", declared="ru"), "ru", LanguageOrigin.DECLARED),
        (article("Войска вышли из города", declared="en"), "ru", LanguageOrigin.LETTERS),
        (article("Войска вышли из города"), "ru", LanguageOrigin.LETTERS),
        (article("Iran holds talks"), "", LanguageOrigin.UNKNOWN),
        (replace(article("Iran holds talks"), lang="en", lang_declared=None), "en", LanguageOrigin.GIVEN),
    ],
)
def test_an_explanation_says_how_the_language_is_known(one: Article, code: str, origin: LanguageOrigin) -> None:
    asking = Rule(RuleId("r"), "R", Term("Iran"), where=Where(lang=Limits(("en",))))
    silent = Rule(RuleId("s"), "S", Term("Iran"), where=Where(tags=Limits(("wire",))))

    asked, other = explain(compile_rules(RuleSource(1, (asking, silent))), one)

    assert asked.language == LanguageExplanation(code, origin)
    assert other.language is None


@pytest.mark.parametrize(
    ("title", "term", "language"),
    [
        ("Руски войски напуснаха столицата, съобщи министерството", "войски", "bg"),
        ("Руски војници напустили су град, каже влада", "војници", "sr"),
    ],
)
def test_a_guess_does_not_shut_out_a_language_that_is_not_told_from_others(
    title: str, term: str, language: str
) -> None:
    assert fires(article(title), term, language)


def test_what_is_declared_or_its_letters_shut_out_such_a_language() -> None:
    assert not fires(article("Войска вышли из города", declared="ru"), "Войска", "bg")
    assert not fires(article("북한 군부대가 이동했다"), "북한", "bg")
    assert not fires(article("Войска вышли из города"), "Войска", "vi")


def test_a_guess_still_tells_languages_that_are_told_apart() -> None:
    assert not fires(article("Войска вышли из города"), "Войска", "uk")


@pytest.mark.parametrize(
    ("declared", "asked"),
    [
        ("iw", "he"),
        ("he", "iw"),
        ("eng", "en"),
        ("en", "eng"),
        ("in", "id"),
        ("swe", "sv"),
        ("nob", "no"),
        ("no", "nn"),
    ],
)
def test_a_language_has_one_code(declared: str, asked: str) -> None:
    one = article("Iran holds talks", declared=declared)
    assert fires(one, "Iran", asked)
    assert not fires(one, "Iran", asked, negated=True)
