"""Known terms: what looking for a plain term comes to, worked out before for the thousands that ship with the program.

Whoever reads the shipped concepts teaches it here; what is not known, or taught in a form that makes no sense, is
worked out when it is asked for, with the same result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from watcher.core.matching.pattern import SOFT, TIGHT, WordRow

Taught: TypeAlias = Sequence[Any]
"""The keys of a term, a word or two each, and its row: words, number of the gap between them, whether it is a prefix;
a row of None = patterns must be made. JSON can hold it.
"""

_GAPS: Final = (SOFT, TIGHT)
_TAUGHT: dict[str, Taught] = {}


class Known(NamedTuple):
    """The keys that announce a plain term, and the words that are all there is to look for; None = its patterns
    decide.
    """

    keys: tuple[str | tuple[str, str], ...]
    word_row: WordRow | None


def learn(taught: Mapping[str, Taught]) -> None:
    """Take what is known of plain terms, by their text."""
    _TAUGHT.update(taught)


def known(text: str) -> Known | None:
    """Return what is known of a plain term by its text, None where it must be worked out."""
    taught = _TAUGHT.get(text)
    if taught is None:
        return None
    try:
        keys, row = taught
        return Known(tuple([_key(key) for key in keys]), None if row is None else _row(*row))
    except (TypeError, ValueError, IndexError):
        del _TAUGHT[text]
        return None


def known_keys(text: str) -> tuple[str | tuple[str, str], ...] | None:
    """Return the keys alone of what is known of a plain term, None where they must be worked out."""
    found = _TAUGHT.get(text)
    try:
        return None if found is None else tuple([_key(key) for key in found[0]])
    except (TypeError, ValueError, IndexError):
        return None


def taught(keys: Sequence[str | tuple[str, str]], word_row: WordRow | None) -> Taught | None:
    """Return what `learn` takes of a term; None = its words have a gap that cannot be named."""
    if word_row is None:
        return [keys, None]
    gap = next((number for number, gap in enumerate(_GAPS) if gap is word_row.gap), None)
    return None if gap is None else [keys, [word_row.words, gap, word_row.prefix]]


def _key(key: object) -> str | tuple[str, str]:
    if isinstance(key, str):
        return key
    if isinstance(key, list | tuple):
        one, other = key
        return _word(one), _word(other)
    raise TypeError("a key is a word or two")


def _row(words: Sequence[str], gap: int, prefix: object) -> WordRow:
    return WordRow(tuple([_word(word) for word in words]), _GAPS[gap], prefix is True)


def _word(word: object) -> str:
    if not isinstance(word, str) or not word:
        raise TypeError("a word is a text")
    return word
