"""The tables of large lists as files: made once beside the data, and mapped by every process that matches.

A file is called by what it was made of, is written whole or not at all, and is never changed afterwards. One that is
damaged, cut, of somebody else or writable by others is as good as none, and is made again.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from watcher.core.matching.name_table import DamagedTable, NameTable, is_whole, notes_in
from watcher.core.matching.name_table_made import Notes, notes_of
from watcher.core.model.rule import NamesFile
from watcher.errors import ConfigError
from watcher.lexicon.own_files import is_own, put_whole

SUFFIX: Final = ".names"

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_PIECE: Final = 1024 * 1024
_KEPT_EACH: Final = 3
"""So many files of one list stay: that in force, the one before it, and one that is tried."""
_KEPT: Final = 48
MOST_LISTS: Final = 16
"""So many large lists a configuration may hold: their files, those before them, and how they are made are all kept."""

_Signature: TypeAlias = tuple[int, ...]
_made_by: dict[str, Callable[[], bytes]] = {}
_whole: dict[str, _Signature] = {}
_making = threading.Lock()


def usual_folders(data: Path) -> tuple[Path, ...]:
    """Return where tables may lie: beside the data, else in the user's cache, else in a folder for what is passing."""
    folders = [data / "names"] if data.is_dir() else []
    home = os.environ.get("HOME", "")
    cache_home = os.environ.get("XDG_CACHE_HOME", "") or (f"{home}/.cache" if home else "")
    if cache_home.startswith("/"):
        folders.append(Path(cache_home) / "watcher" / "names")
    return (*folders, Path(tempfile.gettempdir()) / f"watcher-names-{os.geteuid()}")


def find(folders: Sequence[Path], of_list: str, digest: str) -> tuple[Path, Notes] | None:
    """Return the file of a list that was made of this content, with its notes; None where no whole one is there."""
    for folder in folders:
        path = folder / f"{of_list}-{digest}{SUFFIX}"
        with contextlib.suppress(OSError, DamagedTable):
            with _opened(path) as handle:
                _check(handle, path)
                os.lseek(handle, 0, os.SEEK_SET)
                found = path.absolute(), notes_of(notes_in(os.read(handle, _PIECE)))
            with contextlib.suppress(OSError):
                os.utime(path)  # those that were used last stay
            return found
    return None


def before(folders: Sequence[Path], of_list: str) -> NameTable | None:
    """Return the table that was used last for a list, whatever it was made of."""
    for folder in folders:
        for path in reversed(_by_use(folder, f"{of_list}-*{SUFFIX}")):
            with contextlib.suppress(OSError, DamagedTable):
                return _mapped(path)
    return None


def put(folders: Sequence[Path], of_list: str, digest: str, data: bytes) -> Path:
    """Write a table into the first folder that takes it, and return where; those of the list that were not used for
    longest go.

    Raises:
        OSError: no folder takes it.
    """
    refused = OSError("there is no folder for it")
    for folder in folders:
        path = folder / f"{of_list}-{digest}{SUFFIX}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            put_whole(path, data)
        except OSError as error:
            refused = error
            continue
        _drop(_by_use(folder, f"{of_list}-*{SUFFIX}")[:-_KEPT_EACH])
        _drop(_by_use(folder, f"*{SUFFIX}")[:-_KEPT])
        return path.absolute()
    raise refused


def open_table(file: NamesFile) -> NameTable:
    """Return the table of a list, mapped.

    Raises:
        ConfigError: it is gone, damaged or not ours.
    """
    try:
        return _mapped(Path(file.path))
    except (OSError, DamagedTable) as error:
        raise ConfigError(f"the names of a list cannot be read from {file.path}: {error}") from error


def made_by(path: Path, make: Callable[[], bytes]) -> None:
    """Remember how a file is made again, should it go."""
    _made_by.pop(str(path), None)
    _made_by[str(path)] = make
    while len(_made_by) > MOST_LISTS:
        _made_by.pop(next(iter(_made_by)))


def make_whole(file: NamesFile) -> bool:
    """Make a file again that is gone or damaged; return whether it had to be. One that did not change since it was
    looked through is not looked through again. Blocks.

    Raises:
        OSError: it cannot be written.
    """
    path = Path(file.path)
    with contextlib.suppress(OSError, DamagedTable):
        if _signature(os.stat(path, follow_symlinks=False)) == _whole.get(file.path):  # noqa: PTH116 - of a link, not its target
            return False
        with _opened(path) as handle:
            _check(handle, path)
            return False
    make = _made_by.get(file.path)
    if make is None:
        return False
    with _making:  # those who wait for it find it whole
        with contextlib.suppress(OSError, DamagedTable), _opened(path) as handle:
            _check(handle, path)
            return False
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        put_whole(path, make())
        return True


def _mapped(path: Path) -> NameTable:
    with _opened(path) as handle:
        _check(handle, path)
        return NameTable(memoryview(mmap.mmap(handle, 0, access=mmap.ACCESS_READ)))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open a file of ours.

    Raises:
        OSError: it is not there, no regular file, of somebody else, or others may write it.
    """
    handle = os.open(path, _OPEN)
    try:
        if not is_own(os.fstat(handle)):
            raise PermissionError(f"{path} is no file of this program")
        yield handle
    finally:
        os.close(handle)


def _check(handle: int, path: Path) -> None:
    """Look through a file.

    Raises:
        DamagedTable: it is not as it was written.
    """
    if not is_whole(iter(lambda: os.read(handle, _PIECE), b"")):
        _whole.pop(str(path), None)
        raise DamagedTable("it is damaged")
    _whole[str(path)] = _signature(os.fstat(handle))


def _signature(found: os.stat_result) -> _Signature:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode


def _by_use(folder: Path, called: str) -> list[Path]:
    """Return the files of a folder that are called so, the one used last at the end."""
    found: list[tuple[int, str, Path]] = []
    for path in folder.glob(called):
        with contextlib.suppress(OSError):
            found.append((path.stat().st_mtime_ns, path.name, path))
    return [path for _, _, path in sorted(found)]


def _drop(paths: Sequence[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()
