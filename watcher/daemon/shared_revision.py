"""One configuration for all daemons on one database: what one of them takes from its files, the others take from
the store.
"""

from __future__ import annotations

import structlog

from watcher.daemon.active import Active
from watcher.daemon.examine import in_force
from watcher.daemon.meta import Meta
from watcher.daemon.world import World
from watcher.errors import WatcherError
from watcher.revisions import Revisions
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.telling import notices

log = structlog.get_logger()


def is_shared(settings: Settings) -> bool:
    """Return whether other daemons may work on the same database."""
    return settings.place().file is None


async def taken_last(store: Revisions, settings: Settings, configuration: Configuration) -> Configuration:
    """Return what a daemon begins with on a shared database, given the `configuration` of its files: those of an
    earlier revision are older than what is in force, and a container that starts late must not bring them back.

    Raises:
        StorageError: the store cannot be read.
    """
    last = await store.active_revision()
    if last is None or last.digest == configuration.digest or not await store.was_in_force(configuration.digest):
        return configuration
    found = await in_force(store, settings, last)
    if found is None:
        return configuration
    log.warning(
        "the files are those of an earlier revision; the one that another daemon took later stays in force",
        revision=last.number,
        hint="edit the files, or send SIGHUP to take them as they are",
    )
    return found


class SharedRevision:
    """Follows the revision that another daemon on the database put in force; `look` is called every few seconds."""

    def __init__(self, world: World, active: Active, meta: Meta) -> None:
        self._world = world
        self._active = active
        self._meta = meta
        self._refused = b""  # the digest of one that cannot be read here, which is said once

    async def look(self) -> None:
        """Take what another daemon put in force since the last look; what goes wrong is logged and tried again."""
        try:
            await self._look()
        except WatcherError as error:
            log.warning("what other daemons put in force is not taken yet", reason=str(error))

    async def _look(self) -> None:
        store = self._world.store
        digest = await store.active_digest()
        if digest in (None, self._active.configuration().digest, self._refused):
            return
        record = await store.active_revision()
        if record is None:
            return
        found = await in_force(store, self._world.settings, record)
        if found is None:
            self._refused = record.digest
            log.error("the revision of another daemon cannot be read here", revision=record.number)
            await self._meta.tell(f"revision unread {record.number}", *notices.revision_unread(record.number))
            return
        self._world.masker.add(found.secrets())
        log.info("the revision of another daemon is in force", result=await self._active.adopt(found))
