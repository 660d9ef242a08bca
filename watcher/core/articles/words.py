"""Words: the folded words of a text and where they stand, with less work than cutting it into tokens.

All ways give the words of `tokens.tokenise`, in order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate, chain
from typing import TypeAlias

from watcher.core.articles.plain_words import plain_words
from watcher.core.articles.tokens import (
    ACRONYM,
    LONGEST_KNOWN,
    MAYBE_ACRONYM,
    Token,
    ascii_tokens,
    blanked,
    mask_addresses,
    tokens_in,
    without_signs,
)

_BLANKED = str.maketrans({chr(c): " " for c in range(128) if not chr(c).isalnum()})


class AsciiWords:
    """The words of a text whose addresses are masked and which is ASCII but for signs (`without_signs`).

    `letters` is the text in lower case, with U+0000 in place of acronyms; in it words are found by their letters.
    `acronyms` are the folded ones.
    """

    def __init__(self, masked: str) -> None:
        self.letters = masked.lower()
        self.acronyms: frozenset[str] = frozenset()
        self._tokens: Sequence[Token] = ()
        if MAYBE_ACRONYM.search(masked) is None or ACRONYM.search(masked) is None:
            self.words = without_signs(self.letters).translate(_BLANKED).split()
            return
        self.letters = ACRONYM.sub(lambda found: "\0" * len(found.group()), masked).lower()
        self.acronyms = frozenset(found.group().replace(".", "").lower() for found in ACRONYM.finditer(masked))
        self._tokens = tuple(ascii_tokens(masked))
        self.words = [token.folded for token in self._tokens]

    def span(self, index: int) -> tuple[int, int]:
        """Return the code points [start, end) of a word, by its number."""
        if self._tokens:
            return self._tokens[index].start, self._tokens[index].end
        start = self._starts[index]
        return start, start + len(self.words[index])

    @cached_property
    def _starts(self) -> list[int]:
        return _starts(self.letters, self.words)


class ChunkWords:
    """The words of a text beyond ASCII whose addresses are masked: it is cut at its blanks, and what each piece gives
    is remembered.
    """

    def __init__(self, masked: str) -> None:
        self._text = blanked(masked)
        self._chunks = self._text.split()
        self._long: dict[int, tuple[Token, ...]] = {}  # tokens of long pieces, which nothing else remembers
        is_long = any(len(chunk) > LONGEST_KNOWN for chunk in self._chunks)
        self._folded = list(map(_folded_of_any if is_long else _folded, self._chunks))
        self.words = list(chain.from_iterable(self._folded))

    def span(self, index: int) -> tuple[int, int]:
        """Return the code points [start, end) of a word, by its number."""
        at = bisect_right(self._ends, index)
        token = self._tokens(at)[index - (self._ends[at - 1] if at else 0)]
        return self._starts[at] + token.start, self._starts[at] + token.end

    def _tokens(self, at: int) -> tuple[Token, ...]:
        chunk = self._chunks[at]
        if len(chunk) <= LONGEST_KNOWN:
            return tokens_in(chunk)
        if at not in self._long:
            self._long[at] = tokens_in(chunk)
        return self._long[at]

    @cached_property
    def _ends(self) -> list[int]:
        """How many words there are up to the end of each piece."""
        return list(accumulate(map(len, self._folded)))

    @cached_property
    def _starts(self) -> list[int]:
        return _starts(self._text, self._chunks)


Words: TypeAlias = AsciiWords | ChunkWords


def words_of(text: str, *, prose: bool = True) -> Words:
    """Return the words of a text; `prose` as for `tokenise`. Those of the last texts are remembered: rules and search
    index ask for the same ones.
    """
    return _words_of(text, prose)


@lru_cache(maxsize=16)
def _words_of(text: str, prose: bool) -> Words:
    masked = mask_addresses(text) if prose else text
    return AsciiWords(masked) if without_signs(masked).isascii() else ChunkWords(masked)


def folded_words(text: str, *, prose: bool = True) -> list[str]:
    """Return the folded forms of a text's tokens, in order."""
    return words_of(text, prose=prose).words


def _starts(text: str, pieces: Iterable[str]) -> list[int]:
    """Return where each piece starts, as they stand in a text in this order; between them are only blanks and signs."""
    starts = []
    at = 0
    for piece in pieces:
        at = text.index(piece, at)
        starts.append(at)
        at += len(piece)
    return starts


def _new_folded(chunk: str) -> tuple[str, ...]:
    words = plain_words(chunk)
    return tuple(token.folded for token in tokens_in(chunk)) if words is None else words


_folded = lru_cache(maxsize=1 << 15)(_new_folded)


def _folded_of_any(chunk: str) -> tuple[str, ...]:
    return _folded(chunk) if len(chunk) <= LONGEST_KNOWN else _new_folded(chunk)
