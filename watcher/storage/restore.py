"""Putting a copy in the place of the database: looked through and brought up to date beside it first, and what it
replaces is kept.

    1. the file is a database of this program, whole, and not newer than it     else nothing is changed
    2. it is copied beside the database under another name; the file itself is only read
    3. its schema is brought up to date, and what waits in it is held (core/alerts/restored)
    4. the database of before takes another name, and the copy takes its place
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select

from watcher.errors import SchemaMismatch, StorageError
from watcher.storage import dialects, migrate, restored
from watcher.storage.backup import looked_through
from watcher.storage.tables import HEAD, alerts, items
from watcher.storage.tables_of_search import WORDS_TABLE
from watcher.storage.writer import Readers, Writer

_SIGN: Final = b"SQLite format 3\0"
_PACKED: Final = {b"\x1f\x8b": "gzip", b"PK": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"(\xb5/\xfd": "zstd"}
_SPARE: Final = 16 * 1024 * 1024
_LOG, _SHARED = "-wal", "-shm"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds: its schema, how many articles and alerts, and when the newest article was seen."""

    schema: str
    articles: int
    alerts: int
    newest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place: its contents, the schema it had, how many messages are held, and where the database of
    before lies (None = there was none).
    """

    contents: Contents
    schema_before: str
    held: int
    kept: Path | None


class Candidate:
    """A copy that may take the place of the database; until `put_in_place` nothing is changed."""

    def __init__(self, part: Path, place: Path, before: str, contents: Contents) -> None:
        self._part = part
        self._place = place
        self._before = before
        self.contents = contents

    def put_in_place(self, now: datetime) -> Restored:
        """Hold what waits in the copy and let it take the place of the database, whose lock the caller holds.

        Raises:
            StorageError: the disk refused; the database is then as it was.
        """
        writer = Writer(dialects.open_writer(dialects.parse_url(f"sqlite:///{self._part}")))
        try:
            held = writer.run_now(lambda db: restored.begin_epoch(db, now))
        finally:
            writer.close()
        with _our_errors(self._part):
            _as_one_file(self._part)
            kept = _keep(self._place, now)
            _own_as(self._part, kept)
            for end in (_LOG, _SHARED):
                # Of another database: SQLite would read its pages into this one.
                self._place.with_name(self._place.name + end).unlink(missing_ok=True)
            self._part.replace(self._place)
            _to_disk(self._place.parent)
        return Restored(self.contents, self._before, held, kept)


@contextlib.contextmanager
def candidate(file: Path, place: Path) -> Iterator[Candidate]:
    """Copy `file` beside the database at `place`, look it through and bring it up to date; what is not put in place is
    gone after the block.

    Raises:
        SchemaMismatch: it is newer than this program, or another program's.
        StorageError: it is no whole database of ours, or there is no room for it.
    """
    _look_at(file, place)
    part = place.with_name(f".{place.name}.{os.getpid()}.restore")
    try:
        with _our_errors(file):
            _copy(file, part)
            _look_through(part, file)
        before = _upgrade(part)
        yield Candidate(part, place, before, _read(part))
    finally:
        for end in ("", _LOG, _SHARED, "-journal"):
            with contextlib.suppress(OSError):
                part.with_name(part.name + end).unlink(missing_ok=True)


def contents_of(file: Path) -> Contents | None:
    """Return what the database at `file` holds, None where there is none or it cannot be read."""
    if not file.is_file() or file.stat().st_size == 0:
        return None
    try:
        return _read(file)
    except StorageError:
        return None


def _look_at(file: Path, place: Path) -> None:
    """Refuse what is no regular file of its own with the first bytes of a database."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise StorageError(f"{file} cannot be read: {error.strerror}") from error
    try:
        seen = os.fstat(handle)
        if not stat.S_ISREG(seen.st_mode):
            raise StorageError(f"{file} is no regular file; give a file that `watcher db backup` made")
        start = os.read(handle, len(_SIGN))
    finally:
        os.close(handle)
    if place.exists() and os.path.samestat(seen, place.stat()):
        raise StorageError(f"{file} is the database itself; give a copy of it")
    for sign, kind in _PACKED.items():
        if start.startswith(sign):
            raise StorageError(f"{file} is packed ({kind}); unpack it and give the file that was in it")
    if start != _SIGN:
        raise StorageError(f"{file} is no database; give a file that `watcher db backup` made")
    if shutil.disk_usage(place.parent).free < seen.st_size + _SPARE:
        need = (seen.st_size + _SPARE) / 1_000_000
        raise StorageError(f"there is no room for {file} beside {place}: {need:.0f} MB are needed")


