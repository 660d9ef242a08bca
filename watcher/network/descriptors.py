"""Whether the system gives us no more file descriptors, or no memory for a socket: that is our problem, and no
server's.
"""

from __future__ import annotations

import errno
import os

from watcher.errors import OutOfDescriptors

_NONE_LEFT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def is_shortage(error: OSError) -> bool:
    """Return whether the error itself says that the system gives us no more."""
    return error.errno in _NONE_LEFT


def lacks_descriptors(error: BaseException) -> bool:
    """Return whether `error` came of it that this process, or the system, has no file descriptor left.

    The error itself, or what it came from, may say so. A look-up of a name does not ("the name server does not
    answer"), and neither does the database, so that one is asked for.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OutOfDescriptors) or (isinstance(seen, OSError) and is_shortage(seen)):
            return True
        seen = seen.__cause__ or seen.__context__
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as refused:
        return is_shortage(refused)
    return False
