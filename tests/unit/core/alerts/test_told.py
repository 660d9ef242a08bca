"""How much of a story is looked at: the newest of what it told, and never less than what decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from watcher.core.alerts.decide import Desk
from watcher.core.alerts.told import MOST_TOLD, newest_told
from watcher.core.model.alert import AlertKind, FeedContext, JudgeContext, PastAlert
from watcher.core.model.ids import AlertId, ChannelName, FeedId, MessageId, RuleId, StoryId
from watcher.core.model.message import MessageState
from watcher.core.model.rule import Severity

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


def test_every_update_and_raise_is_looked_at() -> None:
    alerts = [first(number, kind) for number, kind in enumerate([AlertKind.UPDATE, AlertKind.RAISE] * MOST_TOLD * 2)]
    assert len(newest_told(alerts)) == len(alerts)
