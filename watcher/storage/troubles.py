"""Errors that concern the database as a whole, kept until somebody asks."""

from __future__ import annotations

from collections.abc import Mapping

from watcher.errors import StorageError


class Troubles:
    """The newest trouble of each kind that the statements of a database met, until it is taken; filled by the threads
    of the store.
    """

    def __init__(self) -> None:
        self._met: dict[str, str] = {}

    def note(self, error: StorageError) -> None:
        """Keep an error that concerns the database as a whole."""
        if error.trouble:
            self._met[error.trouble] = str(error)

    def take(self) -> Mapping[str, str]:
        """Return by kind what was met since the last time, in sentences."""
        met, self._met = self._met, {}
        return met
