"""The lock of the data directory: one process at a time changes a store."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from watcher.errors import StorageError

NAME = "watcher.lock"


@contextmanager
def hold_lock(directory: Path) -> Iterator[None]:
    """Hold `watcher.lock` in a data directory, which is made when it is missing; the end of the process frees it, however that happens.

    Raises:
        StorageError: another process holds it (its number is in the text), or the directory cannot be used.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(directory / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StorageError(
            f"the data directory {directory} cannot be used: {error.strerror}; give another with --data or WATCHER_DATA"
        ) from error
    try:
        _take(handle, directory)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
        yield
    finally:
        # The file stays: were it deleted, a waiting process could hold the old one while a third makes and holds a new one.
        os.close(handle)


def _take(handle: int, directory: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = holder_pid(directory)
        who = f"process {holder}" if holder else "another process"
        raise StorageError(
            f"{who} already works on the data directory {directory}; stop it, or choose another directory"
        ) from error
    except OSError as error:
        raise StorageError(f"the data directory {directory} cannot be locked: {error.strerror}") from error


def holder_pid(directory: Path) -> int | None:
    """Return the number that the last holder of the lock wrote, or None; it may have ended since."""
    try:
        text = (directory / NAME).read_text("ascii").strip()
    except (OSError, ValueError):
        return None
    return int(text) if text.isdigit() else None
