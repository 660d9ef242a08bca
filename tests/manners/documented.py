"""Writes what a run came to into the documents that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.manners.cases import table
from tests.manners.tally import Figures

_DOCS = Path(__file__).parents[2] / "docs" / "explanation"
_BEGIN, _END = "<!-- begins: written by make manners ARGS=--renew -->", "<!-- ends -->"


def write_table(figures: Mapping[str, Figures]) -> None:
    """Put the table of the short part into `manners.md`."""
    put(_DOCS / "manners.md", table(figures, with_words=True))


def put(path: Path, lines: Sequence[str]) -> None:
    """Put lines between the two marks of a document."""
    head, _, rest = path.read_text("utf-8").partition(_BEGIN)
    tail = rest.partition(_END)[2]
    path.write_text("\n".join([f"{head}{_BEGIN}", "", *lines, "", f"{_END}{tail}"]), "utf-8")


def between(path: Path) -> list[str]:
    """Return the lines between the two marks of a document."""
    return path.read_text("utf-8").partition(_BEGIN)[2].partition(_END)[0].strip().splitlines()
