"""Whether the database is well: a full disk, a damaged page, and a file that vanished are noticed here, told, and
turn health red.

Each is a trouble of ours: no feed and no channel is blamed for it. A full disk ends by itself; the other two need a
person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import structlog

from watcher.daemon.meta import Meta
from watcher.daemon.world import World
from watcher.storage.open import has_room, mend_of_damage
from watcher.telling import notices
from watcher.telling.notices import Notice

log = structlog.get_logger()

_QUIET_SECONDS: Final = 60.0
LONGEST_QUIET_SECONDS: Final = 3600.0
"""A full disk is over when it took everything for so long, doubled where it filled up again within the hour: a disk
that has room for moments is not told again and again.
"""

STANDS_STILL_SECONDS: Final = 60.0
STANDS_STILL: Final = (
    "a write has waited for a minute and more; on a server each commit waits for a synchronous standby that is away, "
    "until it is back or taken out of synchronous_standby_names"
)

RESERVE: Final = "watcher.reserve"
RESERVE_BYTES: Final = 1024 * 1024
"""Kept free beside the database: let go when the disk is full, so that what waits can still be sent and marked as
sent.
"""

FULL, DAMAGED, GONE = "full", "damaged", "gone"


class DatabaseWatch:
    """Looks at what statements met and at the file; `look` is called every few seconds."""

    def __init__(self, world: World, meta: Meta) -> None:
        file = world.settings.place().file
        self._file = None if file is None else file.absolute()
        self._database = world.database
        self._state = world.state
        self._meta = meta
        self._clock = world.clock
        self._identity = _identity(self._file)
        self._full_at = 0.0
        self._room_at = -LONGEST_QUIET_SECONDS
        self._quiet_seconds = _QUIET_SECONDS
        self._written, self._written_since = 0, 0.0

    async def begin(self) -> None:
        """Lay the reserve by."""
        await asyncio.to_thread(self._reserve)

    async def look(self) -> None:
        """Look once: tell what is wrong now, and the end of what was."""
        met = self._database.troubles.take()
        if DAMAGED in met:
            # It stays so until a person mends it, which needs a stop.
            self._begin(DAMAGED, f"{met[DAMAGED]}; {mend_of_damage(self._file)}")
        self._look_at_writes()
        await self._look_at_room(met)
        await self._look_at_file()
        troubles = self._state.troubles
        self._state.polling_paused = FULL in troubles or await asyncio.to_thread(self._is_replaced)
        for kind, notice in _NOTICES.items():
            if kind in troubles:
                await self._meta.tell_directly(f"database {kind}", *notices.with_reason(notice, troubles[kind]))

    def _look_at_writes(self) -> None:
        """Say of a write that stands still; the next claim that succeeds takes it back."""
        now, number = self._clock.monotonic(), self._database.writes()
        if number != self._written or not number:
            self._written, self._written_since = number, now
        elif now - self._written_since >= STANDS_STILL_SECONDS and self._state.database_problem != STANDS_STILL:
            self._state.database_problem = STANDS_STILL
            log.error("the database stands still", reason=STANDS_STILL)

    async def _look_at_room(self, met: Mapping[str, str]) -> None:
        now = self._clock.monotonic()
        if FULL in met:
            self._full_at = now
            if FULL not in self._state.troubles:
                soon = now - self._room_at < LONGEST_QUIET_SECONDS
                self._quiet_seconds = min(self._quiet_seconds * 2, LONGEST_QUIET_SECONDS) if soon else _QUIET_SECONDS
            self._begin(
                FULL, met[FULL] if self._file is None else f"{met[FULL]}; free some space in {self._file.parent}"
            )
            await asyncio.to_thread(self._let_go)
        elif FULL in self._state.troubles:
            if not (await asyncio.to_thread(has_room, self._file) and await self._database.can_write()):
                self._full_at = now
                return
            if now - self._full_at < self._quiet_seconds:
                return
            await asyncio.to_thread(self._reserve)
            await self._end(FULL, notices.DISK_HAS_ROOM)
            self._room_at = now

    async def _look_at_file(self) -> None:
        if await asyncio.to_thread(_identity, self._file) != self._identity:
            self._begin(GONE, f"{self._file} was removed or replaced while the daemon works on it")
        elif GONE in self._state.troubles:
            await self._end(GONE, notices.DATABASE_BACK)

    def _is_replaced(self) -> bool:
        """Another file in its place must not be written to by the half that reopens it."""
        return GONE in self._state.troubles and self._file is not None and self._file.exists()

    def _begin(self, kind: str, sentence: str) -> None:
        if kind not in self._state.troubles:
            log.error("the database is in trouble", kind=kind, reason=sentence)
            self._state.troubles[kind] = sentence

    async def _end(self, kind: str, notice: Notice) -> None:
        log.info("a trouble of the database is over", kind=kind)
        del self._state.troubles[kind]
        self._state.database_problem = ""  # what a loop met of it
        await self._meta.ended_directly(f"database {kind}", *notice)

    def _reserve(self) -> None:
        if self._file is None:
            return
        path = self._file.with_name(RESERVE)
        try:
            with path.open("wb") as file:
                file.write(bytes(RESERVE_BYTES))
        except OSError as error:
            log.warning("no reserve for a full disk could be laid by", path=str(path), reason=error.strerror)
            self._let_go()

    def _let_go(self) -> None:
        if self._file is None:
            return
        try:
            self._file.with_name(RESERVE).unlink(missing_ok=True)
        except OSError as error:
            log.warning("the reserve for a full disk could not be let go", reason=error.strerror)


_NOTICES: Final = {FULL: notices.DISK_FULL, DAMAGED: notices.DATABASE_DAMAGED, GONE: notices.DATABASE_GONE}


def _identity(file: Path | None) -> tuple[int, int] | None:
    """Return what tells a file from another at the same path, None where there is none, and of a server."""
    if file is None:
        return None
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
