"""What processes that share a database tell one another of hosts: who asked them last, and which of them throttle."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import FetchProblemKind
from watcher.core.model.record import WISH_UNKNOWN, Throttled
from watcher.core.web_addresses import host_of
from watcher.storage import dialects
from watcher.storage.lookup import Lookup, given
from watcher.storage.tables import feeds
from watcher.storage.types import EPOCH

PAUSE: Final = timedelta(seconds=1)
"""So long a host is left alone after another process asked it; each process keeps its own pauses by itself."""

CLOCK_APART: Final = timedelta(minutes=1)
"""Clocks of two machines differ by less: a poll that lies further ahead says nothing."""

_LATELY: Final = Lookup(
    feeds.c.host,
    lambda hosts: select(feeds.c.host).where(
        feeds.c.host.in_(hosts),
        feeds.c.asked_by != given("owner", feeds.c.asked_by),
        feeds.c.last_poll_at > given("since", feeds.c.last_poll_at),
        feeds.c.last_poll_at < given("ahead", feeds.c.last_poll_at),
    ),
)
_THROTTLED: Final = Lookup(
    feeds.c.host,
    lambda hosts: select(feeds.c.host, feeds.c.id, feeds.c.last_poll_at, feeds.c.problem_retry_after).where(
        feeds.c.host.in_(hosts),
        feeds.c.active,
        feeds.c.problem_kind == FetchProblemKind.THROTTLED,
        feeds.c.problem_status.is_not(None),  # the host's own answer; that we left it alone says nothing of it
    ),
)


def asked_lately(connection: Connection, hosts: Collection[str], owner: str, now: datetime) -> frozenset[str]:
    """Return which of the hosts another process asked within the pause; none where one process has the database."""
    wanted = {host for host in hosts if host}
    if not wanted or not dialects.is_shared(connection):
        return frozenset()
    rows = _LATELY.rows(connection, wanted, owner=owner, since=now - PAUSE, ahead=now + CLOCK_APART)
    return frozenset(row.host for row in rows)


def throttled(connection: Connection, claimed: Sequence[Row[Any]], now: datetime) -> dict[str, tuple[Throttled, ...]]:
    """Return, by host, the feeds that were told to stay away, whichever process asked for them."""
    wanted = {host for row in claimed if (host := host_of(row.url))}
    if not wanted or not dialects.is_shared(connection):
        return {}
    found: dict[str, tuple[Throttled, ...]] = {}
    for row in _THROTTLED.rows(connection, wanted):
        at = row.last_poll_at or EPOCH
        until = at + (row.problem_retry_after or WISH_UNKNOWN)
        if at < now + CLOCK_APART and until > now:
            found[row.host] = (*found.get(row.host, ()), Throttled(FeedId(row.id), until))
    return found
