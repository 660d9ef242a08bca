"""Offers, in one message to `meta`, what is held since the database was put back from a copy."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

import structlog

from watcher.by_hand import HandShown
from watcher.core.alerts.restored import is_time_to_tell, say_offered
from watcher.core.model.message import HoldReason, MessageState
from watcher.daemon.meta import Meta
from watcher.daemon.world import World
from watcher.ports import Shown

log = structlog.get_logger()

_MOST: Final = 10_000


class _Doors(Shown, HandShown, Protocol):
    """What is held, which feeds were asked, and when the database was put back."""


class RestoreWatch:
    """Looks until all feeds were asked since a restore, or long enough passed; then it is told, once."""

    def __init__(self, world: World, meta: Meta) -> None:
        self._store: _Doors = world.store
        self._clock = world.clock
        self._meta = meta
        self._is_done = False

    async def look(self) -> None:
        """Tell what is held, once its time has come; a database that was never put back costs one look.

        Raises:
            StorageError: the database refused.
        """
        if self._is_done:
            return
        now, restored_at = self._clock.now(), await self._store.restored_at()
        unasked = await self._unasked(restored_at) if restored_at is not None else 0
        if restored_at is None or is_time_to_tell(restored_at, unasked, now):
            if restored_at is not None:
                await self._tell(restored_at)
            self._is_done = True

    async def _unasked(self, restored_at: datetime) -> int:
        polls = [record.state.last_poll_at for record in await self._store.feeds()]
        return sum(at is None or at < restored_at for at in polls)

    async def _tell(self, restored_at: datetime) -> None:
        held = await self._store.messages(state=MessageState.HELD.value, limit=_MOST)
        offers = [one for one in held if one.hold is HoldReason.RESTORED]
        title, text = say_offered(restored_at, offers)
        log.info("restored", restored_at=str(restored_at), held=len(offers))
        await self._meta.tell(f"restored {restored_at.isoformat()}", title, text)
