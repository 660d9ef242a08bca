from __future__ import annotations

from pathlib import Path

import pytest

from watcher.daemon.world import _make_data_directory
from watcher.errors import StorageError


def test_a_data_directory_that_cannot_be_made_is_one_sentence_with_its_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match=r"data directory .*file/data cannot be used.*--data"):
        _make_data_directory(tmp_path / "file" / "data")
