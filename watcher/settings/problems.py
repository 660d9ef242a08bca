"""Mistakes in configuration files, and how they are shown: place, source line, caret, one sentence, the mend."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from watcher.core.model.place import Place
from watcher.settings.phrases import counted

Level = Literal["error", "warning"]

# libyaml ends a line at each of these (YAML 1.1 section 4.2), so line numbers must be counted the same way.
LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_CREDENTIALS = re.compile(r"(://)([^/?#\s@\"']+)@")
MOST_SHOWN = 200
"""As many problems are shown at once; who has mended these sees the next."""
_SHOWN_WIDTH = 100
_KEPT_WIDTH = 2000
_COLOURS = {"error": "31", "warning": "33"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake or warning: one sentence about `length` code points at `place`.

    `line` is the source line and `before` the one above it ("" where there is none). `hint` is the mend, or "".
    """

    place: Place
    message: str
    level: Level = "error"
    hint: str = ""
    length: int = 1
    line: str = ""
    before: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place.file else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{where}{self.message}{hint}"

    @property
    def is_error(self) -> bool:
        """A mistake, not a mere warning."""
        return self.level == "error"

    def as_json(self) -> dict[str, str | int]:
        """Return the problem as one flat JSON object."""
        return {
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "length": self.length,
            "level": self.level,
            "message": self.message,
            "hint": self.hint,
        }


class Source:
    """The text of one file, cut into the lines that the YAML reader counts."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.lines = LINE_END.split(text)

    def line(self, number: int) -> str:
        """Return a line by its number from 1; "" beyond either end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def problem(
        self, place: Place, message: str, *, level: Level = "error", hint: str = "", length: int = 1
    ) -> Problem:
        """Return a problem at `place` that carries the lines to show, credentials in URLs starred out."""
        # Nobody reads on in a line this long, and a file may be a single one.
        line, before = (starred(self.line(number)[:_KEPT_WIDTH]) for number in (place.line, place.line - 1))
        return Problem(place, starred(message), level, starred(hint), max(1, length), line, before)


def starred(text: str) -> str:
    """Return a text with the credentials of URLs as stars, as many as signs, so that carets stay where they belong."""
    return _CREDENTIALS.sub(lambda found: found.group(1) + "*" * len(found.group(2)) + "@", text)


def render(problems: Sequence[Problem], *, colour: bool = False) -> str:
    """Return problems as text for a terminal, a caret under each wrong part; "" when there are none.

    Of more than `MOST_SHOWN` the first are shown, mistakes before warnings, and the rest counted: "and 1,800 more".
    """
    shown, more = most_shown(problems)
    rows = [_render_one(problem, colour) for problem in shown]
    return "\n".join([*rows, f"and {more:,} more"] if more else rows)


def most_shown(problems: Sequence[Problem]) -> tuple[Sequence[Problem], int]:
    """Return the first `MOST_SHOWN` problems, mistakes before warnings, by place, and how many more there are."""
    if len(problems) <= MOST_SHOWN:
        return problems, 0
    return in_order(sorted(problems, key=lambda problem: not problem.is_error)[:MOST_SHOWN]), len(problems) - MOST_SHOWN


def summary(problems: Sequence[Problem]) -> str:
    """Return one line that counts them: "3 errors, 1 warning in 2 files."."""
    errors = sum(problem.level == "error" for problem in problems)
    counts = [counted(errors, "error")] if errors else []
    if len(problems) > errors:
        counts.append(counted(len(problems) - errors, "warning"))
    files = {problem.place.file for problem in problems if problem.place.file}
    where = f" in {counted(len(files), 'file')}" if files else ""
    return f"{', '.join(counts) or 'no mistakes'}{where}."


def render_github(problems: Sequence[Problem], prefix: str = "") -> str:
    """Return the problems as workflow commands, which GitHub shows beside the lines of a change; of many as `render`
    does.

    Source: GitHub documentation, "Workflow commands", setting an error message.
    """
    rows = []
    shown, more = most_shown(problems)
    for problem in shown:
        place = problem.place
        text = f"{problem.message}; {problem.hint}" if problem.hint else problem.message
        file = _escape_property(prefix + place.file)
        rows.append(f"::{problem.level} file={file},line={place.line},col={place.column}::{_escape_message(text)}")
    return "\n".join([*rows, f"::notice::and {more:,} more problems"] if more else rows)


def in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the problems by place, each once, in the order found where several stand at one place."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda each: each.place))


def _render_one(problem: Problem, colour: bool) -> str:
    level = f"\x1b[{_COLOURS[problem.level]}m{problem.level}\x1b[0m" if colour else problem.level
    where = f"{problem.place}  " if problem.place.file else ""
    rows = [f"{_visible(where)}{level}  {_visible(problem.message)}"]
    if not problem.line.strip() or problem.place.column > _KEPT_WIDTH:
        if problem.hint:
            rows.append(f"     {_visible(problem.hint)}")
        return "\n".join(rows)
    gutter = max(4, len(str(problem.place.line)) + 1)
    if problem.before.strip():
        rows.append(f"{problem.place.line - 1:>{gutter}} | {_visible(problem.before[:_SHOWN_WIDTH])}")
    # A very long line is shown from a little before the wrong part.
    start = max(0, problem.place.column - _SHOWN_WIDTH * 3 // 4)
    shown = problem.line[start : start + _SHOWN_WIDTH]
    before_caret = problem.line[start : problem.place.column - 1]
    marked = problem.line[problem.place.column - 1 : problem.place.column - 1 + problem.length][:_SHOWN_WIDTH]
    rows.append(f"{problem.place.line:>{gutter}} | {_visible(shown)}")
    caret = "^" * max(1, _width(marked.rstrip()))
    rows.append(f"{'':>{gutter}} | {' ' * _width(before_caret)}{caret} {_visible(problem.hint)}".rstrip())
    return "\n".join(rows)


def _visible(text: str) -> str:
    """Replace what could move the cursor of a terminal or turn the direction of writing."""
    return "".join(_visible_letter(letter) for letter in text)


def _visible_letter(letter: str) -> str:
    if letter == "\t":
        return " "
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else letter


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes: East Asian wide letters take two, combining marks none."""
    width = 0
    for letter in text:
        if unicodedata.east_asian_width(letter) in {"W", "F"}:
            width += 2
        elif not unicodedata.combining(letter):
            width += 1
    return width


def _escape_message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_message(text).replace(":", "%3A").replace(",", "%2C")
