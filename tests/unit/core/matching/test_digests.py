"""Rules in digests: all that a rule asks for must stand in one story of it."""

from __future__ import annotations

import pytest

from watcher.core.lint.audit import audit
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.matching.explain import explain
from watcher.core.model.article import Article, Field
from watcher.core.model.explanation import StopKind
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import AllOf, AnyOf, Node, Rule, RuleSource, Sentence, Term, TitleOrLead

KOREA, RUSSIA, ARMS = Term("Pyongyang"), Term("Moscow"), Term("shells")
ALL = AllOf((KOREA, RUSSIA, ARMS))
APART = "Pyongyang holds a fair.\nMoscow cuts output.\nKyiv lacks shells."
TOGETHER = "Oil falls.\nPyongyang sends Moscow more shells.\nA fair opens."


def rules(body: Node, none: tuple[Node, ...] = ()) -> RuleSet:
    return compile_rules(RuleSource(1, (Rule(RuleId("r"), "r", body, none),)))


def digest(content: str, title: str = "Your Thursday Briefing", lang: str = "en") -> Article:
    return Article(ArticleId("a"), FeedId("f"), title=title, content=content, lang=lang)


def fires(article: Article, body: Node = ALL) -> bool:
    compiled = rules(body)
    found = bool(compiled.match(article)[0])
    [explained] = explain(compiled, article)
    [audited] = audit(compiled, [article])
    assert explained.matched is found is bool(audited.matched)
    return found


def test_words_of_different_stories_do_not_meet() -> None:
    assert not fires(digest(APART))
    assert fires(digest(APART, title="A long report"))


def test_words_of_one_story_do() -> None:
    assert fires(digest(TOGETHER))


def test_where_there_is_one_paragraph_a_story_is_a_sentence() -> None:
    assert not fires(digest("Pyongyang holds a fair. Moscow cuts output. Kyiv lacks shells."))
    assert fires(digest("Oil falls. Pyongyang sends Moscow more shells."))


def test_the_title_is_a_story() -> None:
    assert fires(digest("A fair opens. Oil falls.", title="FirstFT: Pyongyang sends Moscow shells"))
    assert not fires(digest("Moscow cuts output. Kyiv lacks shells.", title="FirstFT: Pyongyang holds a fair"))


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Morning briefing: a fair in Pyongyang, Moscow cuts output, Kyiv lacks shells and a royal baby", False),
        ("Morning briefing: rate cut hopes, Pyongyang sends Moscow shells, a royal baby", True),
        (
            "Morning briefing: Pyongyang, Moscow agree on shells, Kyiv is hit",
            True,
        ),  # one story may be told of two names
        ("Morning briefing: Pyongyang has a fair, Moscow has shells", True),  # two parts may be one sentence
    ],
)
def test_the_title_is_as_many_stories_as_it_lists(title: str, *, told: bool) -> None:
    assert fires(digest("Five stories. In brief.", title=title)) is told


def test_what_is_known_beside_the_text_counts_for_every_story() -> None:
    assert fires(digest(TOGETHER), AllOf((Term("en", field=Field.LANG), KOREA, ARMS)))


@pytest.mark.parametrize("body", [KOREA, AnyOf((KOREA, RUSSIA))])
def test_a_rule_that_asks_for_one_thing_looks_at_the_whole(body: Node) -> None:
    assert fires(digest(APART), body)


def test_a_rule_that_names_parts_of_the_article_is_taken_at_its_word() -> None:
    body = AllOf((Term("Briefing", field=Field.TITLE), ARMS))
    assert fires(digest(APART), body)
    assert fires(digest("Pyongyang.\nshells"), TitleOrLead((KOREA, Term("Briefing"))))


def test_a_rule_with_alternatives_is_asked_of_each_story() -> None:
    assert not fires(digest(APART), AnyOf((AllOf((KOREA, RUSSIA)), AllOf((KOREA, ARMS)))))
    assert fires(digest(TOGETHER), AnyOf((AllOf((KOREA, RUSSIA)), AllOf((KOREA, Term("nothing"))))))
    assert fires(digest(TOGETHER), Sentence((KOREA, ARMS)))


def test_why_says_by_which_sign_and_only_words_of_the_story_are_shown() -> None:
    article = digest(f"{TOGETHER}\nMoscow again.")
    [match], _ = rules(ALL).match(article)
    assert {group.asks for group in match.groups} == {
        "an item of many stories (“Your Thursday Briefing” in its title): all in one of them"
    }
    assert [article.content[span.start : span.end] for span in match.spans] == ["Pyongyang", "Moscow", "shells"]


def test_an_explanation_says_that_the_stories_are_different_ones() -> None:
    [found] = explain(rules(ALL), digest(APART))
    assert all(group.holds for group in found.groups)
    assert found.stop is not None
    assert (found.stop.kind, found.stop.detail) == (StopKind.STORIES, "“Your Thursday Briefing” in its title")
    [found] = explain(rules(ALL), digest("Pyongyang.\nMoscow."))
    assert found.stop is not None
    assert found.stop.kind is StopKind.MISSING


def test_none_looks_at_the_whole_item() -> None:
    assert not rules(ALL, (Term("fair"),)).match(digest(TOGETHER))[0]
