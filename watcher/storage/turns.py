"""Which changes need the turn that writers take over all processes, and which only the row of their feed.

What becomes of an article that a rule matched depends on all that was told, whatever feed told it. What no rule
matched changes nothing but the feed's own rows: nine polls of ten, and most of those that bring news. Beside them it
adds to the counts of what `none` stopped (`stopped.count`), which the database does in the order of their keys, one
result with news a transaction.
"""

from __future__ import annotations

from typing import Final

from watcher.core.model.alert import Judgement
from watcher.core.model.outcome import Reading

FREE: Final = "without a turn"
"""In `info` of a connection: its next transaction takes no turn."""


class NeedsTurn(Exception):
    """A transaction without a turn found something to tell; what it wrote is taken back."""


def may_do_without(reading: Reading) -> bool:
    """Return whether a reading may change nothing beyond its feed: no rule matched, and none is to be tried again."""
    return not any(read.matches or read.failed for read in reading.articles)


def is_of_one_feed(judgement: Judgement) -> bool:
    """Return whether a judgement changes articles and memory of its feed, and tells nothing.

    A new kind of change counts as one that tells, until it is named here.
    """
    return judgement == Judgement(articles=judgement.articles, memory=judgement.memory)
