"""Finds what ships with the program: the example configuration and the demo feeds."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import watcher
from watcher.errors import ConfigError

Bundle = Literal["config", "seeds"]


_IN_PACKAGE = "_bundled"


def ships(path: Path, package: Path | None = None) -> bool:
    """Say whether a directory is part of the installed package: the next installation would undo an edit there."""
    return path.resolve().is_relative_to((package or Path(watcher.__file__).parent).resolve() / _IN_PACKAGE)


def bundled(name: Bundle, package: Path | None = None) -> Path:
    """Return the directory of a bundle: inside the installed package, else beside it in a source tree.

    Raises:
        ConfigError: neither is there.
    """
    root = package or Path(watcher.__file__).parent
    # A wheel holds the bundles in watcher/_bundled; an editable installation points into the source tree.
    for place in (root / _IN_PACKAGE / name, root.parent / name):
        if place.is_dir():
            return place
    raise ConfigError(f"the bundled {name} is missing from this installation; install it again")
