"""Plain text: where rows of words stand in lower-case ASCII letters without acronyms, found without cutting the text into tokens."""

from __future__ import annotations

import re

from watcher.core.matching.pattern import Row

_NO_LETTERS = re.compile(r"[^a-z0-9]*")
_LETTERS = re.compile(r"[a-z0-9]*")


def find_row(letters: str, row: Row) -> list[tuple[int, int]]:
    """Return where a row of words stands, as [start, end) of the letters, in order."""
    found = []
    first, alone = row.words[0], len(row.words) == 1
    size = len(first)
    start = letters.find(first)
    while start >= 0:
        end = start + size
        if not start or not letters[start - 1].isalnum():
            if row.prefix:
                found.append((start, _skip(_LETTERS, letters, end)))
            elif not letters[end : end + 1].isalnum():
                stop = end if alone else _end_of(letters, end, row)
                if stop:
                    found.append((start, stop))
        start = letters.find(first, end)
    return found


def _end_of(letters: str, end: int, row: Row) -> int:
    """Return where a row ends whose first word ends at `end`, or 0."""
    for word in row.words[1:]:
        begin = _skip(_NO_LETTERS, letters, end)
        stop = begin + len(word)
        if not letters.startswith(word, begin) or letters[stop : stop + 1].isalnum():
            return 0
        if not row.gap.accepts(letters[end:begin]):
            return 0
        end = stop
    return end


def _skip(letters: re.Pattern[str], text: str, start: int) -> int:
    found = letters.match(text, start)
    return start if found is None else found.end()
