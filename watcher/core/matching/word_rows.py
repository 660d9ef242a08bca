"""Rows of words: where terms stand of which the folded words are all there is to look for, without cutting a text
into tokens.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from watcher.core.articles.words import AsciiWords, words_of
from watcher.core.matching.hits import FieldRegion
from watcher.core.matching.pattern import WordRow
from watcher.core.model.article import Article, Field

_BREAK = "\n\n"  # no word, no address and no row of words crosses it


class Occurrence(NamedTuple):
    """One occurrence of a term: code points [start, end) and the tokens first..last."""

    start: int
    end: int
    first: int
    last: int


class FoldedText:
    """One text and its folded `words`, in order; `prose` as for `tokenise`."""

    def __init__(self, text: str, *, prose: bool) -> None:
        self.text = text
        self.cut = words_of(text, prose=prose)
        self.words = self.cut.words

    def find_words(self, row: WordRow) -> list[Occurrence]:
        """Return every occurrence of a row of words, in order."""
        if len(row.words) == 1:
            found = self.beginning(row.words[0]) if row.prefix else self.standing.get(row.words[0], [])
            return [Occurrence(*self.cut.span(index), index, index) for index in found]
        words, rows = list(row.words), []
        for first in self.standing.get(row.words[0], []):
            last = first + len(words) - 1
            if self.words[first : last + 1] == words:
                spans = [self.cut.span(index) for index in range(first, last + 1)]
                if all(row.gap.accepts(self.text[left[1] : right[0]]) for left, right in pairwise(spans)):
                    rows.append(Occurrence(spans[0][0], spans[-1][1], first, last))
        return rows

    @cached_property
    def standing(self) -> Mapping[str, list[int]]:
        """The numbers of the words at which each folded word stands."""
        found = defaultdict(list)
        for index, word in enumerate(self.words):
            found[word].append(index)
        return found

    @cached_property
    def in_order(self) -> Sequence[str]:
        """The different folded words, sorted."""
        return sorted(self.standing)

    def beginning(self, prefix: str) -> list[int]:
        """Return the numbers of the words that begin with some letters, in order."""
        at, found = bisect_left(self.in_order, prefix), list[int]()
        while at < len(self.in_order) and self.in_order[at].startswith(prefix):
            found += self.standing[self.in_order[at]]
            at += 1
        return sorted(found)


def prose_of(article: Article) -> str:
    """Return title, summary and content in one; no word of it is in two of them."""
    return _BREAK.join((article.title, article.summary, article.content))


class Prose:
    """Title, summary and content of an article in one, where all that is asked for is a row of words anywhere in
    them.
    """

    def __init__(self, article: Article) -> None:
        self._all = FoldedText(prose_of(article), prose=True)
        self._summary = len(article.title) + len(_BREAK)
        self._content = self._summary + len(article.summary) + len(_BREAK)
        self.words = self._all.words

    def places(self, row: WordRow) -> list[FieldRegion]:
        """Return where a row of words stands, in order; the same as `find_words` finds in each field."""
        cut = self._all.cut
        found: Iterable[tuple[int, int]]
        if isinstance(cut, AsciiWords) and not (cut.acronyms and _may_be_one(row, cut.acronyms)):
            found = _find(cut.letters, row)
        else:
            found = [(place.start, place.end) for place in self._all.find_words(row)]
        return [self._place(start, end) for start, end in found]

    def _place(self, start: int, end: int) -> FieldRegion:
        if start < self._summary:
            return Field.TITLE, start, end
        if start < self._content:
            return Field.SUMMARY, start - self._summary, end - self._summary
        return Field.CONTENT, start - self._content, end - self._content


def _may_be_one(row: WordRow, acronyms: Iterable[str]) -> bool:
    """Say whether a word of a row may be an acronym, which is not among the letters."""
    if row.prefix:
        return any(acronym.startswith(row.words[0]) for acronym in acronyms)
    return any(acronym in row.words for acronym in acronyms)


# In lower-case ASCII letters without acronyms a word stands where its letters do and no letter or digit touches them.
_NO_LETTERS = re.compile(r"[^a-z0-9]*")
_LETTERS = re.compile(r"[a-z0-9]*")


def _find(letters: str, row: WordRow) -> list[tuple[int, int]]:
    """Return where a row of words stands, as [start, end) of the letters, in order."""
    found = []
    first, alone = row.words[0], len(row.words) == 1
    size = len(first)
    start = letters.find(first)
    while start >= 0:
        end = start + size
        if not start or not letters[start - 1].isalnum():
            if row.prefix:
                found.append((start, _skip(_LETTERS, letters, end)))
            elif not letters[end : end + 1].isalnum():
                stop = end if alone else _end_of(letters, end, row)
                if stop:
                    found.append((start, stop))
        start = letters.find(first, end)
    return found


def _end_of(letters: str, end: int, row: WordRow) -> int:
    """Return where a row ends whose first word ends at `end`, or 0."""
    for word in row.words[1:]:
        begin = _skip(_NO_LETTERS, letters, end)
        stop = begin + len(word)
        if not letters.startswith(word, begin) or letters[stop : stop + 1].isalnum():
            return 0
        if not row.gap.accepts(letters[end:begin]):
            return 0
        end = stop
    return end


def _skip(letters: re.Pattern[str], text: str, start: int) -> int:
    found = letters.match(text, start)
    return start if found is None else found.end()
