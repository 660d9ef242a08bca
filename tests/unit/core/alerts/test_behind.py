"""One message of all that waits behind a breaker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watcher.core.alerts.behind import Behind, is_tried_soon, trial_of
from watcher.core.alerts.holding import HeldMessage, Weight
from watcher.core.model.ids import AlertId, ChannelName, MessageId
from watcher.core.model.message import ChannelHealth, HoldReason, MessageKind, MessageState
from watcher.core.model.rule import Severity

DESK = ChannelName("desk")
NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)
WEEK = NOW - timedelta(days=7)


def behind(name: str, hours: float, *alerts: str, kind: MessageKind = MessageKind.ALERT, **more: object) -> Behind:
    is_begun = bool(more.pop("is_begun", False))
    held = HeldMessage(MessageId(name), kind, is_begun, tuple(AlertId(one) for one in alerts or (name,)))
    return Behind(held, NOW - timedelta(hours=hours), **more)  # type: ignore[arg-type]


def weights(**hours: float) -> dict[AlertId, Weight]:
    return {
        AlertId(name): Weight(AlertId(name), Severity.HIGH, 1, NOW - timedelta(hours=ago))
        for name, ago in hours.items()
    }


def test_all_that_waits_is_one_summary_as_old_and_as_often_tried_as_its_oldest() -> None:
    first = NOW - timedelta(hours=4)
    waiting = [behind("a", 5, tries=3, first_tried_at=first), behind("b", 2, is_let_go=True), behind("c", 1)]
    trial = trial_of(DESK, waiting, weights(a=5, b=2, c=1), WEEK)
    assert trial.summary is not None
    assert (trial.summary.state, trial.summary.hold) == (MessageState.HELD, HoldReason.BREAKER)
    assert trial.summary.alerts == ("a", "b", "c")
    assert trial.merged == ("a", "b", "c")
    assert (trial.since, trial.tries, trial.first_tried_at) == (NOW - timedelta(hours=5), 3, first)
    assert trial.is_let_go


def test_what_may_have_arrived_was_refused_or_is_about_us_stays_as_it_is() -> None:
    waiting = [
        behind("a", 5, is_begun=True),
        behind("b", 4, is_plain=True),
        behind("c", 3, kind=MessageKind.META),
        behind("d", 2),
        behind("e", 1),
    ]
    trial = trial_of(DESK, waiting, weights(a=5, b=4, c=3, d=2, e=1), WEEK)
    assert trial.merged == ("d", "e")
    alone = trial_of(DESK, waiting[:4], weights(a=5, b=4, c=3, d=2), WEEK)
    assert alone.summary is None


def test_what_is_too_old_takes_nothing_younger_along() -> None:
    week = 7 * 24.0
    waiting = [behind("s", week + 1, "a", "b", kind=MessageKind.SUMMARY), behind("c", 3), behind("d", 2)]
    trial = trial_of(DESK, waiting, weights(a=week + 1, b=20, c=3, d=2), WEEK)
    [gone] = trial.leaving
    assert (gone.message, gone.alerts, gone.since) == ("s", ("b",), NOW - timedelta(hours=20))
    assert trial.merged == ("c", "d")
    assert trial_of(DESK, waiting[:1], weights(a=week + 1, b=week + 1), WEEK).leaving == ()


def test_a_channel_is_tried_soon_when_its_time_comes_before_the_next_look() -> None:
    broken = ChannelHealth(DESK, breaker_since=NOW - timedelta(hours=1), next_probe_at=NOW + timedelta(seconds=50))
    assert is_tried_soon(broken, NOW)
    assert not is_tried_soon(broken, NOW - timedelta(minutes=1))
    assert not is_tried_soon(ChannelHealth(DESK), NOW)
    throttled = ChannelHealth(DESK, breaker_since=NOW, throttled_until=NOW + timedelta(minutes=5))
    assert not is_tried_soon(throttled, NOW)
