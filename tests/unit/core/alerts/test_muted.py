"""What is said at the end of a silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from watcher.core.alerts.muted import holdings, say_end
from watcher.core.model.alert import Muted
from watcher.core.model.ids import ArticleId, ChannelName, RuleId, StoryId
from watcher.core.model.policy import Silence
from watcher.core.model.record import MutedRecord
from watcher.core.model.rule import Severity

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def held(number: int, severity: Severity, *, story: int | None = None, title: str = "Shells") -> MutedRecord:
    article, of = ArticleId(f"a{number}"), StoryId(f"s{number if story is None else story}")
    muted = Muted("drill", article, RuleId("shells"), ChannelName("desk"), of, severity)
    return MutedRecord(muted, AT + timedelta(minutes=number), f"{title} {number}", f"https://wire.example/{number}")


def test_stories_are_counted_by_severity_and_the_five_weightiest_listed() -> None:
    every = [held(number, Severity.NORMAL) for number in range(6)]
    every += [held(6, Severity.CRITICAL), held(7, Severity.HIGH), held(8, Severity.LOW, story=7)]
    title, text = say_end("drill", every)
    assert title == "Silence drill ended: it held 8 stories"
    assert text.splitlines() == [
        "1 critical, 1 high, 6 normal. The weightiest:",
        "- [critical] 23 Nov 14:06 UTC Shells 6 https://wire.example/6",
        "- [high] 23 Nov 14:07 UTC Shells 7 https://wire.example/7",
        "- [normal] 23 Nov 14:00 UTC Shells 0 https://wire.example/0",
        "- [normal] 23 Nov 14:01 UTC Shells 1 https://wire.example/1",
        "- [normal] 23 Nov 14:02 UTC Shells 2 https://wire.example/2",
        "All of it: watcher deliveries silenced 'drill'",
    ]


def test_one_story_is_one_story() -> None:
    title, text = say_end("drill", [held(1, Severity.LOW), held(2, Severity.LOW, story=1)])
    assert title == "Silence drill ended: it held 1 story"
    assert text.startswith("1 low. They are:") is False
    assert text.startswith("1 low. It is:")


WEEK = timedelta(days=7)


def test_silences_in_force_are_shown_first_with_what_they_hold_or_that_it_is_nothing() -> None:
    over = Silence("over", words=("x",), ends_at=AT - timedelta(hours=1))
    drill, empty = Silence("drill", words=("x",), ends_at=AT + WEEK), Silence("empty", words=("x",))
    every = [held(number, Severity.NORMAL) for number in range(6)] + [held(9, Severity.HIGH, story=3)]
    shown = holdings([over, drill, empty], every, AT)
    assert [(one.silence, one.is_in_force, one.stories) for one in shown] == [
        ("drill", True, 6),
        ("empty", True, 0),
        ("over", False, 0),
    ]
    assert shown[0].by_severity == (("high", 1), ("normal", 5))
    assert [one.muted.article for one in shown[0].weightiest] == ["a9", "a0", "a1", "a2", "a4"]


def test_a_silence_is_shown_for_a_week_after_its_end_and_not_before_its_beginning() -> None:
    later = Silence("later", words=("x",), starts_at=AT + timedelta(seconds=1))
    long_over = Silence("long over", words=("x",), ends_at=AT - WEEK)
    just = Silence("just", words=("x",), ends_at=AT - WEEK + timedelta(seconds=1))
    assert [one.silence for one in holdings([later, long_over, just], [], AT)] == ["just"]


def test_a_silence_that_was_taken_out_is_shown_until_a_week_after_its_end_was_told() -> None:
    [one] = holdings([], [held(1, Severity.LOW)], AT)
    assert (one.silence, one.is_in_force, one.told_at) == ("drill", False, None)
    told = [replace(held(1, Severity.LOW), told_at=AT)]
    [one] = holdings([], told, AT + WEEK - timedelta(seconds=1))
    assert one.told_at == AT
    assert holdings([], told, AT + WEEK) == []
