"""A database with the schema and nothing in it: making one takes longer than most tests, so it is copied."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from watcher.storage.open import upgrade_store


def place_database(folder: Path) -> None:
    """Put an empty database into the folder where none is yet; make the folder, too."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "watcher.db"
    if not file.exists():
        file.write_bytes(_empty())


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        upgrade_store(f"sqlite:///{file}")
        return file.read_bytes()
