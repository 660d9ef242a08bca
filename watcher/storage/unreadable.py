"""Rows that cannot be read: each is set aside alone, so that the rest goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, select, update

from watcher.core.model.ids import ArticleId, MessageId
from watcher.core.model.message import FINAL_STATES, AttemptClass, HoldReason, MessageState
from watcher.storage import details, dialects
from watcher.storage.tables import attempts, messages, pending_matches
from watcher.storage.types import UNREADABLE


def set_aside(connection: Connection, now: datetime, read: Callable[[MessageId], object]) -> None:
    """Hold each message that is not final and that `read` cannot read; what is wrong stands among its attempts."""
    waiting = select(messages.c.id).where(messages.c.state.not_in(sorted(FINAL_STATES))).order_by(messages.c.id)
    for id_ in connection.execute(waiting).scalars().all():
        try:
            read(MessageId(id_))
        except UNREADABLE as error:
            _hold(connection, id_, f"its row in the database cannot be read: {type(error).__name__}: {error}", now)


def _hold(connection: Connection, id_: str, reason: str, now: datetime) -> None:
    changes = {"state": MessageState.HELD, "hold": HoldReason.UNREADABLE, "owner": None, "lease_until": None}
    connection.execute(update(messages).where(messages.c.id == id_), changes)
    note = {"message": id_, "number": 0, "at": now, "result": AttemptClass.UNKNOWN, "answer": reason, "status": None}
    connection.execute(dialects.upsert(attempts), note)


def found(connection: Connection) -> list[str]:
    """Return what was set aside or is passed over, in words: messages, and articles that rules are to be tried on
    again.
    """
    is_aside = (messages.c.state == MessageState.HELD) & (messages.c.hold == HoldReason.UNREADABLE)
    held = connection.execute(select(messages.c.id).where(is_aside).order_by(messages.c.id)).scalars().all()
    pending = connection.execute(select(pending_matches.c.article).distinct()).scalars().all()
    return [f"message {id_}" for id_ in held] + [
        f"article {id_}" for id_ in sorted(pending) if not _is_readable(connection, id_)
    ]


def _is_readable(connection: Connection, id_: str) -> bool:
    try:
        details.articles_of(connection, [ArticleId(id_)])
    except UNREADABLE:
        return False
    return True
