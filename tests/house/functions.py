"""How many ways lead through a function, and how long it and its file are."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.source import Fault, Function, Source

MOST_WAYS = 15
MOST_LINES = 60
MOST_LINES_OF_A_FILE = 500

_FORKS = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler)
_OWN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def complexity(function: Function) -> int:
    """Return the cyclomatic complexity, 1 for a function without a fork.

    Beside `if`, loops, `except` and `case`, each `for` and `if` of a comprehension, each `and`, `or` and conditional
    expression counts: what is pressed into one line is not simpler than what is written in five. A function inside
    another is counted by itself, a lambda with the function that it stands in. `assert` and `case _` are no forks.

    For example `[x for x in xs if x and x.y]` alone is 4: the function, `for`, `if`, `and`.
    """
    return 1 + sum(_forks(node) for statement in function.body for node in _within(statement))


def _within(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, _OWN):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _within(child)


def _forks(node: ast.AST) -> int:
    match node:
        case ast.BoolOp():
            return len(node.values) - 1
        case ast.comprehension():
            return 1 + len(node.ifs)
        case ast.match_case():
            return not (isinstance(node.pattern, ast.MatchAs) and node.pattern.pattern is None and node.guard is None)
        case _:
            return isinstance(node, _FORKS)


def length(function: Function) -> int:
    """Return how many lines a function has from `def` to its end, its docstring not counted."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is None:
        return lines
    return lines - ((first.end_lineno or first.lineno) - first.lineno + 1)


def too_many_ways(source: Source) -> Iterator[Fault]:
    """Yield the functions of a file that have more than `MOST_WAYS` ways."""
    for function in source.functions:
        if (ways := complexity(function)) > MOST_WAYS:
            yield Fault(
                source.path,
                function.lineno,
                f"`{function.name}` has {ways} ways through it, at most {MOST_WAYS} are read at one go; "
                "give a part of it a name of its own (comprehensions, `and`, `or` and `x if y else z` count)",
            )


def too_long(source: Source) -> Iterator[Fault]:
    """Yield the functions of a file that have more than `MOST_LINES` lines."""
    for function in source.functions:
        if (lines := length(function)) > MOST_LINES:
            yield Fault(
                source.path,
                function.lineno,
                f"`{function.name}` has {lines} lines beside its docstring, at most {MOST_LINES} fit on a screen; "
                "split it where a comment would say what comes next",
            )


def too_long_file(source: Source) -> Iterator[Fault]:
    """Yield a file that has more than `MOST_LINES_OF_A_FILE` lines."""
    lines = len(source.text.splitlines())
    if lines > MOST_LINES_OF_A_FILE:
        said = (
            f"{lines} lines, at most {MOST_LINES_OF_A_FILE} are read as one idea; give a part of it a file of its own"
        )
        yield Fault(source.path, 1, said)
