"""The poll loop: claims the due feeds that can be fetched at once, works on them, and gives back what it cannot
finish.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import FeedProblem, FeedStatus, Fetched, FetchProblemKind, NotModified, our_mistake
from watcher.core.model.record import Committed, FeedClaim, PendingArticle
from watcher.core.web_addresses import host_of
from watcher.daemon.alert_lines import log_alerts
from watcher.daemon.loop import GRACE_SECONDS, Loop
from watcher.daemon.meta import Meta
from watcher.daemon.outage import OF_THE_NETWORK
from watcher.daemon.places import Due, Places
from watcher.daemon.push import Pushes
from watcher.daemon.tasks import InHand, guarded
from watcher.daemon.world import World
from watcher.errors import LostClaim, OutOfDescriptors, ParseError, RefusedWork, StaleRevision, StorageError
from watcher.network.descriptors import lacks_descriptors
from watcher.pipeline import Poll, note_failure, process_feed, put_off_pending, retry_pending
from watcher.telling import notices

log = structlog.get_logger()

POLL_LEASE = timedelta(minutes=3)
"""After it another process may take over what a crash left; what this one has in hand stays its own, however long it
takes.
"""

FULL_DISK_PAUSE_SECONDS = 30.0
PAUSES_SECONDS: Final = (2.0, 5.0, 10.0, FULL_DISK_PAUSE_SECONDS)
"""How long nothing is polled after the database refused work, by how often in a row: a server that was restarted, or
that another one took over from, is back within seconds; a full disk is not.
"""

SHORTAGE_PAUSE_SECONDS = 5.0
SHORTAGE_OVER_SECONDS = 60.0
"""So long without a sign of it, and a shortage of descriptors is over."""

_LOOK_SECONDS: Final = 0.9  # the tick rings each second; what rings more often starts from what was due then
_PENDING_AT_ONCE: Final = 100
_SHORTAGE: Final = "descriptors"
_OUTAGE: Final = "network"


class Poller(Loop[FeedClaim]):
    """Polls due feeds until stopped. A poll ends with a stored result, or leaves its feed due where the trouble is
    ours.
    """

    def __init__(
        self,
        world: World,
        meta: Meta,
        after: Callable[[Committed], None],
        grace_seconds: float = GRACE_SECONDS,
        push: Pushes | None = None,
    ) -> None:
        super().__init__(world, world.poll_bell, grace_seconds)
        self._push = push
        self._state = world.state
        self._metrics = world.metrics
        self._meta = meta
        self._after = after
        self._places = Places(world.hosts, world.clock.monotonic)
        self._due = Due()
        self._looked_at: float | None = None
        self._poll_ended = False
        self._owed: list[FeedClaim] = []
        self._kept_back: list[tuple[float, FeedClaim]] = []
        self._paused_until = 0.0
        self._pauses = 0  # since the last result that was stored
        self._short_at = 0.0

    async def run(self) -> None:
        """Poll until stopped; then give back what was not done."""
        await super().run()
        await self._give_back_owed(all_of_them=True)

    def _longest_wait(self) -> float | None:
        return self._places.next_free_in(self._due)

    async def _next(self) -> Sequence[FeedClaim]:
        await self._look()
        await self._end_shortage()
        return await self._claim()

    def _too_late(self, claims: Sequence[FeedClaim]) -> None:
        self._owed += claims

    async def poll_once(self) -> int:
        """Poll everything that is due now, each feed once, and return how many feeds that were. A slow one holds up
        no other.
        """
        begun: set[FeedId] = set()
        self._looked_at = None
        await self._look()
        async with asyncio.TaskGroup() as group:
            in_hand = InHand(group, self._note_end)
            while True:
                claims = await self._claim()
                self._begin(claims, in_hand)
                begun |= {claim.state.feed for claim in claims}
                pause = self._places.next_free_in(self._due)
                if not in_hand and not claims and pause is None:
                    break
                await self.wake.wait(min(pause or 1.0, 1.0))
                if not in_hand:
                    # Suspects wait for one another, and are due only now.
                    self._looked_at = None
                    await self._look()
                    self._due.drop(begun)
        self._due = Due()
        await self._give_back_owed()
        return len(begun)

    async def _look(self) -> None:
        """See what is due, at each tick or when asked to; the end of a poll alone is no reason to ask the store
        again.
        """
        now = self._world.clock.monotonic()
        only_ended, self._poll_ended = self._poll_ended, False
        if only_ended and self._looked_at is not None and 0 <= now - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = now
        if self._state.polling_paused:
            self._due = Due()  # nothing that comes could be kept
            return
        try:
            self._due = Due(await self._world.store.due_feeds(self._world.owner, self._world.clock.now()))
        except StorageError as error:
            self._due = Due()
            self._pause(error)

    def _begin(self, claims: Sequence[FeedClaim], in_hand: InHand) -> None:
        begun = {claim.state.feed for claim in claims}
        self._due.drop(begun)
        for claim in claims:
            self._places.begin(claim.state.feed, claim.state.url)
            self._note_throttled(claim)
            in_hand.begin(guarded("poll", self._poll(claim), self._metrics, feed=claim.spec.name))

    def _note_throttled(self, claim: FeedClaim) -> None:
        """Tell our own fetches what the host of a feed told other processes on the database."""
        now = self._world.clock.now()
        for one in claim.throttled:
            self._world.hosts.throttled(host_of(claim.state.url), one.feed, one.until - now)

    async def _claim(self) -> Sequence[FeedClaim]:
        """Claim what can be fetched at once; nothing is claimed only to wait for its host or for a place."""
        if self._world.clock.monotonic() < self._paused_until:
            return []
        await self._give_back_owed()
        chosen = self._places.choose(self._due)
        if not chosen and not self._state.database_problem:
            return []
        now = self._world.clock.now()
        return await self._claimed(self._leased(chosen, now), self._pause)

    async def _leased(self, chosen: Sequence[FeedId], now: datetime) -> Sequence[FeedClaim]:
        claims = await self._world.store.claim_feeds(self._world.owner, now, len(chosen), POLL_LEASE, chosen)
        self._state.database_problem = ""
        return claims

    def _pause(self, error: StorageError) -> None:
        # A full disk or a locked database: nothing fetched now could be kept, and the servers need not be asked for it.
        self._state.database_problem = str(error)
        now = self._world.clock.monotonic()
        if now < self._paused_until and not error.trouble:
            return  # several polls meet the same trouble
        seconds = (
            FULL_DISK_PAUSE_SECONDS if error.trouble else PAUSES_SECONDS[min(self._pauses, len(PAUSES_SECONDS) - 1)]
        )
        self._pauses += 1
        self._paused_until = now + seconds
        log.error("polling paused", reason=str(error), seconds=seconds)

    async def _poll(self, claim: FeedClaim) -> None:
        clock = self._world.clock
        began = clock.monotonic()
        try:
            poll = await self._result(self._push.rarely(claim) if self._push is not None else claim)
        finally:
            self._places.ended(claim.state.feed)
            self._note_end()
        if poll is None:
            return
        self._pauses = 0
        took = clock.monotonic() - began
        self._state.last_poll_at = clock.now()
        self._count(poll, took)
        self._tell(poll, took)
        await self._meta.poll_ended(poll)
        await self._tell_outage()
        if self._push is not None:
            self._push.polled(poll)
        log_alerts(poll.committed)
        self._after(poll.committed)

    async def _tell_outage(self) -> None:
        """Tell once that our own network is out, and once that it is back; then what could not be asked is due."""
        outage = self._world.outage
        if outage.is_out and not self._state.outage:
            self._state.outage = outage.said()
            log.error("the network is out; feeds that were well are not blamed", reason=self._state.outage)
            await self._meta.tell_directly(
                _OUTAGE,
                "No host answers",
                f"{self._state.outage}. That looks like our own network, or its name server. Nothing is held against "
                "feeds that were well before; they are asked again at their usual times.",
            )
        elif self._state.outage and not outage.is_out:
            self._state.outage = ""
            names, outage.feeds = sorted(outage.feeds), set()
            log.info("the network is back", feeds=len(names))
            try:
                await self._world.store.request_poll(names, self._world.clock.now())
            except StorageError as error:
                log.warning("feeds are asked at their usual times", reason=str(error))
            text = f"{len(names)} feeds could not be asked meanwhile; they are asked now."
            await self._meta.over(_OUTAGE, "Feeds can be reached again", text)

    def _note_end(self) -> None:
        """Wake the loop: a place is free, or a poll is no longer in hand."""
        self._poll_ended = True
        self.wake.ring()

    async def _result(self, claim: FeedClaim) -> Poll | None:
        """Return what became of a poll; None when nothing was stored: the feed is somebody else's now, or due again."""
        fetched = partial(self._places.fetched, claim.state.feed)
        try:
            try:
                return await process_feed(claim, self._world, fetched)
            except LostClaim:
                log.warning("poll was too late", feed=claim.spec.name)
                return None
            except Exception as error:  # noqa: BLE001 - every poll ends with a result
                return await self._failed(claim, error)
        except asyncio.CancelledError:
            await asyncio.shield(self._give_back(claim))
            raise

    async def _failed(self, claim: FeedClaim, error: Exception) -> Poll | None:
        """Turn an error into a stored problem of the feed, or give the claim back where the trouble is this
        machine's.
        """
        if lacks_descriptors(error):
            await self._give_back(claim)
            await self._begin_shortage(claim)
            return None
        if isinstance(error, StorageError) and not isinstance(error, RefusedWork):
            self._pause(error)
            await self._give_back(claim)
            return None
        if isinstance(error, ParseError):
            # Matching the text again, after new rules came, stopped its worker.
            log.error("document stopped its reader", feed=claim.spec.name, reason=str(error))
            problem = FeedProblem(FetchProblemKind(error.kind), str(error))
        else:
            self._metrics.surprises.labels("poll").inc()
            log.error("unexpected error", room="poll", feed=claim.spec.name, exc_info=error)
            problem = our_mistake("polling the feed", error)
        try:
            return await note_failure(claim, problem, self._world)
        except LostClaim:
            log.warning("poll was too late", feed=claim.spec.name)
        # a claim without an end would keep its feed from being polled as long as we live
        except Exception as refused:  # noqa: BLE001
            if isinstance(refused, StorageError) and not isinstance(refused, RefusedWork):
                self._pause(refused)
                await self._give_back(claim)
            else:
                self._keep_back(claim, refused)
        return None

    def _keep_back(self, claim: FeedClaim, error: Exception) -> None:
        """Note a feed of which not even a failure can be stored: its claim is given back after a lease, so that it is
        not asked each second.
        """
        self._metrics.surprises.labels("poll").inc()
        log.error("no result of the feed can be stored", feed=claim.spec.name, exc_info=error)
        self._kept_back.append((self._world.clock.monotonic() + POLL_LEASE.total_seconds(), claim))

    async def _give_back(self, claim: FeedClaim) -> None:
        try:
            await self._world.store.release_feed(claim)
        except StorageError as error:
            log.warning("claim not given back, tried again", feed=claim.spec.name, reason=str(error))
            self._owed.append(claim)

    async def _give_back_owed(self, *, all_of_them: bool = False) -> None:
        """Give back what could not be given back before: what is in hand stays ours, so that nobody else would."""
        now = self._world.clock.monotonic()
        over = [claim for until, claim in self._kept_back if all_of_them or until <= now]
        self._kept_back = [(until, claim) for until, claim in self._kept_back if claim not in over]
        owed, self._owed = [*self._owed, *over], []
        for claim in owed:
            await self._give_back(claim)

    async def _begin_shortage(self, claim: FeedClaim) -> None:
        """No file descriptors left: this is ours, no feed is blamed, and fewer are fetched at once from now on."""
        now = self._world.clock.monotonic()
        self._places.squeeze()
        self._places.ended(claim.state.feed)
        self._short_at, self._paused_until = now, max(self._paused_until, now + SHORTAGE_PAUSE_SECONDS)
        if not self._state.shortage:
            self._state.shortage = "no file descriptors left"
            log.error("no file descriptors left; fewer feeds are fetched at once", feed=claim.spec.name)
        await self._meta.tell_directly(_SHORTAGE, *notices.SHORTAGE)

    async def _end_shortage(self) -> None:
        if self._state.shortage and self._world.clock.monotonic() - self._short_at >= SHORTAGE_OVER_SECONDS:
            self._state.shortage = ""
            log.info("file descriptors suffice again")
            await self._meta.ended_directly(_SHORTAGE, *notices.SHORTAGE_OVER)

    def _count(self, poll: Poll, took: float) -> None:
        metrics, committed = self._metrics, poll.committed
        problem = poll.result.state.problem
        metrics.polls.labels("own_outage" if poll.ours else problem.kind.value if problem else "ok").inc()
        metrics.poll_seconds.observe(took)
        for kind in ("new", "revised", "unchanged", "refused"):
            metrics.articles.labels(kind).inc(getattr(committed, kind))
        metrics.matches.inc(committed.matched)
        metrics.folded.inc(committed.folded)
        for (level, outcome), count in committed.verdicts.items():
            metrics.verdicts.labels(level.value, outcome.value).inc(count)
        metrics.silenced.inc(committed.silenced)
        metrics.alerts.inc(committed.alerts)
        metrics.conflicts.inc(committed.conflicts)

    def _tell(self, poll: Poll, took: float) -> None:
        state, committed = poll.result.state, poll.committed
        fields = {"feed": poll.claim.spec.name, "took_ms": round(took * 1000)}
        if poll.ours:
            log.debug("feed not asked, the network is out", **fields)
        elif state.problem is not None:
            # While no host answers, one sentence says it for all.
            all_out = self._world.outage.is_out and state.problem.kind in OF_THE_NETWORK
            (log.debug if all_out else log.warning)(
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
        """Try again the rules that failed on stored articles. One that fails by a mistake of ours is put off, and the
        others are tried.
        """
        store = self._world.store
        for pending in await store.pending_matches(self._world.clock.now(), limit=_PENDING_AT_ONCE):
            claim = await store.feed_by_id(pending.article.feed)
            if claim is None:
                continue
            try:
                committed = await retry_pending(pending, claim, self._world)
                log_alerts(committed)
                self._after(committed)
            except (StaleRevision, OutOfDescriptors):
                return  # the rules were replaced, or no reader can be started; the next round tries again
            except StorageError as error:
                if not isinstance(error, RefusedWork):
                    raise
                await self._put_off(pending, claim, error)
            except Exception as error:  # noqa: BLE001 - one article must not keep the others from being tried
                await self._put_off(pending, claim, error)

    async def _put_off(self, pending: PendingArticle, claim: FeedClaim, error: Exception) -> None:
        self._metrics.surprises.labels("pending").inc()
        log.error("unexpected error", room="pending", article_id=pending.article.id, exc_info=error)
        try:
            await put_off_pending(pending, claim, our_mistake("matching it again", error).message, self._world)
        except StaleRevision:
            return
