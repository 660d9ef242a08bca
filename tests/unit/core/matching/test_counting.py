"""`atleast`: what a title repeats from the text below it is said once."""

from __future__ import annotations

import pytest

from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.rule import AtLeast, Node, Rule, RuleSource, Sentence, Term


def fires(body: Node, title: str, summary: str = "", content: str = "") -> bool:
    one = Article(ArticleId("a"), FeedId("f"), title=title, summary=summary, content=content)
    matches, failed = compile_rules(RuleSource(1, (Rule(RuleId("r"), "R", body),))).match(one)
    assert failed == ()
    return bool(matches)


def often(word: str, count: int) -> AtLeast:
    return AtLeast(Term(word), count)


@pytest.mark.parametrize(
    ("title", "summary", "content"),
    [
        ("Drone over Riga.", "Drone over Riga. Nobody was hurt.", ""),  # a post without a title
        ("DRONE OVER RIGA", "Drone over Riga. Nobody was hurt.", ""),
        ("Drone over Riga", "", "Drone over Riga\nNobody was hurt."),
        ("Drone over the port of…", "Drone over the port of Riga.", ""),
        ("Drone over Riga", "Drone over Riga", "Drone over Riga. Nobody was hurt."),
    ],
)
def test_a_title_that_the_text_begins_with_counts_once(title: str, summary: str, content: str) -> None:
    assert fires(often("drone", 1), title, summary, content)
    assert not fires(often("drone", 2), title, summary, content)


@pytest.mark.parametrize(
    ("title", "summary", "content"),
    [
        ("Drone over Riga", "A second drone was shot down.", ""),
        ("Drone over Riga", "Drone over Riga. A second drone was shot down.", ""),
        ("Drone over Riga", "Drone over Riga", "The drone was shot down."),
        ("Drone", "Drones and a drone", ""),  # another word
        ("Drone, drone", "", ""),
    ],
)
def test_what_is_said_again_counts_again(title: str, summary: str, content: str) -> None:
    assert fires(often("drone", 2), title, summary, content)
    assert not fires(often("drone", 3), title, summary, content)


def test_other_scripts_count_alike() -> None:
    assert not fires(often("드론", 2), "드론 격추", "드론 격추. 피해는 없었다.")
    assert not fires(often("дрон", 2), "Дрон над Ригой", "ДРОН НАД РИГОЙ. Никто не пострадал.")
    assert fires(Sentence((often("дрон", 2), Term("Рига*"))), "Дрон", "Дрон. Дрон и ещё дрон над Рига.")
