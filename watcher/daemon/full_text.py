"""Reads the pages that items link to, where their feed asks for it: fetched as feeds are, read in a worker, matched
again.

1. The store names the articles whose pages are wanted; what the feed itself gave was matched and told before.
2. With `near_miss` a page is asked for only where all groups of a rule but one hit.
3. What the page adds is matched; rules that fired before are left alone, so that nothing told is taken back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import FeedProblem, Fetched, FetchFailed, FetchProblemKind, FetchRequest
from watcher.core.model.page import PageNote, PageOutcome, PageRequest, PageResult, WantedPage
from watcher.core.model.policy import FetchLimits, FullText, RequestPolicy
from watcher.core.model.record import Committed, FeedClaim
from watcher.core.web_addresses import host_of
from watcher.daemon.alert_lines import log_alerts
from watcher.daemon.tasks import guarded
from watcher.daemon.world import World
from watcher.errors import OutOfDescriptors, ParseError, StaleRevision, StorageError
from watcher.lexicon import extras
from watcher.pipeline import context_of

log = structlog.get_logger()

PAGES_LOOK: Final = timedelta(seconds=10)

_AT_ONCE: Final = 20
_MOST_BYTES: Final = 5 * 1024 * 1024
_WAITS: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
_OF_THE_HOST: Final = frozenset(
    {FetchProblemKind.DNS, FetchProblemKind.CONNECT, FetchProblemKind.TIMEOUT, FetchProblemKind.THROTTLED}
)
"""What is hardly the fault of one page: the others of its host wait."""

_PASSING: Final = _OF_THE_HOST | {FetchProblemKind.CLOSED, FetchProblemKind.OUR_MISTAKE}
"""What may be over in an hour; a page that is refused, gone or too big is not asked for again."""

_IN_HAND: Final = timedelta(minutes=10)
"""When a page is wanted again of which no end was noted: longer than a fetch and a reading take."""

_NOT_ENDED: Final = "it is being read, or reading it did not end"
_RESTS: Final = "its server does not answer for another page, or wants rest"
_NEVER_ENDED: Final = f"reading it was begun {len(_WAITS) + 1} times and never ended"
_NOT_INSTALLED: Final = f"the extra `fulltext` is not installed: pip install '{extras.FULL_TEXT}'"


class PageReader:
    """Looks each few seconds for pages that are wanted; what is not read when the program ends is still wanted."""

    def __init__(self, world: World, after: Callable[[Committed], None]) -> None:
        self._world = world
        self._after = after
        self._state = world.state
        self._rests: dict[str, timedelta] = {}  # hosts that did not answer in this round, or want rest

    async def look(self) -> None:
        """Read the pages that are due, twenty at most, one a host at a time; a host that does not answer, or wants
        rest, is asked for one of them, and the others wait, uncounted: a minute, or as it asks, an hour at most.
        """
        if self._state.polling_paused or self._state.outage:
            return
        wanted = await self._world.store.pages_wanted(self._world.clock.now(), limit=_AT_ONCE)
        claims = {feed: await self._world.store.feed_by_id(feed) for feed in {one.article.feed for one in wanted}}
        self._rests.clear()
        by_host: dict[str, list[WantedPage]] = {}
        for one in wanted:
            by_host.setdefault(host_of(one.article.url), []).append(one)
        async with asyncio.TaskGroup() as group:
            for pages in by_host.values():
                group.create_task(self._of_host(pages, claims))

    async def _of_host(self, pages: Sequence[WantedPage], claims: Mapping[FeedId, FeedClaim | None]) -> None:
        for one in pages:
            work = self._one(one, claims[one.article.feed])
            await guarded("pages", work, self._world.metrics, article_id=one.article.id)

    async def _one(self, wanted: WantedPage, claim: FeedClaim | None) -> None:
        try:
            await self._counted(wanted, claim)
        except StorageError as error:
            log.warning("page not kept, tried again", article_id=wanted.article.id, reason=str(error))

    async def _counted(self, wanted: WantedPage, claim: FeedClaim | None) -> None:
        """Read a page, its attempt counted before: what ends a worker, or us, each time is not begun for ever."""
        if wanted.attempts > len(_WAITS):
            await self._note(wanted, claim, PageNote(PageOutcome.UNREAD, _NEVER_ENDED))
            return
        if rest := self._rests.get(host_of(wanted.article.url)):
            await self._mark(wanted, wanted.attempts, self._world.clock.now() + rest, _RESTS)
            return
        await self._mark(wanted, wanted.attempts + 1, self._world.clock.now() + _IN_HAND)
        try:
            await self._page(wanted, claim)
        except (StaleRevision, OutOfDescriptors):
            # The rules were replaced, or no file descriptor is left: no fault of the page; the next round tries again.
            await self._mark(wanted, wanted.attempts, self._world.clock.now())

    async def _mark(self, wanted: WantedPage, attempts: int, next_try_at: datetime, said: str = _NOT_ENDED) -> None:
        article, note = wanted.article, PageNote(PageOutcome.WANTED, said)
        result = PageResult(article.id, note, next_try_at=next_try_at, text=article.text, attempts=attempts)
        ruling = self._world.ruling()
        await self._world.store.commit_page(result, None, ruling.judge, ruling.revision, self._world.clock.now())

    async def _page(self, wanted: WantedPage, claim: FeedClaim | None) -> None:
        if claim is None or claim.spec.full_text is FullText.NO:
            await self._note(wanted, None, PageNote(PageOutcome.UNREAD, "its feed asks for no pages any more"))
        elif not extras.can_read_pages():
            await self._note(wanted, claim, PageNote(PageOutcome.UNREAD, _NOT_INSTALLED))
        else:
            await self._asked(wanted, claim)

    async def _asked(self, wanted: WantedPage, claim: FeedClaim) -> None:
        """Ask for a page where its feed wants it; what ended a worker is not tried again."""
        try:
            is_asked = claim.spec.full_text is not FullText.NEAR_MISS or await self._is_near(wanted)
        except ParseError as error:
            await self._note(wanted, claim, PageNote(PageOutcome.UNREAD, str(error)))
            return
        if is_asked:
            await self._fetched(wanted, claim)
        else:
            await self._note(wanted, claim, PageNote(PageOutcome.NOT_NEAR))

    async def _is_near(self, wanted: WantedPage) -> bool:
        revision = self._world.ruling().revision
        nearest = await self._world.reader.explain(wanted.article, revision)
        return any(one.near_miss and not one.matched for one in nearest.explanations)

    async def _fetched(self, wanted: WantedPage, claim: FeedClaim) -> None:
        article = wanted.article
        # What is bound to the configured origin, credentials and leave to dial private addresses, is not for a page.
        asked = RequestPolicy(user_agent=claim.spec.request.user_agent)
        limits = FetchLimits(max_body_bytes=_MOST_BYTES)
        outcome = await self._world.fetcher.fetch(FetchRequest(article.feed, article.url, request=asked, limits=limits))
        match outcome:
            case Fetched():
                await self._read(wanted, claim, outcome)
            case FetchFailed(problem):
                await self._failed(wanted, claim, problem)
            case _:
                await self._note(wanted, claim, PageNote(PageOutcome.UNREAD, "its server said 'not modified'"))

    async def _read(self, wanted: WantedPage, claim: FeedClaim, fetched: Fetched) -> None:
        article, revision = wanted.article, self._world.ruling().revision
        try:
            page = await self._world.reader.page(
                PageRequest(article, fetched.body, fetched.url, revision, fetched.content_type)
            )
        except ParseError as error:
            await self._note(wanted, claim, PageNote(PageOutcome.UNREAD, str(error)))
            return
        if page.read is None:
            await self._note(wanted, claim, PageNote(PageOutcome.UNREAD, page.said))
            return
        note = PageNote(PageOutcome.READ, page_chars=page.page_chars)
        result = PageResult(article.id, note, page.read, text=article.text, attempts=wanted.attempts + 1)
        await self._commit(result, claim, revision)

    async def _failed(self, wanted: WantedPage, claim: FeedClaim, problem: FeedProblem) -> None:
        if problem.kind in _OF_THE_HOST:
            rest = min(max(_WAITS[0], problem.retry_after or _WAITS[0]), _WAITS[-1])
            self._rests[host_of(wanted.article.url)] = rest
        passing = problem.kind in _PASSING and wanted.attempts < len(_WAITS)
        again = (
            self._world.clock.now() + max(_WAITS[wanted.attempts], problem.retry_after or _WAITS[0])
            if passing
            else None
        )
        outcome = PageOutcome.WANTED if passing else PageOutcome.UNREAD
        await self._note(wanted, claim, PageNote(outcome, problem.message), again)

    async def _note(
        self, wanted: WantedPage, claim: FeedClaim | None, note: PageNote, next_try_at: datetime | None = None
    ) -> None:
        article, attempts = wanted.article, wanted.attempts + 1
        result = PageResult(article.id, note, next_try_at=next_try_at, text=article.text, attempts=attempts)
        await self._commit(result, claim, self._world.ruling().revision)

    async def _commit(self, result: PageResult, claim: FeedClaim | None, revision: int) -> None:
        ruling, context = self._world.ruling(), context_of(claim, self._world) if claim is not None else None
        committed = await self._world.store.commit_page(
            result, context, ruling.judge, revision, self._world.clock.now()
        )
        self._world.metrics.pages.labels(result.note.outcome.value).inc()
        log.info(
            "page",
            article_id=result.article,
            outcome=result.note.outcome.value,
            reason=result.note.said or None,
            alerts=committed.alerts or None,
        )
        log_alerts(committed)
        self._after(committed)
