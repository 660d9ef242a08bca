"""Say when a feed is due again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from watcher.core.http_dates import LONGEST_RETRY_AFTER
from watcher.core.model.ids import FeedId, digest
from watcher.core.model.outcome import NO_SKIPS, Skips

DEFAULT_INTERVAL = timedelta(minutes=10)
SHORTEST_INTERVAL = timedelta(minutes=5)
LONGEST_INTERVAL = timedelta(minutes=60)
"""Bounds of what is decided from the feed itself; `every` of the configuration is not bound by them."""

LONGEST_WISH = timedelta(minutes=30)
"""How far ttl and max-age may raise an interval: an alert must not wait for a day because a feed says ttl 1440."""

LONGEST_BACKOFF = timedelta(hours=6)
LONGEST_WAIT = timedelta(hours=27)
"""No due time lies further in the future; a stored one that does was written by a wrong clock."""

_SHORTEST_WAIT = timedelta(seconds=1)
_GAPS = 20
_JITTER = 0.1
_MOST_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the other side asks for: `ttl` and `skips` of the document, `max_age` and `retry_after` of the answer."""

    ttl: timedelta | None = None
    skips: Skips = NO_SKIPS
    max_age: timedelta | None = None
    retry_after: timedelta | None = None


def next_poll_at(
    feed: FeedId,
    now: datetime,
    *,
    every: timedelta | None,
    interval: timedelta,
    failures: int = 0,
    wishes: Wishes = Wishes(),
) -> datetime:
    """Return when this feed is due again, as an aware UTC time later than `now` and at most `LONGEST_WAIT` after it.

    The wait is `every` if the user set it, else `interval`, raised by ttl and max-age up to `LONGEST_WISH`; a time at
    which the feed says that it brings nothing is passed over, by as much at most. From the second failure in a row on
    it doubles, up to six hours; polling never stops, and every feed is asked once a day. Retry-After is always
    honoured, up to 24 hours. Jitter comes from the feed id, so the result is the same for the same arguments.

    Source: RFC 9110 section 10.2.3 (Retry-After), RFC 9111 section 5.2.2.1 (max-age), RSS 2.0 (ttl, skipHours,
    skipDays).
    """
    if every is not None:
        wait = every
    else:
        wish = max(wishes.ttl or timedelta(0), wishes.max_age or timedelta(0))
        wait = max(interval, min(wish, LONGEST_WISH))
    wait = min(max(wait, _SHORTEST_WAIT), LONGEST_RETRY_AFTER)
    if failures > 1:
        # The first failure is tried again at the usual time: most are over by then.
        wait = max(wait, min(wait * 2 ** min(failures - 1, _MOST_DOUBLINGS), LONGEST_BACKOFF))
    share = _share(feed)
    wait *= 1 - _JITTER + 2 * _JITTER * share
    if every is None:
        wait += _passed_over(now + wait, wishes.skips)
    if wishes.retry_after is not None and wishes.retry_after > timedelta(0):
        # Never earlier than asked, so the jitter only adds.
        wait = max(wait, min(wishes.retry_after, LONGEST_RETRY_AFTER) * (1 + _JITTER * share))
    return now + min(max(wait, _SHORTEST_WAIT), LONGEST_WAIT)


def interval_from(moments: Sequence[datetime], current: timedelta = DEFAULT_INTERVAL) -> timedelta:
    """Return half the median gap between the newest 20 items, within the bounds; `current` when fewer than three
    items have dates.

    Items of one moment (a batch) have no gap. Half the gap, because a poll must come before the next item but one.
    """
    gaps = gaps_of(moments)
    return min(max(usual(gaps) / 2, SHORTEST_INTERVAL), LONGEST_INTERVAL) if gaps else current


def interval_of_period(period: timedelta | None) -> timedelta | None:
    """Return the interval of a feed whose items have no dates, by what it says of itself; half an hour at most, since
    WordPress writes "hourly" into every feed and means nothing by it.
    """
    return None if period is None else min(max(period / 2, SHORTEST_INTERVAL), LONGEST_WISH)


def _passed_over(moment: datetime, skips: Skips) -> timedelta:
    """Return how much later than `moment` a feed is asked that brings nothing then: until that time ends, and half an
    hour at most, since an alert must not wait for what was written into a template years ago.
    """
    if not _is_skipped(moment, skips):
        return timedelta(0)
    later = moment + LONGEST_WISH
    if _is_skipped(later, skips):
        return LONGEST_WISH
    return later.replace(minute=0, second=0, microsecond=0) - moment  # what is skipped ends with an hour


def _is_skipped(moment: datetime, skips: Skips) -> bool:
    utc = moment.astimezone(UTC)
    return utc.hour in skips.hours or utc.weekday() in skips.days


def gaps_of(moments: Sequence[datetime]) -> list[timedelta]:
    """Return the gaps between the newest 20 items, latest first; none when fewer than three have dates of their own."""
    newest = sorted(set(moments), reverse=True)[: _GAPS + 1]
    return [later - earlier for later, earlier in pairwise(newest)] if len(newest) >= 3 else []


def usual(gaps: Sequence[timedelta]) -> timedelta:
    """Return the median of one gap or more."""
    return timedelta(seconds=median(gap.total_seconds() for gap in gaps))


def _share(feed: FeedId) -> float:
    """Return a number in [0, 1) that belongs to the feed."""
    return int.from_bytes(digest("jitter", feed)[:4], "big") / 2**32
