"""PostgreSQL: opening, locking, and what its errors mean. Reached by `dialects`, which chooses the engine.

All replicas share the database. A transaction that changes anything first takes one row, so that changes follow one
another as they do in a file that one process writes: what two replicas read at the same time is seen together.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

from watcher.errors import SchemaMismatch, StorageError
from watcher.storage import listening
from watcher.storage.addresses import connect_arguments
from watcher.storage.sqlite import READERS
from watcher.storage.tables import HEAD, TURN
from watcher.storage.turns import CLAIMS, FREE, HAS_TURN
from watcher.storage.wakeups import Heard, Wakeup
from watcher.storage.word_statements import WordStatements

OLDEST: Final = 130000
"""The oldest server that is tried: PostgreSQL 13, as `server_version` of the driver says it."""

_COMPILED_FOR: Final = PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]

# A replica that hangs while it holds the turn would stop all others: the server ends its transaction then.
_WRITER_OPTIONS: Final = "-c lock_timeout=20s -c idle_in_transaction_session_timeout=60s -c synchronous_commit=on"
_READER_OPTIONS: Final = "-c default_transaction_read_only=on -c statement_timeout=60s"
# A machine that vanishes says nothing: without these a daemon would wait for it for a quarter of an hour or more.
_CONNECT: Final = {
    "connect_timeout": 10,
    "application_name": "watcher",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}

_BUSY: Final = {
    "40001": "another replica changed the same rows",
    "40P01": "another replica changed the same rows",
    "55P03": "another replica is still writing",
}
_SENTENCES: Final = _BUSY | {
    "53100": "the disk of the database server is full; free some space and work goes on by itself",
    "53200": "the database server is out of memory",
    "53300": "the database server takes no more connections; raise its max_connections or run fewer replicas",
    "57P01": "the database server ended the connection",
    "57P02": "the database server ended the connection",
    "57P03": "the database server is starting or stopping",
    "08P01": "a pooler refuses the options of a connection; let it: ignore_startup_parameters = options in pgbouncer.ini",
    "25006": "the database server only reads (a standby?); name the server that writes",
    "25P03": "the database server ended a transaction that stood still for too long",
    "28000": "the database server refused the user; look at the user in the database URL",
    "28P01": "the database server refused the password; look at the user and password in the database URL",
    "3D000": "there is no such database on the server; make it with: createdb NAME",
    "42501": "the user of the database may not do this; it needs to own the database or its schema",
    "XX001": "the database is damaged",
    "XX002": "the database is damaged: an index disagrees with its table; REINDEX mends it",
}
_UNUSABLE_CLASSES: Final = frozenset({"08", "25", "28", "3D", "53", "57", "58", "XX"})
_UNUSABLE: Final = frozenset({"42501"})
_ENDED: Final = frozenset({"57P01", "57P02", "57P03", "25P03"})
_REFUSED_BY: Final = (
    ("password authentication failed|no password supplied", "28P01"),
    ("role .* does not exist|no pg_hba.conf entry", "28000"),
    ("database .* does not exist", "3D000"),
    ("unsupported startup parameter", "08P01"),
    ("too many clients|remaining connection slots", "53300"),
    ("starting up|shutting down|recovery mode|not yet accepting", "57P03"),
)
_SPEAKER: Final = "watcher_speaker"
"""Among the options of an engine that writes: the name that its announcements carry."""
_TURNS: Final = "turns"
"""In `info` of a connection: how many turns there were when its transaction began."""
_TROUBLES: Final = {"53100": "full", "XX001": "damaged", "XX002": "damaged"}

_LOOK: Final = "SELECT value FROM meta WHERE name = %s"
_TAKE: Final = (
    "UPDATE meta SET value = split_part(value, ' ', 1) || ' ' "
    "|| (coalesce(nullif(split_part(value, ' ', 2), ''), '0')::bigint + 1) WHERE name = %s RETURNING value"
)
"""The row of the turn holds the schema that the newest daemon knows, a blank, and how many turns there were."""
_FEEDS_OF: Final = "SELECT value FROM meta WHERE name = %s FOR UPDATE"
_MAKE_ROW: Final = "INSERT INTO meta (name, value) VALUES (%s, '') ON CONFLICT DO NOTHING"

_CARRIERS: Final = """
    SELECT asked.key, found.article, found.title
    FROM unnest(%s::bytea[]) AS asked (key)
    CROSS JOIN LATERAL (
        SELECT carried.article, (
            SELECT named.key FROM article_keys AS named
            WHERE named.article = carried.article AND named.kind = 'title' AND named.latest
            LIMIT 1
        ) AS title
        FROM article_keys AS carried JOIN items ON items.id = carried.article
        WHERE carried.key = asked.key AND carried.kind IN ('lead', 'pattern') AND items.first_seen_at > %s
        LIMIT %s
    ) AS found
