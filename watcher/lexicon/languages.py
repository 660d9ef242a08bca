"""Languages of Latin letters: told by the groups of two to five letters that a text holds, in a table of our own.

1. The text in small letters, words parted by one blank, is cut into the longest groups that the table knows.
2. The logarithms of how likely each group is in each of the languages are added.
3. The best language comes with a confidence from 0 to 1, which grows with the length of the text.

Measured on 1,385 beginnings of news in seven languages and 346 headlines in five: the likeliest language is right
for 99 and 98 %; of the languages with less than a tenth of its share 2 and 0 were the right one. 0.25 ms an article,
0.06 s and 9 MB once.

Source: `letter_groups.txt` keeps the 14,000 groups that tell these languages apart best, of the model of py3langid 0.4
(BSD 3-clause; Lui and Baldwin, "langid.py: an off-the-shelf language identification tool", 2012), in 64 steps;
`tests/bench/letter_groups.py` makes it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_MOST_CHARS = 300
_FEWEST_LETTERS = 20
_SHORTEST, _LONGEST = 2, 5
_LOWEST = ord("0")
_AS_STEPS = bytes((letter - _LOWEST) % 256 for letter in range(256))
_STEP = 6.0 / 63
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


class _Table(NamedTuple):
    """The languages, and for each group of letters how likely it is in each of them, in steps from 0 to 63."""

    languages: tuple[str, ...]
    steps: Mapping[str, Sequence[int]]


def detect(text: str) -> Sequence[tuple[str, float]]:
    """Return the languages that a text in Latin letters may be in, the likeliest first, each with its share, 0 to 1;
    nothing where there are too few letters.

    >>> detect("DeSantis signs school funding bill")[0][0]
    'en'
    """
    words = _WORD.findall(unicodedata.normalize("NFC", text[:_MOST_CHARS]).lower())
    if sum(map(len, words)) < _FEWEST_LETTERS:
        return ()
    letters = f" {' '.join(words)} "
    table = _table()
    rows: dict[int, list[Sequence[int]]] = {}
    for group, count in _groups(letters, table.steps).items():
        rows.setdefault(count, []).append(table.steps[group])
    sums = [0.0] * len(table.languages)
    for count, alike in rows.items():
        weight = math.log1p(count)
        sums = [known + weight * more for known, more in zip(sums, map(sum, zip(*alike, strict=True)), strict=True)]
    best, scale = max(sums), _STEP / math.sqrt(len(letters))
    likely = [math.exp((one - best) * scale) for one in sums]
    whole = sum(likely)
    shares = zip(table.languages, (one / whole for one in likely), strict=True)
    return sorted(shares, key=lambda one: -one[1]) if rows else ()


def _groups(letters: str, known: Mapping[str, Sequence[int]]) -> Counter[str]:
    """Return how often each group occurs; of those that end at one letter only the longest counts."""
    found = []
    for end in range(_LONGEST, len(letters) + 1):
        for start in range(end - _LONGEST, end - _SHORTEST + 1):
            group = letters[start:end]
            if group in known:
                found.append(group)
                break
    return Counter(found)


@cache
def _table() -> _Table:
    lines = files("watcher.lexicon").joinpath("letter_groups.txt").read_text(encoding="utf-8").splitlines()
    steps = {}
    for line in lines[1:]:
        group, written = line.split(" ")
        steps[group.replace("_", " ")] = written.encode("ascii").translate(_AS_STEPS)
    return _Table(tuple(lines[0].split()), steps)
