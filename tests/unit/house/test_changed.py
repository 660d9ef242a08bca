"""`make unit` takes the tests of what changed."""

from __future__ import annotations

from pathlib import Path

from tests.house.changed import concerned


def test_a_changed_file_brings_the_tests_of_its_room_and_a_changed_test_itself(tmp_path: Path) -> None:
    for name in (
        "cli/test_check.py",
        "settings/test_load.py",
        "settings/library/test_headlines.py",
        "docs/test_words.py",
    ):
        file = tmp_path / "tests" / "unit" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    table = {
        ("watcher/cli/check.py", "watcher/cli/run.py"): ["tests/unit/cli/test_check.py"],
        ("watcher/settings/load.py",): ["tests/unit/settings/test_load.py"],
        ("watcher/settings/library/places/iran.yaml",): ["tests/unit/settings/library/test_headlines.py"],
        ("tests/unit/settings/library/test_headlines.py",): ["tests/unit/settings/library/test_headlines.py"],
        ("docs/how-to/page.md",): ["tests/unit/docs/test_words.py"],
        ("watcher/ports.py", "Makefile", "tests/e2e/test_demo.py", "tests/unit/cli/test_gone.py"): [],
    }
    for changed, expected in table.items():
        assert concerned(changed, tmp_path) == expected