"""


def refuse_unfit(connection: Connection) -> None:
    """Refuse a server that is too old, and a database whose texts are not UTF-8.

    Raises:
        StorageError: what is unfit, and what to do.
    """
    info = _raw(connection).info
    if info.server_version < OLDEST:
        raise StorageError(
            f"the database server is PostgreSQL {info.server_version // 10000}; "
            f"version {OLDEST // 10000} or newer is needed"
        )
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise StorageError(
            f"the database keeps texts as {encoding}; make one with: createdb --encoding UTF8 --template template0 NAME"
        )


def _refuse_newer(schema: str) -> None:
    """Refuse to change tables that another process brought to a newer schema while this one ran.

    Raises:
        SchemaMismatch: they are newer than this code.
    """
    if schema > HEAD:
        raise SchemaMismatch(
            f"another daemon brought the tables to schema {schema}, which is newer than this version ({HEAD}): "
            "update this one too; until then it changes nothing"
        )


def _turns(connection: Connection, statement: str) -> int:
    """Run one of the statements about the row of the turn; return how many turns there were, with ours if it takes it.

    Raises:
        SchemaMismatch: the tables are newer than this code.
    """
    row = connection.exec_driver_sql(statement, (TURN,)).first()
    schema, _, number = (row.value if row is not None else "").partition(" ")
    try:
        _refuse_newer(schema)
    except SchemaMismatch:
        _raw(connection).rollback()  # else it would keep the turn from those that are up to date
        raise
    return int(number or 0)


class _PostgresSavepoint:
    """A place within a transaction to which it can be taken back."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def undo(self) -> None:
        """Take back what was written since."""
        self._connection.execute("ROLLBACK TO SAVEPOINT here")


def _raw(connection: Connection) -> psycopg.Connection[Any]:
    raw: Any = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw


def _state(error: BaseException) -> str:
    """Return the five letters by which the server names an error, "" for one that did not come from it.

    The driver does not hand on the letters of a server that takes no connection, only its sentence; one in another
    language is then shown as it is.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, psycopg.Error):
        return ""
    return cause.sqlstate or next((state for words, state in _REFUSED_BY if re.search(words, str(cause))), "")


def _is_cut(error: BaseException) -> bool:
    """Return whether the connection is gone, or there never was one."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = _state(error)
    return state in _ENDED or state[:2] == "08" or (not state and isinstance(cause, psycopg.OperationalError))


_WORDS: Final = WordStatements(
    numbers="SELECT nextval('search_numbers') FROM generate_series(1, %s)",
    add="INSERT INTO search_words (number, words) VALUES (%s, array_to_tsvector(string_to_array(%s, ' ')))",
    forget="DELETE FROM search_words WHERE number = %s AND %s::text IS NOT NULL",
    find=(
        "SELECT searched.article, searched.seen_at FROM search_words "
        "JOIN searched ON searched.number = search_words.number "
        "WHERE search_words.words @@ %s::tsquery AND searched.seen_at >= %s"
    ),
    both=" & ",
    either=" | ",
    beginning="'{}':*",
    most_bytes=500_000,  # a tsvector holds a mebibyte, with two bytes and more beside each word
)


