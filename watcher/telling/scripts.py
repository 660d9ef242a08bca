"""In which script a text is written, as far as a reader cares."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Final
from unicodedata import name

_ONE_WAY_TO_READ: Final = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "HALFWIDTH": "CJK", "FULLWIDTH": "CJK"}
"""Who reads the one reads the other."""


def script_of(text: str) -> str:
    """Return the script of most letters of a text, such as "LATIN", "HANGUL" or "CJK"; "" where it has no letter.

    "북한, ICBM 발사" -> "HANGUL"
    """
    if text.isascii():
        return "LATIN" if any(map(str.isalpha, text)) else ""
    counts = Counter(_of_letter(letter) for letter in text if letter.isalpha())
    return max(counts, key=lambda one: (counts[one], one), default="")


@lru_cache(4096)
def _of_letter(letter: str) -> str:
    word = name(letter, "UNKNOWN").split(" ", 1)[0]
    return _ONE_WAY_TO_READ.get(word, word)
