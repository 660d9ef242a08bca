"""Reads `file:` feeds: regular files below the configuration directory, and nothing that leads out of it."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from watcher.core.model.outcome import FetchProblemKind
from watcher.errors import FetchError

SCHEME = "file:"


@dataclass(frozen=True, slots=True)
class FileDocument:
    """A file's bytes, and a tag that changes with them."""

    body: bytes
    etag: str


def read_file_feed(url: str, directory: Path, max_bytes: int) -> FileDocument:
    """Return the file that a `file:` URL names, relative to the configuration directory. Blocks.

    Links are followed as long as they stay inside (mounted configurations are links into a hidden folder). The tag is
    a digest of the content: times of files are too coarse on some systems to notice two writes in a row.

    Raises:
        FetchError: kind file, outside the directory, missing, or not a regular file; kind too_big.
    """
    root = directory.resolve()
    shown = _relative(url)
    try:
        path = (root / shown).resolve(strict=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise _refused(shown, "there is no such file below the configuration directory") from error
    if not path.is_relative_to(root):
        raise _refused(shown, "it leads out of the configuration directory")
    return _read(path, shown, max_bytes)


def _relative(url: str) -> str:
    parts = urlsplit(url)
    if parts.netloc or parts.query or parts.fragment:
        raise _refused(url, "write it as file:folder/name.xml, without a host, query or fragment")
    path = unquote(parts.path)
    if not path or "\0" in path or ".." in Path(path).parts:
        raise _refused(path, "the path must lead downwards from the configuration directory")
    return path


def _read(path: Path, shown: str, max_bytes: int) -> FileDocument:
    try:
        # Non-blocking, so that a pipe put there does not hang us before its type is seen; no link, since it was
        # resolved above.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _refused(shown, "it is not a regular file")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                body = file.read(max_bytes + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _refused(shown, error.strerror or "it cannot be read") from error
    if len(body) > max_bytes:
        raise FetchError(
            f"file {shown!r} is bigger than {max_bytes / 1024 / 1024:.3g} MiB", kind=FetchProblemKind.TOO_BIG
        )
    return FileDocument(body, f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"')


def _refused(shown: str, why: str) -> FetchError:
    return FetchError(f"file {shown!r} was not read: {why}", kind=FetchProblemKind.FILE)
