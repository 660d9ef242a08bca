"""Decides what follows from an attempt to send: sent, again, held, given up, and what that says about the channel.

ok        sent; an open breaker closes
retry     again with backoff; five in a row, by whatever message, let the whole channel rest for a moment
throttle  the whole channel rests until the hint, at most an hour
content   once more short and plain, then an article a message, each from the start; one of a single article is dead
permanent the breaker opens, the message is held and probes it each hour
unknown   it may have arrived: again with backoff and the same key

Five failures in a row (retry, unknown) over ten minutes, or a throttle longer than that, open the breaker too; then
it is probed every five minutes. What a receiver says about one message or recipient never does.

Nothing dies of its age before several tries over an hour. The age counts from when a message was made, let go, asked
for again, or from a start after downtime; behind an open breaker from its opening, if that is later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from watcher.core.model.message import AttemptClass, AttemptResult, ChannelHealth, Decision, HoldReason, MessageState
from watcher.core.model.policy import RetryPolicy
from watcher.core.model.record import MessageClaim

DEFAULT_THROTTLE = timedelta(seconds=60)
LONGEST_HINT = timedelta(hours=1)  # a server that asks for more is asked again after an hour
FAILURES_BEFORE_REST = 5
FAILURES_TO_BREAK = 5
FAILING_TO_BREAK = timedelta(minutes=10)
TRIES_TO_DIE = 3
TRIED_TO_DIE = timedelta(hours=1)
DOWNTIME = timedelta(hours=1)
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """All that one decision looks at; `health` is the channel's before the attempt, with the answer and failures
    after it.
    """

    claim: MessageClaim
    result: AttemptResult
    policy: RetryPolicy
    now: datetime
    jitter: float
    health: ChannelHealth

    @property
    def is_probe(self) -> bool:
        return self.claim.health.breaker_since is not None

    @property
    def is_overdue(self) -> bool:
        """Age alone is not enough: a message that waited for us, or behind a breaker, must have had its chances
        first.
        """
        claim = self.claim
        since = claim.released_at or claim.created_at
        since = max(since, claim.health.breaker_since or since)
        tried_since = claim.first_tried_at or self.now
        has_had_chances = claim.tries >= TRIES_TO_DIE and self.now - tried_since >= TRIED_TO_DIE
        return has_had_chances and self.now - since >= self.policy.give_up

    @property
    def opens_breaker(self) -> bool:
        """Whether the channel has failed, or asked us to wait, for so long that what comes for it is better held."""
        since = self.health.failing_since
        if since is None:
            return False
        is_long = self.now - since >= FAILING_TO_BREAK
        if self.result.result is AttemptClass.THROTTLE:
            return is_long or (self.result.retry_after or timedelta(0)) > FAILING_TO_BREAK
        return is_long and self.health.failures >= FAILURES_TO_BREAK

    @property
    def reached_somebody(self) -> bool:
        """A message that some recipient has is not a dead one; who did not get it stands in its recipients."""
        answers = self.result.recipients.values()
        return self.claim.reached or any(answer.result is AttemptClass.OK for answer in answers)

    @property
    def is_divisible(self) -> bool:
        """Whether one article may be refused and the others not; what others have is not begun anew for one of them."""
        articles = {alert.article.id for alert in self.claim.alerts}
        return len(articles) > 1 and not self.reached_somebody and not self.claim.for_recipient

    @property
    def left_over(self) -> tuple[str, ...]:
        """The recipients who do not have it, when it is open for nobody any more."""
        answers = self.result.recipients
        if not self.reached_somebody or self.claim.for_recipient:
            return ()
        have_it = {name for name, answer in answers.items() if answer.result is AttemptClass.OK}
        asked = {*answers, *self.claim.refused, *(self.claim.recipients or ())}
        return tuple(sorted(asked - have_it)) if answers or self.claim.reached else ()

    def given_up(self, why: AttemptClass, health: ChannelHealth) -> Decision:
        if self.reached_somebody:
            return Decision(MessageState.SENT, health, given_up=self.left_over)
        return Decision(MessageState.DEAD, health, dead_class=why)

    @property
    def next_try_at(self) -> datetime:
        hint = min(self.result.retry_after or timedelta(0), LONGEST_HINT)
        return self.now + max(hint, backoff(self.claim.attempt, self.policy, self.jitter))


def decide(claim: MessageClaim, result: AttemptResult, policy: RetryPolicy, now: datetime, jitter: float) -> Decision:
    """Return what to write after an attempt; `jitter` in [0, 1) spreads the retries.

    A message of several recipients is sent once no recipient is open and at least one of them has it; `given_up`
    names the others.
    """
    final = _result_of_all(claim, result)
    attempt = _Attempt(claim, result, policy, now, jitter, _health_after(claim.health, result, now))
    match final:
        case AttemptClass.OK:
            return _sent(attempt)
        case AttemptClass.CONTENT:
            return _refused(attempt)
        case AttemptClass.PERMANENT:
            return _channel_refused(attempt)
        case AttemptClass.RETRY | AttemptClass.UNKNOWN | AttemptClass.THROTTLE:
            return _again(attempt, final)
        case _:
            assert_never(final)


def nobody_left(claim: MessageClaim) -> tuple[AttemptResult, Decision]:
    """Return what becomes of a message whose open recipients all left the channel or asked for no more: its channel is
    neither well nor ill for that. One that nobody has is given up, so that it is told of and can be sent again.

        asked for again for bob alone, who left            -> skipped, others have it
        open for bob who left, ann has it, eve refused it  -> sent, a dead letter for eve
    """
    if claim.for_recipient:
        result = AttemptResult(AttemptClass.OK, f"{claim.for_recipient} is no recipient any more")
        return result, Decision(MessageState.SKIPPED, claim.health)
    left = "nobody it is open for is a recipient any more"
    if claim.reached:
        return AttemptResult(AttemptClass.OK, left), Decision(MessageState.SENT, claim.health, given_up=claim.refused)
    result = AttemptResult(AttemptClass.PERMANENT, left)
    return result, Decision(MessageState.DEAD, claim.health, dead_class=AttemptClass.PERMANENT)


def backoff(attempt: int, policy: RetryPolicy, jitter: float) -> timedelta:
    """Return the wait after the attempt with this number (from 1): between `first` and a bound that doubles up to
    `longest`.

    Source: "full jitter" in M. Brooker, Exponential Backoff And Jitter, 2015; the floor keeps a retry from coming at
    once.
    """
    doublings = min(max(attempt, 1), 32)  # 2^32 times `first` are beyond any `longest`
    bound = min(policy.longest, policy.first * (1 << doublings))
    return policy.first + max(timedelta(0), bound - policy.first) * jitter


def was_away(newest: datetime | None, now: datetime) -> bool:
    """Return whether we were down for long before a start at `now`; `newest` is the newest time that is stored, None
    in a new store.

    What waited meanwhile could not be sent, so its age counts anew.
    """
    return newest is not None and now - newest >= DOWNTIME


def _health_after(health: ChannelHealth, result: AttemptResult, now: datetime) -> ChannelHealth:
    """Return the channel's health with this answer counted. A throttle is no failure and no success."""
    is_failure = result.result in (AttemptClass.RETRY, AttemptClass.UNKNOWN)
    # A server that answers for a recipient is well, whatever it says of that one; silence for all is no sign of life.
    answered = any(one.heard for one in result.recipients.values())
    if answered or not (is_failure or result.result is AttemptClass.THROTTLE):
        return replace(health, failures=0, failing_since=None, last_answer=result.answer)
    return replace(
        health,
        failures=health.failures + is_failure,
        failing_since=health.failing_since or now,
        last_answer=result.answer,
    )


