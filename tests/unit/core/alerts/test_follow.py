"""Following a story: the table of follow.py, cell by cell, and when follow-ups are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from watcher.core.alerts.follow import Following, Heard, Step, follow, told_at
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, StoryId
from watcher.core.model.rule import Severity
from watcher.core.model.story import Story
from watcher.core.stories.claims import claims_of

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HEARD = Heard(NOON, NOON, Severity.NORMAL)


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def story(*titles: str, **told: Any) -> Story:
    claims = [claims_of(Article(ArticleId("a1"), FeedId("f"), title=title, lang="en")) for title in titles]
    merged = {f"en{number}": one for number, one in enumerate(claims)}
    return Story(
        StoryId("s1"), titles[0], NOON, NOON, NOON, {"en": len(titles)}, {}, claims=merged, headlines=titles, **told
    )


def step(title: str, *told: str, heard: Heard | None = HEARD, now: datetime = NOON) -> Following:
    new = claims_of(Article(ArticleId("a2"), FeedId("f"), title=title, lang="en"))
    return follow(heard, title, new, story(*told), now)


@pytest.mark.parametrize(
    ("title", "told", "expected", "urgent"),
    [
        ("Shells hit Orlan, officials say", "Shells hit Orlan", Step.FOLLOW_UP, False),
        ("Second strike hits Orlan", "Shells hit Orlan", Step.FIRST, False),
        ("KN-23 fired from Wonsan", "KN-25 fired from Wonsan", Step.FIRST, False),
        ("Ministry denies strike on Orlan", "Shells hit Orlan", Step.UPDATE, True),
        ("CORRECTED: shells hit Meris", "Shells hit Orlan", Step.UPDATE, True),
        ("Agency retracts report on Orlan", "Shells hit Orlan", Step.UPDATE, True),
        ("Two killed as shells hit Orlan", "14 injured in Orlan", Step.UPDATE, True),
        ("10 killed in Orlan", "6 killed in Orlan", Step.UPDATE, False),
        ("Ministry confirms strike on Orlan", "Shells hit Orlan", Step.UPDATE, False),
        ("4 killed in Orlan", "6 killed in Orlan", Step.FOLLOW_UP, False),
    ],
)
def test_the_step_follows_from_what_the_text_changes(title: str, told: str, expected: Step, urgent: bool) -> None:
    found = step(title, told)
    assert (found.step, found.is_urgent) == (expected, urgent)


def test_what_a_target_did_not_hear_is_a_first() -> None:
    assert step("10 killed in Orlan", "6 killed in Orlan", heard=None).step is Step.FIRST


def test_after_a_day_a_story_begins_a_new_head() -> None:
    assert step("Shells hit Orlan", "Shells hit Orlan", now=NOON + timedelta(hours=24, minutes=1)).step is Step.FIRST


def test_a_head_that_a_wrong_clock_put_ahead_holds_nothing_back() -> None:
    ahead = Heard(NOON + timedelta(days=365), NOON + timedelta(days=365), Severity.NORMAL)
    assert step("Shells hit Orlan", "Shells hit Orlan", heard=ahead).step is Step.FIRST


def test_a_title_that_its_source_gave_before_is_the_next_event_unless_it_changes_facts() -> None:
    def again(title: str, told: str) -> Step:
        new = claims_of(Article(ArticleId("a2"), FeedId("f"), title=title, lang="en"))
        return follow(HEARD, title, new, story(told), NOON, is_again=True).step

    assert again("Air raid alert: Kyiv region", "Air raid alert: Kyiv region") is Step.FIRST
    assert again("M 5.2 - 48 km S of Laro", "M 5.2 - 40 km S of Laro") is Step.FIRST
    assert again("10 killed in Orlan", "6 killed in Orlan") is Step.UPDATE


@pytest.mark.parametrize(("hours", "expected"), [(1, Step.FOLLOW_UP), (7, Step.FIRST), (20, Step.FIRST)])
def test_a_headline_that_comes_again_hours_later_is_the_next_event(hours: int, expected: Step) -> None:
    title = "North Korea fires ballistic missile toward East Sea, Seoul says"
    assert step(title, title, now=NOON + timedelta(hours=hours)).step is expected


def test_follow_ups_wait_for_the_next_slot_once_enough_sources_came() -> None:
    told = story("x", independent={name: minutes(5) for name in ("a", "b", "c")})
    assert [told_at(HEARD, told, frozenset(), minutes(now)) for now in (10, 40, 200, 470)] == [
        minutes(30), minutes(60), minutes(240), minutes(480)
    ]  # fmt: skip


def test_two_more_sources_are_not_enough() -> None:
    told = story("x", independent={name: minutes(5) for name in ("a", "b")})
    assert told_at(HEARD, told, frozenset(), minutes(10)) == NOON + timedelta(hours=24)


def test_another_language_or_an_official_voice_is_enough() -> None:
    assert told_at(HEARD, story("x", heard_in={"ko": minutes(5)}), frozenset(), minutes(10)) == minutes(30)
    assert told_at(HEARD, story("x", outlets={"kcna": minutes(5)}), frozenset({"kcna"}), minutes(10)) == minutes(30)


def test_what_was_there_when_the_story_was_last_told_does_not_count() -> None:
    told = story("x", independent={name: minutes(-5) for name in ("a", "b", "c")}, heard_in={"en": minutes(-5)})
    assert told_at(HEARD, told, frozenset(), minutes(10)) == NOON + timedelta(hours=24)


def test_after_the_last_slot_what_is_left_waits_for_the_end_of_the_day() -> None:
    told = story("x", heard_in={"ko": minutes(500)})
    assert told_at(HEARD, told, frozenset(), minutes(510)) == NOON + timedelta(hours=24)
