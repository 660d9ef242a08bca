"""The file channel: messages as JSON below the data directory's `out`, and nowhere else."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import field_validator
from pydantic_core import PydanticCustomError

from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass, AttemptResult, ChannelTraits, Message
from watcher.delivery.config import ChannelConfig, address_digest
from watcher.delivery.hand import Hand, Hangs
from watcher.delivery.unchanging import Unchanging
from watcher.errors import OutOfDescriptors
from watcher.network.descriptors import is_shortage
from watcher.telling.payload import encoded_message, message_json

_PATIENCE = timedelta(seconds=20)
_SLACK = timedelta(seconds=5)
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_MAX_PARTS = 8
_PASSING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.EINTR})


class FileConfig(ChannelConfig):
    """`{type: file, path: desk/alerts.jsonl}` appends a line a message; `form: files` makes `path` a folder, one file
    a message.
    """

    rings: ClassVar[bool] = False

    type: Literal["file"]
    path: str = "alerts.jsonl"
    form: Literal["lines", "files"] = "lines"

    @field_validator("path")
    @classmethod
    def _stays_below(cls, path: str) -> str:
        parts = path.split("/")
        if len(parts) > _MAX_PARTS or not all(_PART.fullmatch(part) for part in parts):
            message = (
                "path must be relative to the out folder, in letters, digits, . _ - and /, no part beginning with a dot"
            )
            raise PydanticCustomError("bad_path", "{message}", {"message": message})
        return path


@dataclass(frozen=True, slots=True)
class FileChannel(Unchanging):
    """Implements ports.Channel; what it wrote is on the disk before it says so."""

    name: ChannelName
    config: FileConfig
    out_dir: Path
    kind: str = "file"
    hand: Hand = field(default_factory=Hand)

    @property
    def deadline(self) -> timedelta:
        """The longest that one `send` may take."""
        return _PATIENCE + _SLACK

    @property
    def traits(self) -> ChannelTraits:
        """What the outbox must know of it."""
        return ChannelTraits(address=address_digest(self.kind, str(self.out_dir), self.config.path, self.config.form))

    def render(self, message: Message) -> Mapping[str, Any]:
        """Return the JSON object."""
        return message_json(message)

    async def send(self, message: Message) -> AttemptResult:
        """Write the message; one file a message is written again over itself on a repeat, a line carries the
        message's id.
        """
        line = encoded_message(message) + b"\n"
        try:
            await self.hand.do(lambda: self._write(message, line), _PATIENCE)
        except Hangs as hangs:
            kind = AttemptClass.UNKNOWN if hangs.begun else AttemptClass.RETRY
            return AttemptResult(kind, "the disk takes nothing; the message may have been written")
        except OSError as error:
            if is_shortage(error):
                raise OutOfDescriptors(f"no file descriptor is left to open out/{self.config.path}") from error
            kind = AttemptClass.RETRY if error.errno in _PASSING else AttemptClass.PERMANENT
            return AttemptResult(kind, f"out/{self.config.path} cannot be written: {error.strerror}")
        return AttemptResult(AttemptClass.OK, "written")

    def _write(self, message: Message, line: bytes) -> None:
        *folders, last = self.config.path.split("/")
        if self.config.form == "files":
            with _folder(self.out_dir, [*folders, last]) as folder:
                _replace(folder, f"{message.id}.json", line)
        else:
            with _folder(self.out_dir, folders) as folder:
                _append(folder, last, line)


@contextlib.contextmanager
def _folder(out_dir: Path, names: list[str]) -> Iterator[int]:
    """Open the folder step by step, so that no link on the way leads out of `out_dir`; missing ones are made."""
    out_dir.mkdir(parents=True, exist_ok=True)
    folder = os.open(out_dir, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in names:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o750, dir_fd=folder)
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


def _append(folder: int, name: str, line: bytes) -> None:
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    with os.fdopen(os.open(name, flags, 0o640, dir_fd=folder), "r+b", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        torn = size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"  # a full disk or a crash cut the last line
        _write_all(file.fileno(), b"\n" + line if torn else line)


def _replace(folder: int, name: str, line: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    half = f".{name}.part"
    with os.fdopen(os.open(half, flags, 0o640, dir_fd=folder), "wb", buffering=0) as file:
        _write_all(file.fileno(), line)
    os.rename(half, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
    os.fsync(file)
