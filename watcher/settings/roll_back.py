"""Puts the files of an earlier revision in place of those of now; what they take the place of is kept beside them."""

from __future__ import annotations

import itertools
import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from watcher.errors import ConfigError
from watcher.settings.edit import Done, Written, alone_in, put_back, replace_file
from watcher.settings.env import Settings
from watcher.settings.feed_lists import SUFFIX as FEED_LIST
from watcher.settings.feed_lists import without_userinfo
from watcher.settings.load import is_table, load_files, read_texts
from watcher.settings.phrases import short
from watcher.settings.problems import render
from watcher.settings.secrets import NOT_STORED

_MARK: Final = f'"{NOT_STORED}"'
_WRITTEN: Final = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|[^\s"'\[\]{},][^\n"'\[\]{},]*)"""
"""A secret as it stands in a file: on one line, and without what could be other keys."""


def roll_back(
    directory: Path,
    files: Mapping[str, str],
    revision: int,
    settings: Settings,
    *,
    edited_from: Mapping[str, str] | None = None,
) -> tuple[Written, ...]:
    """Write the files of a revision into a configuration directory and put aside those that it had not; return what
    was done, and how each is undone. The files may be wrong as they stand, but where `files` were made from them: those
    of now must still be `edited_from`.

    A file that held a secret is only right where it still holds one at the same place and is the same in all else: the
    store keeps no secrets.

    Raises:
        ConfigError: these files would have mistakes, one held a secret, one cannot be written, or somebody changed them
            meanwhile; all are as before.
    """
    with alone_in(directory):
        now, problems = read_texts(directory)
        if edited_from is not None and now != edited_from:
            raise ConfigError("the files were changed meanwhile; nothing was written, run it again")
        unread = {problem.place.file for problem in problems if problem.place.file and not is_table(problem)}
        known = {*now, *unread}
        wanted = {name: _with_secrets(name, text, now.get(name), revision) for name, text in files.items()}
        loaded = load_files(wanted, settings, shares=None)
        if loaded.configuration is None:
            mistakes = render([problem for problem in loaded.problems if problem.is_error])
            raise ConfigError(
                f"the files of revision {revision} have mistakes by now; nothing was written:\n{mistakes}"
            )
        changed = [name for name, text in sorted(wanted.items()) if now.get(name) != text]
        return _written(directory, wanted, changed, sorted(known - wanted.keys()))


def _with_secrets(name: str, text: str, now: str | None, revision: int) -> str:
    """Return the text of a file with the secrets that it holds now.

    Raises:
        ConfigError: it is another file by now.
    """
    if now is not None and name.endswith(FEED_LIST) and without_userinfo(now) == text:
        return now
    if _MARK not in text:
        return text
    if now is not None and re.fullmatch(_WRITTEN.join(map(re.escape, text.split(_MARK))), now):
        return now
    raise ConfigError(
        f"{name} of revision {revision} held a secret, which is not stored: its text can be seen by "
        f"`watcher rules show --revision {revision} --file {shlex.quote(name)}`; mend that file by hand. Nothing was written"
    )


def _written(directory: Path, wanted: Mapping[str, str], changed: list[str], gone: list[str]) -> tuple[Written, ...]:
    done: list[Done] = []
    try:
        done += [_write(directory / name, wanted[name]) for name in changed]
        done += [_set_aside(directory / name) for name in gone]
    except OSError as error:
        stays = [one.written for one in reversed(done) if not put_back(one)]
        told = "; ".join(f"{one.file} was written and could not be put back: {one.undo}" for one in stays)
        said = f"{short(str(error.filename))} cannot be written: {error.strerror}"
        raise ConfigError(f"{said}. {told or 'Nothing was changed'}") from error
    return tuple(one.written for one in done)


def _write(path: Path, text: str) -> Done:
    real = path.resolve() if path.exists() else path
    after = text.encode()
    if not real.exists():
        real.parent.mkdir(parents=True, exist_ok=True)
        replace_file(real, after, None)
        return Done(Written(path, shlex.join(("rm", str(path)))), real, None, after)
    before = real.read_bytes()
    kept = _kept(real, before)
    replace_file(kept, before, real)
    replace_file(real, after, real)
    return Done(Written(path, shlex.join(("mv", str(kept), str(real)))), real, before, after)


def _set_aside(path: Path) -> Done:
    before = path.read_bytes()
    kept = _kept(path, before)
    path.rename(kept)
    return Done(Written(path, shlex.join(("mv", str(kept), str(path))), is_gone=True), path, before, b"")


def _kept(path: Path, text: bytes) -> Path:
    """Return where the text of a file is kept: a name that no other edit takes, and where no other text is kept."""
    names = (path.with_name(f".{path.name}.replaced-{number}") for number in itertools.count(1))
    return next(kept for kept in names if not os.path.lexists(kept) or _holds(kept, text))


def _holds(path: Path, text: bytes) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and path.read_bytes() == text
    except OSError:
        return False
