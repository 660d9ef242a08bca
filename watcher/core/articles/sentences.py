"""Sentences and paragraphs: where they begin and end in plain text."""

from __future__ import annotations

import regex

Region = tuple[int, int]
"""Code points [start, end) of a text."""

# An end mark with what closes after it; in scripts that write no capital or no blank the mark alone is enough.
_END = regex.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？｡]+[」』”’）]*|[؟۔।॥።]+")
_LONGEST_ABBREVIATION = 40
_WORD_BEFORE = regex.compile(r"[\p{L}\p{M}\p{N}.]+\Z")
_STARTS_SMALL = regex.compile(r"[\s\"'“‘«([]*\p{Ll}")
_ABBREVIATIONS = frozenset(
    """
    dr mr mrs ms prof gen col lt sgt maj capt cmdr adm sen rep gov st mt ft jr sr vs etc no nos vol inc corp ltd co bros dept est approx
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun
    bzw nr hr fr str ca usw evtl inkl mio mrd
    m mme mlle mm av bd sra srta ud uds dra
    г гг ул им т д стр руб коп млн млрд тыс см рис гл акад проф ген
    dir tzv např
    """.split()  # noqa: SIM905 - a list literal would be three pages long
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
    """Return the sentences of a text; a paragraph's end ends one, a full stop after an abbreviation or initial does not.

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
    return not (len(word) == 1 and word.isalpha()) and "." not in word and word.casefold() not in _ABBREVIATIONS
