"""The locks of an installation: one process at a time works in a data directory, and one at a time changes a
database.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from watcher.errors import StorageError
from watcher.telemetry.whose import say_refused

NAME = "watcher.lock"

_NO_SUCH_LOCK = frozenset({errno.EBADF, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})

_MOUNTS = Path("/proc/self/mountinfo")
_MOUNT_POINT = 4  # the field of a line that says where
_ESCAPED_IN_MOUNTS = {ord(sign): f"\\{ord(sign):03o}" for sign in " \t\n\\"}

_MOST_BYTES = 16 * 1024
_DATABASE, _DATA = "database ", "data "


@dataclass(frozen=True, slots=True)
class Holder:
    """What the last holder of a lock wrote: its process number, its database and its data directory; it may have
    ended since.
    """

    pid: int | None = None
    database: Path | None = None
    data: Path | None = None

    def __str__(self) -> str:
        """Return the holder's name for a sentence: `process 17 (data directory /srv/a)`."""
        who = f"process {self.pid}" if self.pid else "another process"
        return f"{who} (data directory {self.data})" if self.data else who


@contextmanager
def hold_locks(data: Path, database: Path | None, mounts: Path = _MOUNTS) -> Iterator[None]:
    """Hold the lock of a data directory, where the database lies elsewhere the one beside the database, and the file
    itself; None is a database on a server, which any number of processes share.

    Directories and file are made when they are missing; the end of the process frees the locks, however that happens.
    A database that is reached by a link is locked where it really lies; the lock on the file holds whatever other
    name it has (a hard link, a mount).

    Raises:
        StorageError: another process holds one of them (it is named in the text), a directory cannot be used, or the
        file alone is mounted.
    """
    if database is None:
        with hold_lock(data):
            yield
        return
    file = _really(database)
    _refuse_mounted(file, mounts)
    holder = Holder(os.getpid(), file, data.resolve())
    with ExitStack() as stack:
        stack.enter_context(_hold(data, holder, f"the data directory {data}", "--data or WATCHER_DATA"))
        if file.parent != data.resolve():
            stack.enter_context(_hold(file.parent, holder, f"the database {file}", "--database or WATCHER_DATABASE"))
        stack.enter_context(_hold_file(file))
        yield


@contextmanager
def hold_databases(files: Sequence[Path]) -> Iterator[None]:
    """Hold the locks of several database files, each as a daemon would. Raises as `hold_locks`."""
    really = list(dict.fromkeys(map(_really, files)))
    with ExitStack() as stack:
        for folder in dict.fromkeys(file.parent for file in really):
            stack.enter_context(hold_lock(folder))
        for file in really:
            stack.enter_context(_hold_file(file))
        yield


def names_of(file: Path) -> int:
    """Return how many names (hard links) a file has; 0 for one that is not there."""
    try:
        return file.stat().st_nlink
    except OSError:
        return 0


def _really(database: Path) -> Path:
    try:
        return database.resolve()
    except (OSError, RuntimeError) as error:
        raise StorageError(f"the database {database} cannot be used: it is a link that leads to itself") from error


@contextmanager
def _hold_file(file: Path) -> Iterator[None]:
    """Lock the database file itself, empty where there was none. SQLite's own locks are of another kind and take no
    notice of it.

    NFS has no such lock for a file that is open for reading only, and one for writing would keep out SQLite; there
    the lock beside the file is the only one.
    """
    try:
        handle = os.open(file, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    except OSError as error:
        raise StorageError(
            f"the database {file} cannot be used: {say_refused(file, error, writes=True)}; or give another with "
            "--database or WATCHER_DATABASE"
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise StorageError(f"the database {file} cannot be used: it is no regular file")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StorageError(
                f"another process already works on the database {file} by another name of it (a hard link or a mount); stop it, or give "
                "another with --database or WATCHER_DATABASE"
            ) from error
        except OSError as error:
            if error.errno not in _NO_SUCH_LOCK:
                raise StorageError(f"the database {file} cannot be locked: {error.strerror}") from error
        yield
    finally:
        os.close(handle)


def _refuse_mounted(file: Path, mounts: Path) -> None:
    """Refuse a database that is mounted as a single file: its log (-wal) lies beside it, and would be another one at
    each place.

    Source: SQLite, "How To Corrupt An SQLite Database File", section 2.5 (multiple links to one file).
    """
    try:
        rows = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return  # no Linux; the lock on the file holds all the same
    points = {fields[_MOUNT_POINT] for row in rows if len(fields := row.split(" ")) > _MOUNT_POINT}
    if str(file).translate(_ESCAPED_IN_MOUNTS) in points:
        raise StorageError(
            f"the database {file} is mounted as a single file, without its log beside it; mount its folder instead"
        )


@contextmanager
def hold_lock(directory: Path) -> Iterator[None]:
    """Hold `watcher.lock` in a data directory alone. Raises as `hold_locks`."""
    with _hold(directory, Holder(os.getpid()), f"the data directory {directory}", "--data or WATCHER_DATA"):
        yield


@contextmanager
def _hold(directory: Path, holder: Holder, what: str, another: str) -> Iterator[None]:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(directory / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        why = say_refused(directory, error, writes=True)
        raise StorageError(f"{what} cannot be used: {why}; or give another with {another}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StorageError(
                f"{read_lock(directory)} already works on {what}; stop it, or give another with {another}"
            ) from error
        except OSError as error:
            raise StorageError(f"{what} cannot be locked: {error.strerror}") from error
        _write(handle, holder, what)
        yield
    finally:
        # The file stays: were it deleted, a waiting process could hold the old one while a third makes and holds a
        # new one.
        os.close(handle)


def _write(handle: int, holder: Holder, what: str) -> None:
    lines = [str(holder.pid)]
    lines += [f"{_DATABASE}{holder.database}"] if holder.database else []
    lines += [f"{_DATA}{holder.data}"] if holder.data else []
    text = os.fsencode("\n".join(lines) + "\n")
    try:
        # What is there is written over in place: a full disk must not keep a daemon from starting that could still
        # send.
        os.pwrite(handle, text, 0)
        os.ftruncate(handle, len(text))
    except OSError as error:
        raise StorageError(f"{what} cannot be locked: {error.strerror}") from error


def read_lock(directory: Path) -> Holder:
    """Return what the last holder of a directory's lock wrote; nothing is known where there is no lock, or another
    text in it.
    """
    try:
        with (directory / NAME).open("rb") as file:
            lines = os.fsdecode(file.read(_MOST_BYTES)).splitlines()
    except OSError:
        return Holder()
    number, rest = (lines[0], lines[1:]) if lines else ("", [])
    if not number.isascii() or not number.isdigit():
        return Holder()
    return Holder(int(number), _path(rest, _DATABASE), _path(rest, _DATA))


def _path(lines: list[str], name: str) -> Path | None:
    found = [line.removeprefix(name) for line in lines if line.startswith(name)]
    return Path(found[0]) if found and found[0].startswith("/") and "\0" not in found[0] else None


def holder_pid(directory: Path) -> int | None:
    """Return the number that the last holder of the lock wrote, or None; it may have ended since."""
    return read_lock(directory).pid
