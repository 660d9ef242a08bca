"""Draws the rooms from the import contracts of pyproject.toml: `python -m tests.house.picture` renews
ARCHITECTURE.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tests.house.source import ROOT

BEGIN: Final = "<!-- picture: made by `python -m tests.house.picture` from the import contracts -->\n"
END: Final = "<!-- end of the picture -->\n"
PAGE: Final = ROOT / "ARCHITECTURE.md"


def picture(contracts: Sequence[Mapping[str, Any]]) -> str:
    """Return the picture as a Mermaid chart: one box a layer, the core with its own ones inside.

    A box may import those below it; rooms that share a box do not know one another. The core's box holds all of its
    layers, such as `alerts --> stories`.
    """
    house, core = (_layers(contracts, container) for container in ("watcher", "watcher.core"))
    lines = ["```mermaid", "flowchart TD"]
    lines += _chain([rooms for rooms in house if rooms != ["core"]], "house", "    ")
    above = house.index(["core"])
    lines += ["    subgraph core", *_chain(core, "core", "        "), "    end"]
    lines += [f"    house{above - 1} --> core", f"    core --> house{above}", "```"]
    lines.remove(f"    house{above - 1} --> house{above}")
    return "\n".join(lines) + "\n"


def _layers(contracts: Sequence[Mapping[str, Any]], container: str) -> list[list[str]]:
    """Return the layers of one container, the highest first, each as its rooms."""
    (found,) = [one for one in contracts if one["type"] == "layers" and one.get("containers") == [container]]
    return [[room.strip() for room in re.split("[|:]", layer)] for layer in found["layers"]]


def _chain(layers: Sequence[Sequence[str]], prefix: str, indent: str) -> Iterator[str]:
    for number, rooms in enumerate(layers):
        yield f'{indent}{prefix}{number}["{" · ".join(rooms)}"]'
    for number in range(len(layers) - 1):
        yield f"{indent}{prefix}{number} --> {prefix}{number + 1}"


def contracts_of_the_project() -> list[Mapping[str, Any]]:
    """Return the import contracts as pyproject.toml has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts: list[Mapping[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return contracts


def with_picture(page: str, drawn: str) -> str:
    """Return a page with the picture between its two marks."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + drawn + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(with_picture(PAGE.read_text("utf-8"), picture(contracts_of_the_project())), "utf-8")
