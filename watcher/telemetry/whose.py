"""Whose a file is that cannot be used, in words: in a container the user is another one than on the host."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

_REFUSED: Final = frozenset({errno.EACCES, errno.EPERM})


def say_refused(path: Path, error: OSError, *, writes: bool = False) -> str:
    """Return why the system refused a file or folder, and where access is what is missing the user and the mend.

    "Permission denied; watcher runs as user 10001 and /run/token belongs to user 0, so give it that user: chown 10001
    /run/token (on the host, where it is mounted from there)"
    """
    why = error.strerror or error.__class__.__name__
    if error.errno not in _REFUSED:
        return why
    user, (at, owner) = os.geteuid(), _owner(path)
    asks = "write" if writes else "read"
    if owner == user:
        return f"{why}; it belongs to user {user}, as whom watcher runs, so let that one {asks} it: chmod u+rw{'x' if at.is_dir() else ''} {at}"
    whose = f" and {at} belongs to user {owner}" if owner is not None else ""
    deep = "-R " if writes else ""
    return (
        f"{why}; watcher runs as user {user}{whose}, so give it that user: chown {deep}{user} {at} "
        "(on the host, where it is mounted from there)"
    )


def _owner(path: Path) -> tuple[Path, int | None]:
    """Return the path, or the nearest folder above it that can be looked at, with its owner."""
    for at in (path, *path.absolute().parents):
        try:
            return at, at.stat().st_uid
        except OSError:
            continue
    return path, None
