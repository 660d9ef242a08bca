"""Names as they sound, so that one name in two scripts is found to be one.

    Dellbrook, Деллбрук, 델브룩, デルブルック  ->  TRPRK

A key keeps the consonants in classes that no script tells apart reliably (b p f v; d t; g k; l r; s z sh ch j), without
doubles; vowels are left out, since scripts disagree on them most. A key of fewer than four classes is shared by chance.

Source: the classes are those of Soundex (R. Russell, US patent 1,261,167, 1918), made coarser where Hangul and kana
have one letter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import regex

FEWEST_CLASSES: Final = 4

_CLASSES: Final = {
    letter: kind
    for kind, letters in {"P": "bpfvw", "T": "dt", "K": "cgkqx", "S": "szj", "R": "lr", "M": "m", "N": "n"}.items()
    for letter in letters
}
_SOFT: Final = {
    "sch": "s",
    "sh": "s",
    "ch": "s",
    "zh": "s",
    "ts": "s",
    "tz": "s",
    "cz": "s",
    "sz": "s",
    "th": "t",
    "ph": "p",
    "ng": "n",
    "ck": "k",
}
_SOFTENED: Final = regex.compile("|".join(_SOFT))
_CYRILLIC: Final = dict(
    zip(
        "абвгґдежзийклмнопрстуфхцчшщ",
        [
            "a",
            "b",
            "v",
            "g",
            "g",
            "d",
            "e",
            "z",
            "z",
            "i",
            "i",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "h",
            "s",
            "s",
            "s",
            "s",
        ],
        strict=True,
    )
) | {
    "є": "e",
    "ё": "e",
    "і": "i",
    "ї": "i",
    "ў": "u",
    "ы": "i",
    "э": "e",
    "ю": "u",
    "я": "a",
    "ь": "",
    "ъ": "",
    "љ": "l",
    "њ": "n",
    "ћ": "s",
    "ђ": "d",
    "ј": "i",
    "џ": "s",
}
_INITIALS: Final = ["g", "k", "n", "d", "t", "r", "m", "b", "p", "s", "s", "", "j", "j", "s", "k", "t", "p", "h"]
_FINALS: Final = [
    "",
    "k",
    "k",
    "k",
    "n",
    "n",
    "n",
    "t",
    "l",
    "k",
    "m",
    "l",
    "l",
    "l",
    "p",
    "l",
    "m",
    "p",
    "p",
    "t",
    "t",
    "n",
    "t",
    "t",
    "k",
    "t",
    "p",
    "t",
]
_KANA: Final = {
    "カガ": "k", "キギ": "k", "クグ": "k", "ケゲ": "k", "コゴ": "k", "サザシジスズセゼソゾチヂツヅ": "s", "タダテデトド": "t",
    "ナニヌネノン": "n", "バパビピブプベペボポフヴ": "p", "マミムメモ": "m", "ラリルレロ": "r",
}  # fmt: skip
_KANA_SOUNDS: Final = {letter: sound for letters, sound in _KANA.items() for letter in letters}
_HANGUL_FIRST, _HANGUL_LAST = 0xAC00, 0xD7A3
_CAPITALISED: Final = regex.compile(r"\p{Lu}[\p{L}\p{M}]{3,30}")
_HANGUL_WORD: Final = regex.compile(r"\p{Hangul}{2,12}")
_KATAKANA_WORD: Final = regex.compile(r"[\p{Katakana}ー]{3,20}")
_DESIGNATOR: Final = regex.compile(r"(?<![\p{L}\p{N}])(\p{L}{1,12})[-‐–]?(\d{1,4})(?![\p{L}\p{N}])")


@lru_cache(maxsize=32768)
def sound_keys(word: str) -> frozenset[str]:
    """Return the consonant classes of a word, none where too few are left to tell a name.

    Two where it has a w, which is a v in German and Polish (Lawrow) and nearly a vowel elsewhere (Hwasong, Wonsan).
    """
    return frozenset(key for key in _classes(word) if len(key) >= FEWEST_CLASSES)


def names_in(text: str) -> frozenset[str]:
    """Return the sound keys of what may be names in a text: capitalised words, Hangul words, katakana runs."""
    return frozenset(key for word in _may_be_names(text) for key in sound_keys(word))


def designators_in(text: str) -> frozenset[str]:
    """Return what names a type or unit with a number ("Hwasong-18", "화성-18" -> "SN18"); years are none."""
    found: set[str] = set()
    for word, number in _DESIGNATOR.findall(unicodedata.normalize("NFKC", text)):
        if (word[0].isupper() or not word.isascii()) and not _is_year(number):
            found.update(classes + number for classes in _classes(word) if classes)
    return frozenset(found)


def _may_be_names(text: str) -> Iterable[str]:
    text = unicodedata.normalize("NFKC", text)
    yield from _CAPITALISED.findall(text)
    for word in _HANGUL_WORD.findall(text):
        yield from (word, word[:-1], word[:-2])  # with the particles that may stand behind it
    yield from _KATAKANA_WORD.findall(text)


def _classes(word: str) -> set[str]:
    """Return the consonant classes of a word in order, without doubles that no vowel parts; with w as v, and with w
    as a vowel.
    """
    latin = _latin(word)
    return {_squeezed(latin), _squeezed(latin.replace("w", "u"))}


def _squeezed(latin: str) -> str:
    sounds = "".join(_CLASSES.get(letter, "") or ("-" if letter in "aeiouy" else "") for letter in latin)
    return "".join(sound for sound, before in zip(sounds, " " + sounds, strict=False) if sound not in {before, "-"})


def _latin(word: str) -> str:
    letters = "".join(_latin_letter(letter) for letter in word.lower())
    plain = "".join(letter for letter in unicodedata.normalize("NFD", letters) if not unicodedata.combining(letter))
    return _SOFTENED.sub(lambda found: _SOFT[found.group()], plain)


def _latin_letter(letter: str) -> str:
    if _HANGUL_FIRST <= ord(letter) <= _HANGUL_LAST:
        initial, rest = divmod(ord(letter) - _HANGUL_FIRST, 588)
        return _INITIALS[initial] + "a" + _FINALS[rest % 28]
    if letter in _CYRILLIC:
        return _CYRILLIC[letter]
    if "ァ" <= letter <= "ヿ":
        return _KANA_SOUNDS.get(letter, "") + "a"
    return letter


def _is_year(number: str) -> bool:
    return len(number) == 4 and number[:2] in {"19", "20"}
