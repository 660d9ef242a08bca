"""Which message of each channel goes next, and whether there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from watcher.core.model.ids import ChannelName
from watcher.core.model.message import ChannelHealth, HoldReason, MessageState
from watcher.storage import health, holds, lapsed
from watcher.storage.feeds import CLOCK_SLACK
from watcher.storage.lookup import Fixed, Keys, Lookup, given
from watcher.storage.tables import messages
from watcher.storage.types import UNREADABLE

# A message that was tried, or made, in the future: the clock was set back, its next try means nothing.
_ACTED: Final = func.coalesce(messages.c.attempted_at, messages.c.created_at, type_=messages.c.created_at.type)
_IS_DUE: Final = or_(
    messages.c.next_try_at.is_(None),
    messages.c.next_try_at <= given("now", messages.c.next_try_at),
    given("ahead", messages.c.created_at) < _ACTED,
)
_IS_SUSPECT: Final = and_(messages.c.state == MessageState.HELD, messages.c.hold == HoldReason.SUSPECT)
_IS_HELD_BACK: Final = and_(messages.c.state == MessageState.HELD, messages.c.hold == HoldReason.BREAKER)


def _first_of_each(condition: ColumnElement[bool]) -> Lookup:
    """Return the look-up of the oldest such message of each channel, once among those not suspected and once among the
    others.
    """
    is_suspected = messages.c.unclean_ends > 0
    place = func.row_number().over(
        partition_by=(messages.c.target, is_suspected), order_by=(messages.c.created_at, messages.c.id)
    )
    columns = [messages.c[name] for name in ("id", "target", "created_at", "unclean_ends", "ends_alone")]

    def build(targets: Keys) -> Select[Any]:
        ranked = select(*columns, place.label("place")).where(messages.c.target.in_(targets), condition).subquery()
        return select(ranked).where(ranked.c.place == 1)

    return Lookup(messages.c.target, build)


_DUE: Final = _first_of_each(and_(or_(messages.c.state.in_(holds.OPEN), _IS_SUSPECT), _IS_DUE))
_ASKED_FOR: Final = _first_of_each(messages.c.state.in_(holds.OPEN))
_HELD_BACK: Final = _first_of_each(_IS_HELD_BACK)


_SENDING: Final = Fixed(select(messages.c.target).where(messages.c.state == MessageState.SENDING))


def has_work(connection: Connection, owner: str, now: datetime, ready: Sequence[ChannelName]) -> bool:
    """Return whether a claim by `owner` would find something, or take something back; changes nothing.

    Each process asks once a second, and a claim waits for the turn of writers, for nothing in most seconds.
    """
    try:
        return lapsed.has_lapsed(connection, owner, now, ready) or bool(
            due_messages(connection, ready, health.healths(connection, now), now)
        )
    except UNREADABLE:
        return True  # a claim sets it aside


def due_messages(
    connection: Connection, ready: Sequence[ChannelName], known: Mapping[ChannelName, ChannelHealth], now: datetime
) -> list[Row[Any]]:
    """Return what the channels that are `ready` and send nothing now may send: two messages at once would let the later
    one overtake.
    """
    busy = {row.target for row in _SENDING.rows(connection)}
    idle = [name for name in ready if name not in busy]
    well = [name for name in idle if not _is_stopped(known.get(name), now)]
    broken = [name for name in idle if name in known and _is_to_probe(known[name], now)]
    return [*first_due(connection, now, well), *probes(connection, broken)]


def _is_stopped(health: ChannelHealth | None, now: datetime) -> bool:
    if health is None:
        return False
    return health.breaker_since is not None or _is_throttled(health, now)


def _is_throttled(health: ChannelHealth, now: datetime) -> bool:
    return health.throttled_until is not None and health.throttled_until > now


def _is_to_probe(health: ChannelHealth, now: datetime) -> bool:
    if health.breaker_since is None or _is_throttled(health, now):
        return False
    return health.next_probe_at is None or health.next_probe_at <= now


def first_due(connection: Connection, now: datetime, targets: Sequence[str]) -> list[Row[Any]]:
    """Return, of each channel, the oldest message that is due and not suspected, and the oldest that is."""
    return list(_DUE.rows(connection, targets, now=now, ahead=now + CLOCK_SLACK))


def probes(connection: Connection, targets: Sequence[str]) -> list[Row[Any]]:
    """Return the messages to try broken channels with: those asked for by hand, else the oldest that are held."""
    asked = list(_ASKED_FOR.rows(connection, targets))
    left = set(targets) - {row.target for row in asked}
    return [*asked, *_HELD_BACK.rows(connection, left)]
