"""What a process had in hand when it ended is one set of suspects, feeds and messages together."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Column, ColumnElement, Connection, and_, case, delete, func, select

from watcher.core.model.message import MessageState
from watcher.storage import dialects
from watcher.storage.lookup import Fixed, given
from watcher.storage.tables import feeds, messages, meta

_NOTE: Final = "suspects"
"""The first word of the name of a note in `meta`, as in `suspects feed host:7:ab12`."""


class Kind(StrEnum):
    """What a process can have in hand."""

    FEED = "feed"
    MESSAGE = "message"

    @property
    def other(self) -> Kind:
        """The kind that is taken back apart from this one."""
        return Kind.MESSAGE if self is Kind.FEED else Kind.FEED


def beside(connection: Connection, gone: str, kind: Kind, mine: int) -> int:
    """Return how many suspects of the other kind a process had in hand when it ended; `mine` of this kind are taken
    back just now.

    Leases of feeds and of messages run out at different times. So the kind that is taken back first leaves a note for
    the other one; without a note the other kind is still in the hand of that process.
    """
    _forget(connection, gone)
    noted = select(meta.c.value).where(meta.c.name == _name(kind.other, gone))
    if (value := connection.execute(noted).scalar()) is not None:
        connection.execute(delete(meta).where(meta.c.name == _name(kind.other, gone)))
        return int(value)
    held, suspected = _in_hand(connection, gone, kind.other)
    if held:
        connection.execute(dialects.upsert(meta), {"name": _name(kind, gone), "value": str(mine)})
    return suspected


def is_in_hand(connection: Connection, now: datetime) -> bool:
    """Return whether some process tries a suspect now: one whose lease runs. One that hangs holds up the others no
    longer than that.
    """
    moments = {"now": now, "day_later": now + timedelta(days=1)}
    return any(found.rows(connection, **moments) for found in _SUSPECTS_IN_HAND)


def _claims(kind: Kind) -> tuple[dict[str, Column[object]], ColumnElement[bool]]:
    """Return the columns of the rows of a kind that say what is thought of them, and which rows are in hand."""
    table = feeds if kind is Kind.FEED else messages
    is_held = feeds.c.token.is_not(None) if kind is Kind.FEED else messages.c.state == MessageState.SENDING
    return {name: table.c[name] for name in ("owner", "lease_until", "unclean_ends")}, is_held


def _suspects_in_hand(kind: Kind) -> Fixed:
    column, is_held = _claims(kind)
    lease_until = column["lease_until"]
    # One that ends more than a day ahead was given before the clock was set back.
    runs = and_(lease_until > given("now", lease_until), lease_until <= given("day_later", lease_until))
    return Fixed(select(column["owner"]).where(is_held, column["unclean_ends"] > 0, runs).limit(1))


_SUSPECTS_IN_HAND: Final = tuple(map(_suspects_in_hand, Kind))


def _in_hand(connection: Connection, owner: str, kind: Kind) -> tuple[int, int]:
    """Return how many pieces of work of a kind a process has in hand, and how many of them are suspected."""
    column, is_held = _claims(kind)
    suspected = func.coalesce(func.sum(case((column["unclean_ends"] > 0, 1), else_=0)), 0)
    row = connection.execute(select(func.count(), suspected).where(is_held, column["owner"] == owner)).one()
    return int(row[0]), int(row[1])


def _forget(connection: Connection, gone: str) -> None:
    """Delete the notes that nobody asks for any more: what they were left for came to its end otherwise."""
    for name in connection.execute(select(meta.c.name).where(meta.c.name.like(f"{_NOTE} %"))).scalars().all():
        _, kind, owner = name.split(" ", 2)
        if owner != gone and not _in_hand(connection, owner, Kind(kind).other)[0]:
            connection.execute(delete(meta).where(meta.c.name == name))


def _name(kind: Kind, owner: str) -> str:
    return f"{_NOTE} {kind.value} {owner}"
