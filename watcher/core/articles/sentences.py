"""Sentences and paragraphs: where they begin and end in plain text."""

from __future__ import annotations

import regex

Region = tuple[int, int]
"""Code points [start, end) of a text."""

# An end mark with what closes after it; in scripts that write no capital or no blank the mark alone is enough. A
# semicolon after a Greek letter is a question mark. A run of marks is tried once, from its first: news has none, but
# a hostile page has thousands.
_END = regex.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s)|[。！？｡]+[」』”’）]*|[؟۔।॥።։။។]+|\u037e|(?<=\p{Greek}\p{M}*);(?=\s)"
)
_LONGEST_ABBREVIATION = 40
_WORD_BEFORE = regex.compile(r"[\p{L}\p{M}\p{N}.]+\Z")
_STARTS_SMALL = regex.compile(r"[\s\"'“‘«([]*\p{Ll}")
_NUMBER_AFTER = regex.compile(r"\s*\p{Nd}")
_ABBREVIATIONS = frozenset(
    """
    dr mr mrs ms prof gen col lt sgt maj capt cmdr adm sen rep gov st mt ft jr sr vs etc inc corp ltd co bros dept est approx
    rev hon messrs cpl pvt supt ave blvd vols univ assn jan feb apr jun jul aug sep sept oct nov dec tue thu
    bzw hr fr str ca usw evtl inkl mio mrd ggf sog bspw dipl ing
    m mme mlle mm mgr av bd env sra srta dra ud uds gral lic avda tel sig dott avv dhr mevr drs bijv
    г гг ул им т д стр руб коп млн млрд тыс см рис гл акад проф ген вул обл тис
    dir tzv např tzn mudr judr plk ul np ks tys mln mld płk inż hab godz stb kb esim doç cad sok mah
    """.split()  # noqa: SIM905 - a list literal would be three pages long
)
_WORDS_WHEN_SMALL = frozenset(["mar", "mon", "wed", "fri", "sat", "sun"])
_BEFORE_NUMBERS = frozenset(["no", "nos", "nr", "vol", "fig", "figs", "art", "pp", "núm", "num"])
# "am 5. Mai", "der 1. FC": German ordinals, which a capital follows.
_ORDINAL = regex.compile(r"(?i)\b(?:am|im|vom|zum|beim|dem|den|der|des|das|die|ab|bis)\s\p{Nd}{1,2}\Z")
_MONTH_AFTER = regex.compile(
    r"\s(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b"
)


def paragraphs(text: str) -> list[Region]:
    """Return the paragraphs of a text, without the line breaks around them; blank ones are left out."""
    found = []
    start = 0
    for line in text.split("\n"):
        if line.strip():
            found.append((start, start + len(line)))
        start += len(line) + 1
    return found


def sentences(text: str) -> list[Region]:
    """Return the sentences of a text; a paragraph's end ends one, a full stop after an abbreviation or initial does
    not.

    A dotted acronym (U.S.) never ends a sentence: too long a sentence finds too much, too short a one misses.
    """
    return [(start, end) for first, last in paragraphs(text) for start, end in _split(text, first, last)]


def _split(text: str, first: int, last: int) -> list[Region]:
    found, start = [], first
    for mark in _END.finditer(text, first, last):
        if mark.group().startswith(".") and not _ends(text, start, mark.start(), mark.end()):
            continue
        found.append((start, mark.end()))
        start = mark.end()
    if text[start:last].strip():
        found.append((start, last))
    return found


def _ends(text: str, start: int, stop: int, after: int) -> bool:
    """Say whether the full stop at `stop` ends a sentence."""
    if _STARTS_SMALL.match(text, after):
        return False
    before = _WORD_BEFORE.search(text, max(start, stop - _LONGEST_ABBREVIATION), stop)
    if before is None:
        return True
    word = before.group()
    if word.isdigit():
        return not _is_ordinal(text, start, stop, after)
    return not ((len(word) == 1 and word.isalpha()) or "." in word or _is_abbreviation(word, text, after))


def _is_abbreviation(word: str, text: str, after: int) -> bool:
    small = word.casefold()
    if small in _WORDS_WHEN_SMALL:
        return word != small
    if small in _BEFORE_NUMBERS:
        return _NUMBER_AFTER.match(text, after) is not None
    return small in _ABBREVIATIONS


def _is_ordinal(text: str, start: int, stop: int, after: int) -> bool:
    """Say whether the number that ends at `stop` is a German ordinal."""
    is_short = stop - start < 3 or not text[stop - 3].isdigit()
    if is_short and _MONTH_AFTER.match(text, after):
        return True
    return _ORDINAL.search(text, max(start, stop - _LONGEST_ABBREVIATION), stop) is not None
