"""Where the letters of a YAML text stand in its file: through quotes, escapes, folded lines and indentation."""

from __future__ import annotations

import re
from bisect import bisect_right

from watcher.core.model.place import Place
from watcher.settings.problems import LINE_END, Source
from watcher.settings.yaml_text import ScalarNode

_ESCAPED = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_NAMED = {"0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v", "t": "\t", "n": "\n", "r": "\r"}


class Positions:
    """The places of the letters of one text; where they cannot be told, all are at its beginning."""

    def __init__(self, node: ScalarNode, source: Source) -> None:
        self._node = node
        raw = source.text[node.start : node.end]
        self._offsets = _offsets(node.text, raw)
        self._lines = [0, *(end.end() for end in LINE_END.finditer(raw))]

    def place(self, offset: int) -> Place:
        """Return the place of a code point of the text."""
        start = self._node.place
        if not self._offsets:
            return start
        at = self._offsets[max(0, min(offset, len(self._offsets) - 1))]
        line = bisect_right(self._lines, at) - 1
        column = at - self._lines[line] + (start.column if line == 0 else 1)
        return Place(start.file, start.line + line, column)

    def part(self, offset: int, length: int) -> tuple[Place, int]:
        """Return the place of a part of the text, and how long it is on its first line."""
        if not self._offsets:
            return self._node.place, self._node.length
        first = self.place(offset)
        last = self.place(offset + max(1, length) - 1)
        if last.line == first.line:
            return first, last.column - first.column + 1
        return first, max(1, length)  # to the end of the line, as far as the caret reaches


def _offsets(text: str, raw: str) -> list[int]:
    """Return, for each letter of a text, where it stands in what was written; empty when the two cannot be brought
    together.

    Folding changes blanks only, so that the other letters stand in the same order in both.
    """
    letters = _letters(raw)
    wanted = [letter for letter in text if not letter.isspace()]
    if [letter for letter, _ in letters] != wanted:
        return []
    found: list[int] = []
    at = 0
    for letter in text:
        if letter.isspace():
            found.append(found[-1] + 1 if found else (letters[0][1] if letters else 0))
        else:
            found.append(letters[at][1])
            at += 1
    return found


def _letters(raw: str) -> list[tuple[str, int]]:
    """Return the letters that a scalar as written stands for, blanks left out, each with its offset."""
    style = raw[:1]
    if style == '"':
        return _double_quoted(raw)
    if style == "'":
        inner = re.finditer(r"''|[^']", raw[1:-1])
        return [(each.group()[0], each.start() + 1) for each in inner if not each.group().isspace()]
    begin = 0
    if style in {"|", ">"}:  # the line of the sign may hold a comment
        header = LINE_END.search(raw)
        begin = header.end() if header else len(raw)
    return [(letter, at) for at, letter in enumerate(raw[begin:], begin) if not letter.isspace()]


def _double_quoted(raw: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    at = 1
    while at < len(raw) - 1:
        escape = _ESCAPED.match(raw, at)
        if escape is None:
            letter, length = raw[at], 1
        else:
            number = escape.group(1) or escape.group(2) or escape.group(3)
            name = escape.group(4)
            letter = chr(int(number, 16)) if number else _NAMED.get(name, "" if name in "\r\n" else name)
            length = len(escape.group())
        if letter and not letter.isspace():
            found.append((letter, at))
        at += length
    return found
