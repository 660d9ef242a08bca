"""Channels whose messages cannot be added to once they are sent."""

from __future__ import annotations

from watcher.core.model.record import CopyNote


class Unchanging:
    """What was sent stands as it is: copies that join it later are said nowhere, since a message of their own rings."""

    def note_copies(self, note: CopyNote) -> None:
        """Say nothing."""
