"""When the database was put back from a copy: a note in `meta` that each commit of something matched looks at."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from watcher.storage import dialects
from watcher.storage.lookup import Fixed
from watcher.storage.tables import meta

_NAME: Final = "restored"
_NOTED: Final = Fixed(select(meta.c.value).where(meta.c.name == _NAME))


def restored_at(connection: Connection) -> datetime | None:
    """Return when the database was put back from a copy last; None = never."""
    noted = _NOTED.rows(connection)
    return datetime.fromisoformat(noted[0].value) if noted else None


def note_restored(connection: Connection, now: datetime) -> None:
    """Note that the database is put back now."""
    connection.execute(dialects.upsert(meta), {"name": _NAME, "value": now.isoformat()})
