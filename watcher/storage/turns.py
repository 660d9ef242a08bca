"""Which changes need the turn that writers take over all processes, when they take it, and which need only the row of
their feed.

What becomes of an article that a rule matched depends on all that was told, whatever feed told it. So a result is
judged and its articles are written under the row of its feed alone, and only what is told waits for the turn: there it
is looked up again what of others the judgement rested on, if any had a turn meanwhile. Where that is not as it was, the
same articles are judged again; in the rare case that they are to be stored otherwise, everything is taken back and
begun anew, with the turn from the first look on.

What no rule matched changes nothing but the feed's own rows: nine polls of ten, and most of those that bring news.
Beside them it adds to the counts of what `none` stopped (`stopped.count`), which the database does in the order of
their keys, one result with news a transaction.

All take what they wait for in one order, so nobody waits in a circle: claims, rows of feeds by their ids, the turn, all
else. Before the turn nothing is written but rows that only holders of the feed's row write.
"""

from __future__ import annotations

from typing import Final

from watcher.core.model.alert import Judgement

FREE: Final = "without a turn"
"""In `info` of a connection: its next transaction takes no turn at its beginning."""

HAS_TURN: Final = "has the turn"
"""In `info` of a connection: whether its transaction has the turn."""


CLAIMS: Final = "claims"
"""The name of the row of `meta` that a transaction on a server takes before it claims feeds, or changes which there
are.
"""


class NeedsTurn(Exception):
    """What a judgement rested on has changed before its turn; what the transaction wrote is taken back."""


def is_of_one_feed(judgement: Judgement) -> bool:
    """Return whether a judgement changes articles and memory of its feed, and tells nothing.

    A new kind of change counts as one that tells, until it is named here.
    """
    return judgement == Judgement(articles=judgement.articles, memory=judgement.memory)
