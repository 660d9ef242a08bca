"""What a person reads when a database cannot be opened: the file is named, and the mend."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from watcher.errors import StorageError
from watcher.storage.open import open_store, upgrade_store


@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_that_is_no_database_is_named(tmp_path: Path, read_only: bool) -> None:
    file = tmp_path / "holiday.jpg"
    file.write_bytes(b"\xff\xd8\xff" * 2000)
    with pytest.raises(StorageError, match=r"not a SQLite database.*holiday\.jpg"):
        open_store(f"sqlite:///{file}", read_only=read_only)


def test_the_database_of_another_program_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "places.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE moz_places (id)")
    connection.close()
    before = file.read_bytes()
    with pytest.raises(StorageError, match=r"another program.*places\.sqlite"):
        upgrade_store(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_a_database_that_is_not_there_yet_says_what_makes_it(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="`watcher run` makes it"):
        open_store(f"sqlite:///{tmp_path / 'none.db'}", read_only=True)
