"""Prints the unit tests of the rooms that changed since main, for `make unit`; takes names of rooms instead.

A room is a folder below watcher/, such as core/lint; its tests stand in the folder of the same name below tests/unit.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
_IN_A_ROOM = 2  # parts of the path of a file that lies in no room: watcher/ports.py


def concerned(changed: Iterable[str], root: Path = ROOT) -> list[str]:
    """Return the test files that concern some changed files, each once; those of a room within a room are its own.

    watcher/core/lint/rules.py concerns all that lies in tests/unit/core/lint; a changed test concerns itself.
    """
    folders: set[PurePosixPath] = set()
    found: set[str] = set()
    for name in changed:
        path = PurePosixPath(name)
        if path.parts[:1] == ("watcher",) and len(path.parts) > _IN_A_ROOM:
            folders.add(_nearest(PurePosixPath("tests/unit", *path.parent.parts[1:]), root))
        elif path.parts[:2] == ("tests", "unit") and path.name.startswith("test_") and (root / path).is_file():
            found.add(name)
        elif path.parts[0] in {"docs", "README.md", "CHANGELOG.md"}:
            folders.add(PurePosixPath("tests/unit/docs"))
    for folder in folders:
        found.update(file.relative_to(root).as_posix() for file in (root / folder).glob("test_*.py"))
    return sorted(found)


def _nearest(folder: PurePosixPath, root: Path) -> PurePosixPath:
    """Return the folder of tests, or the nearest one above it that is there."""
    return folder if (root / folder).is_dir() else _nearest(folder.parent, root)


def _changed() -> list[str]:
    """Return the files that differ from where this branch left main, those that are not added yet too."""
    asked = (
        ["git", "diff", "--name-only", "--merge-base", "main"],
        ["git", "ls-files", "--others", "--exclude-standard"],
    )
    lines = (subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout for words in asked)
    return [name for text in lines for name in text.splitlines()]


if __name__ == "__main__":
    rooms = sys.argv[1:]
    chosen = concerned([f"watcher/{room}/any.py" for room in rooms] if rooms else _changed())
    if not chosen:
        sys.stderr.write("nothing changed since main that has unit tests; make unit ROOMS=core/lint names a room\n")
    sys.stdout.write("\n".join(chosen))
