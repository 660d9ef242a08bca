"""Opening a store on a database server, which any number of processes share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL

from watcher.errors import SchemaMismatch, StorageError
from watcher.storage import dialects, feeds, migrate, outbox
from watcher.storage.postgres import refuse_unfit
from watcher.storage.store import SqlStore
from watcher.storage.tables import HEAD, TURN, meta
from watcher.storage.troubles import Troubles
from watcher.storage.types import EPOCH
from watcher.storage.writer import Readers, Writer

_T = TypeVar("_T")

_TRIES = 5
"""Replicas that start at once on an empty database may make its tables at the same time: all but one try again."""


def open_on_server(url: URL, *, read_only: bool, gone: str = "") -> SqlStore:
    """Return the store in a database of a server; its tables are made when there are none, and brought up to date.

    `read_only` does neither, and refuses every change. What the process `gone` had claimed is free at once.

    Raises:
        SchemaMismatch: the tables are of another program or a newer version, or older and `read_only`.
        StorageError: the server cannot be reached, refuses, or is unfit.
    """
    troubles = Troubles()
    readers = Readers(dialects.open_readers(url), troubles.note)
    try:
        _named(url, lambda: readers.run_now(refuse_unfit))
        if read_only:
            if not _named(url, lambda: readers.run_now(_is_current)):
                raise SchemaMismatch(f"the tables of {dialects.shown(url)} are older; run `watcher db migrate`")
            return SqlStore(None, readers, troubles)
        before, _ = upgrade_on_server(url)
        writer = Writer(dialects.open_writer(url), troubles.note)
        if gone:
            writer.run_now(lambda connection: feeds.end_feed_leases(connection, EPOCH, gone), turn=False)
            writer.run_now(lambda connection: outbox.end_message_leases(connection, EPOCH, gone))
    except BaseException:
        readers.close()
        raise
    return SqlStore(writer, readers, troubles, begins=before is None)


def described(url: URL) -> tuple[str, int]:
    """Return the schema of a database on a server ("" = none of ours) and its bytes. Raises as `open_on_server`."""
    readers = Readers(dialects.open_readers(url))
    try:
        schema = _named(url, lambda: readers.run_now(migrate.version))
        return schema or "", readers.run_now(dialects.size_bytes)
    finally:
        readers.close()


def _is_current(connection: Connection) -> bool:
    """As `migrate.is_current`; for a reader an empty database is one that is not there."""
    if not dialects.has_tables(connection):
        raise StorageError("the database is empty; `watcher run` makes its tables")
    return migrate.is_current(connection)


def upgrade_on_server(url: URL) -> tuple[str | None, str]:
    """Make the tables or bring them up to date, whoever else does so at the same time; return the schema of before
    (None = there was none) and of now. Raises as `open_on_server`.
    """
    writer = Writer(dialects.open_writer(url))
    try:
        return _named(url, lambda: _upgraded(writer)), HEAD
    finally:
        writer.close()


def _upgraded(writer: Writer) -> str | None:
    for attempt in range(_TRIES):
        try:
            return writer.run_now(_upgrade, turn=False)
        except StorageError:
            if attempt == _TRIES - 1 or writer.run_now(migrate.version, turn=False) is None:
                raise
    raise AssertionError("unreachable")


def _upgrade(connection: Connection) -> str | None:
    if migrate.is_current(connection):
        return HEAD
    before = migrate.version(connection)
    if before is None:
        migrate.create(connection)
    else:
        _take_all(connection)
        if migrate.is_current(connection):  # another one did so meanwhile
            return HEAD
        migrate.upgrade(connection)
    # What takes its turn from now on sees there whether it knows these tables.
    connection.execute(dialects.upsert(meta), {"name": TURN, "value": HEAD})
    return before


def _take_all(connection: Connection) -> None:
    """Wait until nobody claims, has the row of a feed or the turn, in the order in which all take them: daemons that
    still run finish what they write, and do not wait in a circle with what changes the tables.
    """
    dialects.take_claims(connection)
    connection.exec_driver_sql("LOCK TABLE feeds IN ACCESS EXCLUSIVE MODE")
    dialects.take_turn(connection)


def _named(url: URL, work: Callable[[], _T]) -> _T:
    """Return what `work` returns; what goes wrong names the server, without the password."""
    try:
        return work()
    except StorageError as error:
        named = type(error)(f"{error}: {dialects.shown(url)}")
        named.trouble = error.trouble
        raise named from error
