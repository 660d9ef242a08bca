"""Which tests are asked about a change of a room, and how lines are counted; the changes themselves are a library's."""

from __future__ import annotations

from pathlib import Path

from tests.mutants.rooms import concerned, modules, rooms

ROOT = Path(__file__).resolve().parents[3]


def test_every_room_of_the_core_has_code_and_tests_that_concern_it() -> None:
    assert {room: bool(modules(ROOT, room) and concerned(ROOT, room)) for room in rooms(ROOT)} == dict.fromkeys(
        rooms(ROOT), True
    )


def test_every_file_of_the_core_that_holds_code_is_in_one_room() -> None:
    files = [file for room in rooms(ROOT) for file in modules(ROOT, room)]
    assert sorted(files) == sorted(
        str(path.relative_to(ROOT)) for path in (ROOT / "watcher/core").rglob("*.py") if path.stat().st_size
    )


def test_a_room_is_asked_by_its_own_tests_and_by_property_tests_that_import_it() -> None:
    asked = concerned(ROOT, "feeds")
    assert "tests/unit/core/feeds/test_dates.py" in asked
    assert "tests/property/test_schedule.py" in asked
    assert "tests/property/test_query.py" not in asked
