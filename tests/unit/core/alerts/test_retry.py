"""What follows from each answer of a receiver."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.core.alerts.retry import FAILURES_BEFORE_REST, backoff, decide, nobody_left, was_away
from watcher.core.model.alert import AlertDetail, AlertKind
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, FeedId, MessageId, RuleId, StoryId
from watcher.core.model.match import Match
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
from watcher.core.model.rule import Severity

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
POLICY = RetryPolicy()
DESK = ChannelName("desk")
WELL = ChannelHealth(DESK)
OPEN = ChannelHealth(DESK, breaker_since=NOW - timedelta(hours=2), breaker_reason="404 no_service", next_probe_at=NOW)


TRIED: dict[str, Any] = {"tries": 3, "first_tried_at": NOW - timedelta(hours=1)}


def claim(**changes: object) -> MessageClaim:
    base = MessageClaim(
        MessageId("m1"), DESK, MessageKind.ALERT, 1, "me", NOW - timedelta(minutes=1), NOW + timedelta(seconds=90), WELL
    )
    return replace(base, **changes)  # type: ignore[arg-type] # any field of it


def about(name: str) -> AlertDetail:
    rule, article = RuleId("shells"), Article(ArticleId(name), FeedId("wire"))
    kind, match = AlertKind.FIRST, Match(rule, ())
    return AlertDetail(AlertId(f"l{name}"), rule, DESK, StoryId("s1"), kind, Severity.HIGH, 1, NOW, article, match, ())


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


def test_a_wish_of_the_server_is_obeyed_up_to_an_hour() -> None:
    assert after(AttemptClass.RETRY, retry_after=timedelta(minutes=50)).next_try_at == NOW + timedelta(minutes=50)
    assert after(AttemptClass.RETRY, retry_after=timedelta(days=30)).next_try_at == NOW + timedelta(hours=1)
    throttled = after(AttemptClass.THROTTLE, retry_after=timedelta(days=30))
    assert throttled.channel.throttled_until == NOW + timedelta(hours=1)


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


def test_what_is_divided_behind_a_breaker_stays_plain_and_so_apart() -> None:
    several = tuple(about(name) for name in ("a1", "a2"))
    probe = after(AttemptClass.CONTENT, health=OPEN, plain=True, alerts=several)
    assert (probe.state, probe.hold, probe.apart, probe.plain) == (
        MessageState.HELD,
        HoldReason.BREAKER,
        True,
        True,
    )
    usual = after(AttemptClass.CONTENT, plain=True, alerts=several)
    assert (usual.apart, usual.plain) == (True, False)


def test_a_message_does_not_die_of_the_age_it_had_when_the_breaker_opened() -> None:
    old = NOW - timedelta(days=30)
    assert after(AttemptClass.PERMANENT, created_at=old).state is MessageState.HELD
    assert after(AttemptClass.PERMANENT, created_at=old, health=OPEN).state is MessageState.HELD


def test_behind_a_breaker_open_for_a_week_a_probe_that_had_its_tries_is_dead() -> None:
    long_open = replace(OPEN, breaker_since=NOW - timedelta(days=7))
    old = NOW - timedelta(days=30)
    for kind in (AttemptClass.PERMANENT, AttemptClass.RETRY, AttemptClass.THROTTLE):
        decision = after(kind, created_at=old, health=long_open, **TRIED)
        assert (decision.state, decision.dead_class) == (MessageState.DEAD, kind)
        assert after(kind, created_at=old, health=long_open).state is MessageState.HELD, "its first try"
        younger = replace(OPEN, breaker_since=NOW - timedelta(days=6, hours=23))
        assert after(kind, created_at=old, health=younger, **TRIED).state is MessageState.HELD
        assert after(kind, created_at=NOW - timedelta(hours=1), health=long_open, **TRIED).state is MessageState.HELD


@pytest.mark.parametrize("kind", [AttemptClass.RETRY, AttemptClass.UNKNOWN, AttemptClass.THROTTLE])
def test_nothing_dies_of_age_before_several_tries_over_an_hour(kind: AttemptClass) -> None:
    old = NOW - timedelta(hours=80 * 24)
    for tries, over in ((1, timedelta(0)), (2, timedelta(hours=9)), (9, timedelta(minutes=59))):
        decision = after(kind, created_at=old, tries=tries, first_tried_at=NOW - over)
        assert decision.state in (MessageState.RETRYING, MessageState.UNCONFIRMED)
    assert after(kind, created_at=old, **TRIED).state is MessageState.DEAD


def test_age_counts_from_when_a_message_was_let_go() -> None:
    old, released = NOW - timedelta(days=60), NOW - timedelta(days=6)
    assert after(AttemptClass.RETRY, created_at=old, released_at=released, **TRIED).state is MessageState.RETRYING
    released = NOW - timedelta(days=7)
    assert after(AttemptClass.RETRY, created_at=old, released_at=released, **TRIED).state is MessageState.DEAD


def test_an_hour_without_any_stored_time_is_downtime() -> None:
    assert was_away(NOW - timedelta(hours=80), NOW)
    assert not was_away(NOW - timedelta(minutes=59), NOW)
    assert not was_away(None, NOW)


def test_unknown_is_tried_again_unconfirmed() -> None:
    decision = after(AttemptClass.UNKNOWN)
    assert decision.state is MessageState.UNCONFIRMED
    assert decision.next_try_at is not None


@pytest.mark.parametrize("kind", [AttemptClass.RETRY, AttemptClass.UNKNOWN, AttemptClass.THROTTLE])
def test_after_a_week_a_message_is_given_up(kind: AttemptClass) -> None:
    decision = after(kind, created_at=NOW - timedelta(days=7), **TRIED)
    assert (decision.state, decision.dead_class) == (MessageState.DEAD, kind)
    assert after(kind, created_at=NOW - timedelta(days=6, hours=23), **TRIED).state is not MessageState.DEAD


def test_failures_in_a_row_let_the_channel_rest_longer_each_time() -> None:
    health, rests = WELL, []
    for _ in range(FAILURES_BEFORE_REST + 8):
        health = after(AttemptClass.RETRY, health=health).channel
        rests.append(health.throttled_until and health.throttled_until - NOW)
    assert rests[: FAILURES_BEFORE_REST - 1] == [None] * (FAILURES_BEFORE_REST - 1)
    assert rests[FAILURES_BEFORE_REST - 1] == timedelta(seconds=30)
    assert rests[-1] == timedelta(minutes=10)


def failing(failures: int, minutes: float) -> ChannelHealth:
    return replace(WELL, failures=failures, failing_since=NOW - timedelta(minutes=minutes))


@pytest.mark.parametrize("kind", [AttemptClass.RETRY, AttemptClass.UNKNOWN])
def test_five_failures_over_ten_minutes_open_the_breaker_and_it_is_probed_after_five_minutes(
    kind: AttemptClass,
) -> None:
    decision = after(kind, health=failing(4, 10))
    assert (decision.state, decision.hold, decision.opened) == (MessageState.HELD, HoldReason.BREAKER, True)
    assert (decision.channel.breaker_since, decision.channel.throttled_until) == (NOW, None)
    assert decision.channel.next_probe_at == NOW + timedelta(minutes=5)
    assert not after(kind, health=failing(4, 9)).opened
    assert not after(kind, health=failing(3, 60)).opened


def test_a_throttle_longer_than_ten_minutes_opens_the_breaker() -> None:
    decision = after(AttemptClass.THROTTLE, retry_after=timedelta(minutes=30))
    assert (decision.state, decision.opened) == (MessageState.HELD, True)
    assert decision.channel.next_probe_at == decision.channel.throttled_until == NOW + timedelta(minutes=30)
    assert not after(AttemptClass.THROTTLE, retry_after=timedelta(minutes=10)).opened
    # Short ones in a row, with nothing taken in between, are a long one.
    again = after(AttemptClass.THROTTLE, retry_after=timedelta(seconds=30), health=failing(0, 10))
    assert again.opened
    assert again.channel.next_probe_at == NOW + timedelta(minutes=5)


def test_a_throttle_between_failures_does_not_count_as_success() -> None:
    health = after(AttemptClass.THROTTLE, health=failing(4, 9)).channel
    assert (health.failures, health.failing_since) == (4, NOW - timedelta(minutes=9))


@pytest.mark.parametrize("kind", [AttemptClass.OK, AttemptClass.CONTENT])
def test_an_answer_about_one_message_ends_the_failures_in_a_row(kind: AttemptClass) -> None:
    decision = after(kind, health=failing(40, 600))
    assert not decision.opened
    assert (decision.channel.failures, decision.channel.failing_since) == (0, None)


def test_an_answer_about_one_recipient_never_opens_the_breaker() -> None:
    decision = mailed(AttemptClass.RETRY, AttemptClass.RETRY, health=failing(40, 600))
    assert (decision.state, decision.opened) == (MessageState.RETRYING, False)


def test_a_probe_that_only_fails_is_followed_by_another_after_five_minutes() -> None:
    assert after(AttemptClass.RETRY, health=OPEN).channel.next_probe_at == NOW + timedelta(minutes=5)
    assert after(AttemptClass.PERMANENT, health=OPEN).channel.next_probe_at == NOW + timedelta(hours=1)
    throttled = after(AttemptClass.THROTTLE, health=OPEN, retry_after=timedelta(minutes=20))
    assert throttled.channel.next_probe_at == NOW + timedelta(minutes=20)


# -- several recipients -----------------------------------------------------------------------------


def mailed(result: AttemptClass, *heard: AttemptClass, **changes: object) -> Decision:
    recipients = {f"r{number}@example.org": RecipientResult(kind) for number, kind in enumerate(heard)}
    return decide(claim(**changes), AttemptResult(result, recipients=recipients), POLICY, NOW, 0.5)


def test_one_recipient_that_waits_is_no_failure_of_the_channel() -> None:
    decision = mailed(AttemptClass.RETRY, AttemptClass.OK, AttemptClass.RETRY, health=replace(WELL, failures=4))
    assert decision.state is MessageState.RETRYING
    assert decision.channel.failures == 0
    assert decision.channel.throttled_until is None


def test_a_server_that_answers_for_nobody_shows_no_life() -> None:
    silent = {
        "a@x": RecipientResult(AttemptClass.UNKNOWN, heard=False),
        "b@x": RecipientResult(AttemptClass.RETRY, heard=False),
    }
    result = AttemptResult(AttemptClass.UNKNOWN, recipients=silent)
    assert decide(claim(health=failing(4, 10)), result, POLICY, NOW, 0.5).opened
    heard = replace(result, recipients=silent | {"c@x": RecipientResult(AttemptClass.RETRY)})
    assert not decide(claim(health=failing(4, 10)), heard, POLICY, NOW, 0.5).opened


def test_a_message_that_somebody_has_is_sent_when_the_rest_is_given_up() -> None:
    old: dict[str, Any] = {"created_at": NOW - timedelta(days=8), **TRIED}
    assert mailed(AttemptClass.RETRY, AttemptClass.RETRY, reached=True, **old).state is MessageState.SENT
    assert mailed(AttemptClass.RETRY, AttemptClass.RETRY, **old).state is MessageState.DEAD


def test_the_last_open_recipient_refused_does_not_open_the_breaker_when_others_have_it() -> None:
    decision = mailed(AttemptClass.PERMANENT, AttemptClass.PERMANENT, recipients=("r0@example.org",), reached=True)
    assert (decision.state, decision.opened) == (MessageState.SENT, False)


def test_all_recipients_refused_opens_the_breaker() -> None:
    decision = mailed(AttemptClass.PERMANENT, AttemptClass.PERMANENT, AttemptClass.PERMANENT)
    assert (decision.state, decision.opened) == (MessageState.HELD, True)


def test_a_recipient_refused_while_others_have_it_is_given_up_alone() -> None:
    decision = mailed(AttemptClass.OK, AttemptClass.OK, AttemptClass.PERMANENT)
    assert (decision.state, decision.opened, decision.given_up) == (MessageState.SENT, False, ("r1@example.org",))
    # One who was refused at an earlier try is given up with the last one.
    decision = mailed(
        AttemptClass.OK, AttemptClass.OK, refused=("eve@x",), reached=True, recipients=("r0@example.org",)
    )
    assert decision.given_up == ("eve@x",)


def test_a_recipient_who_is_put_off_for_ever_is_given_up_alone_with_age() -> None:
    young = mailed(AttemptClass.RETRY, AttemptClass.OK, AttemptClass.RETRY, **TRIED)
    assert (young.state, young.given_up) == (MessageState.RETRYING, ())
    old: dict[str, Any] = {"created_at": NOW - timedelta(days=8), "reached": True, **TRIED}
    decision = mailed(AttemptClass.RETRY, AttemptClass.RETRY, recipients=("r0@example.org",), **old)
    assert (decision.state, decision.given_up) == (MessageState.SENT, ("r0@example.org",))


def test_all_have_it_and_nobody_is_given_up() -> None:
    assert mailed(AttemptClass.OK, AttemptClass.OK, AttemptClass.OK).given_up == ()
    assert after(AttemptClass.OK).given_up == ()


def test_a_redrive_for_one_recipient_that_is_refused_again_dies_and_opens_nothing() -> None:
    decision = mailed(AttemptClass.PERMANENT, AttemptClass.PERMANENT, for_recipient="r0@example.org")
    assert (decision.state, decision.dead_class, decision.opened) == (MessageState.DEAD, AttemptClass.PERMANENT, False)
    assert mailed(AttemptClass.OK, AttemptClass.OK, for_recipient="r0@example.org").state is MessageState.SENT


def test_a_message_whose_open_recipients_left_is_never_skipped_where_nobody_has_it() -> None:
    _, decision = nobody_left(claim(recipients=(), refused=("eve@x",)))
    assert (decision.state, decision.dead_class) == (MessageState.DEAD, AttemptClass.PERMANENT)
    _, decision = nobody_left(claim(recipients=(), refused=("eve@x",), reached=True))
    assert (decision.state, decision.given_up) == (MessageState.SENT, ("eve@x",))
    _, decision = nobody_left(claim(recipients=(), for_recipient="bob@x"))
    assert (decision.state, decision.channel) == (MessageState.SKIPPED, WELL)
