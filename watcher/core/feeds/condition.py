"""Say how a feed is: one word of a closed list, and since when. The words around it stand in `telling.feed_words`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from watcher.core.model.outcome import FeedProblem, FeedState, FeedStatus, FetchProblemKind
from watcher.core.model.policy import FeedSpec

SLOW_FROM: Final = timedelta(seconds=8)
SHORTEST_QUIET: Final = timedelta(days=3)
"""No feed is too quiet before that by our own judgement: many rest over a weekend."""

_QUIET_GAPS = 10
_LONGEST_GAPS = 3


class Condition(StrEnum):
    """How a feed is, as users read it; also a metric label."""

    NEW = "new"
    FINE = "fine"
    PAUSED = "paused"  # by the user
    GONE = "gone"
    REFUSED = "refused"
    NOT_A_FEED = "not a feed"
    EMPTY = "empty"
    UNREACHABLE = "unreachable"
    QUARANTINED = "quarantined"
    OVERFLOWING = "overflowing"
    TOO_QUIET = "too quiet"
    MOVED = "moved"
    FALSE_304 = "says unchanged"
    MALFORMED = "malformed"
    UNSTABLE = "unstable identity"
    SLOW = "slow"
    OUR_MISTAKE = "our mistake"


FINE: Final = frozenset({Condition.NEW, Condition.FINE, Condition.PAUSED})
"""Nobody needs to look."""

OUT: Final = frozenset(
    {
        Condition.GONE,
        Condition.REFUSED,
        Condition.NOT_A_FEED,
        Condition.EMPTY,
        Condition.UNREACHABLE,
        Condition.QUARANTINED,
        Condition.OUR_MISTAKE,
    }
)
"""Nothing comes from such a feed."""

COSTLY: Final = OUT | {Condition.TOO_QUIET}
"""What comes of such a feed, or does not, is said with what it gave before."""

_BY_KIND: Mapping[FetchProblemKind, Condition] = {
    FetchProblemKind.GONE: Condition.GONE,
    FetchProblemKind.BOT_WALL: Condition.REFUSED,
    FetchProblemKind.THROTTLED: Condition.REFUSED,
    FetchProblemKind.BLOCKED_ADDRESS: Condition.REFUSED,
    FetchProblemKind.NOT_A_FEED: Condition.NOT_A_FEED,
    FetchProblemKind.NOTHING_FOUND: Condition.NOT_A_FEED,
    FetchProblemKind.TOO_COMPLEX: Condition.NOT_A_FEED,
    FetchProblemKind.EMPTY: Condition.EMPTY,
    FetchProblemKind.SAME_LINKS: Condition.MALFORMED,
    FetchProblemKind.MALFORMED: Condition.MALFORMED,
    FetchProblemKind.FALSE_NOT_MODIFIED: Condition.FALSE_304,
    FetchProblemKind.OVERFLOW: Condition.OVERFLOWING,
    FetchProblemKind.READ_CRASHED: Condition.QUARANTINED,
    FetchProblemKind.READ_MEMORY: Condition.QUARANTINED,
    FetchProblemKind.READ_TIMEOUT: Condition.QUARANTINED,
    FetchProblemKind.OUR_MISTAKE: Condition.OUR_MISTAKE,
}
_REFUSALS = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.PAYMENT_REQUIRED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
        HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS,
    }
)


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How a feed is, since when (None = always, or unknown), and the problem behind it where there is one."""

    condition: Condition
    since: datetime | None = None
    problem: FeedProblem | None = None

    @property
    def needs_look(self) -> bool:
        """Whether somebody should look at it."""
        return self.condition not in FINE


def health_of(spec: FeedSpec, state: FeedState | None, now: datetime, notes: Sequence[str] = ()) -> FeedHealth:
    """Return how a feed is; of several things that are true at once the one that costs most news.

    `state` None = it was never polled. `notes` are what it taught us of parts that change by themselves.
    """
    if spec.paused:
        return FeedHealth(Condition.PAUSED)
    if state is None or (state.status is FeedStatus.NEW and state.problem is None):
        return FeedHealth(Condition.NEW)
    if state.status is FeedStatus.QUARANTINED:
        return FeedHealth(Condition.QUARANTINED, state.problem_since, state.problem)
    if state.problem is not None:
        return FeedHealth(_of_problem(state.problem), state.problem_since, state.problem)
    quiet_at = quiet_from(spec, state)
    if quiet_at is not None and now >= quiet_at:
        return FeedHealth(Condition.TOO_QUIET, quiet_at)
    if state.moved_to and state.moved_polls > 1:
        return FeedHealth(Condition.MOVED, state.moved_since)
    if notes:
        return FeedHealth(Condition.UNSTABLE)
    if state.took is not None and state.took >= SLOW_FROM:
        return FeedHealth(Condition.SLOW)
    return FeedHealth(Condition.FINE)


def quiet_from(spec: FeedSpec, state: FeedState) -> datetime | None:
    """Return from when on silence is too long: `silent_after` where the user set it, else what the feed's own gaps
    say; None where neither is known.
    """
    limit = spec.silent_after or state.quiet_after
    return None if limit is None or state.last_item_at is None else state.last_item_at + limit


def quiet_after(gaps: Sequence[timedelta], usual: timedelta) -> timedelta:
    """Return after how much silence a feed is too quiet: three times its longest gap lately and ten times the usual
    one, three days at least.
    """
    return max(_LONGEST_GAPS * max(gaps), _QUIET_GAPS * usual, SHORTEST_QUIET)


def _of_problem(problem: FeedProblem) -> Condition:
    if problem.kind is FetchProblemKind.HTTP_STATUS and problem.status in _REFUSALS:
        return Condition.REFUSED
    return _BY_KIND.get(problem.kind, Condition.UNREACHABLE)
