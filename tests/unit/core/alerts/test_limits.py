"""Limits: how often a rule rings one channel, and when what waits goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watcher.core.alerts.limits import Budget
from watcher.core.alerts.timing import About, Due, Waiting, look
from watcher.core.model.alert import AlertKind, NewAlert, Rung
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId, RuleId, StoryId
from watcher.core.model.message import HoldReason
from watcher.core.model.policy import Policy
from watcher.core.model.rule import AnyOf, Limit, Rule, Severity
from watcher.core.model.timing import Timing

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
DESK, HOOK = ChannelName("desk"), ChannelName("hook")
SHELLS, DRONES = RuleId("shells"), RuleId("drones")


def policy(**limits: Limit | None) -> Policy:
    rules = {RuleId(id_): Rule(RuleId(id_), id_, AnyOf(()), limit=limit) for id_, limit in limits.items()}
    return Policy(1, rules, {}, silent_targets=frozenset({HOOK}))


BOTH = policy(shells=Limit(), drones=Limit())


def rung(*minutes: float, rule: RuleId = SHELLS, target: ChannelName = DESK) -> list[Rung]:
    return [Rung(target, frozenset({rule}), NOON + timedelta(minutes=one)) for one in minutes]


def alert(
    rule: RuleId = SHELLS,
    severity: Severity = Severity.NORMAL,
    kind: AlertKind = AlertKind.FIRST,
    tell_at: datetime | None = None,
) -> NewAlert:
    return NewAlert(
        AlertId("l"), rule, DESK, StoryId("s"), kind, 0, severity, ArticleId("a"), revision=1, tell_at=tell_at
    )


def rings(earlier: Sequence[Rung], minutes: float, *alerts: NewAlert, rules: Policy = BOTH) -> bool:
    budget = Budget(rules, earlier, NOON + timedelta(minutes=minutes))
    return budget.takes(DESK, alerts or (alert(),))


def test_more_of_a_story_in_its_thread_neither_counts_nor_waits() -> None:
    threaded = replace(BOTH, threaded=frozenset({DESK}))
    more = alert(kind=AlertKind.FOLLOW_UP)
    full = rung(0, 1, 2)
    assert rings(full, 3, more, rules=threaded)
    assert not rings(full, 3, more)
    assert not rings(full, 3, more, alert(), rules=threaded)
    budget = Budget(threaded, rung(0, 1), NOON + timedelta(minutes=3))
    assert [budget.takes(DESK, [one]) for one in (more, more, alert(), alert())] == [True, True, True, False]


@pytest.mark.parametrize(
    ("earlier", "minutes", "rings_now"),
    [
        ((), 0, True),
        ((0, 1), 2, True),
        ((0, 1, 2), 3, False),
        ((0, 1, 2), 29.9, False),
        ((0, 1, 2), 30, True),
        ((0, 28, 29), 31, True),
        ((0, 28, 29, 31, 32), 33, True),
        ((0, 28, 29, 31, 32, 33), 34, False),
        ((0, 28, 29, 31, 32, 33), 61, True),
        ((5, 6, 7), 2, True),  # the clock was set back
    ],
)
def test_a_window_begins_with_the_first_message_after_the_last_one_ended(
    earlier: tuple[float, ...], minutes: float, rings_now: bool
) -> None:
    assert rings(rung(*earlier), minutes) is rings_now


def test_what_arrives_together_is_counted_one_after_the_other() -> None:
    budget = Budget(BOTH, rung(0), NOON + timedelta(minutes=1))
    assert [budget.takes(DESK, [alert()]) for _ in range(4)] == [True, True, False, False]


def test_each_rule_and_channel_has_its_own_count() -> None:
    assert rings(rung(0, 1, 2), 3, alert(DRONES))
    assert rings(rung(0, 1, 2, target=ChannelName("me")), 3)
    assert not rings(rung(0, 1, 2), 3)


def test_a_message_of_several_rules_goes_with_the_first_that_has_room_and_counts_for_all() -> None:
    earlier = [*rung(0, 1, 2), *rung(0, 1, rule=DRONES)]
    budget = Budget(BOTH, earlier, NOON + timedelta(minutes=3))
    assert budget.takes(DESK, [alert(SHELLS), alert(DRONES)])
    assert not budget.takes(DESK, [alert(SHELLS), alert(DRONES)])


@pytest.mark.parametrize(
    "one",
    [
        alert(severity=Severity.CRITICAL),
        alert(severity=Severity.CRITICAL, kind=AlertKind.RAISE),
        alert(kind=AlertKind.UPDATE),
    ],
)
def test_critical_alerts_and_what_takes_back_are_neither_held_nor_counted(one: NewAlert) -> None:
    budget = Budget(BOTH, rung(0, 1), NOON + timedelta(minutes=3))
    assert all(budget.takes(DESK, [one]) for _ in range(9))
    assert budget.takes(DESK, [alert()])
    assert not budget.takes(DESK, [alert()])
    assert budget.takes(DESK, [one, alert()])


@pytest.mark.parametrize("severity", [Severity.LOW, Severity.NORMAL, Severity.HIGH])
def test_every_other_severity_is_held(severity: Severity) -> None:
    assert not rings(rung(0, 1, 2), 3, alert(severity=severity))
    assert not rings(rung(0, 1, 2), 3, alert(severity=severity, kind=AlertKind.RAISE))


def test_what_rings_nobody_is_not_limited() -> None:
    budget = Budget(BOTH, rung(*range(9), target=HOOK), NOON + timedelta(minutes=9))
    assert budget.takes(HOOK, [alert()])


def test_a_rule_without_a_limit_and_one_that_is_gone_ring_always() -> None:
    none = policy(shells=None)
    assert rings(rung(*range(9)), 9, rules=none)
    assert rings(rung(*range(9), rule=DRONES), 9, alert(DRONES), rules=none)


def test_a_limit_of_its_own_holds_for_its_rule() -> None:
    one = policy(shells=Limit(1, timedelta(hours=2)), drones=Limit())
    assert not rings(rung(0), 119, rules=one)
    assert rings(rung(0), 120, rules=one)


def test_what_is_held_goes_when_the_window_of_one_of_its_rules_is_over() -> None:
    earlier = [*rung(0, 1, 2), *rung(20, 21, 22, rule=DRONES)]

    def going(minutes: float, rules: Policy = BOTH) -> list[Due]:
        now = NOON + timedelta(minutes=minutes)
        return list(look(rules, [waits("m1", SHELLS), waits("m2", DRONES)], earlier, now).due)

    assert going(29) == []
    assert going(30) == [Due(DESK, (MessageId("m1"), MessageId("m2")))]
    assert going(0, policy(shells=None, drones=Limit())) == [Due(DESK, (MessageId("m1"), MessageId("m2")))]


def waits(id_: str, rule: RuleId) -> Waiting:
    return Waiting(MessageId(id_), DESK, HoldReason.LIMIT, NOON, (About(rule, Severity.NORMAL),))


def test_a_limit_of_a_channel_counts_the_messages_of_all_rules() -> None:
    both = replace(BOTH, timings={DESK: Timing(limit=Limit(2, timedelta(minutes=30)))})
    earlier = [*rung(0), *rung(1, rule=DRONES)]
    assert not rings(earlier, 2, alert(), rules=both)
    assert rings(earlier, 2, alert(severity=Severity.CRITICAL), rules=both)
    assert rings(earlier, 30, alert(), rules=both)
    assert rings(earlier[:1], 2, alert(), rules=both)


@pytest.mark.parametrize(
    ("rule", "channel", "drops"),
    [(Limit(1), None, False), (Limit(1, drops=True), None, True), (Limit(1), Limit(1, drops=True), True)],
)
def test_a_limit_drops_only_where_it_says_so(rule: Limit, channel: Limit | None, drops: bool) -> None:
    one = replace(policy(shells=rule), timings={DESK: Timing(limit=channel)})
    budget = Budget(one, rung(0), NOON + timedelta(minutes=1))
    assert not budget.takes(DESK, [alert()])
    assert budget.drops(DESK, frozenset({SHELLS})) is drops
