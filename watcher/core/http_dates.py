"""The one reader of dates and waiting times in HTTP headers, for feeds and channels alike."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER = timedelta(hours=24)
"""The longest that another server may send us away, or ask us to take its answer as fresh."""

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""HTTP is younger: an older date comes from a clock that was never set, or means "at once"."""

_LONGEST_TEXT = 100
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_MOST_DIGITS = 9  # over thirty years, and far from what a timedelta cannot hold


def http_date(text: str) -> datetime | None:
    """Return the moment that an HTTP date means, as aware UTC; None for none, for junk, and for years before the web.

    A date without a zone is UTC. Never raises: `Fri, 31 Dec 9999 23:59:59 -0800` lies outside what a datetime can
    hold in UTC, a year of twenty digits does not even fit a number of C.

    Source: RFC 9110 section 5.6.7.
    """
    if not text or len(text) > _LONGEST_TEXT:
        return None
    try:
        moment = parsedate_to_datetime(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment >= _EARLIEST else None


def retry_after(value: str, now: datetime, *, date: str = "") -> timedelta | None:
    """Return how long a server wants us to stay away: more than zero, at most `LONGEST_RETRY_AFTER`; None for no
    wish, or junk.

    Seconds may have a fraction, as some services write them (Discord: "0.65"). A wish as a date is counted from
    `date`, the answer's own Date header, where that can be read, so that a wrong clock on either side does no harm.

        retry_after("120", now)                              2 min
        retry_after("Mon, 23 Nov 2026 13:00:00 GMT", noon)   1 h
        retry_after("soon", now), retry_after("-5", now)     None

    Source: RFC 9110 section 10.2.3.
    """
    value = value.strip()
    if _SECONDS.fullmatch(value):
        wait = seconds(value)
    else:
        moment = http_date(value)
        wait = None if moment is None else moment - (http_date(date) or now)
    return min(wait, LONGEST_RETRY_AFTER) if wait is not None and wait > timedelta(0) else None


def seconds(text: str) -> timedelta | None:
    """Return a number of seconds in ASCII digits, maybe with a fraction; one too large to mean anything is a hundred
    years.
    """
    text = text.strip()
    if not _SECONDS.fullmatch(text):
        return None
    whole = text.partition(".")[0].lstrip("0")
    return timedelta(seconds=float(text)) if len(whole) <= _MOST_DIGITS else timedelta(days=36500)
