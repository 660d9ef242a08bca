"""The door of the store for earlier revisions of the configuration; `ports.Store` holds it with all the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from watcher.core.model.record import RevisionRecord


class Revisions(Protocol):
    """Shows what the configuration was before."""

    async def revision(self, number: int) -> RevisionRecord | None:
        """Return a revision with its files, None where there is none of that number or it is kept no more."""
        ...

    async def revisions(self, limit: int) -> Sequence[RevisionRecord]:
        """Return the newest revisions, the newest first."""
        ...
