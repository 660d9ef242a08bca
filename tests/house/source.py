"""The Python files of the project, as the checks of the house read them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parents[2]
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One file: its path from the top of the project, its text, and the text as a tree."""

    path: str
    text: str
    tree: ast.Module

    @cached_property
    def functions(self) -> list[Function]:
        """Every function and method, those inside another one too."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@dataclass(frozen=True, slots=True)
class Fault:
    """One place that breaks a rule of the house, and the sentence that says what to do."""

    path: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


def read(path: str, text: str) -> Source:
    """Return a text as the checks see it.

    Raises: SyntaxError, when it is no Python.
    """
    return Source(path, text, ast.parse(text))


def sources(*folders: str, root: Path = ROOT) -> list[Source]:
    """Return all Python files below folders of the project, in the order of their paths."""
    paths = sorted(path for folder in folders for path in (root / folder).rglob("*.py"))
    return [read(path.relative_to(root).as_posix(), path.read_text("utf-8")) for path in paths]
