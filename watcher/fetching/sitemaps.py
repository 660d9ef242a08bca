"""Fetches the sitemaps that an index names, as one document."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from watcher.core.feeds.other_dialects import joined, sitemaps_of
from watcher.core.model.outcome import FetchProblemKind
from watcher.core.web_addresses import origin_of, safe_link
from watcher.errors import FetchError, ParseError
from watcher.network.policy import HttpAnswer, HttpRequest

Ask = Callable[[HttpRequest], Awaitable[HttpAnswer]]
"""Makes one request in its host's turn; an answer without a document is a FetchError."""

_SECONDS = 60.0
"""For all of them together; one that does not come in that time is asked for again with the next poll."""


async def all_of(index: HttpAnswer, request: HttpRequest, ask: Ask, seconds: float = _SECONDS) -> bytes:
    """Return what the sitemaps of an index hold; each is asked for as the index was, at another site without what is
    meant for the configured one.

    Raises:
        FetchError: the index names none, or none of them could be had; the last says why.
    """
    try:
        places = await asyncio.to_thread(sitemaps_of, index.body)
    except ParseError as error:
        raise FetchError(str(error), kind=FetchProblemKind(error.kind)) from error
    bodies: list[bytes | None] = []
    failed: FetchError | None = None
    try:
        async with asyncio.timeout(seconds):
            for place in places:
                try:
                    bodies.append((await ask(_asked(place, request))).body)
                except FetchError as error:
                    bodies.append(None)
                    said = f"of this index, the sitemap {safe_link(place)[:200]}: {error}"
                    # One that is gone says nothing of the index, which may name others tomorrow.
                    kind = FetchProblemKind.HTTP_STATUS if error.kind == FetchProblemKind.GONE else error.kind
                    failed = FetchError(said, kind=kind, detail=error.detail)
    except TimeoutError:
        bodies.append(None)
        said = f"the sitemaps of this index did not come within {seconds:g} s"
        failed = FetchError(said, kind=FetchProblemKind.TIMEOUT)
    if failed is not None and not any(bodies):
        raise failed
    return await asyncio.to_thread(joined, bodies)


def _asked(place: str, request: HttpRequest) -> HttpRequest:
    plain = {name: value for name, value in request.headers.items() if not name.lower().startswith("if-")}
    asked = replace(request, url=place, headers=plain, keeps_cut=False)
    return replace(asked, is_led=origin_of(place) != origin_of(request.url))
