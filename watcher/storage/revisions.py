"""Revisions of the configuration: which is in force, and what stood in the files at earlier ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select

from watcher.core.model.ids import RuleId
from watcher.core.model.record import RevisionRecord
from watcher.storage import by_hand, dialects
from watcher.storage.lookup import Fixed
from watcher.storage.tables import meta, revisions
from watcher.storage.writer import Readers

ACTIVE: Final = "active_revision"
KEPT: Final = 500
"""So many revisions are kept, beside those of which a rule that is held back is."""

_HELD: Final = "held_rules"
_NUMBER: Final = Fixed(select(meta.c.value).where(meta.c.name == ACTIVE))


class RevisionDoors:
    """Implements revisions.Revisions and `active_revision` for the store."""

    _readers: Readers

    async def active_revision(self) -> RevisionRecord | None:
        """Return the active revision."""
        return await self._readers.run(active_revision)

    async def active_digest(self) -> bytes | None:
        """Return the digest of the active revision."""
        return await self._readers.run(_active_digest)

    async def was_in_force(self, digest: bytes) -> bool:
        """Return whether a configuration of this digest was the active one before."""
        return await self._readers.run(lambda db: _knows(db, digest))

    async def revision(self, number: int) -> RevisionRecord | None:
        """Return a revision with its files."""
        return await self._readers.run(lambda db: revision_of(db, number))

    async def revisions(self, limit: int) -> Sequence[RevisionRecord]:
        """Return the newest revisions."""
        return await self._readers.run(lambda db: newest_revisions(db, limit))


def active_number(connection: Connection) -> int | None:
    """Return the number of the active revision, or None in a new store."""
    stored = _NUMBER.rows(connection)
    return int(stored[0].value) if stored else None


def active_revision(connection: Connection) -> RevisionRecord | None:
    """Return the active revision, or None in a new store."""
    number = active_number(connection)
    row = connection.execute(select(revisions).where(revisions.c.number == number)).first()
    if row is None:
        return None
    starts, held = by_hand.starts(connection), _held(connection)
    return RevisionRecord(row.number, row.digest, row.files, row.activated_at, starts, held)


def _active_digest(connection: Connection) -> bytes | None:
    asked = select(revisions.c.digest).where(revisions.c.number == active_number(connection))
    found: bytes | None = connection.execute(asked).scalar()
    return found


def _knows(connection: Connection, digest: bytes) -> bool:
    return (
        connection.execute(select(revisions.c.number).where(revisions.c.digest == digest).limit(1)).first() is not None
    )


def revision_of(connection: Connection, number: int) -> RevisionRecord | None:
    """Return a revision with its files, None where there is none of that number."""
    row = connection.execute(select(revisions).where(revisions.c.number == number)).first()
    return None if row is None else _record(row)


def newest_revisions(connection: Connection, limit: int) -> list[RevisionRecord]:
    """Return the newest revisions, the newest first."""
    rows = connection.execute(select(revisions).order_by(revisions.c.number.desc()).limit(limit))
    return [_record(row) for row in rows]


def put(connection: Connection, revision: RevisionRecord) -> None:
    """Make a revision the active one, and forget those that are too old; one that is taken again keeps its time."""
    same = select(revisions.c.activated_at).where(
        revisions.c.number == revision.number, revisions.c.digest == revision.digest
    )
    row = {
        "number": revision.number,
        "digest": revision.digest,
        "files": dict(revision.files),
        "activated_at": connection.execute(same).scalar() or revision.activated_at,
    }
    connection.execute(dialects.upsert(revisions), row)
    connection.execute(dialects.upsert(meta), {"name": ACTIVE, "value": str(revision.number)})
    if revision.held or _held(connection):
        value = json.dumps(dict(revision.held), sort_keys=True)
        connection.execute(dialects.upsert(meta), {"name": _HELD, "value": value})
    is_old = revisions.c.number <= revision.number - KEPT
    connection.execute(delete(revisions).where(is_old, revisions.c.number.not_in(set(revision.held.values()))))


def _held(connection: Connection) -> Mapping[RuleId, int]:
    written = connection.execute(select(meta.c.value).where(meta.c.name == _HELD)).scalar()
    return {} if written is None else {RuleId(rule): number for rule, number in json.loads(written).items()}


def _record(row: Row[Any]) -> RevisionRecord:
    return RevisionRecord(row.number, row.digest, row.files, row.activated_at)
