"""The door of the store for earlier revisions of the configuration; `ports.Store` holds it with all the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from watcher.core.model.record import RevisionRecord


class Revisions(Protocol):
    """Shows what the configuration was before."""

    async def active_revision(self) -> RevisionRecord | None:
        """Return the active revision, or None in a new store."""
        ...

    async def active_digest(self) -> bytes | None:
        """Return the digest of the active revision, or None in a new store; cheap enough to be asked often."""
        ...

    async def was_in_force(self, digest: bytes) -> bool:
        """Return whether a configuration of this digest was the active one before, among those that are kept."""
        ...

    async def revision(self, number: int) -> RevisionRecord | None:
        """Return a revision with its files, None where there is none of that number or it is kept no more."""
        ...

    async def revisions(self, limit: int) -> Sequence[RevisionRecord]:
        """Return the newest revisions, the newest first."""
        ...
