"""Facts that no language hides: which there are, which are rare, and how many make one story of two."""

from __future__ import annotations

from datetime import timedelta

import pytest

from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.story import WordCounts
from watcher.core.stories.facts import LATER, MOST_FACTS, SOON, facts_of, is_enough, shared_facts

SECOND = timedelta(seconds=1)


def facts(title: str, summary: str = "", content: str = "") -> set[str]:
    return set(facts_of(Article(ArticleId("a1"), FeedId("f"), title=title, summary=summary, content=content)))


def numbers(title: str) -> set[str]:
    return {fact for fact in facts(title) if fact[0] == "#"}


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Explosion injures 14", {"#14"}),
        ("폭발로 14명 부상", {"#14"}),
        ("Toll of 1,200 feared", {"#1,200"}),
        ("Explosion injures 4", set()),
        ("Plan for 2026 passed", set()),
        ("Plan of 1998 passed", set()),
        ("Plan for 2150 homes passed", {"#2150"}),
        ("Some 20260 homes are dark", {"#20260"}),
        ("Some 19 homes are dark", {"#19"}),
    ],
)
def test_numbers_of_two_digits_are_facts_and_years_are_none(title: str, found: set[str]) -> None:
    assert {fact.replace(",", "") for fact in numbers(title)} == {fact.replace(",", "") for fact in found}


def test_names_and_designators_of_title_and_lead_are_facts() -> None:
    found = facts("Blast in Dellbrook", "North fires Hwasong-18.")
    assert any(fact.startswith("~") for fact in found)
    assert any(fact.startswith("!") for fact in found)
    assert facts("Blast in Dellbrook", "", "North fires Hwasong-18.") == found


def test_facts_are_few_however_long_a_text_is() -> None:
    names = " ".join(f"Dellbrook{chr(97 + n % 26)}kr{chr(97 + n // 26)}t" for n in range(200))
    assert len(facts(names[:300], names)) <= MOST_FACTS


def test_facts_of_many_stories_bring_none_together() -> None:
    counts = WordCounts(1000, {"~DLBRK": 50.0, "#14": 51.0, "!SN18": 2.0})
    theirs = {"~DLBRK": 1, "#14": 1, "!SN18": 1, "~KRSK": 1}
    assert shared_facts(("#14", "~DLBRK", "!SN18", "~ELSE"), theirs, counts) == ("!SN18", "~DLBRK")
    few = WordCounts(10, {"~DLBRK": 5.0, "#14": 6.0})
    assert shared_facts(("#14", "~DLBRK"), theirs, few) == ("~DLBRK",)


def test_shared_facts_come_with_names_before_numbers() -> None:
    theirs = {"#14": 1, "#15": 1, "~B": 1, "~A": 1}
    assert shared_facts(("#15", "~B", "#14", "~A"), theirs, WordCounts(10, {})) == ("~A", "~B", "#14", "#15")


@pytest.mark.parametrize(
    ("shared", "apart", "enough"),
    [
        (("~A", "#14"), SOON, True),
        (("~A", "#14"), SOON + SECOND, False),
        (("~A",), SOON, False),
        (("~A", "~B"), LATER, True),
        (("!A", "#14", "#15"), LATER, True),
        (("~A", "~B"), LATER + SECOND, False),
        (("#13", "#14", "#15", "#16"), SOON, False),
        ((), SOON, False),
    ],
)
def test_a_name_and_more_make_one_story_and_more_is_needed_later(
    shared: tuple[str, ...], apart: timedelta, enough: bool
) -> None:
    assert is_enough(shared, apart) is enough
