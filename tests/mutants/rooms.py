"""The rooms of the core, and the tests that concern each."""

from __future__ import annotations

import re
from pathlib import Path

CORE = "watcher/core"

_ALSO = {
    "identity": ("contract/test_identity.py",),
    "dedup": ("unit/core/alerts/test_stream.py", "unit/core/alerts/test_copies.py"),
    "stories": ("contract/test_stories.py",),
    "model": ("unit/core",),
}
"""Tests that reach a room through others, and so do not name it."""


def rooms(root: Path) -> list[str]:
    """Return the name of each room of the core that has code, sorted; one that is a single file goes by the file's
    name.
    """
    below = root / CORE
    return sorted({path.relative_to(below).parts[0].removesuffix(".py") for path in _code(below)})


def modules(root: Path, room: str) -> list[str]:
    """Return the files of a room, below `root`, sorted."""
    one = root / CORE / f"{room}.py"
    found = [one] if one.is_file() else _code(root / CORE / room)
    return [str(path.relative_to(root)) for path in found]


def concerned(root: Path, room: str) -> list[str]:
    """Return the test files that concern a room: its own, then what `_ALSO` names, then those that import it.

    The first are the quickest, and say most about one line.
    """
    below = root / "tests"
    own = sorted([*(below / "unit/core" / room).rglob("test_*.py"), *(below / "unit/core").glob(f"test_{room}.py")])
    imports = re.compile(rf"\bwatcher\.core\.{room}\b")
    near = sorted([*(below / "unit/core").rglob("test_*.py"), *(below / "property").glob("test_*.py")])
    also = [path for more in _ALSO.get(room, ()) for path in _tests(below / more)]
    found = [*own, *also, *(path for path in near if imports.search(path.read_text("utf-8")))]
    return list(dict.fromkeys(str(path.relative_to(root)) for path in found))


def _tests(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("test_*.py"))


def _code(below: Path) -> list[Path]:
    return sorted(path for path in below.rglob("*.py") if path.stat().st_size)
