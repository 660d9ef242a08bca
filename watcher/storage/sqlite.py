"""SQLite: opening, locking, upkeep, and what its errors mean. Reached by `dialects`, which chooses the engine."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from watcher.storage.wakeups import Heard, SilentServer, Wakeup
from watcher.storage.word_statements import WordStatements

_COMPILED_FOR: Final = sqlite.dialect()

DRIVER_ERROR: Final = sqlite3.Error
"""What the driver raises where no SQLAlchemy stands between."""

BUSY_TIMEOUT_MS = 5000
READERS = 4

# About the file as a whole rather than about a value: trying one row at a time would not help.
_UNUSABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

_TROUBLES = {
    sqlite3.SQLITE_FULL: "full",
    # What a quota, a file size limit or a failing disk answers to a write; like a full disk it may end by itself.
    sqlite3.SQLITE_IOERR: "full",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}

_ROOM_MIB = 4

_KNOWN_STATEMENTS: Final = 512
"""A poll runs some 50 statements, each in a text for every length of list; the driver's 128 were too few."""

DAMAGED = "the file is damaged"

_SENTENCES = {
    sqlite3.SQLITE_BUSY: "the database is locked by another program",
    sqlite3.SQLITE_LOCKED: "the database is locked by another program",
    sqlite3.SQLITE_FULL: "the disk of the database is full; free some space and work goes on by itself",
    sqlite3.SQLITE_CORRUPT: "the database is damaged; `watcher db check` says where and names the mend",
    sqlite3.SQLITE_NOTADB: "the file is not a SQLite database",
    sqlite3.SQLITE_READONLY: "the database cannot be written; give the user of the process write access to it and its folder",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened; its folder must exist and be writable",
    sqlite3.SQLITE_PERM: "the database cannot be opened; access is refused",
    sqlite3.SQLITE_IOERR: "the disk of the database gave an error",
    sqlite3.SQLITE_NOMEM: "there is not enough memory for the database",
}


def _file(url: URL) -> Path:
    return Path(url.database or "")


def _existing(url: URL) -> URL:
    """Return the URL of the same file, which SQLite then opens and never makes.

    A file that was removed under the program would else be begun anew, empty, by the next connection.
    """
    file = quote(str(_file(url).absolute()))
    return url.set(database=f"file:{file}").update_query_dict({"mode": "rw", "uri": "true"})


@lru_cache
def carriers_text(count: int) -> str:
    """Return the statement of `carriers` for so many keys."""
    return f"""
        WITH asked (key) AS (VALUES {",".join(["(?)"] * count)})
        SELECT asked.key, (
            SELECT group_concat(hex(article) || ':' || coalesce(hex(title), '')) FROM (
                SELECT carried.article, (
                    SELECT named.key FROM article_keys AS named
                    WHERE named.article = carried.article AND named.kind = 'title' AND named.latest
                    LIMIT 1
                ) AS title
                FROM article_keys AS carried CROSS JOIN items ON items.id = carried.article
                WHERE carried.key = asked.key AND carried.kind IN ('lead', 'pattern') AND items.first_seen_at > ?
                LIMIT ?
            )
        )
        FROM asked
    """  # noqa: S608 - only the number of question marks varies


def _pair(packed: str) -> tuple[bytes, bytes | None]:
    article, _, title = packed.partition(":")
    return bytes.fromhex(article), bytes.fromhex(title) or None


