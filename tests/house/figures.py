"""Prints the figures of the house: `make figures`, or `python -m tests.house.figures [the top of another checkout]`.

Three tables. The first measures the code as HOUSE figures do: lines, lengths of functions without their docstrings,
ways through them as `functions.complexity` counts, what is documented and typed, circles of imports, tests. The second
says of each room how many modules it has, on how many floors they stand, and how many arrows run between them. The
third, of this checkout only, says how many files a rule, an article and a message enter (`tests/house/journeys.py`).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean, median
from typing import Final, NamedTuple

from tests.house.functions import complexity, length
from tests.house.journeys import journeys
from tests.house.names import room_of
from tests.house.source import ROOT, Function, Source, sources

LONG: Final = 50
MANY_WAYS: Final = 10
_MOCKS: Final = frozenset({"unittest.mock", "pytest_mock", "mock"})


class Figure(NamedTuple):
    """One line of the first table."""

    name: str
    value: str


class RoomShape(NamedTuple):
    """The shape of one room: `floors` is the longest way of imports within it, `arrows` how many there are."""

    room: str
    modules: int
    lines: int
    floors: int
    arrows: int


def figures(ours: Sequence[Source], tests: Sequence[Source]) -> list[Figure]:
    """Return the figures of the code in `ours` and of its tests."""
    return [*_sizes(ours), *_functions(ours), *_words(ours), *_circles(ours), *_tests(ours, tests)]


def shapes(ours: Iterable[Source]) -> list[RoomShape]:
    """Return the shape of each room of more than one module, the one with the most floors first."""
    rooms: dict[str, list[Source]] = {}
    for source in ours:
        if not source.path.endswith("__init__.py") and "/migrations/" not in source.path:
            rooms.setdefault(room_of(source.path), []).append(source)
    found = [_shape(room, inside) for room, inside in rooms.items() if len(inside) > 1]
    return sorted(found, key=lambda shape: (-shape.floors, -shape.modules, shape.room))


def floors(arrows: Mapping[str, frozenset[str]]) -> int:
    """Return how many modules the longest way of imports passes; `arrows` says what each module imports.

    For example {"a": {"b"}, "b": {"c"}, "c": {}} has 3. A circle counts as often as it is met without going round.
    """
    known: dict[str, int] = {}

    def floor(module: str, above: frozenset[str]) -> int:
        if module not in known:
            below = arrows[module] - above
            known[module] = 1 + max((floor(other, above | {other}) for other in below), default=0)
        return known[module]

    return max((floor(module, frozenset({module})) for module in arrows), default=0)


def arrows_between(inside: Sequence[Source], *, lazy: bool = True) -> dict[str, frozenset[str]]:
    """Return what each module imports of the others, imports inside functions among them where `lazy` says so."""
    names = {_module(source) for source in inside}
    return {
        _module(source): frozenset(_imported(source.tree, lazy=lazy) & names - {_module(source)}) for source in inside
    }


def _shape(room: str, inside: Sequence[Source]) -> RoomShape:
    arrows = arrows_between(inside)
    lines = sum(source.text.count("\n") for source in inside)
    return RoomShape(room, len(inside), lines, floors(arrows), sum(map(len, arrows.values())))


def _sizes(ours: Sequence[Source]) -> Iterator[Figure]:
    lines = [source.text.count("\n") for source in ours if not source.path.endswith("__init__.py")]
    yield Figure("files", str(len(lines)))
    yield Figure("lines", f"{sum(lines):,}")
    yield Figure("module, lines: median / max", f"{median(lines):.0f} / {max(lines)}")


def _functions(ours: Sequence[Source]) -> Iterator[Figure]:
    functions = [function for source in ours for function in source.functions]
    lengths, ways = [*map(length, functions)], [*map(complexity, functions)]
    yield Figure("functions", f"{len(functions):,}")
    yield Figure(
        f"function, lines: median / mean / over {LONG}",
        f"{median(lengths):.0f} / {mean(lengths):.1f} / {_share(count > LONG for count in lengths)}",
    )
    yield Figure(
        f"ways through a function: mean / over {MANY_WAYS}",
        f"{mean(ways):.2f} / {_share(count > MANY_WAYS for count in ways)}",
    )


def _words(ours: Sequence[Source]) -> Iterator[Figure]:
    public = [node for source in ours for node in _public(source.tree)]
    typed = [_is_typed(function) for source in ours for function in source.functions]
    yield Figure("public names documented", _share(ast.get_docstring(node) is not None for node in public))
    yield Figure("functions typed", _share(typed))


def _circles(ours: Sequence[Source]) -> Iterator[Figure]:
    at_top, lazy = (_in_circles(arrows_between(ours, lazy=lazy)) for lazy in (False, True))
    yield Figure("modules in circles: imports at the top / all", f"{at_top} / {lazy}")


def _tests(ours: Sequence[Source], tests: Sequence[Source]) -> Iterator[Figure]:
    named = [function for source in tests for function in source.functions if function.name.startswith("test_")]
    mocks = sum(not _imported(source.tree, lazy=True).isdisjoint(_MOCKS) for source in tests)
    ratio = sum(source.text.count("\n") for source in tests) / sum(source.text.count("\n") for source in ours)
    yield Figure("test functions", f"{len(named):,}")
    yield Figure("test files with mocks", str(mocks))
    yield Figure("lines of tests a line of code", f"{ratio:.2f}")


def _share(found: Iterable[bool]) -> str:
    each = list(found)
    return f"{100 * sum(each) / len(each):.1f} %"


def _public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield public functions and classes of a module, and public methods of public classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            inner = node.body if isinstance(node, ast.ClassDef) else []
            yield from (one for one in inner if isinstance(one, Function) and not one.name.startswith("_"))


def _is_typed(function: Function) -> bool:
    """Return whether what comes back is written, and every argument but `self` and `cls`."""
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return function.returns is not None and all(one.annotation or one.arg in {"self", "cls"} for one in named)


def _in_circles(arrows: Mapping[str, frozenset[str]]) -> int:
    """Return how many modules import themselves, over however many others."""
    return sum(_reaches(module, arrows) for module in arrows)


def _reaches(start: str, arrows: Mapping[str, frozenset[str]]) -> bool:
    seen: set[str] = set()
    waiting = list(arrows[start])
    while waiting:
        module = waiting.pop()
        if module == start:
            return True
        if module not in seen:
            seen.add(module)
            waiting += arrows[module]
    return False


def _module(source: Source) -> str:
    return source.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imported(tree: ast.Module, *, lazy: bool) -> set[str]:
    """Return the modules that a module imports, and what might be one: `from a import b` gives a and a.b."""
    found: set[str] = set()
    for node in ast.walk(tree) if lazy else tree.body:
        match node:
            case ast.Import():
                found |= {alias.name for alias in node.names}
            case ast.ImportFrom(module=str(module)):
                found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def main(root: Path) -> None:
    """Print the tables for a checkout of the project."""
    ours, tests = sources("watcher", root=root), sources("tests", root=root)
    lines = [f"{figure.name:<48} {figure.value}" for figure in figures(ours, tests)]
    lines += ["", f"{'room':<16} modules  lines  floors  arrows"]
    lines += [f"{one.room:<16} {one.modules:7} {one.lines:6,} {one.floors:7} {one.arrows:7}" for one in shapes(ours)]
    if root == ROOT:
        lines += ["", "files entered on the way"]
        lines += [f"{journey.name:<48} {len(journey.files)}" for journey in journeys()]
    sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT)
