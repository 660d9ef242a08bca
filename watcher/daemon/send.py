"""The send loop: one message at a time for each channel, marked right after its send, before the next."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from watcher.core.alerts.elsewhere import with_ways
from watcher.core.alerts.retry import decide
from watcher.core.model.ids import ChannelName, MessageId
from watcher.core.model.message import AttemptClass, AttemptResult, Decision, MessageState
from watcher.core.model.policy import RetryPolicy
from watcher.core.model.record import MessageClaim, NextClaim
from watcher.daemon.loop import Loop
from watcher.daemon.meta import Meta
from watcher.daemon.tasks import InHand, guarded
from watcher.daemon.world import World
from watcher.errors import LostClaim, StorageError
from watcher.pipeline import deliver
from watcher.ports import Channel

log = structlog.get_logger()

SEND_LEASE = timedelta(seconds=90)
"""Longer than the longest deadline of a channel plus the wait for a slow mark."""

_LEFT_OUT = "the answer could not be stored; the log has the details"
_MARK_PAUSES = (0.2, 1.0, 2.0, 5.0)


class Sender(Loop[MessageClaim]):
    """Sends what is due until stopped. A slow channel delays only itself."""

    def __init__(
        self,
        world: World,
        meta: Meta,
        settle: Callable[[], Awaitable[None]],
        jitter: Callable[[], float] = random.random,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(world, world.send_bell)
        self._metrics = world.metrics
        self._meta = meta
        self._settle = settle
        self._jitter = jitter
        self._pause = pause
        self._policy = RetryPolicy()
        self._busy: set[ChannelName] = set()
        self._stuck = 0  # marks that could not be written so far
        self._begun: set[MessageId] = set()
        self._following: dict[ChannelName, list[MessageClaim]] = {}  # leased with the mark of the one before
        self.told: Callable[[MessageClaim, AttemptResult, Decision], None] = lambda *_: None
        """Called after each attempt, once it is marked."""

    async def run(self) -> None:
        """Send until stopped; then give back what was not begun, whatever ended the loop."""
        try:
            await super().run()
        finally:
            await self._release()

    async def _next(self) -> Sequence[MessageClaim]:
        return await self._claim()

    def _begin(self, claims: Sequence[MessageClaim], in_hand: InHand) -> None:
        for claim in claims:
            in_hand.begin(self._begun_work(claim))

    async def _release(self) -> None:
        # What was cut off in the middle may have arrived: it stays claimed, and comes back marked as a possible repeat.
        try:
            await self._world.store.release_messages(self._world.owner, tuple(self._begun))
        except StorageError as error:
            log.warning("messages not given back; the next start takes them back", reason=str(error))

    async def send_all(self) -> int:
        """Send everything that is due now, retries aside, and return how many attempts that took."""
        count = 0
        while claims := await self._claim():
            async with asyncio.TaskGroup() as group:
                works = [group.create_task(self._work(claim)) for claim in claims]
            count += sum(work.result() for work in works)
        return count

    async def _claim(self) -> Sequence[MessageClaim]:
        # A mark that cannot be written means that what we send next could not be marked either, and would go twice.
        if self._stuck:
            return []
        channels = self._world.ruling().channels
        ready = [name for name in channels if name not in self._busy]
        if not ready:
            return []
        claims = self._world.store.claim_messages(
            self._world.owner, self._world.clock.now(), SEND_LEASE, len(ready), ready, _lists_at_most(channels)
        )
        claimed = await self._claimed(claims, lambda error: log.error("sending paused", reason=str(error)))
        self._busy.update(claim.target for claim in claimed)
        return claimed

    async def _work(self, claim: MessageClaim) -> int:
        """Send a message, and after it, one by one, those that wait for the same channel; return how many."""
        count, left = 0, [claim]
        try:
            async with self._run(claim.target):
                while left and not (count and self._is_stopping()):
                    count += 1
                    await guarded("send", self._send(left[0]), self._metrics, message=left[0].id, channel=claim.target)
                    left = self._following.pop(claim.target, [])
        finally:
            self._busy.discard(claim.target)
            self.wake.ring()
        return count

    def _run(self, target: ChannelName) -> AbstractAsyncContextManager[None]:
        """Return what the channel keeps from message to message; one that is gone keeps nothing."""
        channel = self._world.ruling().channels.get(target)
        return nullcontext() if channel is None else channel.run()

    async def _begun_work(self, claim: MessageClaim) -> None:
        await self._work(claim)

    async def _send(self, claim: MessageClaim) -> None:
        clock = self._world.clock
        began = clock.monotonic()
        self._begun.add(claim.id)
        try:
            result, decision = await deliver(claim, self._world, self._policy, self._jitter())
        except Exception as error:
            # A mistake of ours in this one message: without an end it would block its channel until the lease is
            # over, three times.
            self._metrics.surprises.labels("send").inc()
            log.exception("unexpected error", room="send", message=claim.id, channel=claim.target)
            result = AttemptResult(
                AttemptClass.CONTENT, f"a mistake of ours ({type(error).__name__}); the log has the details"
            )
            decision = decide(claim, result, self._policy, clock.now(), self._jitter())
            decision = with_ways(decision, self._world.ruling().policy)
        self._metrics.delivery_seconds.observe(clock.monotonic() - began)
        self._metrics.deliveries.labels(claim.target, result.result.value).inc()
        marked = await self._mark(claim, result, decision)
        self._begun.discard(claim.id)
        if marked:
            self._tell(claim, result, decision, clock.now())
            self.told(claim, result, decision)
            await self._meta.attempt_ended(claim, result, decision)
            is_gone = claim.target not in self._world.ruling().channels and decision.state is not MessageState.SENT
            if is_gone or decision.opened:  # what it holds is told elsewhere
                await self._settle()

    async def _mark(self, claim: MessageClaim, result: AttemptResult, decision: Decision) -> bool:
        then = self._next_of(claim)
        attempt = 0
        try:
            while True:
                try:
                    following = await self._written(claim, result, decision, then)
                except LostClaim:
                    log.warning("mark came too late", message=claim.id, channel=claim.target)
                    return False
                except StorageError as error:
                    seconds = _MARK_PAUSES[min(attempt, len(_MARK_PAUSES) - 1)]
                    log.error("mark not written, trying again", message=claim.id, reason=str(error), seconds=seconds)
                    self._stuck += not attempt
                    attempt += 1
                    then = None
                    await self._pause(seconds)
                else:
                    self._following[claim.target] = list(following)
                    return True
        finally:
            self._stuck -= attempt > 0

    def _next_of(self, claim: MessageClaim) -> NextClaim | None:
        """Return how to lease the next message with this one's mark; None where nothing may be begun after it: at a
        stop, while another mark cannot be written, or for a channel that is gone.
        """
        channels = self._world.ruling().channels
        if self._is_stopping() or self._stuck or claim.target not in channels:
            return None
        return NextClaim(self._world.owner, SEND_LEASE, _lists_at_most(channels))

    async def _written(
        self, claim: MessageClaim, result: AttemptResult, decision: Decision, then: NextClaim | None
    ) -> Sequence[MessageClaim]:
        """Write what came of an attempt and return what is leased with it; a surprise costs first that lease, then the
        receiver's own words: a message that is not marked goes out again after each lease.
        """
        store, clock = self._world.store, self._world.clock
        try:
            return await store.mark(claim, result, decision, clock.now(), then)
        except StorageError:
            raise
        except Exception:
            self._metrics.surprises.labels("send").inc()
            log.exception("unexpected error", room="mark", message=claim.id, channel=claim.target)
            if then is not None:
                return await self._written(claim, result, decision, None)
            return await store.mark(claim, _without_words(result), _without_words_of(decision), clock.now())

    def _tell(self, claim: MessageClaim, result: AttemptResult, decision: Decision, now: datetime) -> None:
        fields = {
            "message": claim.id,
            "channel": claim.target,
            "attempt": claim.attempt,
            "answer": result.answer or None,
        }
        if decision.state is MessageState.SENT:
            log.info("message sent", alerts=len(claim.alerts), **fields)
            for alert in claim.alerts:
                if alert.article.first_seen_at is not None:
                    seconds = max(0.0, (now - alert.article.first_seen_at).total_seconds())
                    self._metrics.latency_seen.observe(seconds)
                    self._metrics.rule_seconds.labels(alert.rule).observe(seconds)
                if alert.article.published_at is not None:
                    self._metrics.latency_published.observe(
                        max(0.0, (now - alert.article.published_at).total_seconds())
                    )
        elif decision.leaving:
            log.info("message divided", **fields)
        elif decision.state is MessageState.SKIPPED:
            log.info("message skipped", **fields)
        else:
            log.warning(
                "message not sent",
                state=decision.state.value,
                result=result.result.value,
                next_try_at=str(decision.next_try_at or ""),
                **fields,
            )


def _without_words(result: AttemptResult) -> AttemptResult:
    recipients = {name: replace(heard, answer=_LEFT_OUT) for name, heard in result.recipients.items()}
    return replace(result, answer=_LEFT_OUT, recipients=recipients, remote="")


def _without_words_of(decision: Decision) -> Decision:
    health = decision.channel
    reason = _LEFT_OUT if health.breaker_reason else ""
    return replace(decision, channel=replace(health, last_answer=_LEFT_OUT, breaker_reason=reason))


def _lists_at_most(channels: Mapping[ChannelName, Channel]) -> dict[ChannelName, int]:
    limits = {name: channel.traits.lists_at_most for name, channel in channels.items()}
    return {name: limit for name, limit in limits.items() if limit is not None}
