"""Covering: which terms find everything that others find."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from watcher.core.articles.tokens import Token, tokenise
from watcher.core.matching.pattern import Pattern, Shape, Word, patterns_of, signs_begin, signs_end
from watcher.core.model.rule import Term


def covers(wide: Term, narrow: Term) -> bool:
    """Say whether every hit of `narrow` surely holds a hit of `wide`: `Russia*` of `Russian`, `Kim` of `Kim Jong Un`.

    Where that cannot be told from the terms alone, the answer is no.
    """
    if wide.regex or narrow.regex or not _may_cover(wide, narrow):
        return False
    if wide.text == narrow.text and wide.exact == narrow.exact:
        return True
    if wide.exact:
        return False
    pattern, tokens = patterns_of(wide)[0], tokens_of(narrow.text)
    return any(_stands_at(pattern, tokens, at, narrow.text) for at in range(len(tokens)))


@lru_cache(maxsize=4096)
def tokens_of(text: str) -> tuple[Token, ...]:
    """Return the tokens of a term's text."""
    return tokenise(text, prose=False)


class Covering:
    """Many terms, asked which of them cover a given one without trying them all."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._whole: dict[str, list[Term]] = {}
        self._parts: dict[Shape, dict[str, list[Term]]] = {}
        for term in terms:
            if not term.regex:
                shape, word = _longest_word(term.text)
                filed = self._whole if shape is Shape.WHOLE else self._parts.setdefault(shape, {})
                filed.setdefault(word, []).append(term)

    def of(self, narrow: Term) -> Iterator[Term]:
        """Yield the terms that cover one, in no order; itself among them when it was given."""
        if narrow.regex:
            return
        for word in _words(narrow.text):
            for term in self._near(word):
                if covers(term, narrow):
                    yield term

    def _near(self, folded: str) -> Sequence[Term]:
        """Return the terms whose longest word may accept a word."""
        found = self._whole.get(folded, ())
        if not self._parts:
            return found
        parts = ((filed, part) for shape, filed in self._parts.items() for part in _PARTS[shape](folded))
        return [*found, *(term for filed, part in parts for term in filed.get(part, ()))]


class Covered:
    """Many terms, asked which of them a given one covers without trying them all."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._by_word: dict[str, list[Term]] = {}
        for term in terms:
            if not term.regex:
                for word in set(_words(term.text)):
                    self._by_word.setdefault(word, []).append(term)
        self._words = sorted(self._by_word)

    def by(self, wide: Term) -> Iterator[Term]:
        """Yield the terms that one covers, in no order."""
        if wide.regex:
            return
        for word in self._taken(*_longest_word(wide.text)):
            for term in self._by_word[word]:
                if covers(wide, term):
                    yield term

    def _taken(self, shape: Shape, text: str) -> Iterator[str]:
        """Yield the words that the longest word of a term may accept."""
        match shape:
            case Shape.WHOLE:
                yield from [text] if text in self._by_word else ()
            case Shape.PREFIX:
                for at in range(bisect_left(self._words, text), len(self._words)):
                    if not self._words[at].startswith(text):
                        return
                    yield self._words[at]
            case Shape.SUFFIX:
                yield from (word for word in self._words if word.endswith(text))
            case Shape.INFIX:
                yield from (word for word in self._words if text in word)


def _words(text: str) -> Sequence[str]:
    """Return the folded words of a term."""
    if text.isascii() and text.isalpha():
        return (text.lower(),)  # most terms; the token would say the same
    return [token.folded for token in tokens_of(text)]


def _longest_word(text: str) -> tuple[Shape, str]:
    """Return how the longest word of a term is compared, and its folded letters; many terms begin with the same short
    word.
    """
    if text.isascii() and text.isalpha():
        return Shape.WHOLE, text.lower()
    token = max(tokens_of(text), key=lambda token: len(token.folded))
    if text[token.end : token.end + 1] == "*":
        return Shape.INFIX if _is_open(token, text) else Shape.PREFIX, token.folded
    return Shape.SUFFIX if _is_open(token, text) else Shape.WHOLE, token.folded


def _is_open(token: Token, text: str) -> bool:
    return text[token.start - 1 : token.start] == "*"


def _infixes(word: str) -> set[str]:
    return {word[start:end] for start in range(len(word)) for end in range(start + 1, len(word) + 1)}


_PARTS: Mapping[Shape, Callable[[str], Iterable[str]]] = {
    Shape.PREFIX: lambda word: (word[:end] for end in range(1, len(word) + 1)),
    Shape.SUFFIX: lambda word: (word[start:] for start in range(len(word))),
    Shape.INFIX: _infixes,
}


def same_words(one: Term, other: Term) -> bool:
    """Say whether two terms compare the same words in the same way, however they were written."""
    words = ([(word.text, word.form, word.shape) for word in patterns_of(term)[0].words] for term in (one, other))
    return next(words) == next(words)


def _may_cover(wide: Term, narrow: Term) -> bool:
    """Say whether `wide` looks wherever `narrow` does, and compares no more strictly."""
    if wide.field not in (None, narrow.field) or (wide.lead and not narrow.lead):
        return False
    if wide.weak or wide.langs not in (None, narrow.langs):
        return False
    return not (wide.case and not narrow.case) and not (wide.stem and wide.stem != narrow.stem)


def _stands_at(pattern: Pattern, tokens: Sequence[Token], first: int, text: str) -> bool:
    row = tokens[first : first + len(pattern.words)]
    if len(row) < len(pattern.words):
        return False
    start, end = row[0].start, row[-1].end
    if signs_begin(text, pattern.before, start) is None or signs_end(text, pattern.after, end) is None:
        return False
    if not all(_takes_all(word, token, text) for word, token in zip(pattern.words, row, strict=True)):
        return False
    return all(
        gap.accepts(text[left.end : right.start]) for gap, left, right in zip(pattern.gaps, row, row[1:], strict=False)
    )


def _takes_all(word: Word, token: Token, text: str) -> bool:
    """Say whether a word accepts whatever a word of a term may stand for, its wildcards and Korean particles
    included.
    """
    if not word.accepts(token) or word.noun_in(token.folded) != token.folded:
        return False
    goes_on = text[token.end : token.end + 1] == "*"
    return (not _is_open(token, text) or word.shape in (Shape.SUFFIX, Shape.INFIX)) and (
        not goes_on or word.shape in (Shape.PREFIX, Shape.INFIX)
    )
