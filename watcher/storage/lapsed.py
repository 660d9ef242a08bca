"""Taking back messages whose sender never said what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, not_, or_, select, update

from watcher.core.alerts.turn import after_end
from watcher.core.feeds.suspicion import after_unclean_end
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass, MessageState
from watcher.core.model.suspicion import Suspicion
from watcher.storage import dialects, suspects
from watcher.storage.lookup import Fixed
from watcher.storage.suspects import Kind
from watcher.storage.tables import attempts, messages

STOPPED: Final = ""
"""The owner of what a process had begun when it was stopped in order: that is no unclean end."""


_SENDING: Final = Fixed(select(messages.c.id).where(messages.c.state == MessageState.SENDING).limit(1))


def take_back(connection: Connection, owner: str, now: datetime, ready: Sequence[ChannelName]) -> None:
    """Make messages due again whose sender never said what came of them; all of one process at once, so that it is
    known what it had in hand.

    What `owner` has in hand it keeps, however late a clock that was set says it is: those channels are not among the
    ready ones.
    """
    for gone in _ended(connection, owner, now, ready):
        rows = _in_hand(connection, gone, ready if gone == owner else None)
        thought = {row.id: Suspicion(row.unclean_ends, row.ends_alone) for row in rows}
        if gone not in (owner, STOPPED):
            mine = sum(one.is_suspected for one in thought.values())
            thought = after_unclean_end(thought, suspects.beside(connection, gone, Kind.MESSAGE, mine))
        for row in rows:
            _give_back(connection, row, thought[row.id], now)


def has_lapsed(connection: Connection, owner: str, now: datetime, ready: Sequence[ChannelName]) -> bool:
    """Return whether `take_back` would make messages due again."""
    return bool(_ended(connection, owner, now, ready))


def _ended(connection: Connection, owner: str, now: datetime, ready: Sequence[ChannelName]) -> list[str]:
    """Return who had messages in hand that ran out."""
    if not _SENDING.rows(connection):
        return []
    in_hand = and_(messages.c.owner == owner, messages.c.target.not_in(list(ready)))
    ended = select(messages.c.owner).where(messages.c.state == MessageState.SENDING, _ran_out(now), not_(in_hand))
    return sorted(connection.execute(ended.distinct()).scalars().all(), key=str)


def _ran_out(now: datetime) -> ColumnElement[bool]:
    return or_(messages.c.lease_until <= now, messages.c.lease_until > now + timedelta(days=1))


def _in_hand(connection: Connection, owner: str, ready: Sequence[ChannelName] | None) -> list[Row[Any]]:
    mine = select(messages).where(messages.c.state == MessageState.SENDING, messages.c.owner == owner)
    if ready is not None:
        mine = mine.where(messages.c.target.in_(list(ready)))
    return list(connection.execute(mine.order_by(messages.c.id)))


def _give_back(connection: Connection, row: Row[Any], thought: Suspicion, now: datetime) -> None:
    note = {
        "message": row.id,
        "number": row.attempts,
        "at": row.attempted_at,
        "result": AttemptClass.UNKNOWN,
        "answer": "the process ended before the answer came",
        "status": None,
    }
    connection.execute(dialects.upsert(attempts), note)
    state, hold, next_try_at = after_end(row.claimed_from, row.hold, row.next_try_at, thought, now)
    changes: dict[str, Any] = {
        "owner": None,
        "lease_until": None,
        "repeat": True,
        "unclean_ends": thought.ends,
        "ends_alone": thought.alone,
        "state": state,
        "hold": hold,
        "next_try_at": next_try_at,
    }
    connection.execute(update(messages).where(messages.c.id == row.id), changes)
