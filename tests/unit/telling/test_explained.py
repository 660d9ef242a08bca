from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from watcher.core.model.alert import Muted
from watcher.core.model.article import Article
from watcher.core.model.explanation import (
    Explanation,
    GroupExplanation,
    LanguageExplanation,
    LanguageOrigin,
    Stop,
    StopKind,
)
from watcher.core.model.ids import ArticleId, ChannelName, FeedId, RuleId, StoryId
from watcher.core.model.policy import Silence
from watcher.core.model.record import ArticleRecord, MutedRecord
from watcher.core.model.rule import Severity
from watcher.core.model.verdict import Level, NearMiss, Outcome, Stage, Verdict
from watcher.telling.explained import decided, tell

ARTICLE = Article(ArticleId("a2"), FeedId("f1"), title="Army")
FOLDED = Verdict(
    ArticleId("a2"),
    RuleId("army"),
    ChannelName("desk"),
    Outcome.FOLDED,
    StoryId("s1"),
    Level.NEAR_COPY,
    ArticleId("a1"),
    {"equal": "title", "removed": (), "similarity": 0.0, "guards": ("24 h", "other source")},
    reason="high: army in title",
)


def test_a_copy_says_of_what_and_why_and_nothing_that_is_empty() -> None:
    assert decided(ArticleRecord(ARTICLE, Stage.MATCHED, (FOLDED,))) == [
        "army -> desk: folded: a copy of a1 (the titles are equal; alike to 0.0; checked: 24 h, other source); high: army in title"
    ]


def test_without_verdicts_it_says_how_far_an_article_came() -> None:
    for stage in Stage:
        [sentence] = decided(ArticleRecord(ARTICLE, stage, ()))
        assert sentence.startswith("no_match: " if stage is Stage.MATCHED else f"{stage.value}: ")


def test_a_rule_that_could_not_be_tried_is_named() -> None:
    assert decided(ArticleRecord(ARTICLE, Stage.MATCHED, (), (RuleId("army"),))) == [
        "army: could not be tried, and is tried again"
    ]


AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
MUTED = MutedRecord(
    Muted("drill", ArticleId("a2"), RuleId("army"), ChannelName("desk"), StoryId("s1"), Severity.HIGH), AT
)


@pytest.mark.parametrize(
    ("muted", "silences", "said"),
    [
        (MUTED, [Silence("drill", ends_at=AT)], "drill as high until 23 Nov 2026 14:00 UTC; desk is told of this then"),
        (
            MUTED,
            [Silence("drill")],
            "drill as high, which has no end; when it is taken out of the configuration desk is told of this",
        ),
        (
            MUTED,
            [],
            "drill as high; it is configured no more, and its end is told within a minute while the daemon runs",
        ),
        (replace(MUTED, told_at=AT), [], "drill as high; its end, and this with it, was told at 23 Nov 2026 14:00 UTC"),
        (
            replace(MUTED, muted=replace(MUTED.muted, silence="a\x1b[31m\u202eb")),
            [],
            "a[31mb as high; it is configured no more, and its end is told within a minute while the daemon runs",
        ),
    ],
)
def test_what_a_silence_holds_is_named_with_the_silence_its_end_and_whether_that_was_told(
    muted: MutedRecord, silences: list[Silence], said: str
) -> None:
    record = ArticleRecord(ARTICLE, Stage.MATCHED, (), muted=(muted,))
    assert decided(record, silences) == [f"army -> desk: held by silence {said}"]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (LanguageExplanation("en", LanguageOrigin.DECLARED), "language en, as declared with the feed"),
        (LanguageExplanation("ru", LanguageOrigin.LETTERS), "language ru, guessed from the letters"),
        (LanguageExplanation("ru", LanguageOrigin.GIVEN), "language ru"),
        (LanguageExplanation("", LanguageOrigin.UNKNOWN), "language unknown: it passes"),
        (None, ""),
    ],
)
def test_a_rule_that_asks_for_a_language_is_told_how_it_is_known(found: LanguageExplanation | None, said: str) -> None:
    assert tell(Explanation(RuleId("r"), "R", matched=True, language=found), ARTICLE).language == said


def test_news_says_what_it_came_close_to_and_why_it_was_not_folded() -> None:
    close = replace(
        FOLDED,
        outcome=Outcome.SENT,
        of=None,
        because={},
        reason="",
        miss=NearMiss(ArticleId("a7"), "numbers differ", 0.9),
    )
    assert decided(ArticleRecord(ARTICLE, Stage.MATCHED, (close,))) == [
        "army -> desk: sent: close to a7, not folded because numbers differ"
    ]


def test_an_article_that_joined_a_story_says_by_which_words() -> None:
    joined = replace(
        FOLDED, outcome=Outcome.SENT, of=None, because={"equal": "words", "words": ("dellbrook", "plant")}, reason=""
    )
    assert decided(ArticleRecord(ARTICLE, Stage.MATCHED, (joined,))) == [
        "army -> desk: sent: joined the story s1 (rare words are shared; dellbrook, plant)"
    ]


def test_every_missing_group_is_named_and_no_operator_where_nothing_was_found() -> None:
    groups = (
        GroupExplanation("Russia", True, (), asks="NEAR/5: positions differ by at most 5"),
        GroupExplanation("ships", False, (), asks="NEAR/5: positions differ by at most 5"),
        GroupExplanation("harbour", False, ()),
    )
    one = Explanation(RuleId("r"), "R", False, groups, Stop(StopKind.MISSING, "ships"))
    told = tell(one, ARTICLE)
    assert told.stop == "ships, harbour are missing"
    assert [group.asks for group in told.groups] == ["NEAR/5: positions differ by at most 5", "", ""]
    assert tell(replace(one, groups=groups[:2]), ARTICLE).stop == "ships is missing"
