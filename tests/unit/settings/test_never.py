"""A rule that can never match: a mistake in files that are new, a warning in those that are in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from watcher.settings.env import read_settings
from watcher.settings.load import Loaded, load

RULE = "rules: [{name: R, all: [shells, rockets], none: [shells]%s}]\nfeeds: [{url: 'https://wire.example/feed'}]\n"


def loaded(folder: Path, more: str = "", *, is_new: bool) -> Loaded:
    (folder / "watcher.yaml").write_text(RULE % more, "utf-8")
    return load(folder, read_settings(config=folder, data=folder), is_new=is_new)


def test_in_new_files_it_is_a_mistake_that_names_the_mark(tmp_path: Path) -> None:
    found = loaded(tmp_path, is_new=True)
    assert found.configuration is None
    [problem] = found.problems
    assert "can never match" in problem.message
    assert "`quiet_lint: [never]`" in problem.hint


@pytest.mark.parametrize(("more", "is_new", "warnings"), [(", quiet_lint: [never]", True, 0), ("", False, 1)])
def test_marked_or_in_force_it_stops_nothing(tmp_path: Path, more: str, is_new: bool, warnings: int) -> None:
    found = loaded(tmp_path, more, is_new=is_new)
    assert found.configuration is not None
    assert len(found.problems) == warnings
