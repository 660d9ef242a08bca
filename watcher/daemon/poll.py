"""The poll loop: claims due feeds, works on a bounded number at once, gives back what it cannot finish."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog

from watcher.core.model.outcome import FeedStatus, Fetched, NotModified
from watcher.core.model.record import Committed, FeedClaim
from watcher.daemon.meta import Meta
from watcher.daemon.state import DaemonState
from watcher.daemon.tasks import InHand, Wake, guarded
from watcher.errors import LostClaim, ParseError, StaleRevision, StorageError
from watcher.pipeline import Poll, Stages, process_feed, retry_pending
from watcher.telemetry.metrics import Metrics

log = structlog.get_logger()

MOST_AT_ONCE = 50
"""Fetches in flight; above 50 to 100 the client's cost per request grows (measured with httpx)."""

LEASE = timedelta(minutes=3)
"""Longer than a fetch (30 s), a host's queue and a read together; a crash frees the feed after it."""

GRACE_SECONDS = 15.0
"""How long polls in hand may finish after a stop."""

FULL_DISK_PAUSE_SECONDS = 30.0


class Poller:
    """Polls due feeds until stopped; a poll either commits or leaves its feed due."""

    def __init__(
        self,
        stages: Stages,
        owner: str,
        state: DaemonState,
        metrics: Metrics,
        meta: Meta,
        after: Callable[[Committed], None],
    ) -> None:
        self._stages = stages
        self._owner = owner
        self._state = state
        self._metrics = metrics
        self._meta = meta
        self._after = after
        self._paused_until = 0.0
        self.wake = Wake()
        self.stopping = False

    async def run(self) -> None:
        """Claim and work until `stopping`; then give what is in hand its grace, and release the rest."""
        async with asyncio.TaskGroup() as group:
            in_hand = InHand(group)
            while True:
                await self.wake.wait()
                if self.stopping:
                    break
                for claim in await self._claim(MOST_AT_ONCE - len(in_hand)):
                    in_hand.begin(guarded("poll", self._poll(claim), self._metrics, feed=claim.spec.name))
            await in_hand.finish(GRACE_SECONDS)

    async def poll_once(self) -> int:
        """Poll everything that is due now, and return how many feeds that were."""
        count = 0
        while claims := await self._claim(MOST_AT_ONCE):
            async with asyncio.TaskGroup() as group:
                for claim in claims:
                    group.create_task(guarded("poll", self._poll(claim), self._metrics, feed=claim.spec.name))
            count += len(claims)
        return count

    async def _claim(self, free: int) -> list[FeedClaim]:
        if free <= 0 or self._stages.clock.monotonic() < self._paused_until:
            return []
        try:
            claims = await self._stages.store.claim_feeds(self._owner, self._stages.clock.now(), free, LEASE)
        except StorageError as error:
            self._pause(error)
            return []
        except Exception:
            # One row that cannot be read must not end the loop, and with it the daemon.
            self._metrics.surprises.labels("claim").inc()
            log.exception("unexpected error", room="claim")
            return []
        self._state.database_problem = ""
        return list(claims)

    def _pause(self, error: StorageError) -> None:
        # A full disk or a locked database: nothing fetched now could be kept, and the servers need not be asked for it.
        self._paused_until = self._stages.clock.monotonic() + FULL_DISK_PAUSE_SECONDS
        self._state.database_problem = str(error)
        log.error("polling paused", reason=str(error), seconds=FULL_DISK_PAUSE_SECONDS)

    async def _poll(self, claim: FeedClaim) -> None:
        clock = self._stages.clock
        began = clock.monotonic()
        try:
            poll = await process_feed(claim, self._stages)
        except LostClaim:
            log.warning("poll was too late", feed=claim.spec.name)
            return
        except ParseError as error:
            # Matching the stored text again stopped its worker: the claim stays counted, and the third one is quarantine.
            log.error("document stopped its reader", feed=claim.spec.name, reason=str(error))
            return
        except StorageError as error:
            self._pause(error)
            await self._give_back(claim)
            return
        except asyncio.CancelledError:
            await asyncio.shield(self._give_back(claim))
            raise
        took = clock.monotonic() - began
        self._state.last_poll_at = clock.now()
        self._count(poll, took)
        self._tell(poll, took)
        await self._meta.poll_ended(poll)
        self._after(poll.committed)

    async def _give_back(self, claim: FeedClaim) -> None:
        try:
            await self._stages.store.release_feed(claim)
        except StorageError as error:
            # The lease ends by itself, or with the next start.
            log.warning("claim not given back", feed=claim.spec.name, reason=str(error))

    def _count(self, poll: Poll, took: float) -> None:
        metrics, committed = self._metrics, poll.committed
        problem = poll.result.state.problem
        metrics.polls.labels(problem.kind.value if problem else "ok").inc()
        metrics.poll_seconds.observe(took)
        for kind in ("new", "revised", "unchanged", "refused"):
            metrics.articles.labels(kind).inc(getattr(committed, kind))
        metrics.matches.inc(committed.matched)
        metrics.folded.inc(committed.folded)
        metrics.silenced.inc(committed.silenced)
        metrics.alerts.inc(committed.alerts)
        metrics.conflicts.inc(committed.conflicts)

    def _tell(self, poll: Poll, took: float) -> None:
        state, committed = poll.result.state, poll.committed
        fields = {"feed": poll.claim.spec.name, "took_ms": round(took * 1000)}
        if state.problem is not None:
            log.warning(
                "feed problem",
                kind=state.problem.kind.value,
                reason=state.problem.message,
                failures=state.failures,
                **fields,
            )
        if isinstance(poll.outcome, NotModified):
            log.debug("feed not modified", status=poll.outcome.status, **fields)
        elif isinstance(poll.outcome, Fetched) and poll.result.reading is not None:
            log.info(
                "feed polled",
                new=committed.new,
                revised=committed.revised,
                matched=committed.matched,
                folded=committed.folded,
                alerts=committed.alerts,
                first_poll=poll.result.context.first or None,
                **fields,
            )
        if state.status is FeedStatus.QUARANTINED and poll.claim.state.status is not FeedStatus.QUARANTINED:
            log.error("feed quarantined", **fields)

    async def retry_pending(self) -> None:
        """Try again the rules that failed on stored articles."""
        store = self._stages.store
        for pending in await store.pending_matches(self._stages.clock.now(), limit=100):
            claim = await store.feed_by_id(pending.article.feed)
            if claim is None:
                continue
            try:
                self._after(await retry_pending(pending, claim, self._stages))
            except StaleRevision:
                return  # the rules were replaced; the next round tries again
