"""The changes that can be made to a file of code, one at a time, and a draw among them."""

from __future__ import annotations

import ast
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

KINDS = tuple(
    f"core/{kind}"
    for kind in (
        *("NumberReplacer", "AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr"),
        *("ReplaceOrWithAnd", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ExceptionReplacer"),
        *("ZeroIterationForLoop", "ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_USub_UAdd"),
        *(f"ReplaceComparisonOperator_{pair}" for pair in ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")),
        *(f"ReplaceComparisonOperator_{pair}" for pair in ("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt")),
        *(f"ReplaceBinaryOperator_{pair}" for pair in ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul")),
        *(f"ReplaceBinaryOperator_{pair}" for pair in ("BitOr_BitAnd", "BitAnd_BitOr", "LShift_RShift", "Pow_Mul")),
    )
)
"""One neighbour for each operator: the library has ten for each, and most of them end in a TypeError that any test
sees.
"""

_STARRED = frozenset(["parameters", "argument", "star_expr", "lambdef", "param"])
"""Where a star is no multiplication: `def f(a, *, b)`, `f(*a)`."""

Place = tuple[int, int]
"""A line from 1 and a column from 0, in characters."""


@dataclass(frozen=True, slots=True)
class Change:
    """The `occurrence`-th change of one kind in a file; `lines` are those of the statement that it is in."""

    file: str
    kind: str
    occurrence: int
    at: Place
    lines: range


def draw(root: Path, files: Iterable[str], sample: int, seed: str) -> tuple[list[Change], int]:
    """Return at most `sample` changes, in the order of the files, and how many places there were to draw from.

    Places are drawn first and one change at each afterwards, so that a comparison that can be changed in three ways is
    not three times as likely as a number. What is no Python (`if not found := f():`) is left out, for any test sees it.
    The same code, sample and seed give the same changes.
    """
    places = [changes for file in files for changes in _by_place(root, file)]
    dice = random.Random(seed)
    drawn = sorted(dice.sample(range(len(places)), min(sample, len(places))))
    chosen = [dice.choice(places[index]) for index in drawn]
    return [change for change in chosen if _is_code(changed((root / change.file).read_text("utf-8"), change))], len(
        places
    )


def changed(text: str, change: Change) -> str:
    """Return the text of a file with one change made."""
    return str(mutate_code(text, get_operator(change.kind)(), change.occurrence))


def _is_code(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _by_place(root: Path, file: str) -> list[list[Change]]:
    found: defaultdict[Place, list[Change]] = defaultdict(list)
    for change in changes(file, (root / file).read_text("utf-8")):
        found[change.at].append(change)
    return [found[place] for place in sorted(found)]


def changes(file: str, text: str) -> Iterator[Change]:
    """Yield each change that can be made to a file.

    Annotations, decorators and sizes of caches are left alone: nothing is decided there, and no run can see
    `int | None` change.
    """
    tree = ast.parse(text)
    statements = [_lines(node) for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    left_alone = list(_left_alone(tree, text.splitlines()))
    nodes = list(ast_nodes(get_ast(text)))
    for kind in KINDS:
        operator, occurrences = get_operator(kind)(), count()
        spans = ((node, at) for node in nodes for at, _ in operator.mutation_positions(node))
        for found, at in spans:
            occurrence = next(occurrences)
            is_star = found.parent is not None and found.parent.type in _STARRED
            if is_star or any(start <= at < end for start, end in left_alone):
                continue
            own = (lines for lines in statements if at[0] in lines)
            yield Change(file, kind, occurrence, at, min(own, key=len, default=range(at[0], at[0] + 1)))


def _lines(statement: ast.stmt) -> range:
    """Return the lines of a statement, of a compound one those of its head."""
    body = getattr(statement, "body", None)
    end = body[0].lineno if body and body[0].lineno > statement.lineno else (statement.end_lineno or 0) + 1
    return range(statement.lineno, end)


def _left_alone(tree: ast.Module, lines: list[str]) -> Iterator[tuple[Place, Place]]:
    for node in ast.walk(tree):
        annotations = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        caches = [node] if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("lru_cache") else []
        for part in [*annotations, *getattr(node, "decorator_list", []), *caches]:
            if part is not None:
                yield _place(lines, part.lineno, part.col_offset), _place(lines, part.end_lineno, part.end_col_offset)


def _place(lines: list[str], line: int, byte: int) -> Place:
    return line, len(lines[line - 1].encode()[:byte].decode())
