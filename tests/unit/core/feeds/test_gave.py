"""What a feed gave of the matches, and what of it no other feed had."""

from __future__ import annotations

import pytest

from watcher.core.feeds.gave import Gave, MatchSeen, gave
from watcher.core.model.ids import ArticleId, FeedId, RuleId, StoryId
from watcher.telling.feed_words import feed_cost


def seen(feed: str, article: str, story: str = "", rule: str = "shells") -> MatchSeen:
    return MatchSeen(FeedId(feed), ArticleId(article), RuleId(rule), StoryId(story) if story else None)


def test_a_match_is_an_article_and_a_rule_and_is_covered_by_a_story_that_another_feed_gave_to_that_rule() -> None:
    found = gave(
        [
            seen("wire", "a1", "s1"),
            seen("wire", "a1", "s1"),  # told to two channels
            seen("wire", "a1", "s1", "ships"),
            seen("wire", "a2", "s2"),
            seen("wire", "a3"),  # told to nobody
            seen("paper", "b1", "s1"),
        ]
    )
    assert found == {FeedId("wire"): Gave(4, 5, 3), FeedId("paper"): Gave(1, 5, 0)}
    assert gave([]) == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "It gave none of your 61 matches in 30 days."),
        (Gave(20, 61, 0), "It gave 20 of your 61 matches in 30 days; others cover them all."),
        (Gave(20, 61, 2), "It gave 20 of your 61 matches in 30 days; others cover all but 2."),
        (Gave(20, 61, 20), "It gave 20 of your 61 matches in 30 days; no other feed had them."),
    ],
)
def test_what_a_dead_feed_costs_is_one_sentence(given: Gave | None, said: str) -> None:
    assert feed_cost(given, 61) == said
    assert feed_cost(given, 0) == ""
