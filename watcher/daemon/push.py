"""Pushes by WebSub: feeds that name a hub are subscribed to there, and what it sends only says that a poll is due.

1. A poll names a hub: the next look asks it for a subscription, with a path and a secret of its own.
2. The hub asks back at that path; only what was asked for is confirmed, for as long as the hub says.
3. What it sends there is believed when it is signed with the secret; it is not read, the feed is polled.
4. Meanwhile the feed is polled once an hour. Where such a poll brings news that no push told of, to none of the daemons
   on the database, the push counts as silent and the feed is polled as often as before, until one comes again.
5. Before its time is over a subscription is asked for anew.
6. A document that names no hub any more ends it: the feed is polled as before, and what the hub still sends is
   answered as gone, by which it forgets us.

Subscriptions are stored before a hub is asked and when it confirms, and taken up again at a start; until then hubs are
told to come again. Daemons on one database have one address and one set of them: each look takes up what the others
stored, and so does a request at a path that is not known. Hubs are asked side by side, each for one feed after the
other, and one that cannot be reached for no more than that.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

import structlog

from watcher.core.feeds.websub import MOST_PUSHED_BYTES, RARELY, hub_in, is_signed, lease_of, subscription
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import Fetched
from watcher.core.model.policy import FeedSpec, FetchLimits, RequestPolicy
from watcher.core.model.record import FeedClaim
from watcher.core.model.subscription import Subscription
from watcher.core.web_addresses import is_web, origin_of
from watcher.daemon.active import Active
from watcher.daemon.world import World
from watcher.errors import FetchError, OutOfDescriptors, StorageError
from watcher.network.policy import HttpRequest
from watcher.pipeline import Poll
from watcher.web.callback import Answer

log = structlog.get_logger()

PUSHES_LOOK: Final = timedelta(minutes=1)
_LIMITS: Final = FetchLimits(total=timedelta(seconds=20), max_body_bytes=64 * 1024, max_redirects=2)
_HUBS_A_LOOK: Final = 20
_ASKED_A_LOOK: Final = 5
"""So many hubs are asked at once, each for so many feeds."""
_AGAIN: Final = timedelta(hours=1)
_TOLD_OF: Final = timedelta(minutes=5)
"""A push tells of what a poll finds within so long."""

_HEARD: Final = 2 * PUSHES_LOOK
"""By then each daemon has stored which pushes came to it, and has read what the others stored."""

_BETWEEN: Final = timedelta(seconds=5)
_ASK_STORE_SECONDS: Final = 1.0
"""Whoever guesses paths makes us ask the database no more often."""

_LONGEST_CHALLENGE: Final = 2048
_LATER: Final = Answer(503)


@dataclass(slots=True)
class _Subscription:
    """One feed at its hub, `kept` as it is stored; `is_led` = the hub is not of the feed's origin, so that only the
    document names it. `owes_news`: a push came, and no poll has yet found what it told of, since some caches know it
    minutes later. `untold_at`: a poll found news that no push to this daemon told of; another may have had it.
    """

    kept: Subscription
    name: str
    request: RequestPolicy
    is_led: bool
    polled_at: datetime | None = None  # when the last poll began
    untold_at: datetime | None = None
    owes_poll: bool = False
    owes_news: bool = False
    is_changed: bool = True  # it is yet to be stored
    is_pushed: bool = False  # that a push came is yet to be stored, and no more

    @property
    def path(self) -> str:
        """Where below our address its hub reaches us."""
        return self.kept.callback.rpartition("/")[2]

    def change(self, kept: Subscription) -> None:
        """Make it another one, which is to be stored."""
        self.kept, self.is_changed = kept, True

    def join(self, stored: Subscription) -> None:
        """Take what another daemon stored of it, and keep what is yet to be stored."""
        pushed_at = max((at for at in (stored.pushed_at, self.kept.pushed_at) if at is not None), default=None)
        kept = self.kept if self.is_changed else stored
        self.kept = replace(kept, pushed_at=pushed_at, is_silent=kept.is_silent and not self.is_pushed)


class Pushes:
    """Keeps the subscriptions; `url` is where the hub reaches us, "" = nothing is subscribed to."""

    def __init__(self, world: World, active: Active, url: str) -> None:
        self._world = world
        self._active = active
        self._url = url
        self._of_feed: dict[FeedId, _Subscription] = {}
        self._of_path: dict[str, _Subscription] = {}
        self._forgotten: set[FeedId] = set()  # that are still stored
        self._is_begun = not url
        self._asked_store_at: float | None = None  # for a path that was not known, on the monotonic clock
        self._storing = asyncio.Lock()  # what was read before a write must not be taken for what stands now

    def rarely(self, claim: FeedClaim) -> FeedClaim:
        """Note that a poll begins, and return its claim, whose feed is due again in an hour where its hub tells of
        news; what the user set stays, and so does the usual time while a push has brought nothing.
        """
        one = self._of_feed.get(claim.state.feed)
        if one is None:
            return claim
        one.polled_at = self._world.clock.now()
        if claim.spec.every is not None or not self._delivers(one) or one.owes_news:
            return claim
        return replace(claim, spec=replace(claim.spec, rest=RARELY))

    def polled(self, poll: Poll) -> None:
        """Take what a poll says of the feed's hub, and whether its news came without a push."""
        feed = poll.claim.state.feed
        one = self._of_feed.get(feed)
        spec = poll.claim.spec
        if one is not None:
            one.request, one.is_led = spec.request, _is_led(one.kept, spec)  # of the files of now
            self._note_found(one, poll)
        if not self._url or not isinstance(poll.outcome, Fetched):
            return
        hub, topic = _named_by(poll, poll.outcome)
        if is_web(hub) and is_web(topic) and (one is None or (one.kept.hub, one.kept.topic) != (hub, topic)):
            self._forget(feed)
            self._add(self._wanted(feed, hub, topic), spec)
        elif one is not None and not hub and _is_whole(poll):
            log.info("the feed names no hub any more and is polled as before", feed=one.name)
            self._forget(feed)

    def _wanted(self, feed: FeedId, hub: str, topic: str) -> Subscription:
        callback = f"{self._url}/{secrets.token_urlsafe(24)}"
        return Subscription(feed, hub, topic, callback, secrets.token_urlsafe(32))

    def _add(self, kept: Subscription, spec: FeedSpec, *, is_changed: bool = True) -> None:
        one = _Subscription(kept, spec.name, spec.request, _is_led(kept, spec), is_changed=is_changed)
        self._of_feed[kept.feed] = self._of_path[one.path] = one
        self._forgotten.discard(kept.feed)

    async def begin(self) -> None:
        """Take up what hubs were asked for before the start, or by other daemons since; where the database cannot say
        it, the next look does.
        """
        if self._url:
            # What was pushed before the start, while nobody was here, is lost.
            is_done = await self._take_up(owes_poll=not self._is_begun)
            self._is_begun = self._is_begun or is_done

    async def _take_up(self, *, owes_poll: bool = False) -> bool:
        """Take up what is stored, and return whether the database could say it."""
        async with self._storing:
            return await self._taken_up(owes_poll=owes_poll)

    async def _taken_up(self, *, owes_poll: bool) -> bool:
        try:
            stored = {kept.feed: kept for kept in await self._world.store.subscriptions(self._url)}
            self._leave(stored)
            new = [kept for kept in stored.values() if kept.feed not in self._of_feed.keys() | self._forgotten]
            names = {record.state.feed: record.name for record in await self._world.store.feeds()} if new else {}
        except StorageError as error:
            log.warning("subscriptions are taken up later", reason=str(error))
            return False
        specs = {spec.name: spec for spec in self._active.configuration().feeds if not spec.paused}
        for kept in new:
            spec = specs.get(names.get(kept.feed, ""))
            if spec is None:
                self._forgotten.add(kept.feed)
            elif kept.feed not in self._of_feed:
                self._add(kept, spec, is_changed=False)
                self._of_feed[kept.feed].owes_poll = owes_poll
        return True

    def _leave(self, stored: Mapping[FeedId, Subscription]) -> None:
        """Take what another daemon stored of our subscriptions, and drop those in whose place it has its own."""
        for feed, one in list(self._of_feed.items()):
            kept = stored.get(feed)
            is_ours = kept is not None and kept.callback == one.kept.callback
            is_other_hub = kept is not None and (kept.hub, kept.topic) != (one.kept.hub, one.kept.topic)
            if kept is not None and is_ours:
                one.join(kept)
            elif one.is_changed and (kept is None or is_other_hub or one.kept.ask_at is not None):
                continue  # it is yet to be stored; a document that was just read knows its hub better
            else:
                self._drop(feed)

    async def _at(self, path: str) -> _Subscription | None:
        """Return whose path it is, None = of nobody.

        Raises:
            StorageError: the database was asked a moment ago, or cannot say it.
        """
        if path not in self._of_path:
            now, last = self._world.clock.monotonic(), self._asked_store_at
            if last is not None and now - last < _ASK_STORE_SECONDS:
                raise StorageError("the database was asked for a path a moment ago")
            self._asked_store_at = now
            if not await self._take_up():
                raise StorageError("the database cannot be asked for a path")
        return self._of_path.get(path)

    def _note_found(self, one: _Subscription, poll: Poll) -> None:
        """Take what a poll found: where no push told of its news, the hub is silent."""
        now, found = self._world.clock.now(), poll.committed
        pushed_at = one.kept.pushed_at
        if one.polled_at and pushed_at and pushed_at > one.polled_at:
            one.owes_poll = True  # it came in the middle of the poll, which may have asked before there was anything
            return
        if not (found.new or found.revised):
            return
        is_told = one.owes_news or _tells_of(one.kept, now)
        one.owes_news = False
        if found.new and not poll.result.context.first and self._delivers(one) and not is_told:
            one.untold_at = one.untold_at or now

    def _note_silent(self, now: datetime) -> None:
        """Take hubs as silent that told none of the daemons of news that a poll found."""
        for one in self._of_feed.values():
            if one.untold_at is None or (now - one.untold_at < _HEARD and not _tells_of(one.kept, one.untold_at)):
                continue
            if not _tells_of(one.kept, one.untold_at):
                one.change(replace(one.kept, is_silent=True))
                log.info("push is silent, the feed is polled as before", feed=one.name)
            one.untold_at = None

    async def look(self) -> None:
        """Ask hubs for what is wanted or ends soon, forget feeds that are gone, and poll what a push asked for."""
        await self.begin()
        now = self._world.clock.now()
        self._note_silent(now)
        await self._forget_gone()
        await self._poll([one for one in self._of_feed.values() if one.owes_poll], now)
        asked = self._asked_at(now)
        for one in chain.from_iterable(asked):
            one.change(replace(one.kept, ask_at=now + _AGAIN))  # where it does not ask back
        # What is asked for is stored before, and not after: a hub may ask back at once, another daemon of ours, whose
        # answer must stand; and we may end at any moment.
        if await self._keep():
            async with asyncio.TaskGroup() as group:
                for ones in asked:
                    group.create_task(self._ask_all(ones))
            await self._keep()
        else:
            _put_off(chain.from_iterable(asked))

    async def _forget_gone(self) -> None:
        """Forget feeds that are gone, and go on with those that have another name; where the database cannot say
        which, the next look does.
        """
        named = {spec.name for spec in self._active.configuration().feeds if not spec.paused}
        gone = [one for one in self._of_feed.values() if one.name not in named]
        if not gone:
            return
        try:
            names = {record.state.feed: record.name for record in await self._world.store.feeds()}
        except StorageError as error:
            log.warning("which subscribed feeds are gone is seen later", reason=str(error))
            return
        for one in gone:
            name = names.get(one.kept.feed, "")
            if name in named:
                one.name = name
            else:
                self._forget(one.kept.feed)

    def _asked_at(self, now: datetime) -> list[list[_Subscription]]:
        """Return which subscriptions are asked for now, a list for each hub."""
        by_hub: dict[object, list[_Subscription]] = {}
        for one in self._of_feed.values():
            if one.kept.ask_at is None or one.kept.ask_at <= now:
                by_hub.setdefault(origin_of(one.kept.hub), []).append(one)
        return [ones[:_ASKED_A_LOOK] for ones in list(by_hub.values())[:_HUBS_A_LOOK]]

    async def _ask_all(self, wanted: Sequence[_Subscription]) -> None:
        """Ask one hub for subscriptions, one after the other; where it cannot be reached, or is slow, the rest waits
        for the next look.
        """
        until = self._world.clock.monotonic() + _LIMITS.total.total_seconds()
        for number, one in enumerate(wanted):
            if self._world.clock.monotonic() > until:
                _put_off(wanted[number:])
                return
            try:
                problem = await self._ask(one)
            except FetchError as error:
                log.warning("hub cannot be reached", feed=one.name, reason=str(error))
                _put_off(wanted[number + 1 :])
                return
            if problem:
                log.warning("hub refused a subscription", feed=one.name, reason=problem)

    async def _keep(self) -> bool:
        """Store what changed; return whether it is stored."""
        async with self._storing:
            return await self._kept()

    async def _kept(self) -> bool:
        changed = [one for one in self._of_feed.values() if one.is_changed or one.is_pushed]
        forgotten = self._forgotten.copy()
        if not changed and not forgotten:
            return True
        unstored = [(one, one.is_changed, one.is_pushed) for one in changed]
        for one in changed:
            one.is_changed = one.is_pushed = False  # before the wait: what changes meanwhile is stored the next time
        try:
            await self._world.store.keep_subscriptions(self._url, [one.kept for one in changed], sorted(forgotten))
        except StorageError as error:
            for one, is_changed, is_pushed in unstored:
                one.is_changed, one.is_pushed = one.is_changed or is_changed, one.is_pushed or is_pushed
            log.warning("subscriptions are stored later", reason=str(error))
            return False
        self._forgotten -= forgotten
        return True

    async def confirm(self, path: str, said: dict[str, str]) -> Answer:
        """Answer a hub that asks whether a subscription was asked for; what was not is answered as unknown."""
        if not self._is_begun:
            return _LATER
        try:
            one, now = await self._at(path), self._world.clock.now()
        except StorageError:
            return _LATER
        mode, challenge = said.get("hub.mode", ""), said.get("hub.challenge", "")
        if one is None or said.get("hub.topic", "") != one.kept.topic:
            return Answer(404)
        if mode == "denied":
            one.change(replace(one.kept, ends_at=None, ask_at=now + 24 * _AGAIN))
            log.warning("hub denied a subscription", feed=one.name)
            await self._keep()
            return Answer(200)
        # Its path is known to nobody whom none of us asked.
        if mode != "subscribe" or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
            return Answer(404)
        lease = lease_of(said.get("hub.lease_seconds", ""))
        one.change(replace(one.kept, ends_at=now + lease, ask_at=now + lease * 0.8))
        log.info("push subscribed", feed=one.name, until=(now + lease).isoformat(timespec="minutes"))
        await self._keep()
        return Answer(200, challenge)

    async def pushed(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Take what a hub sends: signed, it makes its feed due. What is not signed is answered alike and dropped."""
        if not self._is_begun:
            return _LATER
        try:
            one, now = await self._at(path), self._world.clock.now()
        except StorageError:
            return _LATER
        if one is None:
            return Answer(410)
        if len(body) > MOST_PUSHED_BYTES or not is_signed(headers, one.kept.secret, body):
            log.warning("push without a good signature", feed=one.name)
            return Answer(202)
        is_flood = one.kept.pushed_at is not None and now - one.kept.pushed_at < _BETWEEN
        one.owes_poll, one.owes_news = True, True
        one.kept, one.is_pushed = replace(one.kept, is_silent=False, pushed_at=now), True
        if not is_flood:
            await self._poll([one], now)
        return Answer(202)

    async def _poll(self, due: Iterable[_Subscription], now: datetime) -> None:
        asked = list(due)
        if not asked:
            return
        for one in asked:
            one.owes_poll = False  # before the wait: what comes meanwhile asks anew
        try:
            is_known = await self._world.store.request_poll([one.name for one in asked], now) == len(asked)
        except StorageError as error:
            for one in asked:
                one.owes_poll = True
            log.warning("pushed feeds are asked a minute later", reason=str(error))
            return
        if not is_known:  # a feed was renamed or left out since the last look
            await self._forget_gone()
            for one in asked:
                one.owes_poll = one.kept.feed in self._of_feed
        self._world.poll_bell.ring()

    async def _ask(self, one: _Subscription) -> str:
        """Return why a hub did not take the wish for a subscription, "" where it did.

        Raises:
            FetchError: it cannot be reached.
        """
        client = self._world.client
        if client is None:
            return "there is no network here"
        request = HttpRequest(
            url=one.kept.hub,
            method="POST",
            headers={"content-type": "application/x-www-form-urlencoded"},
            content=subscription(one.kept.topic, one.kept.callback, one.kept.secret),
            allow_private=one.request.allow_private,
            limits=_LIMITS,
            proxy=one.request.proxy.reveal() if one.request.proxy is not None else "",
            is_led=one.is_led,
        )
        try:
            answer = await client.exchange(request)
        except OutOfDescriptors as error:
            return str(error)
        return "" if 200 <= answer.status < 300 else f"it answered {answer.status}"

    def _delivers(self, one: _Subscription) -> bool:
        ends_at = one.kept.ends_at
        return ends_at is not None and ends_at > self._world.clock.now() and not one.kept.is_silent

    def _forget(self, feed: FeedId) -> None:
        if self._drop(feed):
            self._forgotten.add(feed)

    def _drop(self, feed: FeedId) -> bool:
        one = self._of_feed.pop(feed, None)
        if one is not None:
            self._of_path.pop(one.path, None)
        return one is not None


def _put_off(wanted: Iterable[_Subscription]) -> None:
    """Leave subscriptions, whose hub was not asked after all, to the next look."""
    for one in wanted:
        one.change(replace(one.kept, ask_at=None))


def _tells_of(kept: Subscription, at: datetime) -> bool:
    """Return whether a push told of news that a poll found then; a late one shows that the hub still tells."""
    return kept.pushed_at is not None and kept.pushed_at >= at - _TOLD_OF


def _is_led(kept: Subscription, spec: FeedSpec) -> bool:
    return origin_of(kept.hub) != origin_of(spec.url)


def _is_whole(poll: Poll) -> bool:
    """Return whether a document was read to its end, so that what it does not say is not said."""
    reading = poll.result.reading
    return reading is not None and reading.whole and reading.problem is None


def _named_by(poll: Poll, outcome: Fetched) -> tuple[str, str]:
    """Return the hub that a document or its answer names, and what the feed is called there."""
    hub, topic = hub_in((outcome.headers or {}).get("link", ""))
    reading = poll.result.reading
    if reading is not None:
        hub, topic = hub or reading.hub, topic or reading.topic
    return hub, topic or outcome.url
