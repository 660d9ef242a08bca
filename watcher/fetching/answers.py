"""What a feed server's answer means: headers and statuses as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

from watcher.core.http_dates import LONGEST_RETRY_AFTER, http_date, retry_after, seconds
from watcher.core.model.outcome import FeedProblem, FetchProblemKind, Validators
from watcher.network.policy import HttpAnswer

_LONGEST_VALIDATOR = 4096

_CHALLENGES: Mapping[str, str] = {
    "cf-mitigated": "Cloudflare",
    "x-amzn-waf-action": "AWS WAF",
    "x-datadome": "DataDome",
    "x-sucuri-block": "Sucuri",
}
"""Headers that only an answer of a bot wall carries, and whose wall it is."""

_CHALLENGE_PAGES: Mapping[bytes, str] = {
    b"/cdn-cgi/challenge-platform/": "Cloudflare",
    b"_incapsula_resource": "Imperva",
    b"captcha-delivery.com": "DataDome",
    b"ddos-guard": "DDoS-Guard",
    b"px-captcha": "PerimeterX",
}
"""Marks in the page (lower case) of walls that send no header of their own."""


def validators_of(headers: Mapping[str, str]) -> Validators:
    """Return the validators exactly as they came; an absurdly long one is left out, since only a whole one is
    of use.
    """
    etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
    return Validators(
        etag if len(etag) <= _LONGEST_VALIDATOR else "", modified if len(modified) <= _LONGEST_VALIDATOR else ""
    )


def max_age(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the answer may be taken as fresh: Cache-Control's max-age, else Expires; None when nothing is
    said or it is zero.

    Source: RFC 9111 sections 4.2.1 (order) and 5.2.2.1; Age is subtracted (section 4.2.3).
    """
    directives = [part.strip().lower() for part in headers.get("cache-control", "").split(",")]
    if "no-cache" in directives or "no-store" in directives:
        return None
    fresh = _directive(directives, "max-age")
    if fresh is None:
        expires = http_date(headers.get("expires", ""))
        if expires is None:
            return None
        fresh = expires - (http_date(headers.get("date", "")) or now)
    fresh -= seconds(headers.get("age", "")) or timedelta(0)
    return min(fresh, LONGEST_RETRY_AFTER) if fresh > timedelta(0) else None


def bot_wall(answer: HttpAnswer) -> str:
    """Return the name of the bot wall that answered instead of the feed, or ""."""
    for header, wall in _CHALLENGES.items():
        if answer.headers.get(header, "").lower() in ("challenge", "captcha", "block", "protected", "true", "1") or (
            header == "x-sucuri-block" and header in answer.headers
        ):
            return wall
    if answer.status in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        page = answer.body.lower()
        return next((wall for mark, wall in _CHALLENGE_PAGES.items() if mark in page), "")
    return ""


def problem_of(answer: HttpAnswer, host: str, now: datetime) -> FeedProblem:
    """Return what is wrong with an answer that brought no document."""
    status = answer.status
    wish = retry_after(answer.headers.get("retry-after", ""), now, date=answer.headers.get("date", ""))
    wall = bot_wall(answer)
    if wall:
        kind = FetchProblemKind.BOT_WALL
        text = f"{host} shows us a bot check by {wall} instead of the feed; ask the publisher for a feed that programs may read"
    elif status == HTTPStatus.GONE:
        kind, text = FetchProblemKind.GONE, f"{host} says that this feed is gone for good (410)"
    elif status == HTTPStatus.TOO_MANY_REQUESTS or (wish and status in (403, 503)):
        kind = FetchProblemKind.THROTTLED
        text = f"{host} asks us to come less often ({status})"
    else:
        kind, text = FetchProblemKind.HTTP_STATUS, f"{host} answered {_named(status)}{_mend(status)}"
    return FeedProblem(kind, text, status, wish)


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _mend(status: int) -> str:
    match status:
        case 401 | 407:
            return "; the feed needs a user and password (auth) that it accepts"
        case 403:
            return "; it does not let us read this feed"
        case 404:
            return "; the feed may have moved, look for its new address"
        case 204 | 205 | 206:
            return ", which is not a whole document"
        case 301 | 302 | 303 | 307 | 308:
            return " without saying where to"
    return ""


def _directive(directives: list[str], name: str) -> timedelta | None:
    for directive in directives:
        key, _, value = directive.partition("=")
        if key.strip() == name:
            return seconds(value.strip().strip('"'))
    return None
