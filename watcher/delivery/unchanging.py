"""Channels whose messages cannot be added to once they are sent, and which keep nothing from one to the next."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watcher.core.model.record import CopyNote


class Unchanging:
    """What was sent stands as it is: copies that join it later are said nowhere, since a message of their own rings."""

    def note_copies(self, note: CopyNote) -> None:
        """Say nothing."""

    def run(self) -> AbstractAsyncContextManager[None]:
        """Keep nothing."""
        return nullcontext()
