"""See that a document begins after all that was known of its feed, so that items may have come and gone between two
polls.

1. By dates, before anything is looked up: the oldest item is later than the newest that the feed ever had.
2. Where the dates do not say it, by what is stored: no item of the document was known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from watcher.core.feeds.schedule import SHORTEST_INTERVAL, next_poll_at
from watcher.core.model.outcome import FeedProblem, FeedState, FetchProblemKind, Reading
from watcher.core.model.policy import FeedSpec

_FEWEST_IN_A_WINDOW = 5
"""Documents of fewer items are often replaced as a whole: nothing of them is missed."""


def overflow_by_dates(state: FeedState, reading: Reading, moments: Sequence[datetime]) -> FeedProblem | None:
    """Return the problem of a document whose items all have dates, the oldest later than the newest item known."""
    last, dated = state.last_item_at, len(reading.articles)
    # Dates that are all one moment are those of the document.
    if last is None or len(set(moments)) < _FEWEST_IN_A_WINDOW or len(moments) < dated or min(moments) <= last:
        return None
    since = state.last_ok_at or last
    said = (
        f"All {dated} items are newer than what was listed at the last good poll ({since:%d %b %H:%M} UTC); "
        f"what came and went before {min(moments):%d %b %H:%M} UTC may have been missed."
    )
    return FeedProblem(FetchProblemKind.OVERFLOW, said)


def with_overflow(
    before: FeedState, after: FeedState, spec: FeedSpec, reading: Reading, known: int, now: datetime
) -> FeedState:
    """Return the state that a poll leaves (`after`), with an overflow where none of the items of a document was known
    before it (`known` counts them) and dates do not tell where it begins; asked soonest then.
    """
    count = len(reading.articles)
    undated = sum(read.article.published_at is None for read in reading.articles)
    was_read = before.last_ok_at is not None and before.last_item_at is not None
    is_good = after.problem is None and not after.failures and reading.whole
    if known or count < _FEWEST_IN_A_WINDOW or 2 * undated <= count or not was_read or not is_good or spec.sample:
        return after
    said = (
        f"None of the {count} items was listed at the last good poll ({before.last_ok_at:%d %b %H:%M} UTC) or before; "
        "what came and went in between may have been missed."
    )
    problem = FeedProblem(FetchProblemKind.OVERFLOW, said)
    interval = spec.every or SHORTEST_INTERVAL
    due = next_poll_at(after.feed, now, every=spec.every, interval=interval)
    return replace(after, problem=problem, problem_since=now, interval=interval, next_poll_at=due)
