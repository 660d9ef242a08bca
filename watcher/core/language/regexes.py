"""Regular expressions of users, run by RE2: time linear in the text, whatever the pattern.

RE2 knows words of ASCII only, so that `\\w`, `\\d`, `\\s` and their opposites become Unicode classes. `\\b` cannot be
said as a class: two marks are put at every edge of a word in a copy of the text, `\\b` asks for one of them, and
everything else passes over them. Letters are compared composed (NFC), and signs that no reader sees (soft hyphen,
zero-width blank) are not there at all.

Source: Cox, "Regular Expression Matching in the Wild", 2010; the syntax is that of github.com/google/re2/wiki/Syntax.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import re2
import regex

from watcher.core.language.regex_syntax import MARK, Rewritten, rewrite
from watcher.errors import TermError

LONGEST_PATTERN = 1_000
LONGEST_TEXT = 100_000
"""So many code points of a field are searched; news is far shorter."""

_MEMORY = 8 * 1024 * 1024  # bytes for program and automaton of one pattern; RE2's own default
# Where the automaton outgrows its memory RE2 walks the program letter by letter; of this size that takes a second for
# the longest text.
_LARGEST_PROGRAM = 80_000
_MOST_HITS = 1_000
_MARKS = 2  # so that `(foo\b)(\bbar)` finds one for each
_WORD = regex.compile(r"[\p{L}\p{N}\p{M}]++")
_UNSEEN = regex.compile("[\xad\u200b\u2060\ufeff]+")
_COMPOSED = regex.compile(
    r"[\p{L}\p{N}\p{P}\p{S}]?[\p{M}\xad\u200b\u2060\ufeff]+|[\u1100-\u1112\uac00-\ud7a3][\u1161-\u1175\u11a8-\u11c2]{1,2}"
    r"|[\u0340-\u0387\u0958-\u0fb9\u1f71-\u232a\u2adc\uf900-\ufb4e]"
)
_SURROGATE = regex.compile("[\ud800-\udfff]")
_NOT_TEXT = regex.compile("[\ud800-\udfff\U0010ffff]")


class SearchText:
    """A text as patterns are run over it: cut, composed, and with marks at the edges of words where they are asked
    for.
    """

    def __init__(self, text: str) -> None:
        cut = _NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", text[:LONGEST_TEXT])
        self._plain, self._pieces = _composed(cut)
        self._starts = [piece.start for piece in self._pieces]
        self._folded: str | None = None
        self._marked: str | None = None
        self._pairs: list[int] = []

    def holds(self, folded: str) -> bool:
        """Say whether a casefolded text occurs in it, in any case."""
        if self._folded is None:
            self._folded = self._plain.casefold()
        return folded in self._folded

    def find(self, pattern: Regex) -> Iterator[tuple[int, int]]:
        """Yield where a pattern occurs, as code points [start, end) of the text as given; never empty ones."""
        text = self._with_marks() if pattern.marked else self._plain
        for hit in islice(pattern.compiled.finditer(text), _MOST_HITS):
            start, end = hit.span()
            if pattern.marked:
                start, end = self._unmarked(start), self._unmarked(end)
            if start < end:
                yield self._given(start), self._given_end(end)

    def _with_marks(self) -> str:
        if self._marked is None:
            edges = [edge for word in _WORD.finditer(self._plain) for edge in word.span()]
            self._pairs = [edge + _MARKS * number for number, edge in enumerate(edges)]
            self._marked = _WORD.sub(rf"{MARK * _MARKS}\g<0>{MARK * _MARKS}", self._plain)
        return self._marked

    def _unmarked(self, offset: int) -> int:
        before = bisect_left(self._pairs, offset)
        marks = _MARKS * before
        if before:
            marks -= max(0, self._pairs[before - 1] + _MARKS - offset)
        return offset - marks

    def _given(self, offset: int) -> int:
        """Return where the letter at an offset begins in the text as given."""
        piece = self._piece_of(offset)
        if piece is None:
            return offset
        return piece.given_start if offset < piece.end else piece.given_end + offset - piece.end

    def _given_end(self, offset: int) -> int:
        """Return where the letter before an offset ends in the text as given."""
        piece = self._piece_of(offset - 1)
        if piece is None:
            return offset
        return piece.given_end if offset <= piece.end else piece.given_end + offset - piece.end

    def _piece_of(self, offset: int) -> _Piece | None:
        at = bisect_right(self._starts, offset)
        return self._pieces[at - 1] if at else None


class _Piece(NamedTuple):
    """A part that differs from the text as given: [start, end) here is [given_start, given_end) there; empty = left
    out.
    """

    start: int
    end: int
    given_start: int
    given_end: int


def composed(text: str) -> str:
    """Return a text as patterns see it: letters composed (NFC), signs that no reader sees left out."""
    return _composed(text)[0]


def _composed(text: str) -> tuple[str, list[_Piece]]:
    if _UNSEEN.search(text) is None and unicodedata.is_normalized("NFC", text):
        return text, []
    pieces: list[_Piece] = []
    parts: list[str] = []
    at = length = 0
    for found in _COMPOSED.finditer(text):
        written = unicodedata.normalize("NFC", _UNSEEN.sub("", found.group()))
        if written == found.group():
            continue
        parts += (text[at : found.start()], written)
        length += found.start() - at
        pieces.append(_Piece(length, length + len(written), found.start(), found.end()))
        length += len(written)
        at = found.end()
    return "".join((*parts, text[at:])), pieces


@dataclass(frozen=True, slots=True)
class Regex:
    """A pattern ready to run. `literal`: casefolded letters without which it cannot occur, or ""; `marked` as in the
    module's text.
    """

    compiled: re2._Regexp
    marked: bool
    literal: str


@lru_cache(maxsize=1024)
def compile_regex(pattern: str, *, case: bool) -> Regex:
    """Return a pattern ready to run over SearchTexts; any case unless `case`.

    Raises:
        TermError: too long, wrong, beyond RE2, or true of an empty text; `offset` and `length` are those in the
        pattern.
    """
    if len(pattern) > LONGEST_PATTERN:
        raise TermError(
            f"a pattern is longer than {LONGEST_PATTERN} characters",
            length=len(pattern),
            hint="write several terms, or plain words with `*`",
        )
    half = _SURROGATE.search(pattern)
    if half is not None:
        raise TermError("a pattern holds half a character", offset=half.start(), length=1, hint="type it again")
    rewritten = rewrite(composed(pattern))
    compiled = _compiled(pattern, rewritten, case=case)
    if compiled.programsize > _LARGEST_PROGRAM:
        raise _too_large(pattern)
    if any(compiled.fullmatch(MARK * marks) for marks in range(_MARKS + 1 if rewritten.marked else 1)):
        raise TermError(
            f"`/{pattern}/` matches an empty text, so it would be found everywhere",
            length=len(pattern),
            hint="let it ask for at least one letter: `+` where `*` stands",
        )
    return Regex(compiled, rewritten.marked, rewritten.literal)


def _compiled(pattern: str, rewritten: Rewritten, *, case: bool) -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    options.case_sensitive = case
    options.never_capture = True
    try:
        return re2.compile(rewritten.text, options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        if "too large" in reason or "repetition size" in reason:
            raise _too_large(pattern) from error
        what, _, part = reason.partition(": ")
        at = max(0, pattern.find(part)) if part else 0
        raise TermError(
            f"`/{pattern}/` is not a pattern: {reason.replace(MARK, '')}",
            offset=at,
            length=len(part) if part and part in pattern else len(pattern),
            hint="put a backslash before a sign that is meant as itself" if what else "",
        ) from error


def _too_large(pattern: str) -> TermError:
    return TermError(
        f"`/{pattern[:60]}/` takes too much memory",
        length=len(pattern),
        hint="repeat less, and shorter parts: `{1,20}` in place of `{1,500}`",
    )
