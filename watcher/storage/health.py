"""The health of channels: it belongs to the address that a channel sends to, and is asked for by the channel's name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from watcher.core.model.ids import ChannelName
from watcher.core.model.message import ChannelHealth
from watcher.storage import dialects, values
from watcher.storage.changes import Change
from watcher.storage.feeds import CLOCK_SLACK
from watcher.storage.lookup import Fixed
from watcher.storage.tables import channel_addresses, channels

_ADDRESS: Final = "@"
"""Begins the key of an address, and no name of a channel."""


_ADDRESSES: Final = Fixed(select(channel_addresses).order_by(channel_addresses.c.name))
_ALL: Final = Fixed(select(channels).order_by(channels.c.name))
_OPEN: Final = Fixed(select(channels.c.name).where(channels.c.breaker_since.is_not(None)))


_WRITE: Final = Change(dialects.upsert(channels))


def addresses(connection: Connection) -> dict[ChannelName, str]:
    """Return under which key the health of each channel is stored, where that is not its name."""
    return {ChannelName(row.name): row.address for row in _ADDRESSES.rows(connection)}


def healths(connection: Connection, now: datetime) -> dict[ChannelName, ChannelHealth]:
    """Return the health of every channel that was ever used, by name.

    What was written in the future, before the clock was set back, puts nothing off.
    """
    stored: dict[str, ChannelHealth] = {}
    for row in _ALL.rows(connection):
        health = values.health(row)
        if row.changed_at > now + CLOCK_SLACK:
            health = replace(health, throttled_until=None, next_probe_at=None)
        stored[row.name] = health
    known = addresses(connection)
    keys = {ChannelName(key): key for key in stored if not key.startswith(_ADDRESS)} | known
    return {name: replace(stored[key], name=name) for name, key in sorted(keys.items()) if key in stored}


def broken(connection: Connection) -> set[ChannelName]:
    """Return the names of the channels whose breaker is open."""
    open_ = {row.name for row in _OPEN.rows(connection)}
    names = {ChannelName(key) for key in open_ if not key.startswith(_ADDRESS)}
    return names | {name for name, key in addresses(connection).items() if key in open_}


def sharing(connection: Connection, name: ChannelName) -> list[ChannelName]:
    """Return the channels that send to the same address as this one, itself first."""
    known = addresses(connection)
    return [name, *(other for other in known if other != name and known[other] == known.get(name))]


def write(connection: Connection, health: ChannelHealth, now: datetime) -> None:
    """Store the health of a channel's address."""
    key = addresses(connection).get(health.name, health.name)
    _WRITE.run(connection, {**values.health_values(health), "name": key, "changed_at": now})


def probe_at_once(connection: Connection, now: datetime, name: ChannelName | None = None) -> None:
    """Let the next message of a channel with an open breaker, or of all of them, probe it now; a throttle that opened
    it counts no more.
    """
    chosen = update(channels).where(channels.c.breaker_since.is_not(None))
    if name is not None:
        chosen = chosen.where(channels.c.name == addresses(connection).get(name, name))
    connection.execute(chosen.values(next_probe_at=now, throttled_until=None))


def set_address(connection: Connection, name: ChannelName, address: str, now: datetime) -> bool:
    """Note where a channel sends from now on; return whether that is another address than before.

    An address that is not known yet takes over the health of the one before, and is probed at once where that was
    broken.
    """
    before, address = addresses(connection).get(name, name), _ADDRESS + address
    if before == address:
        return False
    connection.execute(dialects.upsert(channel_addresses), {"name": name, "address": address})
    is_known = connection.execute(select(channels.c.name).where(channels.c.name == address)).first() is not None
    row = connection.execute(select(channels).where(channels.c.name == before)).first()
    if row is not None and not is_known:
        fresh = replace(values.health(row), name=name, throttled_until=None, failures=0, failing_since=None)
        write(connection, fresh, now)
    probe_at_once(connection, now, name)
    return True
