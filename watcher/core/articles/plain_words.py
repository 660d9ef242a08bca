"""Plain words: the folded words of a text of Latin, Cyrillic, Chinese, Japanese or Korean letters in which nothing odd
stands, with a twentieth of the work of the full rules (`tokens.reference_tokens`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from watcher.core.articles.letters import LONGEST_WORD, forms
from watcher.core.articles.tokens import SIGNS


def plain_words(text: str) -> tuple[str, ...] | None:
    """Return the folded words of a text without blanks of no width, as the full rules give them; None where these
    must be asked: beyond plain letters, at acronyms, and where Latin and Cyrillic letters stand in one word.
    """
    if _PLAIN.fullmatch(text) is None or _ODD.search(text) is not None:
        return None
    lowered = text.lower()
    if _MARKED.search(lowered) is not None:
        lowered = lowered.translate(_FOLDS)
    words = tuple(_WORD.findall(lowered))
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


_LATIN: Final = "A-Za-z" + _plain_letters((*range(0xC0, 0x180), *range(0x218, 0x21C)))
_CYRILLIC: Final = _plain_letters((*range(0x400, 0x460), 0x490, 0x491))
_SPACED: Final = _LATIN + _CYRILLIC
_SINGLE: Final = "\u4e00-\u9fff\u3041-\u3096"
_KATAKANA: Final = "\u30a1-\u30fa"
_HANGUL: Final = "\uac00-\ud7a3"
_EASTERN: Final = "。，、！？：；（）「」『』《》〈〉【】・"
_PLAIN: Final = re.compile(rf"[\x00-\x7f{_SPACED}{_SINGLE}{_KATAKANA}ー{_HANGUL}{SIGNS}{_EASTERN}]*")
_WORD: Final = re.compile(
    rf"[0-9]*[{_SPACED}][{_SPACED}0-9]*|[0-9]+|[{_SINGLE}]|[{_KATAKANA}][{_KATAKANA}ー]*|ー|[{_HANGUL}]+"
)
_ODD: Final = re.compile(
    rf"\.[{_SPACED}](?![{_SPACED}0-9])|[{_LATIN}][0-9]*[{_CYRILLIC}]|[{_CYRILLIC}][0-9]*[{_LATIN}]"
)
_FOLDS: Final = {
    ord(letter): forms(letter)[0].folded
    for letter in (_LATIN.removeprefix("A-Za-z") + _CYRILLIC).lower()
    if forms(letter)[0].folded != letter
}
_MARKED: Final = re.compile(f"[{''.join(map(chr, _FOLDS))}]")