def _result_of_all(claim: MessageClaim, result: AttemptResult) -> AttemptClass:
    """Some recipient has it already, and all others are refused for good: then the message is sent, and only they are
    told.
    """
    refused = result.result is AttemptClass.PERMANENT and bool(result.recipients)
    return AttemptClass.OK if refused and claim.reached else result.result


def _sent(attempt: _Attempt) -> Decision:
    health = replace(
        attempt.health,
        breaker_since=None,
        breaker_reason="",
        next_probe_at=None,
        throttled_until=None,
        last_ok_at=attempt.now,
    )
    return Decision(MessageState.SENT, health, closed=attempt.is_probe, given_up=attempt.left_over)


def _refused(attempt: _Attempt) -> Decision:
    """The receiver reads and refuses this one message; the channel itself may be well, so an open breaker is probed
    again soon. A message of several articles is divided before it is dead: one bad text takes no other story with it.
    Behind a breaker the parts stay plain, which keeps them apart, so that no bad text holds up what waits beside it.
    """
    soon = attempt.now + attempt.policy.first
    health = replace(attempt.health, next_probe_at=soon) if attempt.is_probe else attempt.health
    apart = attempt.claim.plain
    if apart and not attempt.is_divisible:
        return attempt.given_up(AttemptClass.CONTENT, health)
    if attempt.is_probe:
        return Decision(MessageState.HELD, health, hold=HoldReason.BREAKER, plain=True, apart=apart)
    return Decision(MessageState.RETRYING, health, next_try_at=attempt.now, plain=not apart, apart=apart)