class _SqliteSavepoint:
    """A place within a transaction to which it can be taken back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def undo(self) -> None:
        """Take back what was written since."""
        self._connection.execute("ROLLBACK TO here")


def _raw(connection: Connection) -> sqlite3.Connection:
    raw: Any = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def backup(connection: Connection, target: Path) -> None:
    """Copy the whole database into a new file; must be called outside a transaction."""
    copy = sqlite3.connect(target)
    try:
        _raw(connection).backup(copy)
    finally:
        copy.close()


def _code(error: BaseException) -> int | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF  # extended codes keep the primary one in the low byte


def damage_mend(file: Path) -> str:
    """Return in one sentence what a person does about a damaged database."""
    return (
        "stop the daemon, then put a backup in its place with: watcher db restore FILE; without one, save what can be "
        f"read: sqlite3 {file} .recover | sqlite3 {file}.mended && watcher db restore {file}.mended"
    )


def disk_has_room(file: Path) -> bool:
    """Return whether the disk of a database takes some MiB more; quotas and limits of the process count too."""
    try:
        with tempfile.TemporaryFile(dir=file.parent) as probe:
            for _ in range(_ROOM_MIB):
                probe.write(bytes(1024 * 1024))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError:
        return False
    return True


_WORDS: Final = WordStatements(
    numbers=(
        "WITH RECURSIVE free(number) AS (SELECT coalesce(max(number), 0) + 1 FROM searched UNION ALL "
        "SELECT number + 1 FROM free LIMIT ?) SELECT number FROM free"
    ),
    add="INSERT INTO search_words (rowid, words) VALUES (?, ?)",
    # A table without content is told what it is to forget.
    forget="INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', ?, ?)",
    find=(
        "SELECT searched.article, searched.seen_at FROM search_words "
        "CROSS JOIN searched ON searched.number = search_words.rowid "
        "WHERE search_words MATCH ? AND searched.seen_at >= ?"
    ),
    both=" AND ",
    either=" OR ",
    beginning='"{}" *',
)


class Sqlite:
    """What SQLite answers; `dialects` says what each method means."""

    WORDS = _WORDS
    """How the search index is written and asked: FTS5."""

    MARK = "?"
    """Stands for a parameter in a statement."""
    READS_PLAIN = False
    """Whether the driver gives truth values and the like as Python has them."""

    IS_SHARED = False
    """Whether several processes may write."""

    def compiled_for(self) -> Dialect:
        """Return the dialect of statements that are compiled ahead."""
        return _COMPILED_FOR

    def open_writer(self, url: URL) -> Engine:
        """Return the engine of the one connection that writes and checkpoints.

        FULL: a committed alert survives a power cut. Every transaction begins IMMEDIATE, so that a lock is met before
        any work is done.
        """
        engine = create_engine(
            _existing(url),
            poolclass=NullPool,
            connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "cached_statements": _KNOWN_STATEMENTS},
        )

        @event.listens_for(engine, "connect")
        def _prepare(connection: sqlite3.Connection, _record: object) -> None:
            # The driver must not open or close transactions on its own: `begin` below does.
            connection.isolation_level = None
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                "mmap_size=0",
                "wal_autocheckpoint=1000",
                "cache_size=-16384",  # KiB; keys are digests, so every insert lands on another page of each index
                "trusted_schema=OFF",
            ):
                connection.execute(f"PRAGMA {pragma}").close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine

    def open_readers(self, url: URL) -> Engine:
        """Return the engine of the connections that only read; each transaction sees one state of the database.

        SQLite before 3.51.3 can damage a file when two connections write or checkpoint at once (the WAL-reset bug), so
        these do neither.
        """
        engine = create_engine(
            _existing(url),
            poolclass=QueuePool,
            pool_size=READERS,
            max_overflow=0,
            connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
        )

        @event.listens_for(engine, "connect")
        def _prepare(connection: sqlite3.Connection, _record: object) -> None:
            connection.isolation_level = None
            for pragma in ("query_only=ON", "wal_autocheckpoint=0", "mmap_size=0", "trusted_schema=OFF"):
                connection.execute(f"PRAGMA {pragma}").close()

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN")

        return engine

    def carriers(
        self, connection: Connection, keys: Sequence[bytes], since: int, most: int
    ) -> Iterator[tuple[bytes, list[tuple[bytes, bytes | None]]]]:
        """Return per key the articles that carry it, see `dialects.carriers`; the CROSS JOIN keeps SQLite from reading
        whole feeds.
        """
        for key, packed in self.run(connection, carriers_text(len(keys)), (*keys, since, most)):
            if packed:
                yield key, [_pair(one) for one in packed.split(",")]

    def run(self, connection: Connection, statement: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT in SQLite's own words."""
        return _raw(connection).execute(statement, parameters).fetchall()

    def write(self, connection: Connection, statement: str, rows: Sequence[Sequence[object]]) -> int:
        """Run a change in SQLite's own words; return how many rows of the table changed."""
        cursor = _raw(connection)
        return (cursor.execute(statement, rows[0]) if len(rows) == 1 else cursor.executemany(statement, rows)).rowcount

    @contextmanager
    def savepoint(self, connection: Connection) -> Iterator[_SqliteSavepoint]:
        """Return a savepoint for a `with`."""
        raw = _raw(connection)
        raw.execute("SAVEPOINT here")
        yield _SqliteSavepoint(raw)
        raw.execute("RELEASE here")

    def take_turn(self, connection: Connection) -> bool:
        """Return True: the one writer of a file has the turn from its first word."""
        return True

    def take_claims(self, connection: Connection) -> None:
        """Do nothing: a file is one process's."""

    def announce(self, connection: Connection, what: Wakeup) -> None:
        """Do nothing: nobody else writes."""

    def listener(self, engine: Engine, heard: Heard) -> SilentServer:
        """Return what hears nothing."""
        return SilentServer()

    def checkpoint(self, connection: Connection) -> None:
        """Fold the write-ahead log into the file; must be called outside a transaction."""
        _raw(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    def has_tables(self, connection: Connection) -> bool:
        """Return whether the database holds any table."""
        row = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE type = 'table'").scalar_one()
        return bool(row)

    def has_table(self, connection: Connection, name: str) -> bool:
        """Return whether the database holds the table of this name."""
        found = connection.exec_driver_sql(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)
        )
        return bool(found.scalar_one())

    def size_bytes(self, connection: Connection) -> int:
        """Return the size of the database, without its log."""
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        return int(pages) * int(size)

    def find_damage(self, connection: Connection) -> list[str]:
        """Return what the engine's own checks find wrong, in sentences."""
        found = [
            f"{DAMAGED}: {row[0]}" for row in connection.exec_driver_sql("PRAGMA quick_check(20)") if row[0] != "ok"
        ]
        if found:
            return found  # what follows reads tables, which a damaged file may not let it do
        broken: dict[tuple[str, str], int] = {}
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            broken[row[0], row[2]] = broken.get((row[0], row[2]), 0) + 1
        found.extend(
            f"{count} rows of {table} point to {parent} that are missing" for (table, parent), count in broken.items()
        )
        return found

    def is_busy(self, error: BaseException) -> bool:
        """Return whether somebody else holds the lock, so that waiting may help."""
        return _code(error) in _BUSY

    def is_elsewhere(self, error: BaseException) -> bool:
        """Return False: a file is written by nobody else."""
        return False

    def is_unusable(self, error: BaseException) -> bool:
        """Return whether the error is about the database as a whole, not about one value."""
        return _code(error) in _UNUSABLE

    def sentence(self, error: BaseException) -> str:
        """Return what an error means to a person, "" where only the driver knows."""
        code = _code(error)
        return "" if code is None else _SENTENCES.get(code, "")

    def trouble(self, error: BaseException) -> str:
        """Return the kind of trouble with the whole database that an error tells of, or ""."""
        code = _code(error)
        return "" if code is None else _TROUBLES.get(code, "")
