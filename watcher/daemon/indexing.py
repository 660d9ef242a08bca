"""Filling the search index with what was stored before there was one, in pieces between polls and sends."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from watcher.daemon.world import World
from watcher.searching import Searched

log = structlog.get_logger()

INDEX_LOOK: Final = timedelta(seconds=1)
PIECE: Final = 200
"""So many articles are put in at a time; the writer is free for others after each, some tenth of a second."""

_TELL_EVERY: Final = 0.1


class Indexing:
    """Fills the index, a piece each time it is asked, and says how far it is."""

    def __init__(self, world: World) -> None:
        self._store: Searched = world.store
        self._done = 0.0
        self._told = 0.0

    async def look(self) -> None:
        """Put in the next piece; once all is in, nothing is asked any more."""
        if self._done < 1.0:
            self._done = await self._store.index_more(PIECE)
            self._tell(self._done)

    def _tell(self, done: float) -> None:
        if self._told == 0.0 and done == 1.0:
            return  # it was whole, or nearly: nobody waited for it
        if done == 1.0 or done >= self._told + _TELL_EVERY:
            self._told = done
            log.info("search index", done=f"{done:.0%}")
