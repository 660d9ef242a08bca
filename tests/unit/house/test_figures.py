"""The figures of the house count what they say."""

from __future__ import annotations

from tests.house.figures import RoomShape, arrows_between, figures, floors, shapes
from tests.house.source import read

HALL = """
from watcher.core.hall import stairs
from watcher.core.hall.attic import roof


def open_door(key, *, way: int = 1) -> bool:
    \"\"\"Return whether it opens.\"\"\"
    return key and way > 0
"""
STAIRS = """
def climb(steps: int) -> int:
    from watcher.core.hall.attic import roof
    return roof(steps)


class _Hidden: ...
"""
ATTIC = "def roof(height: int) -> int:\n    return height\n"
OURS = [
    read("watcher/core/hall/door.py", HALL),
    read("watcher/core/hall/stairs.py", STAIRS),
    read("watcher/core/hall/attic.py", ATTIC),
]
TESTS = [read("tests/test_hall.py", "from unittest.mock import Mock\n\n\ndef test_door() -> None: ...\n")]


def told(name: str) -> str:
    return next(figure.value for figure in figures(OURS, TESTS) if figure.name.startswith(name))


def test_a_room_says_its_modules_floors_and_arrows() -> None:
    assert shapes(OURS) == [RoomShape("core.hall", 3, sum(one.text.count("\n") for one in OURS), 3, 3)]


def test_an_import_inside_a_function_is_an_arrow_unless_only_the_top_counts() -> None:
    assert sum(map(len, arrows_between(OURS).values())) == 3
    assert sum(map(len, arrows_between(OURS, lazy=False).values())) == 2


def test_a_circle_is_told_and_ends() -> None:
    round_and_round = {"a": frozenset({"b"}), "b": frozenset({"a"}), "c": frozenset({"a"})}
    assert floors(round_and_round) == 3
    circle = [
        read("watcher/a.py", "import watcher.b\n"),
        read("watcher/b.py", "def f() -> None:\n    import watcher.a\n"),
    ]
    assert [one.value for one in figures([*OURS, *circle], TESTS) if "circles" in one.name] == ["0 / 2"]


def test_what_is_typed_documented_and_mocked_is_counted() -> None:
    assert told("functions typed") == "66.7 %"
    assert told("public names documented") == "33.3 %"
    assert told("test files with mocks") == "1"
    assert told("test functions") == "1"
