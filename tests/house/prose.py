"""Docstrings and comments are narrow enough to be read beside the code."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from tests.house.source import Fault, Source

WIDEST = 120

_TO_TOOLS = re.compile(r"  # (?:noqa: [A-Z0-9, ]*[0-9]|type: ignore\[[a-z, -]+\])")


def too_wide(source: Source) -> Iterator[Fault]:
    """Yield the lines of docstrings and comments that are wider than `WIDEST` columns.

    A line that is one word, such as a long address, cannot be wrapped and is let be; what a comment says to tools
    (`noqa`, `type: ignore`) has to stand in its line and does not count.
    """
    lines = source.text.splitlines()
    if all(len(line) <= WIDEST for line in lines):
        return
    for number in sorted(_docstrings(source) | _comments(source)):
        line = _TO_TOOLS.sub("", lines[number - 1]).rstrip()
        if len(line) > WIDEST and " " in line.strip().lstrip("# "):
            yield Fault(source.path, number, f"prose of {len(line)} columns; wrap it at {WIDEST}")


def _docstrings(source: Source) -> set[int]:
    """Return the lines of all strings that stand for themselves: what is written below a name describes it."""
    return {
        line
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def _comments(source: Source) -> set[int]:
    tokens = tokenize.generate_tokens(io.StringIO(source.text).readline)
    return {token.start[0] for token in tokens if token.type == tokenize.COMMENT}
