"""What was worked out once and is kept for the next start, as Python keeps modules that it compiled.

A kept file lies in a folder of the program's own files, else in the user's cache folder; it names the very content
and code that it was made from, so that an edit or an upgrade makes it anew. One that is damaged, cut, of somebody
else or writable by others is as good as none: whoever could write here could change the program itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import watcher
from watcher.lexicon.own_files import is_own, put_whole

MOST_BYTES: Final = 16 * 1024 * 1024
"""No kept file is larger; one that is, is not read."""

_PACKAGE = Path(watcher.__file__).parent
_MADE_BY = ("core", "settings")
_DIGEST_BYTES = 32
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Kept:
    """Files by name in the first of `folders` that has one; written to the first that can be written."""

    def __init__(self, folders: Sequence[Path], *, made_by: bytes) -> None:
        self._folders = folders
        self._made_by = made_by

    def find(self, name: str, of: bytes) -> bytes | None:
        """Return what was kept under a name and made of the content `of`; None = nothing that can be used."""
        for folder in self._folders:
            with contextlib.suppress(OSError):
                whole = _read(folder / name)
                head, body = whole[:_DIGEST_BYTES], whole[_DIGEST_BYTES:]
                if body and head == self._head(name, of, body):
                    return body
        return None

    def put(self, name: str, of: bytes, body: bytes) -> None:
        """Keep something made of the content `of`, whole or not at all; where nothing can be written, nothing is
        kept.
        """
        if len(body) + _DIGEST_BYTES > MOST_BYTES:
            return
        for folder in self._folders:
            with contextlib.suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
                # The user of an image reads what its build kept; there is no secret in it.
                put_whole(folder / name, self._head(name, of, body) + body, mode=0o644)
                return

    def _head(self, name: str, of: bytes, body: bytes) -> bytes:
        state = hashlib.blake2b(digest_size=_DIGEST_BYTES, key=self._made_by[:64])
        for part in (name.encode(), of, body):
            state.update(len(part).to_bytes(8, "big"))
            state.update(part)
        return state.digest()


@cache
def kept_work() -> Kept:
    """Return where shipped concepts are kept that were read, and which configurations passed their trial."""
    return Kept(tuple(_folders()), made_by=code_digest())


@cache
def code_digest(package: Path = _PACKAGE) -> bytes:
    """Return 32 bytes that change when the code does that reads concepts: by the places and contents of its files.

    Reading all of it takes 10 ms, no longer than asking for sizes and times, which an image's build sets as it likes.
    """
    state = hashlib.blake2b(f"3 {sys.version}".encode(), digest_size=32)
    for room in _MADE_BY:
        for file in sorted((package / room).rglob("*.py")):
            content = file.read_bytes()
            state.update(f"{file.relative_to(package)} {len(content)}\n".encode())
            state.update(content)
    return state.digest()


def _folders() -> Iterator[Path]:
    """Yield where kept files may lie."""
    yield _PACKAGE / "settings" / "library" / "__pycache__"
    home = os.environ.get("HOME", "")
    cache_home = os.environ.get("XDG_CACHE_HOME", "") or (f"{home}/.cache" if home else "")
    if cache_home.startswith("/"):
        yield Path(cache_home) / "watcher"


def _read(path: Path) -> bytes:
    """Return what a file of ours holds.

    Raises:
        OSError: it is not there, no regular file, too large, of somebody else, or others may write it.
    """
    with os.fdopen(os.open(path, _OPEN), "rb") as file:
        found = os.fstat(file.fileno())
        if not is_own(found) or found.st_size > MOST_BYTES:
            raise PermissionError(f"{path} is no file of this program")
        return file.read(MOST_BYTES + 1)
