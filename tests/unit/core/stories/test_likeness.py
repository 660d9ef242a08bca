"""How alike an article and a story are: by rare words, averaged over the members, faded by time."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.model.ids import StoryId
from watcher.core.model.story import Story, WordCounts
from watcher.core.stories.likeness import MOST_WEIGHTS, faded, heaviest, likeness, rarity, story_likeness, vector

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
COUNTS = WordCounts(99, {"launch": 99.0, "ferry": 9.0})


def story(weights: dict[str, float], members: int = 1, lang: str = "en") -> Story:
    return Story(StoryId("s1"), "", NOON, NOON, NOON, {lang: members}, weights)


def test_a_word_weighs_by_how_few_stories_hold_it() -> None:
    assert rarity("launch", COUNTS) == 1.0
    assert rarity("ferry", COUNTS) == pytest.approx(1 + math.log(10))
    assert rarity("unheard", COUNTS) == pytest.approx(1 + math.log(100))


def test_a_vector_has_length_one_whatever_its_words() -> None:
    found = vector(["launch", "ferry"], COUNTS)
    assert sum(weight**2 for weight in found.values()) == pytest.approx(1)
    assert found["ferry"] / found["launch"] == pytest.approx(1 + math.log(10))
    assert vector([], COUNTS) == {}


def test_an_article_with_the_words_of_a_story_is_wholly_like_it() -> None:
    words = vector(["launch", "ferry"], COUNTS)
    assert likeness(words, "en", NOON, story(words), 0.0) == pytest.approx(1)
    assert likeness(vector(["ferry"], COUNTS), "en", NOON, story(words), 0.0) == pytest.approx(words["ferry"])
    assert likeness({"other": 1.0}, "en", NOON, story(words), 0.0) == 0.0


def test_likeness_is_an_average_over_the_members_of_the_language() -> None:
    words = vector(["launch", "ferry"], COUNTS)
    both = {word: 2 * weight for word, weight in words.items()}
    assert likeness(words, "en", NOON, story(both, members=2), 0.0) == pytest.approx(1)
    assert likeness(words, "en", NOON, story(both, members=4), 0.0) == pytest.approx(0.5)
    assert likeness(words, "en", NOON, story(both, members=4), 0.5) == pytest.approx(1)
    assert likeness(words, "fr", NOON, story(both, members=2), 0.0) == 0.0


@pytest.mark.parametrize(("days", "left"), [(0, 1.0), (3, 0.6065), (7, 0.0657), (-3, 0.6065)])
def test_likeness_fades_over_days(days: int, left: float) -> None:
    assert faded(days * DAY) == pytest.approx(left, abs=1e-4)
    words = vector(["ferry"], COUNTS)
    assert likeness(words, "en", NOON + days * DAY, story(words), 0.0) == pytest.approx(left, abs=1e-4)


def test_two_stories_are_as_alike_as_their_members_are_on_average() -> None:
    words = vector(["launch", "ferry"], COUNTS)
    double = {word: 2 * weight for word, weight in words.items()}
    one, two = story(words), story(double, members=2)
    assert story_likeness(one, two) == pytest.approx(1)
    assert story_likeness(two, one) == pytest.approx(1)
    assert story_likeness(one, replace(two, mean_at=NOON + 3 * DAY)) == pytest.approx(0.6065, abs=1e-4)
    assert story_likeness(one, story({"other": 1.0})) == 0.0
    assert story_likeness(one, story(words, lang="fr")) == 0.0


def test_a_story_keeps_its_heaviest_words_in_an_order_that_does_not_depend_on_chance() -> None:
    few = {"a": 1.0, "b": 2.0}
    assert heaviest(few) == few
    many = {f"w{number:03}": 1.0 for number in range(MOST_WEIGHTS)} | {"heavy": 9.0}
    kept = heaviest(many)
    assert len(kept) == MOST_WEIGHTS
    assert "heavy" in kept
    assert "w249" not in kept
    assert heaviest(dict(reversed(many.items()))) == kept
