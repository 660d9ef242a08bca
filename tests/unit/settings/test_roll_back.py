"""Files of an earlier revision in place of those of now: nothing that somebody else wrote goes with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from watcher.errors import ConfigError
from watcher.settings.env import read_settings
from watcher.settings.roll_back import roll_back

THEN = "rules: [{name: Shells, any: [shells]}]\n"
NOW = "rules: [{name: Drones, any: [drones]}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.yaml").write_text(NOW, encoding="utf-8")
    return tmp_path


def test_an_edit_in_the_meantime_is_not_undone(folder: Path) -> None:
    with pytest.raises(ConfigError, match="changed meanwhile; nothing was written"):
        roll_back(folder, {"a.yaml": THEN}, 1, read_settings(), edited_from={"a.yaml": "rules: []\n"})
    assert (folder / "a.yaml").read_text("utf-8") == NOW
    roll_back(folder, {"a.yaml": THEN}, 1, read_settings(), edited_from={"a.yaml": NOW})
    assert (folder / "a.yaml").read_text("utf-8") == THEN


def test_a_table_that_nothing_names_stays_though_it_cannot_be_read(folder: Path) -> None:
    (folder / "notes.csv").write_bytes(b"\xff\xfe\x00")
    (folder / "b.yaml").write_bytes(b"\xff")
    roll_back(folder, {"a.yaml": THEN}, 1, read_settings())
    assert (folder / "notes.csv").exists()
    assert not (folder / "b.yaml").exists(), "what would be read as configuration is put aside"