def _channel_refused(attempt: _Attempt) -> Decision:
    if attempt.claim.for_recipient and attempt.result.recipients:
        # Asked for again by hand; a server that refuses one recipient is well.
        return Decision(MessageState.DEAD, attempt.health, dead_class=AttemptClass.PERMANENT)
    health = replace(
        attempt.health,
        breaker_since=attempt.health.breaker_since or attempt.now,
        breaker_reason=attempt.result.answer,
        next_probe_at=attempt.now + attempt.policy.probe_every,
    )
    return _behind_breaker(attempt, health, AttemptClass.PERMANENT, opened=not attempt.is_probe)


def _again(attempt: _Attempt, final: AttemptClass) -> Decision:
    health = replace(attempt.health, throttled_until=_rest_until(attempt, final))
    if attempt.is_probe or attempt.opens_breaker:
        return _failed_for_long(attempt, final)
    if attempt.is_overdue:
        return attempt.given_up(final, health)
    state = MessageState.UNCONFIRMED if final is AttemptClass.UNKNOWN else MessageState.RETRYING
    throttled = health.throttled_until if final is AttemptClass.THROTTLE else None
    return Decision(state, health, next_try_at=throttled or attempt.next_try_at, plain=attempt.claim.plain)


def _failed_for_long(attempt: _Attempt, final: AttemptClass) -> Decision:
    """The breaker opens, or stays open, and is probed soon: a channel that only fails comes back by itself."""
    soon = attempt.now + attempt.policy.probe_soon
    throttled = _rest_until(attempt, final) if final is AttemptClass.THROTTLE else None
    health = replace(
        attempt.health,
        breaker_since=attempt.health.breaker_since or attempt.now,
        breaker_reason=attempt.result.answer,
        throttled_until=throttled,
        next_probe_at=max(soon, throttled or soon),
    )
    return _behind_breaker(attempt, health, final, opened=not attempt.is_probe)


def _behind_breaker(attempt: _Attempt, health: ChannelHealth, final: AttemptClass, *, opened: bool) -> Decision:
    if attempt.is_probe and attempt.is_overdue:
        return attempt.given_up(final, health)
    return Decision(MessageState.HELD, health, hold=HoldReason.BREAKER, plain=attempt.claim.plain, opened=opened)


def _rest_until(attempt: _Attempt, final: AttemptClass) -> datetime | None:
    """Until when the whole channel rests: the server's wish, or a pause that doubles once failures come in a row."""
    if final is AttemptClass.THROTTLE:
        return attempt.now + min(attempt.result.retry_after or DEFAULT_THROTTLE, LONGEST_HINT)
    over = attempt.health.failures - FAILURES_BEFORE_REST
    if over < 0:
        return None
    return attempt.now + min(LONGEST_REST, FIRST_REST * (1 << min(over, 10)))
