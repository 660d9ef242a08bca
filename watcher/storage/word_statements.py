"""How each kind of database keeps which words stand in which article, and finds articles by them."""

from __future__ import annotations

from typing import NamedTuple


class WordStatements(NamedTuple):
    """Statements on the search index and the signs of its queries; `add` and `forget` take a number and words parted by
    blanks, `find` a query and a time in microseconds.
    """

    numbers: str
    """Returns as many numbers as it is told that stand for no article; no process gets one of another's."""
    add: str
    forget: str
    find: str
    both: str
    either: str
    beginning: str
    """How the beginning of a word is asked for."""
    most_bytes: int = 0
    """Words of an article that take more than this are not kept, and it counts as found by any; 0 = there is no end."""