class Postgres:
    """What PostgreSQL answers; `dialects` says what each method means."""

    WORDS = _WORDS
    """How the search index is written and asked: tsvector."""

    MARK = "%s"
    """Stands for a parameter in a statement."""
    READS_PLAIN = True
    """Whether the driver gives truth values and the like as Python has them."""

    IS_SHARED = True
    """Whether several processes may write."""

    def compiled_for(self) -> Dialect:
        """Return the dialect of statements that are compiled ahead."""
        return _COMPILED_FOR

    def open_writer(self, url: URL) -> Engine:
        """Return the engine of the one connection of this process that writes.

        READ COMMITTED: each statement sees what was committed before it, and the turn keeps others from committing
        between two of them. A transaction is begun by taking the turn, unless it is free of it (dialects.begin) or
        takes it later (dialects.take_turn).
        """
        engine = create_engine(
            url,
            poolclass=NullPool,
            isolation_level="READ COMMITTED",
            # Else the driver has forgotten how many rows an INSERT wrote when it is asked.
            execution_options={"preserve_rowcount": True, _SPEAKER: secrets.token_hex(8)},
            connect_args={**_CONNECT, **connect_arguments(url, writes=True), "options": _WRITER_OPTIONS},
        )

        @event.listens_for(engine, "connect")
        def _connected(connection: psycopg.Connection[Any], record: ConnectionPoolEntry) -> None:
            listening.prepare_nothing_behind_a_pooler(connection)
            record.info[listening.ANNOUNCES] = listening.may_announce(connection)

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            is_free = connection.info.pop(FREE, False)
            connection.info[HAS_TURN] = not is_free
            if connection.info.get("has tables") or self.has_table(connection, "meta"):
                connection.info["has tables"] = True  # the table stays, and asking for it would cost a round trip
                connection.info[_TURNS] = _turns(connection, _LOOK if is_free else _TAKE)

        return engine

    def announce(self, connection: Connection, what: Wakeup) -> None:
        """Wake other processes at the commit, where the server can."""
        if connection.info.get(listening.ANNOUNCES):
            listening.send_announcement(_raw(connection), what, connection.get_execution_options()[_SPEAKER])

    def listener(self, engine: Engine, heard: Heard) -> listening.Listening:
        """Return what hears the announcements of all others than the one that writes by `engine`."""
        arguments, options = engine.dialect.create_connect_args(engine.url)
        told = {**options, **_CONNECT, **connect_arguments(engine.url, writes=True), "autocommit": True}
        connect = partial(psycopg.connect, *arguments, **told)
        return listening.Listening(connect, engine.get_execution_options()[_SPEAKER], heard)

    def take_turn(self, connection: Connection) -> bool:
        """Wait for the turn; return whether nobody had one since the transaction began."""
        if connection.info[HAS_TURN]:
            return True
        connection.info[HAS_TURN] = True
        before: int = connection.info.get(_TURNS, 0)
        return _turns(connection, _TAKE) == before + 1

    def take_claims(self, connection: Connection) -> None:
        """Wait until no other process claims feeds or changes which there are."""
        if not self.run(connection, _FEEDS_OF, (CLAIMS,)):
            self.write(connection, _MAKE_ROW, [(CLAIMS,)])
            self.run(connection, _FEEDS_OF, (CLAIMS,))

    def open_readers(self, url: URL) -> Engine:
        """Return the engine of the connections that only read; each transaction sees one state of the database."""
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=READERS,
            max_overflow=0,
            pool_pre_ping=True,  # a server that was restarted closes them without a word
            isolation_level="REPEATABLE READ",
            connect_args={**_CONNECT, **connect_arguments(url, writes=False), "options": _READER_OPTIONS},
        )

        @event.listens_for(engine, "connect")
        def _connected(connection: psycopg.Connection[Any], record: ConnectionPoolEntry) -> None:
            listening.prepare_nothing_behind_a_pooler(connection)

        return engine

    def carriers(
        self, connection: Connection, keys: Sequence[bytes], since: int, most: int
    ) -> Iterator[tuple[bytes, list[tuple[bytes, bytes | None]]]]:
        """Return per key the articles that carry it, see `dialects.carriers`."""
        found: dict[bytes, list[tuple[bytes, bytes | None]]] = {}
        for key, article, title in self.run(connection, _CARRIERS, (list(keys), since, most)):
            found.setdefault(key, []).append((article, title))
        yield from found.items()

    def run(self, connection: Connection, statement: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT in PostgreSQL's own words."""
        with _raw(connection).cursor() as cursor:
            return cursor.execute(statement, parameters).fetchall()

    def write(self, connection: Connection, statement: str, rows: Sequence[Sequence[object]]) -> int:
        """Run a change in PostgreSQL's own words; return how many rows of the table changed."""
        with _raw(connection).cursor() as cursor:
            if len(rows) == 1:
                cursor.execute(statement, rows[0])
            else:
                cursor.executemany(statement, rows)
            return cursor.rowcount

    @contextmanager
    def savepoint(self, connection: Connection) -> Iterator[_PostgresSavepoint]:
        """Return a savepoint for a `with`."""
        raw = _raw(connection)
        raw.execute("SAVEPOINT here")
        yield _PostgresSavepoint(raw)
        raw.execute("RELEASE SAVEPOINT here")

    def checkpoint(self, connection: Connection) -> None:
        """Do nothing: the server writes its log and clears its tables by itself."""

    def has_tables(self, connection: Connection) -> bool:
        """Return whether the schema that the connection works in holds any table."""
        found = connection.exec_driver_sql("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()")
        return bool(found.scalar_one())

    def has_table(self, connection: Connection, name: str) -> bool:
        """Return whether the schema that the connection works in holds the table of this name."""
        found = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = %s", (name,)
        )
        return bool(found.scalar_one())

    def size_bytes(self, connection: Connection) -> int:
        """Return the size of the database."""
        return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())

    def find_damage(self, connection: Connection) -> list[str]:
        """Return nothing: the server looks after its own files, and keeps foreign keys whole."""
        return []

    def is_busy(self, error: BaseException) -> bool:
        """Return whether another replica was first, or the connection is gone: trying again may help."""
        return _state(error) in _BUSY or _is_cut(error) or self.is_elsewhere(error)

    def is_elsewhere(self, error: BaseException) -> bool:
        """Return whether the server is a standby, and another one writes."""
        return _state(error) == "25006"

    def is_unusable(self, error: BaseException) -> bool:
        """Return whether the error is about the database as a whole, not about one value."""
        state = _state(error)
        return self.is_busy(error) or state in _UNUSABLE or state[:2] in _UNUSABLE_CLASSES

    def sentence(self, error: BaseException) -> str:
        """Return what an error means to a person, "" where only the driver knows."""
        state = _state(error)
        return _SENTENCES.get(state, "the database server cannot be reached" if _is_cut(error) else "")

    def trouble(self, error: BaseException) -> str:
        """Return the kind of trouble with the whole database that an error tells of, or ""."""
        return _TROUBLES.get(_state(error), "")
