"""Names of a list: what one row of its table gives to look for, and what an alert says of it.

A row is kept as its three cells, divided by `PART`, which no cell holds.

    "Lady R␟Lady Rose;Леди Р␟9161003"     looked for: Lady R, Lady Rose, Леди Р; told: Lady R (IMO 9161003), row 41
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import regex

from watcher.core.articles.common_words import COMMON_WORDS
from watcher.core.model.rule import Term

PART: Final = "\x1f"

_SPLIT = re.compile(r"[;|]")
_DENSE = regex.compile(r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}]")
_SHORT, _SHORT_DENSE = 3, 1
"""A name of no more letters is a word or an abbreviation of something else, too."""

_ORDINARY: Final = frozenset(
    """
    ocean sea star sun moon sky hope victory liberty freedom unity spirit pride glory fortune pioneer explorer voyager
    eagle falcon dolphin tiger lion queen king prince princess lady duke captain commander champion navigator pilot
    atlantic pacific baltic arctic northern southern eastern western north south east west summer winter spring
    diamond pearl ruby gold silver phoenix horizon dawn sunrise sunset aurora harmony destiny legend orient
    alpha beta delta omega prime royal grand imperial alliance express progress success future today
    """.split()  # noqa: SIM905 - a list literal would be three pages long
)


def spellings(record: str) -> list[str]:
    """Return the name of a row and its other names, each once."""
    name, also, _ = record.split(PART)
    if not also:
        return [name]
    return list(dict.fromkeys((name, *filter(None, map(str.strip, _SPLIT.split(also))))))


def term_of(spelling: str) -> Term:
    """Return what is looked for: one that is short or an ordinary word must be written exactly so."""
    exact = is_exact(spelling)
    return Term(spelling, case=exact, exact=exact)


def is_exact(spelling: str) -> bool:
    """Say whether a name is so short, or so ordinary a word, that other forms of it mean something else."""
    if _is_short(spelling):
        return True
    word = spelling.casefold()
    return word in COMMON_WORDS or word in _ORDINARY


def told(record: str, heading: str, number: int) -> str:
    """Return what an alert says of a row; `heading` is that of the column of ids."""
    name, _, id_ = record.split(PART)
    return f"{name} ({heading.upper()} {id_}), row {number}" if id_ else f"{name}, row {number}"


def _is_short(name: str) -> bool:
    if name.isascii():
        return sum(map(str.isalnum, name)) <= _SHORT
    letters = [letter for letter in name if unicodedata.category(letter)[0] in "LN"]
    return len(letters) <= (_SHORT_DENSE if _DENSE.search(name) else _SHORT)
