"""Fetches the sitemaps that an index names, as one document."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from http import HTTPStatus

from watcher.core.feeds.other_dialects import joined, sitemaps_of
from watcher.core.model.outcome import FetchProblemKind
from watcher.core.web_addresses import is_web, origin_of
from watcher.errors import FetchError, ParseError
from watcher.network.policy import HttpAnswer, HttpRequest

Ask = Callable[[HttpRequest], Awaitable[HttpAnswer]]
"""Makes one request in its host's turn."""

_SECONDS = 60.0


async def all_of(index: HttpAnswer, request: HttpRequest, ask: Ask) -> bytes:
    """Return what the sitemaps of an index hold; each is asked for as the index was, at another site without what is
    meant for the configured one.

    Raises:
        FetchError: the index names none, or none of them could be had.
    """
    try:
        places = [place for place in await asyncio.to_thread(sitemaps_of, index.body) if is_web(place)]
    except ParseError as error:
        raise FetchError(str(error), kind=FetchProblemKind(error.kind)) from error
    bodies: list[bytes | None] = []
    failed: FetchError | None = None
    async with asyncio.timeout(_SECONDS):
        for place in places:
            try:
                answer = await ask(_asked(place, request))
            except FetchError as error:
                failed = error
                bodies.append(None)
                continue
            is_good = answer.status == HTTPStatus.OK
            bodies.append(answer.body if is_good else None)
            if not is_good:
                said = f"the sitemap {place[:200]} of this index answered {answer.status}"
                failed = FetchError(said, kind=FetchProblemKind.HTTP_STATUS)
    if not any(bodies):
        raise failed or FetchError("the index of sitemaps names no address", kind=FetchProblemKind.NOT_A_FEED)
    return await asyncio.to_thread(joined, bodies)


def _asked(place: str, request: HttpRequest) -> HttpRequest:
    plain = {name: value for name, value in request.headers.items() if not name.lower().startswith("if-")}
    asked = replace(request, url=place, headers=plain, keeps_cut=False)
    if origin_of(place) == origin_of(request.url):
        return asked
    return replace(asked, origin_headers={}, allow_private=(), tls=None)
