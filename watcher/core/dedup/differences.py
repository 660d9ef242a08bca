"""What two wordings of one text say differently, word by word.

    "... strike on Kharkiv killed ..."  /  "... strike on Odesa killed ..."      kharkiv stands against odesa "... has
    sent soldiers ..."  /  "... has reportedly sent soldiers ..."       the second adds reportedly "... said Russia
    ..."  /  "... said Russia, which denied it"                 the first is cut; what follows is not compared

A word that only one side has may have been cut or put in by an editor. Where both sides have words that the other
lacks, one stands for the other, and these may be two cities, two persons, true and false: nothing short of a
dictionary of all names could tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, TypeAlias

from watcher.core.dedup.titles import is_unspaced


@dataclass(frozen=True, slots=True)
class Difference:
    """The words that only one of two texts has where they are compared, in order; a moved word stands in both.

    `shared` counts the words that both have in the same order, `compared` those of the shorter text.
    """

    one: tuple[str, ...] = ()
    two: tuple[str, ...] = ()
    shared: int = 0
    compared: int = 0

    @property
    def likeness(self) -> float:
        """The share of words that both have, of all that were compared; 1 = one is the start of the other."""
        total = self.shared + max(len(self.one), len(self.two))
        return self.shared / total if total else 1.0

    @property
    def clash(self) -> str:
        """What stands against what ("kharkiv | odesa"); "" when at most one side has words that tell something."""
        one, two = _telling(self.one), _telling(self.two)
        if not one or not two or "".join(one) == "".join(two):
            return ""
        if all(word in _FREE_IN_PAIRS for word in (*one, *two)):
            return ""
        return f"{' '.join(one[:_SHOWN])} | {' '.join(two[:_SHOWN])}"


def compare(one: Sequence[str], two: Sequence[str]) -> Difference:
    """Return how two texts differ; what the longer one says after the end of the shorter is left out."""
    if any(map(is_unspaced, one)) or any(map(is_unspaced, two)):
        one, two = _letters(one), _letters(two)
    start = 0
    least = min(len(one), len(two))
    while start < least and one[start] == two[start]:
        start += 1
    rest_one, rest_two = tuple(one[start : start + _LONGEST]), tuple(two[start : start + _LONGEST])
    if not rest_one or not rest_two:
        return Difference(shared=start, compared=least)
    steps = SequenceMatcher(None, rest_one, rest_two, autojunk=False).get_opcodes()
    only_one, only_two, shared = _apart(steps, rest_one, rest_two)
    if _is_end_of_cut(steps[-1], rest_one, rest_two):
        cut_one, cut_two, _ = _apart(steps[:-1], rest_one, rest_two)
        # A word that moved to the end has not been cut: "... that Russia hit Velland" / "... that Velland hit Russia".
        if not set(_telling(cut_one)) & set(rest_two[steps[-1][3] :]) and not set(_telling(cut_two)) & set(
            rest_one[steps[-1][1] :]
        ):
            only_one, only_two = cut_one, cut_two
    return Difference(only_one, only_two, start + shared, least)


def same_direction(one: Sequence[str], two: Sequence[str]) -> bool:
    """Return whether two headlines of equal words say "from A to B" and not "to A from B"; headline style may leave
    such a word out.
    """
    first, second = [[word for word in words if word in _DIRECTIONS] for words in (one, two)]
    return _is_within(first, second) or _is_within(second, first)


_Step: TypeAlias = tuple[str, int, int, int, int]
_SHOWN: Final = 4
_LONGEST: Final = 160
_ARTICLES: Final = frozenset(["a", "an", "the"])
_FREE_IN_PAIRS: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "and",
        "or",
        "by",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "with",
        "as",
        "it",
        "its",
        "that",
        "this",
        "has",
        "have",
        "had",
        "will",
        "would",
        "said",
        "says",
        "say",
        "told",
        "saying",
    ]
)
"""English words that may stand for one another: an editor's choice. In other languages "un" and "il" are names, too."""
_DIRECTIONS: Final = frozenset(
    [
        "to",
        "from",
        "by",
        "against",
        "for",
        "von",
        "nach",
        "zu",
        "aus",
        "an",
        "vers",
        "de",
        "à",
        "par",
        "hacia",
        "desde",
        "por",
        "a",
        "в",
        "из",
        "от",
        "к",
        "на",
        "do",
        "z",
        "od",
        "przez",
    ]
)


def _telling(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _ARTICLES)


def _letters(words: Sequence[str]) -> tuple[str, ...]:
    """Return words, those of scripts without blanks cut into letters; Hangul is written with blanks and stays whole."""
    found: list[str] = []
    for word in words:
        if is_unspaced(word) and not _is_hangul(word):
            found += word
        else:
            found.append(word)
    return tuple(found)


def _is_hangul(word: str) -> bool:
    return any("가" <= letter <= "힣" for letter in word)


def _apart(
    steps: Sequence[_Step], one: tuple[str, ...], two: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    only_one: list[str] = []
    only_two: list[str] = []
    shared = 0
    for kind, a, b, c, d in steps:
        if kind == "equal":
            shared += b - a
        else:
            only_one += one[a:b]
            only_two += two[c:d]
    return tuple(only_one), tuple(only_two), shared


def _is_end_of_cut(step: _Step, one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Return whether the last step is only that the longer text goes on behind the end of the shorter."""
    kind, a, b, c, d = step
    return kind in {"insert", "delete"} or (kind == "replace" and _is_cut(one[a:b], two[c:d]))


def _is_cut(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Return whether the one side ends in the middle of the word with which the other goes on ("deep" / "deepening a
    crisis").
    """
    short, long = sorted((one, two), key=len)
    return len(short) == 1 and long[0].startswith(short[0]) and not short[0][-1].isdecimal() and len(short[0]) > 3


def _is_within(short: Sequence[str], long: Sequence[str]) -> bool:
    rest = iter(long)
    return all(word in rest for word in short)
