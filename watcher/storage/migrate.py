"""The schema: which one a database has, and bringing it to the one that this code works with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select, text

from watcher.errors import SchemaMismatch, StorageError
from watcher.storage import dialects
from watcher.storage.tables import HEAD, meta, metadata

UNFINISHED: Final = "copying"
"""The name of the row of `meta` that stands while a copy into the database is not whole."""

SCRIPTS = Path(__file__).parent / "migrations"


def version(connection: Connection) -> str | None:
    """Return the migration that a database is at, or None when it has none."""
    if not dialects.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_unfinished(connection: Connection) -> bool:
    """Return whether a copy into this database was begun and not finished."""
    return connection.execute(select(meta.c.name).where(meta.c.name == UNFINISHED)).first() is not None


def is_current(connection: Connection) -> bool:
    """Return whether the schema is the one that this code works with.

    Raises:
        SchemaMismatch: the schema is newer than this code, or the database belongs to another program.
        StorageError: it holds a copy that is not whole.
    """
    found = version(connection)
    if found == HEAD:
        if is_unfinished(connection):
            raise StorageError(
                "the database holds a copy that is not whole; begin it anew with: watcher db copy FROM TO"
            )
        return True
    if found is None:
        if dialects.has_tables(connection):
            raise SchemaMismatch(
                "the database belongs to another program; give watcher one of its own: a file like "
                "sqlite:///data/watcher.db, or on a server what createdb makes"
            )
        return False
    if found not in _known():
        kept = "a dump of before" if dialects.is_shared(connection) else "the copy that it made before it changed this"
        raise SchemaMismatch(
            f"the database has schema {found}, which is newer than this version ({HEAD}); use the newer version, or {kept}"
        )
    return False


def _known() -> set[str]:
    return {path.name.split("_", 1)[0] for path in (SCRIPTS / "versions").glob("[0-9]*.py")}


def create(connection: Connection) -> None:
    """Make the tables as the newest migration leaves them, inside the transaction of `connection`.

    For engines that came later than the first migrations: those were written for SQLite alone.
    """
    metadata.create_all(connection)
    leave_room(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def leave_room(connection: Connection) -> None:
    """Leave room in the pages of what each poll and send changes on a server, so that no index changes with it."""
    if dialects.is_shared(connection):
        for table in ("feeds", "messages", "meta"):
            connection.execute(
                text(f"ALTER TABLE {table} SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05)")
            )


def upgrade(connection: Connection) -> None:
    """Run every migration that is missing, inside the transaction of `connection`."""
    # Imported here: most starts find the schema as it should be, and Alembic takes longer to load than all else in
    # this room.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
