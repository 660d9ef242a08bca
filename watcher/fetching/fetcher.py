"""Fetches feeds: conditional requests, politeness, and a plain word for everything that can go wrong.

1. A `file:` feed is read from the configuration directory.
2. Wait for the host's turn; a host that throttled two of its feeds is left alone until it may be asked again.
3. Ask with the validators that came last time, byte for byte.
4. 304: not modified. A whole document: fetched, whatever its ETag says. All else: failed, with its reason.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache, partial
from http import HTTPStatus
from pathlib import Path

import structlog

from watcher.core.feeds.other_dialects import is_index
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import (
    FeedProblem,
    Fetched,
    FetchFailed,
    FetchOutcome,
    FetchProblemKind,
    FetchRequest,
    NotModified,
    Validators,
    our_mistake,
)
from watcher.core.model.policy import RequestPolicy
from watcher.core.model.record import WISH_UNKNOWN
from watcher.core.web_addresses import host_of
from watcher.errors import FetchDetail, FetchError, OutOfDescriptors
from watcher.fetching.answers import max_age, problem_of, validators_of
from watcher.fetching.files import SCHEME, read_file_feed
from watcher.fetching.sitemaps import all_of
from watcher.fetching.trust import OwnTrust
from watcher.network.addresses import literal, may_dial
from watcher.network.client import GuardedClient, basic_authorization
from watcher.network.descriptors import lacks_descriptors
from watcher.network.hosts import HostLimits
from watcher.network.policy import HttpAnswer, HttpRequest
from watcher.ports import Clock

log = structlog.get_logger()

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
_DOCUMENT = frozenset({HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION, HTTPStatus.IM_USED})
_KEPT_HEADERS = ("content-language", "link", "date")


class HttpFetcher:
    """Implements ports.Fetcher for http, https and file."""

    def __init__(self, client: GuardedClient, config_dir: Path, hosts: HostLimits, *, clock: Clock) -> None:
        self._client = client
        self._config_dir = config_dir
        self._hosts = hosts
        self._tls = OwnTrust(config_dir)
        self._clock = clock

    async def fetch(self, request: FetchRequest) -> FetchOutcome:
        """Return what came of one fetch; every failure of the other side is a value.

        Raises:
            OutOfDescriptors: it could not be asked, which says nothing about the feed.
        """
        try:
            if request.url.startswith(SCHEME):
                return await self._fetch_file(request)
            return await self._fetch_http(request)
        except FetchError as error:
            if lacks_descriptors(error):
                raise OutOfDescriptors("no file descriptor is left for a fetch") from error
            return FetchFailed(_problem(error))
        except Exception as error:
            if lacks_descriptors(error):
                raise OutOfDescriptors("no file descriptor is left for a fetch") from error
            # Without the traceback's end: the error's text may hold the address, and the address a password that
            # nobody knows to mask.
            where = traceback.format_list(traceback.extract_tb(error.__traceback__))
            log.error(
                "fetch ended with a mistake of ours", feed_id=request.feed, error=type(error).__name__, where=where
            )
            return FetchFailed(our_mistake("fetching the feed", error))

    async def _fetch_file(self, request: FetchRequest) -> FetchOutcome:
        document = await asyncio.to_thread(read_file_feed, request.url, self._config_dir, request.limits.max_body_bytes)
        if document.etag == request.validators.etag:
            return NotModified()
        return Fetched(document.body, request.url, validators=Validators(etag=document.etag))

    async def _fetch_http(self, request: FetchRequest) -> FetchOutcome:
        host = host_of(request.url)
        if rest := self._hosts.rest(host):
            return FetchFailed(_resting(host, rest))
        async with self._hosts.turn(host, own=_is_own(host)):
            if rest := self._hosts.rest(host):  # told to others while this one waited
                return FetchFailed(_resting(host, rest))
            tls = await self._tls.context_of(request.request)
            answer = await self._client.exchange(replace(_as_http(request), tls=tls))
        if answer.status in _DOCUMENT and is_index(answer.body):
            wanted = replace(_as_http(request), tls=tls)
            # Its validators say nothing of what it names, so that it is asked for as a whole each time.
            answer = replace(answer, body=await all_of(answer, wanted, partial(self._ask, request.feed)), headers={})
        outcome = self._judged(request, answer, host)
        if isinstance(outcome, FetchFailed):
            self._note_throttled(host, request.feed, outcome.problem)
        return outcome

    async def _ask(self, feed: FeedId, request: HttpRequest) -> HttpAnswer:
        """Return a further document of a feed, by the rules of the first."""
        host = host_of(request.url)
        async with self._hosts.turn(host, own=_is_own(host)):
            if rest := self._hosts.rest(host):
                raise _error(_resting(host, rest))
            answer = await self._client.exchange(request)
        if answer.status in _DOCUMENT:
            return answer
        problem = problem_of(answer, host, self._clock.now())
        self._note_throttled(host, feed, problem)
        raise _error(problem)

    def _note_throttled(self, host: str, feed: FeedId, problem: FeedProblem) -> None:
        if problem.kind is FetchProblemKind.THROTTLED:
            self._hosts.throttled(host, feed, problem.retry_after or WISH_UNKNOWN)

    def _judged(self, request: FetchRequest, answer: HttpAnswer, host: str) -> FetchOutcome:
        now = self._clock.now()
        fresh = max_age(answer.headers, now)
        # Some servers answer 304 to a request without validators; that is "not modified" too, not an error.
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return NotModified(answer.status, fresh, answer.permanent_url, date=answer.headers.get("date", ""))
        if answer.status not in _DOCUMENT:
            return FetchFailed(problem_of(answer, host, now))
        return Fetched(
            body=answer.body,
            url=answer.url,
            content_type=answer.headers.get("content-type", ""),
            status=answer.status,
            permanent_url=answer.permanent_url,
            validators=validators_of(answer.headers),
            max_age=fresh,
            headers={name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers},
        )


def _problem(error: FetchError) -> FeedProblem:
    return FeedProblem(FetchProblemKind(error.kind), str(error), error.detail.status, error.detail.retry_after)


def _error(problem: FeedProblem) -> FetchError:
    detail = FetchDetail(problem.status, problem.retry_after)
    return FetchError(problem.message, kind=problem.kind, detail=detail)


def _as_http(request: FetchRequest) -> HttpRequest:
    headers = {"Accept": _ACCEPT}
    if request.request.user_agent:
        headers["User-Agent"] = request.request.user_agent
    if request.validators.etag:
        headers["If-None-Match"] = request.validators.etag
    if request.validators.last_modified:
        headers["If-Modified-Since"] = request.validators.last_modified
    return HttpRequest(
        url=request.url,
        headers=headers,
        origin_headers=_origin_headers(request.request),
        allow_private=request.request.allow_private,
        limits=request.limits,
        keeps_cut=True,
        proxy=_proxy(request.request),
    )


def _proxy(policy: RequestPolicy) -> str:
    """Return the address of the proxy, "" for none.

    Raises:
        FetchError: it waits for its secret; without it the feed is not asked.
    """
    if policy.proxy is None:
        return ""
    if not policy.proxy.reveal():
        raise FetchError("it was not asked, since its `proxy` waits for its secret", kind=FetchProblemKind.CONNECT)
    return policy.proxy.reveal()


def _origin_headers(policy: RequestPolicy) -> Mapping[str, str]:
    headers = {name: value.reveal() for name, value in policy.headers.items()}
    if policy.username or policy.password is not None:
        password = policy.password.reveal() if policy.password is not None else ""
        headers["Authorization"] = basic_authorization(policy.username, password)
    if policy.cookies:
        headers["Cookie"] = "; ".join(f"{name}={value.reveal()}" for name, value in policy.cookies.items())
    return headers


@lru_cache(maxsize=16_384)
def _is_own(host: str) -> bool:
    """Return whether a host is named as one of the user's own: by localhost, or by an address that is not public."""
    try:
        address = literal(host)
    except ValueError:
        return False
    return host == "localhost" or (address is not None and not may_dial(address, ()))


def _resting(host: str, rest: timedelta) -> FeedProblem:
    seconds = int(rest.total_seconds()) + 1
    return FeedProblem(
        FetchProblemKind.THROTTLED,
        f"{host} asked two of its feeds to come less often, so it is left alone for {seconds} s",
        retry_after=timedelta(seconds=seconds),
    )
