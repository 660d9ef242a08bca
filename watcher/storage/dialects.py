"""What differs between databases: each kind has a class that answers, and here it is chosen.

`sqlite` and `postgres` alone name one; what is asked here with a connection is answered by the kind behind it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from watcher.errors import RefusedWork, StorageError
from watcher.storage import addresses
from watcher.storage.place import NO_FILE
from watcher.storage.sqlite import DRIVER_ERROR, Sqlite
from watcher.storage.turns import FREE, HAS_TURN
from watcher.storage.wakeups import Heard, Wakeup
from watcher.storage.word_statements import WordStatements

_Key = TypeVar("_Key", str, bytes)


class Savepoint(Protocol):
    """A place within a transaction to which it can be taken back."""

    def undo(self) -> None:
        """Take back what was written since."""


class Closes(Protocol):
    """What goes on until it is closed."""

    def close(self) -> None:
        """End it."""


class Backend(Protocol):
    """What each kind of database answers; the functions below say what is promised."""

    MARK: str
    """What stands for a parameter in a statement of the engine's own."""
    WORDS: WordStatements
    """How the search index is written and asked."""
    READS_PLAIN: bool
    """Whether the driver gives truth values and the like as Python has them."""
    IS_SHARED: bool
    """Whether several processes may write."""

    def compiled_for(self) -> Dialect:
        """Return the dialect of statements that are compiled ahead."""

    def open_writer(self, url: URL) -> Engine:
        """Return the engine of the one connection that writes."""

    def open_readers(self, url: URL) -> Engine:
        """Return the engine of the connections that only read."""

    def carriers(self, connection: Connection, keys: Sequence[bytes], since: int, most: int) -> Iterator[Carried]:
        """Return what `dialects.carriers` promises, for a few keys."""

    def run(self, connection: Connection, statement: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT in the engine's own words."""

    def write(self, connection: Connection, statement: str, rows: Sequence[Sequence[object]]) -> int:
        """Run a change in the engine's own words; return how many rows of the table changed."""

    def savepoint(self, connection: Connection) -> AbstractContextManager[Savepoint]:
        """Return a savepoint for a `with`."""

    def take_turn(self, connection: Connection) -> bool:
        """Do what `dialects.take_turn` promises."""

    def take_claims(self, connection: Connection) -> None:
        """Do what `dialects.take_claims` promises."""

    def announce(self, connection: Connection, what: Wakeup) -> None:
        """Do what `dialects.announce` promises."""

    def listener(self, engine: Engine, heard: Heard) -> Closes:
        """Do what `dialects.listener` promises."""

    def checkpoint(self, connection: Connection) -> None:
        """Do what the engine leaves for a quiet moment."""

    def has_tables(self, connection: Connection) -> bool:
        """Return whether the database holds any table."""

    def has_table(self, connection: Connection, name: str) -> bool:
        """Return whether the database holds this table."""

    def size_bytes(self, connection: Connection) -> int:
        """Return the size of the database."""

    def find_damage(self, connection: Connection) -> list[str]:
        """Return what the engine's own checks find wrong."""

    def is_busy(self, error: BaseException) -> bool:
        """Return whether waiting may help."""

    def is_elsewhere(self, error: BaseException) -> bool:
        """Return whether another server writes now."""

    def is_unusable(self, error: BaseException) -> bool:
        """Return whether the error is about the database as a whole."""

    def sentence(self, error: BaseException) -> str:
        """Return what an error means to a person, "" where only the driver knows."""

    def trouble(self, error: BaseException) -> str:
        """Return the kind of trouble with the whole database that an error tells of, or ""."""


Carried = tuple[bytes, list[tuple[bytes, bytes | None]]]
"""A key, and the articles that carry it with the title key of each."""


@cache
def _backend(name: str) -> Backend:
    """Return the kind of database that SQLAlchemy calls so."""
    if name == "sqlite":
        return Sqlite()
    # Its driver is an extra, and takes a while to load.
    from watcher.storage.postgres import Postgres  # noqa: PLC0415

    return Postgres()


def backend_of(connection: Connection) -> Backend:
    """Return the kind of database behind a connection."""
    return _backend(connection.dialect.name)


def _met_by(error: BaseException) -> Backend:
    """Return the kind of database whose driver raised an error."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return _backend("postgresql" if type(cause).__module__.startswith("psycopg") else "sqlite")


def driver_errors() -> tuple[type[Exception], ...]:
    """Return what the drivers raise that are in use, with and without SQLAlchemy between."""
    psycopg: Any = sys.modules.get("psycopg")
    own: tuple[type[Exception], ...] = (psycopg.Error,) if psycopg else ()
    return (SQLAlchemyError, DRIVER_ERROR, *own)


def parse_url(text: str) -> URL:
    """Return the parsed database URL.

    Raises:
        StorageError: it is not a URL of a database that this version can use.
    """
    try:
        url = addresses.server_url(text)
    except (ArgumentError, ValueError) as error:
        raise StorageError(
            "the database must be a URL like sqlite:///data/watcher.db or postgresql://user:password@host/watcher"
        ) from error
    engine = url.get_backend_name()
    if engine in ("postgresql", "postgres"):
        return _postgres_url(url)
    if engine != "sqlite":
        raise StorageError(
            f"{engine!r} databases are not supported; "
            "use sqlite:///data/watcher.db or postgresql://user:password@host/watcher"
        )
    if url.drivername not in ("sqlite", "sqlite+pysqlite") or not url.database or url.database == ":memory:":
        raise StorageError("the database URL must name a file, like sqlite:///data/watcher.db")
    return url


def _postgres_url(url: URL) -> URL:
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise StorageError(f"write postgresql:// for {url.drivername}://: one driver, psycopg, is known")
    if not url.database:
        raise StorageError("the database URL must name a database, like postgresql://user:password@host/watcher")
    return url.set(drivername="postgresql+psycopg")


def shown(url: str | URL) -> str:
    """Return a database URL for people: without its password."""
    return addresses.masked(parse_url(url) if isinstance(url, str) else url)


def is_file(url: URL) -> bool:
    """Return whether the database is a file on this machine."""
    return url.get_backend_name() == "sqlite"


def file_of(url: URL) -> Path:
    """Return the file that holds the database.

    Raises:
        StorageError: it is on a server.
    """
    if not is_file(url):
        raise StorageError(NO_FILE)
    return Path(url.database or "")


def open_writer(url: URL) -> Engine:
    """Return the engine of the one connection that writes; its transactions follow one another, whoever begins them.

    What is committed survives a power cut.
    """
    return _backend(url.get_backend_name()).open_writer(url)


def open_readers(url: URL) -> Engine:
    """Return the engine of the connections that only read; each transaction sees one state of the database."""
    return _backend(url.get_backend_name()).open_readers(url)


def chunks(wanted: Iterable[_Key], size: int = 500) -> Iterator[list[_Key]]:
    """Return `wanted` sorted, without repeats, in pieces small enough for one IN list."""
    ordered = sorted(set(wanted))
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def insert(table: Table) -> postgresql.Insert:
    """Return an INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`.

    SQLite's own knows the same clauses, but compiles for SQLite alone; this one compiles for both.
    """
    return postgresql.insert(table)


class _Unindexed(ColumnElement[Any]):
    """A column by which no rows are to be found."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__()
        self.column = column
        self.type = column.type


@compiles(_Unindexed)
def _plain(element: _Unindexed, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    return compiler.process(element.column, **options)


@compiles(_Unindexed, "sqlite")
def _plus(element: _Unindexed, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    return "+" + compiler.process(element.column, **options)


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column for a condition that only filters: SQLite finds no rows by it, whatever it guesses.

    Asked for the articles of one feed under some keys, it read all that the feed ever gave and threw away what had
    other keys: its rows seemed fewer. Source: https://sqlite.org/optoverview.html, section 2 (unary "+").
    """
    return _Unindexed(column)


@lru_cache(maxsize=64)
def upsert(
    table: Table, keep: frozenset[str] = frozenset(), where: ColumnElement[bool] | None = None
) -> postgresql.Insert:
    """Return an INSERT that replaces the row with the same primary key, but for the columns in `keep`; only where
    `where` holds for it.

    It is made once for the same arguments, so `where` is best a constant.
    """
    statement = insert(table)
    key = {column.name for column in table.primary_key}
    changed = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in key and c.name not in keep}
    return statement.on_conflict_do_update(index_elements=sorted(key), set_=changed, where=where)


def carriers(connection: Connection, keys: Iterable[bytes], since: int, most: int) -> Iterator[Carried]:
    """Return, per pattern or lead key, at most so many articles first seen after `since` that carry it, each with its
    title key.

    `since` is in microseconds since 1970. One statement for some keys, each with a limit of its own: a window function
    would read all that a feed gave for a month.
    """
    backend = backend_of(connection)
    for part in chunks(keys, 64):
        yield from backend.carriers(connection, part, since, most)


def run(connection: Connection, statement: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
    """Return the rows of a SELECT in the engine's own words, as its driver gives them, within the connection's
    transaction.
    """
    if not connection.in_transaction():
        connection.begin()
    return backend_of(connection).run(connection, statement, parameters)


def write(connection: Connection, statement: str, rows: Sequence[Sequence[object]]) -> int:
    """Run an INSERT, UPDATE or DELETE in the engine's own words for each row of parameters, within the connection's
    transaction; return how many rows of the table changed.
    """
    if not connection.in_transaction():
        connection.begin()
    return backend_of(connection).write(connection, statement, rows)


def savepoint(connection: Connection) -> AbstractContextManager[Savepoint]:
    """Return a savepoint for a `with`: what was written and not undone stays; an error is left to the transaction.

    Of savepoints with one name the innermost is meant. SQLAlchemy's own cost a twentieth of a commit.
    """
    if not connection.in_transaction():
        connection.begin()
    return backend_of(connection).savepoint(connection)


def begin(connection: Connection, *, turn: bool) -> None:
    """Begin a transaction of the writer: with a `turn`, none other that has one runs before it ends, in any process.

    Without one it may change only what belongs to a feed whose row it holds (`feeds.leased`), and counts that are added
    up in one order, and read of other feeds only what decides nothing, until it takes the turn after all (`take_turn`).
    A file has one writer, and so always a turn.
    """
    connection.info[FREE] = not turn
    connection.begin()


def take_turn(connection: Connection) -> bool:
    """Let no other transaction have the turn before this one ends; return whether none had it since this one began, so
    that all that was read is still so.

    The order in which transactions wait for one another: claims, rows of feeds by their ids, the turn, all else.
    """
    return backend_of(connection).take_turn(connection)


def take_claims(connection: Connection) -> None:
    """Let no other transaction claim feeds, or change which there are, before this one ends."""
    backend_of(connection).take_claims(connection)


def refuse_in_turn(connection: Connection) -> None:
    """Refuse to wait for the row of a feed while the turn is held: who holds the row may wait for the turn."""
    assert not connection.info.get(HAS_TURN), "rows of feeds are taken before the turn"


def announce(connection: Connection, what: Wakeup) -> None:
    """Wake the other processes on the database once the transaction is committed, where it can; all of them look by
    themselves soon.
    """
    backend_of(connection).announce(connection, what)


def listener(engine: Engine, heard: Heard) -> Closes:
    """Return what calls `heard` for what other processes announce, until it is closed; `engine` is that of the writer.

    After a time in which nobody listened it is called for everything.
    """
    return _backend(engine.dialect.name).listener(engine, heard)


def checkpoint(connection: Connection) -> None:
    """Do what the engine leaves for a quiet moment; must be called outside a transaction."""
    backend_of(connection).checkpoint(connection)


def is_shared(connection: Connection) -> bool:
    """Return whether other processes may write at the same time."""
    return backend_of(connection).IS_SHARED


def has_others(engine: Engine) -> bool:
    """Return whether other processes may write to the database of an engine."""
    return _backend(engine.dialect.name).IS_SHARED


def has_tables(connection: Connection) -> bool:
    """Return whether the database holds any table."""
    return backend_of(connection).has_tables(connection)


def has_table(connection: Connection, name: str) -> bool:
    """Return whether the database holds the table of this name."""
    return backend_of(connection).has_table(connection, name)


def size_bytes(connection: Connection) -> int:
    """Return the size of the database, without its log."""
    return backend_of(connection).size_bytes(connection)


def find_damage(connection: Connection) -> list[str]:
    """Return what the engine's own checks find wrong, in sentences."""
    return backend_of(connection).find_damage(connection)


def is_busy(error: BaseException) -> bool:
    """Return whether somebody else holds the lock, or took the connection, so that trying again may help."""
    return _met_by(error).is_busy(error)


def is_elsewhere(error: BaseException) -> bool:
    """Return whether a server refused because another one writes now: only a new connection can find that one."""
    return _met_by(error).is_elsewhere(error)


def is_unusable(error: BaseException) -> bool:
    """Return whether the error is about the database as a whole, not about one value."""
    return _met_by(error).is_unusable(error)


def storage_error(error: BaseException) -> StorageError:
    """Return our error for one of the driver's."""
    backend = _met_by(error)
    sentence = backend.sentence(error)
    # Without its `orig`, an error of SQLAlchemy says the statement and what stands in it.
    detail = " ".join(str(error.orig if isinstance(error, StatementError) else error).split())
    text = f"{sentence} ({detail})" if sentence else f"the database refused: {detail}"
    kind = StorageError if backend.is_busy(error) or backend.is_unusable(error) else RefusedWork
    return kind(text, trouble=backend.trouble(error))
