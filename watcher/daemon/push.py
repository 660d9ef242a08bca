"""Pushes by WebSub: feeds that name a hub are subscribed to there, and what it sends only says that a poll is due.

1. A poll names a hub: the next look asks it for a subscription, with a path and a secret of its own.
2. The hub asks back at that path; only what was asked for is confirmed, for as long as the hub says.
3. What it sends there is believed when it is signed with the secret; it is not read, the feed is polled.
4. Meanwhile the feed is polled once an hour. Where such a poll brings news that no push told of, the push counts as
   silent and the feed is polled as often as before, until one comes again.
5. Before its time is over a subscription is asked for anew.

Subscriptions live as long as the daemon: after a start feeds are asked as usual until their next document names the
hub again, and pushes to an old path are answered as gone, by which hubs forget it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from watcher.core.feeds.websub import MOST_PUSHED_BYTES, RARELY, hub_in, is_signed, lease_of, subscription
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import Fetched
from watcher.core.model.policy import FetchLimits, RequestPolicy
from watcher.core.model.record import FeedClaim
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
_ASKED_A_LOOK: Final = 20
_AGAIN: Final = timedelta(hours=1)
_TOLD_OF: Final = timedelta(minutes=5)
"""A push tells of what a poll finds within so long."""

_BETWEEN: Final = timedelta(seconds=5)
_LONGEST_CHALLENGE: Final = 2048


@dataclass(slots=True)
class _Subscription:
    """One feed at its hub; `is_led` = the hub is not of the feed's origin, so that only the document names it.
    `owes_news`: a push came, and no poll has yet found what it told of, since some caches know it minutes later.
    """

    feed: FeedId
    name: str
    hub: str
    topic: str
    request: RequestPolicy
    is_led: bool
    path: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    ask_at: datetime | None = None  # None = at once
    ends_at: datetime | None = None  # None = not confirmed
    pushed_at: datetime | None = None
    polled_at: datetime | None = None  # when the last poll began
    owes_poll: bool = False
    owes_news: bool = False
    is_silent: bool = False


class Pushes:
    """Keeps the subscriptions; `url` is where the hub reaches us, "" = nothing is subscribed to."""

    def __init__(self, world: World, active: Active, url: str) -> None:
        self._world = world
        self._active = active
        self._url = url
        self._of_feed: dict[FeedId, _Subscription] = {}
        self._of_path: dict[str, _Subscription] = {}

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
            one.request, one.is_led = spec.request, origin_of(one.hub) != origin_of(spec.url)  # of the files of now
            self._note_found(one, poll)
        if not self._url or not isinstance(poll.outcome, Fetched):
            return
        hub, topic = _named_by(poll, poll.outcome)
        if is_web(hub) and is_web(topic) and (one is None or (one.hub, one.topic) != (hub, topic)):
            self._forget(feed)
            one = _Subscription(feed, spec.name, hub, topic, spec.request, origin_of(hub) != origin_of(spec.url))
            self._of_feed[feed] = self._of_path[one.path] = one

    def _note_found(self, one: _Subscription, poll: Poll) -> None:
        """Take what a poll found: where no push told of its news, the hub is silent."""
        now, found = self._world.clock.now(), poll.committed
        if one.polled_at and one.pushed_at and one.pushed_at > one.polled_at:
            one.owes_poll = True  # it came in the middle of the poll, which may have asked before there was anything
            return
        if not (found.new or found.revised):
            return
        is_told = one.owes_news or (one.pushed_at is not None and now - one.pushed_at <= _TOLD_OF)
        one.owes_news = False
        if found.new and not poll.result.context.first and self._delivers(one) and not is_told:
            one.is_silent = True
            log.info("push is silent, the feed is polled as before", feed=one.name)

    async def look(self) -> None:
        """Ask hubs for what is wanted or ends soon, forget feeds that are gone, and poll what a push asked for."""
        now, named = (
            self._world.clock.now(),
            {spec.name for spec in self._active.configuration().feeds if not spec.paused},
        )
        for one in [one for one in self._of_feed.values() if one.name not in named]:
            self._forget(one.feed)
        await self._poll([one for one in self._of_feed.values() if one.owes_poll], now)
        wanted = [one for one in self._of_feed.values() if one.ask_at is None or one.ask_at <= now]
        for one in wanted[:_ASKED_A_LOOK]:
            one.ask_at = now + _AGAIN  # where it does not ask back
            problem = await self._ask(one)
            if problem:
                log.warning("hub refused a subscription", feed=one.name, reason=problem)

    def confirm(self, path: str, said: dict[str, str]) -> Answer:
        """Answer a hub that asks whether a subscription was asked for; what was not is answered as unknown."""
        one, now = self._of_path.get(path), self._world.clock.now()
        mode, challenge = said.get("hub.mode", ""), said.get("hub.challenge", "")
        if one is None or said.get("hub.topic", "") != one.topic:
            return Answer(404)
        if mode == "denied":
            one.ends_at, one.ask_at = None, now + 24 * _AGAIN
            log.warning("hub denied a subscription", feed=one.name)
            return Answer(200)
        if mode != "subscribe" or one.ask_at is None or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
            return Answer(404)
        lease = lease_of(said.get("hub.lease_seconds", ""))
        one.ends_at, one.ask_at = now + lease, now + lease * 0.8
        log.info("push subscribed", feed=one.name, until=one.ends_at.isoformat(timespec="minutes"))
        return Answer(200, challenge)

    async def pushed(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Take what a hub sends: signed, it makes its feed due. What is not signed is answered alike and dropped."""
        one, now = self._of_path.get(path), self._world.clock.now()
        if one is None:
            return Answer(410)
        if len(body) > MOST_PUSHED_BYTES or not is_signed(headers, one.secret, body):
            log.warning("push without a good signature", feed=one.name)
            return Answer(202)
        is_flood = one.pushed_at is not None and now - one.pushed_at < _BETWEEN
        one.pushed_at, one.is_silent, one.owes_poll, one.owes_news = now, False, True, True
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
            await self._world.store.request_poll([one.name for one in asked], now)
        except StorageError as error:
            for one in asked:
                one.owes_poll = True
            log.warning("pushed feeds are asked a minute later", reason=str(error))
            return
        self._world.poll_bell.ring()

    async def _ask(self, one: _Subscription) -> str:
        """Return why a hub did not take the wish for a subscription, "" where it did."""
        client = self._world.client
        if client is None:
            return "there is no network here"
        request = HttpRequest(
            url=one.hub,
            method="POST",
            headers={"content-type": "application/x-www-form-urlencoded"},
            content=subscription(one.topic, f"{self._url}/{one.path}", one.secret),
            allow_private=one.request.allow_private,
            limits=_LIMITS,
            proxy=one.request.proxy.reveal() if one.request.proxy is not None else "",
            is_led=one.is_led,
        )
        try:
            answer = await client.exchange(request)
        except (FetchError, OutOfDescriptors) as error:
            return str(error)
        return "" if 200 <= answer.status < 300 else f"it answered {answer.status}"

    def _delivers(self, one: _Subscription) -> bool:
        return one.ends_at is not None and one.ends_at > self._world.clock.now() and not one.is_silent

    def _forget(self, feed: FeedId) -> None:
        one = self._of_feed.pop(feed, None)
        if one is not None:
            self._of_path.pop(one.path, None)


def _named_by(poll: Poll, outcome: Fetched) -> tuple[str, str]:
    """Return the hub that a document or its answer names, and what the feed is called there."""
    hub, topic = hub_in((outcome.headers or {}).get("link", ""))
    reading = poll.result.reading
    if reading is not None:
        hub, topic = hub or reading.hub, topic or reading.topic
    return hub, topic or outcome.url
