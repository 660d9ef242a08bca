"""A copy of the database while the daemon works on it: whole and looked through, or not at all."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from watcher.errors import StorageError
from watcher.storage import dialects
from watcher.storage.open import copy_database

_MOST_PROBLEMS = 10
_COMPANIONS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was looked through: its file, its bytes, and what SQLite finds wrong with it."""

    file: Path
    size: int
    problems: tuple[str, ...]


def back_up(url: str, target: Path) -> Backup:
    """Copy the database behind `url` into the new file `target`, which only its owner may read.

    It is written beside its place under another name, and takes its own when it is whole and on the disk. Blocks.

    Raises:
        StorageError: there is no database, something lies at `target` already, or it cannot be written.
    """
    source = dialects.file_of(dialects.parse_url(url))
    if not source.is_file():
        raise StorageError(f"there is no database at {source} to copy")
    if target.absolute() in {source.with_name(source.name + end).absolute() for end in _COMPANIONS}:
        raise StorageError(f"{target} is a name that SQLite keeps for the database itself; name another file")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        held = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise StorageError(f"{target} exists already and was left as it is; name a new file") from None
    except OSError as error:
        raise StorageError(f"{target} cannot be written: {error.strerror}") from error
    os.close(held)
    try:
        problems = _copied(url, part)
        part.replace(target)
        _to_disk(target.parent)
        return Backup(target, target.stat().st_size, problems)
    except (OSError, sqlite3.Error, StorageError) as error:
        target.unlink(missing_ok=True)
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise StorageError(f"{source} could not be copied to {target}: {why}; nothing was left there") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _copied(url: str, part: Path) -> tuple[str, ...]:
    """Write the copy and return what is wrong with it."""
    os.close(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
    copy_database(url, part)
    with contextlib.closing(sqlite3.connect(part)) as copy:
        # One file that holds all: a copy in WAL mode would make files of its own beside it when it is opened.
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
        problems = looked_through(copy)
    _to_disk(part)
    return problems


def looked_through(copy: sqlite3.Connection) -> tuple[str, ...]:
    """Return what SQLite finds wrong with a whole database."""
    try:
        found = [str(row[0]) for row in copy.execute(f"PRAGMA integrity_check({_MOST_PROBLEMS})")]
    except sqlite3.DatabaseError as error:
        return (str(error),)  # so damaged that the check itself stops at it
    return () if found == ["ok"] else tuple(found)


def _to_disk(path: Path) -> None:
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