def _copy(file: Path, part: Path) -> None:
    """Copy a database file with its log, so that not even a reader's files are made beside the original."""
    for end in ("", _LOG):
        source, target = file.with_name(file.name + end), part.with_name(part.name + end)
        if end and not source.is_file():
            continue
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        shutil.copyfile(source, target)


def _look_through(part: Path, file: Path) -> None:
    """Refuse a copy that is damaged, or holds what this program never makes: triggers and views would run inside it."""
    with contextlib.closing(sqlite3.connect(part)) as copy:
        copy.execute("PRAGMA trusted_schema=OFF").close()
        _refuse_foreign_parts(copy, file)
        found = looked_through(copy)
        if found:
            raise StorageError(
                f"{file} is damaged: {found[0]}; give an older copy, or save what can be read with: "
                f"sqlite3 {file} .recover | sqlite3 {file}.mended"
            )


def _refuse_foreign_parts(copy: sqlite3.Connection, file: Path) -> None:
    # The search index is a virtual table of one known form, with tables of its own beside it.
    foreign = copy.execute(
        "SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index') "
        "OR (upper(sql) LIKE 'CREATE VIRTUAL%' AND sql <> ?) LIMIT 1",
        (WORDS_TABLE,),
    ).fetchone()
    if foreign is not None:
        raise StorageError(
            f"{file} holds what this program never makes (the {foreign[0]} {foreign[1]!r}); it was changed by "
            "somebody else and is not taken"
        )


def _upgrade(part: Path) -> str:
    """Bring a copy up to date; return the schema it had."""
    writer = Writer(dialects.open_writer(dialects.parse_url(f"sqlite:///{part}")))
    try:
        before = writer.run_now(migrate.version)
        if before is None:
            raise SchemaMismatch(
                "it is a database, but none of this program; give a file that `watcher db backup` made"
            )
        if not writer.run_now(migrate.is_current):
            writer.run_now(migrate.upgrade)
        return before
    finally:
        writer.close()


def _read(file: Path) -> Contents:
    def work(connection: Connection) -> Contents:
        return Contents(
            migrate.version(connection) or HEAD,
            connection.execute(select(func.count()).select_from(items)).scalar_one(),
            connection.execute(select(func.count()).select_from(alerts)).scalar_one(),
            connection.execute(select(func.max(items.c.first_seen_at))).scalar(),
        )

    readers = Readers(dialects.open_readers(dialects.parse_url(f"sqlite:///{file}")))
    try:
        return readers.run_now(work)
    finally:
        readers.close()


def _as_one_file(part: Path) -> None:
    with contextlib.closing(sqlite3.connect(part)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
    _to_disk(part)


def _keep(place: Path, now: datetime) -> Path | None:
    """Give the database of before a second name; return it. An empty file is none."""
    if not place.is_file() or place.stat().st_size == 0:
        return None
    first = place.with_name(f"{place.name}.before-restore-{now.astimezone(UTC):%Y%m%dT%H%M%S}")
    kept = next(
        name
        for more in count()
        if not (name := first.with_name(f"{first.name}-{more}" if more else first.name)).exists()
    )
    log = place.with_name(place.name + _LOG)
    if log.is_file() and log.stat().st_size:
        shutil.copyfile(log, kept.with_name(kept.name + _LOG))
        kept.with_name(kept.name + _LOG).chmod(0o600)
        _to_disk(kept.with_name(kept.name + _LOG))
    try:
        kept.hardlink_to(place)
    except OSError:
        shutil.copyfile(place, kept)  # a file system without hard links
        kept.chmod(0o600)
        _to_disk(kept)
    return kept


def _own_as(part: Path, kept: Path | None) -> None:
    """Give a new database the owner of the old one: root may restore for a daemon that runs as another user."""
    if kept is not None and os.geteuid() == 0:
        owner = kept.stat()
        os.chown(part, owner.st_uid, owner.st_gid)


@contextlib.contextmanager
def _our_errors(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(f"{file} cannot be restored: {error}") from error
    except OSError as error:
        raise StorageError(f"{file} cannot be restored: {error.strerror}") from error


def _to_disk(path: Path) -> None:
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
