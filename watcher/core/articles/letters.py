"""Letters: the forms under which a written word is compared.

A word has three forms. `cased` is the word as written, in normal form; `key` is `cased` without the difference
between capitals and small letters; `folded` is `key` without diacritics, in the scripts where people leave them out.
A term without diacritics is compared by `folded`, one with diacritics by `key`, an exact-case one by `cased`.

Source: Unicode Standard Annex 15 (NFKC), section 3.13 of the standard (case folding), Annex 24 (scripts).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import regex

# Invisible characters, enclosing marks, tatweel, Arabic vowel signs and Hebrew points: never part of what is
# compared. The hamza and madda marks (U+0653 to U+0655) stay: they make other letters.
_DROPPED = regex.compile(
    r"[\p{DI}\p{Me}\u0640\u0610-\u061A\u064B-\u0652\u0656-\u065F\u0670\u06D6-\u06ED\u0591-\u05BD\u05BF-\u05C7]"
)
# Pairs that writers and keyboards use for one another in both directions.
_SAME = str.maketrans({"ё": "е", "Ё": "Е", "ي": "ی", "ى": "ی", "ك": "ک"})
# Romanian is often typed with cedillas. Only keys are without the difference, as Turkish dictionaries need the cedilla.
_COMMAS = str.maketrans({"ş": "ș", "ţ": "ț"})
# Letters with a stroke, hook or ligature that Unicode does not decompose, beside the dotless i.
_STROKES = str.maketrans(
    {
        "đ": "d", "ð": "d", "ɖ": "d", "ɗ": "d", "ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ŧ": "t",
        "ƙ": "k", "ɓ": "b", "Đ": "D", "Ð": "D", "Ł": "L", "Ø": "O", "Æ": "AE", "Œ": "OE", "Þ": "Th", "Ħ": "H", "Ŧ": "T", "ٱ": "ا",
    }
)  # fmt: skip
# Elsewhere a mark makes another letter: stripping it would turn й into и, ї into і, が into か, and break every Indic
# script.
_FOLDABLE_MARKS = regex.compile(r"([\p{Latin}\p{Greek}\p{Arabic}\p{Hebrew}])\p{Mn}+")
_GREEK = regex.compile(r"\p{Greek}")
_GREEK_ACCENTS = regex.compile(
    r"[\u0300\u0301\u0313\u0314\u0342\u0345]"
)  # tonos and the old accents; not the dialytika
_CYRILLIC_STRESS = regex.compile(r"(\p{Cyrillic})[\u0300\u0301]+")
_THAI_ORDER = regex.compile(r"(\u0E4D)([\u0E48-\u0E4B]+)|(\u0ECD)([\u0EC8-\u0ECB]+)")

_LONGEST_KNOWN = 64
# Putting combining marks in order takes the square of their number, and a hostile text may hold a hundred thousand in
# a row.
LONGEST_WORD = 512

_LATIN = regex.compile(r"\p{Latin}")
_CYRILLIC = regex.compile(r"\p{Cyrillic}")
_LOOK_ALIKES = ("АВЕКМНОРСТУХІЈЅаеорсухіјѕһԁԛԝк", "ABEKMHOPCTYXIJSaeopcyxijshdqwk")
_TO_LATIN = dict(zip(*_LOOK_ALIKES, strict=True))
_TO_CYRILLIC = dict(zip(*reversed(_LOOK_ALIKES), strict=True))
_READ_OTHERWISE = frozenset("ВНРСУХЅвнрсухѕ" + "BHPCYXSbhpcyxs")
_INFLECTED_ACRONYM = regex.compile(r"[\p{Latin}&&\p{Lu}]{2,}[\p{Cyrillic}&&\p{Ll}]+", regex.VERSION1)


class Forms(NamedTuple):
    """The forms of one word, see the module."""

    key: str
    folded: str
    cased: str


def forms(surface: str) -> tuple[Forms, ...]:
    """Return the forms of the words behind one written word; most often one, none when nothing visible is left.

    Some characters stand for several words (U+FDFA), and Thai and Lao sara am is two letters in normal form, of which
    writers often type the second apart; they give several. A monster of a word is compared by its beginning.
    """
    return _known_forms(surface) if len(surface) <= _LONGEST_KNOWN else _new_forms(surface)


def _new_forms(surface: str) -> tuple[Forms, ...]:
    if len(surface) > LONGEST_WORD and not surface.isascii():
        surface = surface[:LONGEST_WORD]
    cased = unicodedata.normalize("NFKC", _DROPPED.sub("", surface)).translate(_SAME)
    cased = _THAI_ORDER.sub(r"\2\1\4\3", cased)
    return tuple(_forms(part) for piece in cased.split() for part in _apart(piece) if part)


# A page of one long word must not fill the memory of words seen.
_known_forms = lru_cache(maxsize=1 << 16)(_new_forms)


def key_of(cased: str) -> str:
    """Return the key of a word in normal form: case folded, Greek without accents, Cyrillic without stress marks."""
    key = unicodedata.normalize("NFKC", cased.casefold())
    key = _DROPPED.sub("", key).translate(_SAME).translate(_COMMAS).replace("i\u0307", "i")
    if _GREEK.search(key):
        # Greek capitals are written without accents, so an accent can never be asked for.
        key = unicodedata.normalize("NFC", _GREEK_ACCENTS.sub("", unicodedata.normalize("NFD", key)))
    return _CYRILLIC_STRESS.sub(r"\1", key)


def turkish_key(cased: str) -> str:
    """Return the key of a word as Turkish reads its capitals: I is the capital of ı."""
    return key_of(cased.replace("I", "ı"))


def fold(word: str) -> str:
    """Return a word in normal form without diacritics in Latin, Greek, Arabic and Hebrew; other scripts stay as they
    are.
    """
    if word.isascii():
        return word
    stripped = _FOLDABLE_MARKS.sub(r"\1", unicodedata.normalize("NFD", word.translate(_STROKES)))
    return unicodedata.normalize("NFC", stripped).translate(_SAME)


def is_mixed(surface: str) -> bool:
    """Say whether Latin and Cyrillic letters stand in one word."""
    return _LATIN.search(surface) is not None and _CYRILLIC.search(surface) is not None


def unmix(surface: str) -> str | None:
    """Return a word of mixed Latin and Cyrillic letters in one script, or None when it is really two words.

    A word is taken for one script when all its letters of the other one have a twin there (Рutin, Mосква); where both
    ways work, the script of more letters wins, Latin on a tie. A Latin acronym with a small Cyrillic ending (NATOу)
    is two words.
    """
    surface = unicodedata.normalize("NFC", surface)  # a letter with a mark is one letter, however it was typed
    if _INFLECTED_ACRONYM.fullmatch(surface):
        return None
    latin, cyrillic = _LATIN.findall(surface), _CYRILLIC.findall(surface)
    to_latin = all(letter in _TO_LATIN for letter in cyrillic)
    to_cyrillic = all(letter in _TO_CYRILLIC for letter in latin)
    if to_latin and (not to_cyrillic or len(latin) >= len(cyrillic)):
        return "".join(_TO_LATIN.get(letter, letter) for letter in surface)
    if to_cyrillic:
        return "".join(_TO_CYRILLIC.get(letter, letter) for letter in surface)
    return None


def twin(cased: str) -> str:
    """Return a word of Latin letters in Cyrillic ones that look the same, or the other way round; "" when a letter
    has none.

    Meant for designators such as T-72, where writers mix both; digits stay.
    """
    table = _TO_CYRILLIC if _LATIN.search(cased) else _TO_LATIN
    letters = [letter if letter.isdigit() else table.get(letter, "") for letter in cased]
    return "".join(letters) if all(letters) else ""


def reads_alike(cased: str) -> bool:
    """Say whether all letters of a word are read as their twins are: Т and T are, С (an S) and C are not."""
    return _READ_OTHERWISE.isdisjoint(cased)


def _apart(piece: str) -> tuple[str, ...]:
    """Cut nikhahit + sara aa (the normal form of sara am) into the two clusters that it is when typed apart."""
    if len(piece) > 1 and piece[-1] in "\u0e32\u0eb2" and piece[-2] in "\u0e4d\u0ecd":
        return piece[:-1], piece[-1]
    return (piece,)


def _forms(cased: str) -> Forms:
    key = key_of(cased)
    return Forms(key, fold(key), cased)
