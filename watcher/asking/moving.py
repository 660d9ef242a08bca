"""A database copied to another place, while nobody works on it."""

from __future__ import annotations

from watcher.asking.progress import Bar
from watcher.settings.env import read_settings
from watcher.storage.lock import hold_databases
from watcher.storage.moving import Moved, copy_store
from watcher.storage.place import refuse_absent


def copy_databases(source: str, target: str) -> Moved:
    """Copy all that is stored behind one database URL to the new one behind another, showing how far it is.

    Raises:
        ConfigError: one of them is no URL of a database.
        StorageError: a daemon works on one of them that is a file, the target holds something else, or one cannot be
        reached.
    """
    places = [read_settings(database=url).place() for url in (source, target)]
    refuse_absent(places[0])
    bar = Bar("copying")

    def told(table: str, total: int, done: int) -> None:
        bar.at(done / max(total, 1), f"{table} {done:,} of {total:,}")

    with hold_databases([place.file for place in places if place.file is not None]):
        try:
            return copy_store(source, target, told)
        finally:
            bar.end()
