"""Words: cuts a text into the tokens that terms are compared with.

1. Web and e-mail addresses in prose are masked.
2. The text is cut into runs of letters and digits of one script; in scripts without spaces each character is a token,
   and so is the flag of a country (🇺🇦).
3. Each token keeps its forms (see letters) and the code points of the original text that it came from, so highlights
   need no map from normalised text back.

Positions always count code points of the text as given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import regex

from watcher.core.articles.letters import forms, is_mixed, unmix


class Token(NamedTuple):
    """One word: its forms, and the code points [start, end) of the text that it came from."""

    key: str
    folded: str
    cased: str
    start: int
    end: int


# Apostrophes are boundaries, so that O’Brien, l'Iran, Rusya'dan and п'ятниця need no rule of their own. U+02BC and
# U+02BB are letters to Unicode but apostrophes to writers.
APOSTROPHES = "'’‘‛ʼʻ＇`´′׳"
HYPHENS = "-‐‑﹣－\u058a\u05be"
DASHES = "–‒−"  # join words only when no blank stands beside them
NAME_DOTS = "・･·‧"  # stand between the parts of foreign names in Japanese and Chinese
INVISIBLE = "\u00ad\u034f\u061c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
"""Characters that show nothing; within words and between them they count as not there."""

ZERO_WIDTH_BLANKS = "\u200b\u200c"
_TRIMMED = INVISIBLE.replace("\u200d", "")  # a joiner at a word's end shapes its last letter and stays with it

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_EXTEND = r"\p{M}\uFE00-\uFE0F" + "".join(f"\\u{ord(c):04X}" for c in INVISIBLE)
_SPACED_SCRIPTS = (
    "Arabic", "Hebrew", "Greek", "Armenian", "Georgian", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu",
    "Kannada", "Malayalam", "Sinhala", "Ethiopic", "Mongolian", "Tibetan", "Syriac", "Thaana",
)  # fmt: skip
_APOSTROPHE_LETTERS = "\u02bc\u02bb\u02bd\u055a"
_NEVER = rf"{_UNSPACED}\p{{Katakana}}\p{{Hangul}}\u30FC\uFF70{_APOSTROPHE_LETTERS}"
_LETTER = rf"[\p{{L}}--[{_NEVER}]]"
_COMMON_LETTER = rf"[[\p{{L}}&&[\p{{Common}}\p{{Inherited}}]]--[{_NEVER}\u0640]]"
_LATIN_OR_CYRILLIC = rf"(?:[[\p{{Latin}}\p{{Cyrillic}}]&&\p{{L}}]|{_COMMON_LETTER})"
_OTHER_LETTER = rf"[{_LETTER}--[\p{{Latin}}\p{{Cyrillic}}" + "".join(rf"\p{{{s}}}" for s in _SPACED_SCRIPTS) + "]]"
_DIGITS = rf"\p{{N}}[\p{{N}}{_EXTEND}]*+"


_REGIONAL = "\U0001f1e6-\U0001f1ff"


def _run(letters: str) -> str:
    """Return the pattern of a run of letters of one kind, digits among them."""
    return rf"(?:{_DIGITS})?{letters}(?:{letters}|[\p{{N}}{_EXTEND}])*+"


@cache
def _token() -> regex.Pattern[str]:
    """Return the pattern of a token; made when the first text asks for it, since it takes a twentieth of a second."""
    # What begins no token is seen at once; else each kind is tried at each comma.
    return regex.compile(
        rf"(?=[\p{{L}}\p{{N}}{_REGIONAL}])(?:"
        + "|".join(
            (
                # The flag of a country, two signs that stand for the letters of its code.
                rf"(?P<flag>[{_REGIONAL}]{{2}})",
                # Single letters with full stops between them: U.S., к.н.д.р., J.K.
                rf"(?P<dotted>(?<![\p{{L}}\p{{N}}\p{{M}}])(?:{_LETTER}\p{{M}}*+\.){{1,15}}{_LETTER}\p{{M}}*+(?![\p{{L}}\p{{N}}\p{{M}}])\.?)",
                # One character a token; Arabic word ligatures (U+FDFA) stand for whole words and are tokens too.
                rf"(?P<single>(?:[[{_UNSPACED}]&&[\p{{L}}\p{{N}}]]|[\uFDF0-\uFDFB])[{_EXTEND}\uFF9E\uFF9F]*+[\u0E33\u0EB3]?)",
                # A number that no letter follows; else a long one is read through once for each script.
                rf"{_DIGITS}(?!\p{{L}})",
                rf"(?P<katakana>[\p{{Katakana}}&&\p{{L}}][\p{{Katakana}}\u30FC\uFF70\uFF9E\uFF9F{_EXTEND}]*+)",
                rf"(?P<long>[\u30FC\uFF70][{_EXTEND}]*+)",
                rf"(?P<hangul>[\p{{Hangul}}&&\p{{L}}][\p{{Hangul}}{_EXTEND}]*+)",
                f"(?P<latin>{_run(_LATIN_OR_CYRILLIC)})",
                *(_run(rf"[[\p{{{script}}}&&\p{{L}}]\u0640]") for script in _SPACED_SCRIPTS),
                _run(_OTHER_LETTER),
                _DIGITS,
            )
        )
        + ")",
        regex.VERSION1,
    )


_SCRIPT_PART = (
    regex.compile(  # what is of neither script goes with the part before it, at the beginning with the first part
        r"(?:\A[^\p{Cyrillic}\p{Latin}]*+)?(?:\p{Latin}[^\p{Cyrillic}]*+|\p{Cyrillic}[^\p{Latin}]*+)"
    )
)

_DOTTED = r"(?<![A-Za-z0-9])(?:[A-Za-z]\.){1,15}[A-Za-z](?![A-Za-z0-9])\.?"
_ASCII_TOKEN = re.compile(rf"{_DOTTED}|[A-Za-z0-9]+")
MAYBE_ACRONYM = re.compile(r"\.[A-Za-z](?![A-Za-z0-9])")  # how one ends; quick to look for
ACRONYM = re.compile(_DOTTED)

# An address ends at a blank, a quote or bracket, and at a letter of a script that writes no spaces.
_URL = regex.compile(
    r"(?i)(?:\bhttps?://|\bwww\.)[^\s<>\"“”«»、。，！？；：（）【】「」『』\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]++"
)
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")
LONGEST_KNOWN = 40

SIGNS = "’‘“”„«»–—…•·\u00a0\u2009\u202f€£©®°"
"""What stands in English news beside ASCII: none of these is a letter, a digit or part of a word."""


def tokenise(text: str, *, prose: bool = True) -> tuple[Token, ...]:
    """Return the tokens of a text in order.

    `prose` masks web and e-mail addresses; it is False for fields that hold such addresses. A character that stands
    for several words gives several tokens with one span.
    """
    masked = mask_addresses(text) if prose else text
    return tuple(ascii_tokens(masked) if without_signs(masked).isascii() else _placed(masked))


def without_signs(text: str) -> str:
    """Return a text with blanks for the typographic signs of English news, as long as before."""
    if not text.isascii():
        for sign in SIGNS:
            text = text.replace(sign, " ")
    return text


def mask_addresses(text: str) -> str:
    """Return the text with web and e-mail addresses replaced by as many U+0000, which no word and no phrase crosses."""
    if "://" in text or "ww." in text or "Ww." in text or "WW." in text or "wW." in text:
        text = _URL.sub(_blot, text)
    if "@" in text:
        text = _EMAIL.sub(lambda found: "\0" * len(found.group()), text)
    return text


def reference_tokens(masked: str) -> Iterator[Token]:
    """Yield the tokens of any text by the full rules; the quick ways must give the same."""
    for found in _token().finditer(blanked(masked)):
        start, surface = found.start(), found.group()
        kind = found.lastgroup
        if kind == "dotted":
            end = found.end()
            for form in forms(surface.replace(".", "")):
                yield Token(*form, start, end)
        elif kind == "latin" and not surface.isascii() and is_mixed(surface):
            yield from _mixed(surface, start)
        else:
            surface = surface.rstrip(_TRIMMED)
            for form in forms(surface):
                yield Token(*form, start, start + len(surface))


def _placed(masked: str) -> Iterator[Token]:
    """Yield the tokens of any text; what stands between two blanks is cut once and remembered, as no token crosses a
    blank.
    """
    at = 0
    text = blanked(masked)
    for chunk in text.split():
        at = text.index(chunk, at)
        for key, folded, cased, start, end in tokens_in(chunk):
            yield Token(key, folded, cased, at + start, at + end)
        at += len(chunk)


def blanked(masked: str) -> str:
    """Return a text with blanks of no width as plain blanks, as long as before."""
    for blank in ZERO_WIDTH_BLANKS:
        masked = masked.replace(blank, " ")
    return masked


def tokens_in(chunk: str) -> tuple[Token, ...]:
    """Return the tokens of a piece of text without blanks; those of short pieces are remembered."""
    return _known_tokens(chunk) if len(chunk) <= LONGEST_KNOWN else _new_tokens(chunk)


def _new_tokens(chunk: str) -> tuple[Token, ...]:
    return tuple(ascii_tokens(chunk) if without_signs(chunk).isascii() else reference_tokens(chunk))


# A page without blanks must not fill the memory of chunks seen.
_known_tokens = lru_cache(maxsize=1 << 15)(_new_tokens)


def ascii_tokens(masked: str) -> Iterator[Token]:
    """Yield the tokens of a text whose addresses are masked and which is ASCII but for signs (`without_signs`)."""
    lowered = masked.lower()
    for found in _ASCII_TOKEN.finditer(masked):
        start, end = found.span()
        cased = found.group()
        if "." in cased:
            cased = cased.replace(".", "")
            key = cased.lower()
        else:
            key = lowered[start:end]
        yield Token(key, key, cased, start, end)


def _mixed(surface: str, start: int) -> Iterator[Token]:
    """Yield a word of Latin and Cyrillic letters: as one word in one script, or as one token for each script."""
    whole = unmix(surface)
    if whole is not None:
        end = start + len(surface.rstrip(_TRIMMED))
        for form in forms(whole):
            yield Token(*form, start, end)
        return
    for part in _SCRIPT_PART.finditer(surface):
        piece = part.group().rstrip(_TRIMMED)
        for form in forms(piece):
            yield Token(*form, start + part.start(), start + part.start() + len(piece))


def _blot(found: regex.Match[str]) -> str:
    """Blank an address; the full stop, comma or bracket that ends the sentence after it is not part of it."""
    address = found.group()
    kept = address.rstrip(".,;:!?)]}'’…")
    return "\0" * len(kept) + address[len(kept) :]
