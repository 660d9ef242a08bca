"""One public name is one thing: no two modules of a room define the same one."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.house.source import Fault, Source

BY_CUSTOM = {
    "log": "each module's logger",
    "command": "what a module of `cli` is called by",
}
"""Names that many modules have on purpose, and why."""


def room_of(path: str) -> str:
    """Return the room of a file, as the import contracts in pyproject.toml cut the house.

    For example `watcher/core/alerts/plan.py` is in `core.alerts`, `watcher/storage/migrations/env.py` in `storage`,
    and `watcher/ports.py` is the room `ports`.
    """
    parts = path.removesuffix(".py").split("/")[1:]
    return ".".join(parts[: 2 if parts[0] == "core" else 1])


def public_names(source: Source) -> dict[str, int]:
    """Return the names without a leading underscore that a module defines at its top, and where."""
    found: dict[str, int] = {}
    for node in source.tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names = [node.name]
            case ast.Assign():
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name)):
                names = [name]
            case _:
                names = []
        found |= {name: node.lineno for name in names if not name.startswith("_")}
    return found


def shared_names(sources: Iterable[Source]) -> dict[tuple[str, str], dict[str, int]]:
    """Return each room and name that more than one module defines, with the line in each of these modules."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for source in sources:
        if "/migrations/versions/" in source.path:
            continue  # each is a file by itself that alembic loads
        for name, line in public_names(source).items():
            if name not in BY_CUSTOM:
                found[room_of(source.path), name][source.path] = line
    return {key: places for key, places in found.items() if len(places) > 1}


def defined_twice(sources: Iterable[Source], known: frozenset[str]) -> Iterator[Fault]:
    """Yield names that two modules of one room define, and names in `known` that are no longer such.

    `known` holds `room name`, as the file known_names.txt does; so the file can only grow shorter.
    """
    shared = shared_names(sources)
    for (room, name), places in shared.items():
        if f"{room} {name}" not in known:
            path, line = list(places.items())[-1]
            others = ", ".join(other for other in places if other != path)
            yield Fault(
                path, line, f"`{name}` is also defined in {others}; use that one, or say by the name what differs"
            )
    for entry in sorted(known - {f"{room} {name}" for room, name in shared}):
        yield Fault("tests/house/known_names.txt", 1, f"`{entry}` is no longer defined twice; take the line out")
