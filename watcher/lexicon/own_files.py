"""Files that this program makes for itself beside the data or in a cache: put there whole, and believed only where
nobody else could have written them.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def is_own(found: os.stat_result) -> bool:
    """Return whether it is a regular file of this user or of root that no other may write."""
    is_ours = found.st_uid in {0, os.geteuid()} and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISREG(found.st_mode) and is_ours


def put_whole(path: Path, whole: bytes, *, mode: int = 0o600) -> None:
    """Put a file in its place at once; two that do so at a time both leave a whole one, and whoever has the one before
    open goes on with that.

    Raises:
        OSError: it cannot be written; nothing of it is left.
    """
    handle, made = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, mode)
            file.write(whole)
        os.replace(made, path)  # noqa: PTH105 - both are of one folder
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(made)  # noqa: PTH108
        raise
