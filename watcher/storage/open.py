"""Opening a store: the one function by which the rest of the program comes to a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from sqlalchemy import Connection

from watcher.errors import SchemaMismatch, StorageError
from watcher.storage import dialects, feeds, migrate, outbox, sqlite
from watcher.storage.place import Place, refuse_absent
from watcher.storage.store import SqlStore
from watcher.storage.tables import HEAD
from watcher.storage.troubles import Troubles
from watcher.storage.types import EPOCH
from watcher.storage.writer import Readers, Writer


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The schema before (None = there was no store) and after, and the copy that was made of the store of before."""

    before: str | None
    after: str
    copy: Path | None = None


def open_store(url: str, *, read_only: bool = False, alone: bool = False, gone: str = "") -> SqlStore:
    """Return the store behind a database URL such as `sqlite:///data/watcher.db` or `postgresql://host/watcher`.

    A database that is not there yet is made, and an older schema is brought up to date after a copy of the file was
    put beside it; `read_only` does neither, and refuses every change. `alone` says that the caller holds the lock of
    the data directory: what an earlier process had claimed is then free at once instead of when its leases end. On a
    server others work as well; there it is what the process `gone` had claimed.

    Raises:
        SchemaMismatch: the schema is newer than this code, or older and `read_only`.
        StorageError: the URL cannot be used, or the database cannot be opened.
    """
    parsed = dialects.parse_url(url)
    if not dialects.is_file(parsed):
        opened: SqlStore = _server().open_on_server(parsed, read_only=read_only, gone=gone if alone else "")
        return opened
    file = dialects.file_of(parsed)
    troubles = Troubles()
    readers = Readers(dialects.open_readers(parsed), troubles.note)
    if read_only:
        try:
            with _naming(file):
                _check_readable(readers, file)
        except BaseException:
            readers.close()
            raise
        return SqlStore(None, readers, troubles)
    try:
        _make(file)
        _refuse_foreign(readers, file)
        writer = Writer(dialects.open_writer(parsed), troubles.note)
    except BaseException:
        readers.close()
        raise
    try:
        with _naming(file):
            upgraded = _upgrade(writer, file)
        if alone:
            writer.run_now(_end_leases)
    except BaseException:
        writer.close()
        readers.close()
        raise
    return SqlStore(writer, readers, troubles, begins=upgraded.before is None)


def copy_database(url: str, target: Path) -> None:
    """Copy the database behind `url`, as it is now, into a new file; one that is not there yet copies to nothing.

    Raises:
        StorageError: it cannot be read.
    """
    parsed = dialects.parse_url(url)
    if not dialects.file_of(parsed).is_file():
        return
    readers = Readers(dialects.open_readers(parsed))
    try:
        readers.run_now(lambda connection: sqlite.backup(connection, target))
    finally:
        readers.close()


@dataclass(frozen=True, slots=True)
class Described:
    """A database as it lies there: its schema ("" = none of ours) and the bytes that its files take."""

    schema: str
    bytes: int


def schema_of(url: str) -> Described | None:
    """Return what lies behind `url`, whatever its schema is, or None when there is nothing yet; changes nothing.

    Raises:
        StorageError: the URL cannot be used, or the file is no database.
    """
    parsed = dialects.parse_url(url)
    if not dialects.is_file(parsed):
        return Described(*_server().described(parsed))
    file = dialects.file_of(parsed)
    if not file.is_file():
        return None
    readers = Readers(dialects.open_readers(parsed))
    try:
        with _naming(file):
            schema = readers.run_now(migrate.version)
    finally:
        readers.close()
    log = file.with_name(f"{file.name}-wal")
    return Described(schema or "", file.stat().st_size + (log.stat().st_size if log.is_file() else 0))


def database_file(url: str) -> Path:
    """Return the file that a database URL names. Raises StorageError when it names none."""
    return dialects.file_of(dialects.parse_url(url))


def has_room(file: Path | None) -> bool:
    """Return whether the disk of a database takes some MiB more; a server alone knows, and is asked otherwise."""
    return file is None or sqlite.disk_has_room(file)


def mend_of_damage(file: Path | None) -> str:
    """Return in one sentence what a person does about a damaged database; None is one on a server."""
    if file is None:
        return "stop the daemons and put back a backup of the server, or let its administrator look at its log"
    return sqlite.damage_mend(file)


def sqlite_version() -> str:
    """Return the version of the SQLite library that Python is linked to."""
    return sqlite3.sqlite_version


def upgrade_store(url: str) -> Upgraded:
    """Make a store or bring its schema up to date, as `open_store` does, and say what was done. Raises as
    `open_store`.
    """
    parsed = dialects.parse_url(url)
    if not dialects.is_file(parsed):
        return Upgraded(*_server().upgrade_on_server(parsed))
    file = dialects.file_of(parsed)
    _make(file)
    readers = Readers(dialects.open_readers(parsed))
    try:
        _refuse_foreign(readers, file)
    finally:
        readers.close()
    writer = Writer(dialects.open_writer(parsed))
    try:
        with _naming(file):
            return _upgrade(writer, file)
    finally:
        writer.close()


def _server() -> ModuleType:
    """Return what opens databases on servers; its driver is an extra.

    Raises:
        StorageError: the driver is not installed.
    """
    try:
        from watcher.storage import server  # noqa: PLC0415
    except ImportError as error:
        raise StorageError(
            "PostgreSQL needs a driver that is not installed; install it with: pip install 'news-watcher[postgres]'"
        ) from error
    return server


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Put the file's name into what goes wrong while it is opened: people have several."""
    try:
        yield
    except StorageError as error:
        if str(file) in str(error):
            raise
        raise _named(error, file) from error


def _named(error: StorageError, file: Path) -> StorageError:
    named = type(error)(f"{error}: {file}")
    named.trouble = error.trouble
    return named


def _refuse_foreign(readers: Readers, file: Path) -> None:
    """Look into a database before the writer opens it, which changes its journal mode: another program's file stays
    as it is.

    Raises:
        SchemaMismatch: it belongs to another program, or its schema is newer than this code.
        StorageError: it cannot be read.
    """
    if file.stat().st_size > 0:
        with _naming(file):
            readers.run_now(migrate.is_current)


def _check_readable(readers: Readers, file: Path) -> None:
    refuse_absent(Place(file))
    if not readers.run_now(migrate.is_current):
        raise SchemaMismatch(f"the database {file} has an older schema; run `watcher db migrate`")


def _make(file: Path) -> None:
    if file.exists():
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # What people watch is nobody else's business on a shared machine.
        file.touch(mode=0o600)
    except OSError as error:
        raise StorageError(f"the database {file} cannot be made: {error.strerror}") from error


def _upgrade(writer: Writer, file: Path) -> Upgraded:
    if writer.run_now(migrate.is_current):
        return Upgraded(HEAD, HEAD)
    before, copy = writer.run_now(migrate.version), None
    if before is not None:
        copy = file.with_name(f"{file.name}.{before}-before-{HEAD}")
        target = copy
        writer.run_outside_now(lambda connection: sqlite.backup(connection, target))
    writer.run_now(migrate.upgrade)
    return Upgraded(before, HEAD, copy)


def _end_leases(connection: Connection) -> None:
    feeds.end_feed_leases(connection, EPOCH)
    outbox.end_message_leases(connection, EPOCH)
