"""Plain words: the folded words of a text of Latin, Cyrillic, Chinese, Japanese or Korean letters in which nothing odd
stands, with a twentieth of the work of the full rules (`tokens.reference_tokens`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple

from watcher.core.articles.letters import LONGEST_WORD, forms
from watcher.core.articles.tokens import SIGNS


def plain_words(text: str) -> tuple[str, ...] | None:
    """Return the folded words of a text without blanks of no width, as the full rules give them; None where these
    must be asked: beyond plain letters, at acronyms, and where Latin and Cyrillic letters stand in one word.
    """
    plain, word, odd, marked, folds = _patterns()
    if plain.fullmatch(text) is None or odd.search(text) is not None:
        return None
    lowered = text.lower()
    if marked.search(lowered) is not None:
        lowered = lowered.translate(folds)
    words = tuple(word.findall(lowered))
    # A longer word is cut by the full rules.
    return words if len(text) <= LONGEST_WORD or max(map(len, words), default=0) <= LONGEST_WORD else None


def _plain_letters(codes: Iterable[int]) -> str:
    """Return those of some letters that stand for one letter, small and folded, of one code point."""
    return "".join(
        letter for letter in map(chr, codes) if letter.isalpha() and len(letter.lower()) == 1 and _is_one(letter)
    )


def _is_one(letter: str) -> bool:
    found, small = forms(letter), forms(letter.lower())
    return len(found) == len(small) == 1 and found[0].folded == small[0].folded and len(found[0].folded) == 1


_SINGLE: Final = "\u4e00-\u9fff\u3041-\u3096"
_KATAKANA: Final = "\u30a1-\u30fa"
_HANGUL: Final = "\uac00-\ud7a3"
_EASTERN: Final = "。，、！？：；（）「」『』《》〈〉【】・"


class _Patterns(NamedTuple):
    plain: re.Pattern[str]
    word: re.Pattern[str]
    odd: re.Pattern[str]
    marked: re.Pattern[str]
    folds: Mapping[int, str]


@cache
def _patterns() -> _Patterns:
    """Return what plain words are told by; made when the first text asks, since it takes a thirtieth of a second."""
    latin = "A-Za-z" + _plain_letters((*range(0xC0, 0x180), *range(0x218, 0x21C)))
    cyrillic = _plain_letters((*range(0x400, 0x460), 0x490, 0x491))
    spaced = latin + cyrillic
    folds = {
        ord(letter): forms(letter)[0].folded
        for letter in (latin.removeprefix("A-Za-z") + cyrillic).lower()
        if forms(letter)[0].folded != letter
    }
    return _Patterns(
        re.compile(rf"[\x00-\x7f{spaced}{_SINGLE}{_KATAKANA}ー{_HANGUL}{SIGNS}{_EASTERN}]*"),
        re.compile(rf"[0-9]*[{spaced}][{spaced}0-9]*|[0-9]+|[{_SINGLE}]|[{_KATAKANA}][{_KATAKANA}ー]*|ー|[{_HANGUL}]+"),
        re.compile(rf"\.[{spaced}](?![{spaced}0-9])|[{latin}][0-9]*[{cyrillic}]|[{cyrillic}][0-9]*[{latin}]"),
        re.compile(f"[{''.join(map(chr, folds))}]"),
        folds,
    )
