"""How much of a story is looked at: the newest of what it told, and never less than what decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.alerts.decide import Desk
from watcher.core.alerts.storyline import _raised
from watcher.core.alerts.told import MOST_TOLD, in_other_words, newest_told
from watcher.core.model.alert import AlertKind, FeedContext, JudgeContext, PastAlert
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, FeedId, MessageId, RuleId, StoryId
from watcher.core.model.message import LIVE_STATES, HoldReason, MessageState
from watcher.core.model.rule import Severity
from watcher.core.stories.claims import changes, claims_of, tells_another_event

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
FEED = FeedContext(FeedId("f1"), "Nord Post", first=False, last_ok_at=NOW)
RULE, DESK, STORY = RuleId("arms"), ChannelName("desk"), StoryId("s1")

_alerts = st.lists(
    st.tuples(
        st.sampled_from(AlertKind),
        st.sampled_from(Severity),
        st.sampled_from(MessageState),
        st.integers(0, 10),
    ),
    max_size=120,
)


def past(number: int, kind: AlertKind, severity: Severity, state: MessageState, hours: int) -> PastAlert:
    at = NOW - timedelta(hours=hours)
    id_ = AlertId(f"l{number:03}")
    return PastAlert(id_, RULE, DESK, STORY, kind, 0, severity, MessageId(f"m{number}"), state, at, ())


def first(number: int, kind: AlertKind = AlertKind.FOLLOW_UP) -> PastAlert:
    return past(number, kind, Severity.NORMAL, MessageState.SENT, 1)


def desk(alerts: list[PastAlert]) -> Desk:
    return Desk(JudgeContext(FEED, NOW, past=tuple(alerts)))


@given(_alerts, st.integers(1, MOST_TOLD))
def test_what_a_target_heard_of_a_story_and_how_much_it_mattered_is_known_however_often_it_was_told(
    made: list[tuple[AlertKind, Severity, MessageState, int]], repeats: int
) -> None:
    alerts = [past(number, *one) for number, one in enumerate(made * repeats)]
    whole, cut = desk(alerts), desk(newest_told(alerts))
    assert cut.heard(RULE, DESK, STORY) == whole.heard(RULE, DESK, STORY)
    assert cut.told(RULE, DESK, STORY) == whole.told(RULE, DESK, STORY)
    if whole.heard(RULE, DESK, STORY) is not None:
        assert cut.head(RULE, DESK, STORY).created_at == whole.head(RULE, DESK, STORY).created_at


def test_of_a_story_told_a_thousand_times_the_newest_are_looked_at() -> None:
    alerts = [
        past(number, AlertKind.FIRST, Severity.NORMAL, MessageState.SENT, 1000 - number) for number in range(1000)
    ]
    assert [one.id for one in newest_told(alerts)] == [f"l{number:03}" for number in range(999, 999 - MOST_TOLD, -1)]


@pytest.mark.parametrize(
    ("hold", "waits"), [(HoldReason.LIMIT, True), *((hold, False) for hold in HoldReason if hold != HoldReason.LIMIT)]
)
def test_only_what_a_limit_holds_waits_untold(hold: HoldReason, waits: bool) -> None:
    """What another reason holds may go at any moment, and alone: its denial must not wait for it."""
    held = replace(past(1, AlertKind.FIRST, Severity.NORMAL, MessageState.HELD, 1), hold=hold)
    assert desk([held]).waits_untold(RULE, DESK, STORY) is waits
    assert not desk([held, first(2)]).waits_untold(RULE, DESK, STORY)


def test_every_update_and_raise_is_looked_at() -> None:
    alerts = [first(number, kind) for number, kind in enumerate([AlertKind.UPDATE, AlertKind.RAISE] * MOST_TOLD * 2)]
    assert len(newest_told(alerts)) == len(alerts)


WORDINGS = (
    "12 killed in bus crash in Orlan",
    "14 killed in bus crash in Orlan",
    "12 killed in bus crash in Meris",
    "Government denies bus crash in Orlan",
    "Final: Orlan 3, Meris 1",
    "Final: Orlan 4, Meris 1",
    "Talks in Meris on 5 May",
    "Talks in Meris on 7 May",
)
LEADS = (
    "",
    "It hit a wall at 7:10.",
    "It hit a wall at 9:40.",
    "US raises tariff on steel to 25%",
    "US raises tariff on steel to 50%",
)
_texts = st.tuples(st.sampled_from(("a1", "a2", "a3")), st.sampled_from(WORDINGS), st.sampled_from(LEADS))


def text(id_: str, title: str, summary: str) -> Article:
    return Article(ArticleId(id_), FeedId("f1"), title=title, summary=summary, lang="en")


@given(_texts, st.lists(_texts, max_size=25))
def test_what_a_text_changes_is_the_same_however_often_each_wording_was_told(
    new: tuple[str, str, str], told: list[tuple[str, str, str]]
) -> None:
    article, earlier = text(*new), [text(*one) for one in told]
    once = in_other_words(article, earlier)
    assert tells_another_event(article, once) == tells_another_event(article, earlier)
    assert _raised(article, once) == _raised(article, earlier)
    here, all_here = (tuple(claims_of(one) for one in texts) for texts in (once, earlier))
    assert changes(claims_of(article), here) == changes(claims_of(article), all_here)
    assert len(once) <= len({one[1:] for one in told}) * 2


def _by_looking_at_all(alerts: list[PastAlert], story: StoryId) -> list[PastAlert]:
    told = (one for one in alerts if (one.rule, one.target, one.story) == (RULE, DESK, story))
    return [one for one in told if one.state in LIVE_STATES]


@given(_alerts, st.lists(st.sampled_from(("s1", "s2", "s3")), min_size=120, max_size=120))
def test_stories_that_become_one_are_heard_as_one(
    made: list[tuple[AlertKind, Severity, MessageState, int]], stories: list[str]
) -> None:
    alerts = [replace(past(n, *one), story=StoryId(stories[n])) for n, one in enumerate(made)]
    held = desk(alerts)
    held.unite(StoryId("s2"), STORY)
    united = [replace(one, story=STORY) if one.story == "s2" else one for one in alerts]
    for story in (STORY, StoryId("s2"), StoryId("s3")):
        live = _by_looking_at_all(united, story)
        severities = [one.severity for one in live]
        assert held.told(RULE, DESK, story) == max(severities, default=None)
        heads = [one.created_at for one in live if one.kind is AlertKind.FIRST]
        heard = held.heard(RULE, DESK, story)
        assert (heard.head_at if heard else None) == max(heads, default=None)
