"""What follows from each answer of a receiver."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.alerts.retry import FAILURES_BEFORE_REST, backoff, decide
from watcher.core.model.ids import ChannelName, MessageId
from watcher.core.model.message import (
    AttemptClass,
    AttemptResult,
    ChannelHealth,
    Decision,
    HoldReason,
    MessageKind,
    MessageState,
    RecipientResult,
)
from watcher.core.model.policy import RetryPolicy
from watcher.core.model.record import MessageClaim

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
POLICY = RetryPolicy()
DESK = ChannelName("desk")
WELL = ChannelHealth(DESK)
OPEN = ChannelHealth(DESK, breaker_since=NOW - timedelta(hours=2), breaker_reason="404 no_service", next_probe_at=NOW)


def claim(**changes: object) -> MessageClaim:
    base = MessageClaim(
        MessageId("m1"), DESK, MessageKind.ALERT, 1, "me", NOW - timedelta(minutes=1), NOW + timedelta(seconds=90), WELL
    )
    return replace(base, **changes)  # type: ignore[arg-type] # any field of it


def after(
    kind: AttemptClass, *, jitter: float = 0.5, retry_after: timedelta | None = None, **changes: object
) -> Decision:
    result = AttemptResult(kind, f"{kind.value} answer", retry_after=retry_after)
    return decide(claim(**changes), result, POLICY, NOW, jitter)


def test_ok_is_sent_and_leaves_the_channel_well() -> None:
    decision = after(AttemptClass.OK, health=replace(WELL, failures=4, throttled_until=NOW))
    assert decision.state is MessageState.SENT
    assert (decision.channel.failures, decision.channel.throttled_until) == (0, None)
    assert decision.channel.last_ok_at == NOW
    assert not decision.closed


def test_retry_waits_longer_each_time_and_at_most_an_hour() -> None:
    waits = []
    for attempt in range(1, 15):
        decision = after(AttemptClass.RETRY, attempt=attempt, jitter=0.999)
        assert decision.state is MessageState.RETRYING
        assert decision.next_try_at is not None
        waits.append(decision.next_try_at - NOW)
    assert waits == sorted(waits)
    assert waits[0] < timedelta(seconds=11)
    assert timedelta(minutes=59) < waits[-1] <= timedelta(hours=1)


@given(attempt=st.integers(0, 10_000), jitter=st.floats(0, 1, exclude_max=True))
def test_backoff_stays_between_five_seconds_and_an_hour(attempt: int, jitter: float) -> None:
    assert timedelta(seconds=5) <= backoff(attempt, POLICY, jitter) <= timedelta(hours=1)


def test_a_wish_of_the_server_is_obeyed_up_to_a_day() -> None:
    assert after(AttemptClass.RETRY, retry_after=timedelta(hours=3)).next_try_at == NOW + timedelta(hours=3)
    assert after(AttemptClass.RETRY, retry_after=timedelta(days=30)).next_try_at == NOW + timedelta(days=1)


def test_throttle_rests_the_whole_channel() -> None:
    decision = after(AttemptClass.THROTTLE, retry_after=timedelta(seconds=30))
    assert decision.state is MessageState.RETRYING
    assert decision.channel.throttled_until == decision.next_try_at == NOW + timedelta(seconds=30)
    assert after(AttemptClass.THROTTLE).channel.throttled_until == NOW + timedelta(seconds=60)


def test_refused_content_goes_once_more_plain_then_dies() -> None:
    first = after(AttemptClass.CONTENT)
    assert (first.state, first.plain) == (MessageState.RETRYING, True)
    second = after(AttemptClass.CONTENT, plain=True, attempt=2)
    assert (second.state, second.dead_class) == (MessageState.DEAD, AttemptClass.CONTENT)
    assert not second.opened


def test_a_plain_message_stays_plain_when_it_is_tried_again() -> None:
    assert after(AttemptClass.RETRY, plain=True).plain


def test_permanent_opens_the_breaker_and_holds_the_message() -> None:
    decision = after(AttemptClass.PERMANENT)
    assert (decision.state, decision.hold, decision.opened) == (MessageState.HELD, HoldReason.BREAKER, True)
    assert decision.channel.breaker_since == NOW
    assert decision.channel.next_probe_at == NOW + timedelta(hours=1)
    assert decision.channel.breaker_reason == "permanent answer"


def test_a_probe_that_is_refused_keeps_the_breaker_open_since_when_it_opened() -> None:
    decision = after(AttemptClass.PERMANENT, health=OPEN)
    assert (decision.state, decision.opened, decision.closed) == (MessageState.HELD, False, False)
    assert decision.channel.breaker_since == OPEN.breaker_since
    assert decision.channel.next_probe_at == NOW + timedelta(hours=1)


def test_a_probe_that_succeeds_closes_the_breaker() -> None:
    decision = after(AttemptClass.OK, health=OPEN)
    assert (decision.state, decision.closed) == (MessageState.SENT, True)
    assert decision.channel.breaker_since is None
    assert decision.channel.breaker_reason == ""
    assert decision.channel.next_probe_at is None


@pytest.mark.parametrize("kind", [AttemptClass.RETRY, AttemptClass.UNKNOWN, AttemptClass.THROTTLE])
def test_a_probe_without_a_clear_answer_stays_behind_the_breaker(kind: AttemptClass) -> None:
    decision = after(kind, health=OPEN)
    assert (decision.state, decision.hold) == (MessageState.HELD, HoldReason.BREAKER)
    assert decision.channel.breaker_since == OPEN.breaker_since
    assert decision.channel.next_probe_at is not None
    assert decision.channel.next_probe_at > NOW


def test_a_probe_whose_content_is_refused_lets_another_probe_soon() -> None:
    decision = after(AttemptClass.CONTENT, health=OPEN)
    assert (decision.state, decision.hold, decision.plain) == (MessageState.HELD, HoldReason.BREAKER, True)
    assert decision.channel.next_probe_at == NOW + timedelta(seconds=5)


def test_a_message_does_not_die_of_the_age_it_had_when_the_breaker_opened() -> None:
    old = NOW - timedelta(days=30)
    assert after(AttemptClass.PERMANENT, created_at=old).state is MessageState.HELD
    assert after(AttemptClass.PERMANENT, created_at=old, health=OPEN).state is MessageState.HELD


def test_behind_a_breaker_open_for_72_hours_a_refused_probe_is_dead() -> None:
    long_open = replace(OPEN, breaker_since=NOW - timedelta(hours=72))
    decision = after(AttemptClass.PERMANENT, created_at=NOW - timedelta(days=9), health=long_open)
    assert (decision.state, decision.dead_class) == (MessageState.DEAD, AttemptClass.PERMANENT)
    young = after(AttemptClass.PERMANENT, created_at=NOW - timedelta(hours=1), health=long_open)
    assert young.state is MessageState.HELD


def test_unknown_is_tried_again_unconfirmed() -> None:
    decision = after(AttemptClass.UNKNOWN)
    assert decision.state is MessageState.UNCONFIRMED
    assert decision.next_try_at is not None


@pytest.mark.parametrize("kind", [AttemptClass.RETRY, AttemptClass.UNKNOWN, AttemptClass.THROTTLE])
def test_after_72_hours_a_message_is_given_up(kind: AttemptClass) -> None:
    decision = after(kind, created_at=NOW - timedelta(hours=72))
    assert (decision.state, decision.dead_class) == (MessageState.DEAD, kind)
    assert after(kind, created_at=NOW - timedelta(hours=71)).state is not MessageState.DEAD


def test_failures_in_a_row_let_the_channel_rest_longer_each_time() -> None:
    health, rests = WELL, []
    for _ in range(FAILURES_BEFORE_REST + 8):
        health = after(AttemptClass.RETRY, health=health).channel
        rests.append(health.throttled_until and health.throttled_until - NOW)
    assert rests[: FAILURES_BEFORE_REST - 1] == [None] * (FAILURES_BEFORE_REST - 1)
    assert rests[FAILURES_BEFORE_REST - 1] == timedelta(seconds=30)
    assert rests[-1] == timedelta(minutes=10)


# -- several recipients -----------------------------------------------------------------------------


def mailed(result: AttemptClass, *heard: AttemptClass, **changes: object) -> Decision:
    recipients = {f"r{number}@example.org": RecipientResult(kind) for number, kind in enumerate(heard)}
    return decide(claim(**changes), AttemptResult(result, recipients=recipients), POLICY, NOW, 0.5)


def test_one_recipient_that_waits_is_no_failure_of_the_channel() -> None:
    decision = mailed(AttemptClass.RETRY, AttemptClass.OK, AttemptClass.RETRY, health=replace(WELL, failures=4))
    assert decision.state is MessageState.RETRYING
    assert decision.channel.failures == 0
    assert decision.channel.throttled_until is None


def test_a_message_that_somebody_has_is_sent_when_the_rest_is_given_up() -> None:
    overdue = NOW - timedelta(hours=73)
    assert mailed(AttemptClass.RETRY, AttemptClass.RETRY, created_at=overdue, reached=True).state is MessageState.SENT
    assert mailed(AttemptClass.RETRY, AttemptClass.RETRY, created_at=overdue).state is MessageState.DEAD


def test_the_last_open_recipient_refused_does_not_open_the_breaker_when_others_have_it() -> None:
    decision = mailed(AttemptClass.PERMANENT, AttemptClass.PERMANENT, recipients=("r0@example.org",), reached=True)
    assert (decision.state, decision.opened) == (MessageState.SENT, False)


def test_all_recipients_refused_opens_the_breaker() -> None:
    decision = mailed(AttemptClass.PERMANENT, AttemptClass.PERMANENT, AttemptClass.PERMANENT)
    assert (decision.state, decision.opened) == (MessageState.HELD, True)
