"""The part of the store that keeps subscriptions at hubs; what the methods promise stands in subscriptions.py beside
the ports. Each is a row of `meta`, named by our address and the feed: there are few, and they change once a day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from watcher.core.model.ids import FeedId
from watcher.core.model.subscription import Subscription
from watcher.storage import dialects
from watcher.storage.tables import meta
from watcher.storage.writer import Readers, Writer

_TIMES = ("ask_at", "ends_at", "pushed_at")


class SubscriptionDoors:
    """Implements subscriptions.Subscriptions on a database."""

    _readers: Readers

    @property
    def _writer(self) -> Writer:
        raise NotImplementedError  # the store has it

    async def subscriptions(self, callbacks: str) -> Sequence[Subscription]:
        """Return what hubs were asked for."""
        return await self._readers.run(lambda db: _kept(db, callbacks))

    async def keep_subscriptions(
        self, callbacks: str, kept: Sequence[Subscription], forgotten: Sequence[FeedId] = ()
    ) -> None:
        """Keep what hubs were asked for."""
        await self._writer.run(lambda db: _keep(db, callbacks, kept, forgotten))


def _name(callbacks: str, feed: str) -> str:
    return f"push {callbacks} {feed}"


def _kept(connection: Connection, callbacks: str) -> list[Subscription]:
    chosen = select(meta.c.value).where(meta.c.name.startswith(_name(callbacks, ""), autoescape=True))
    return [_unpacked(json.loads(value)) for value in connection.execute(chosen.order_by(meta.c.name)).scalars()]


def _keep(connection: Connection, callbacks: str, kept: Sequence[Subscription], forgotten: Sequence[FeedId]) -> None:
    rows = [{"name": _name(callbacks, one.feed), "value": json.dumps(_packed(one))} for one in kept]
    if rows:
        connection.execute(dialects.upsert(meta), sorted(rows, key=lambda row: row["name"]))
    for part in dialects.chunks(_name(callbacks, feed) for feed in forgotten):
        connection.execute(delete(meta).where(meta.c.name.in_(part)))


def _packed(one: Subscription) -> dict[str, Any]:
    stored = asdict(one)
    return stored | {name: stored[name] and stored[name].isoformat() for name in _TIMES}


def _unpacked(stored: dict[str, Any]) -> Subscription:
    times = {name: stored.get(name) and datetime.fromisoformat(stored[name]) for name in _TIMES}
    return Subscription(**{**stored, **times})
