"""What is said at the end of a silence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watcher.core.alerts.muted import say_end
from watcher.core.model.alert import Muted
from watcher.core.model.ids import ArticleId, ChannelName, RuleId, StoryId
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
