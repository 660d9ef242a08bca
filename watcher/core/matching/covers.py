"""Covering: which terms find everything that others find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from watcher.core.articles.tokens import Token, tokenise
from watcher.core.matching.pattern import Pattern, Shape, Word, patterns_of
from watcher.core.model.rule import Term


def covers(wide: Term, narrow: Term) -> bool:
    """Say whether every hit of `narrow` surely holds a hit of `wide`: `Russia*` of `Russian`, `Kim` of `Kim Jong Un`.

    Where that cannot be told from the terms alone, the answer is no.
    """
    return any(Covering([wide]).of(narrow))


class Covering:
    """Many terms, asked which of them cover a given one without trying them all."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._filed: dict[Shape, dict[str, list[tuple[Term, Pattern]]]] = {shape: {} for shape in Shape}
        for term in terms:
            if not term.regex and not term.exact:
                pattern = patterns_of(term)[0]
                word = pattern.words[0]
                self._filed[word.shape].setdefault(word.folded, []).append((term, pattern))

    def of(self, narrow: Term) -> Iterator[Term]:
        """Yield the terms that cover one, in no order; itself among them when it was given."""
        if narrow.regex:
            return
        tokens = tokenise(narrow.text, prose=False)
        for at, token in enumerate(tokens):
            for term, pattern in self._near(token.folded):
                if _may_cover(term, narrow) and _stands_at(pattern, tokens, at, narrow.text):
                    yield term

    def _near(self, folded: str) -> Iterator[tuple[Term, Pattern]]:
        """Yield the terms whose first word may accept a word."""
        yield from self._filed[Shape.WHOLE].get(folded, ())
        for shape, parts in _PARTS.items():
            filed = self._filed[shape]
            for part in parts(folded) if filed else ():
                yield from filed.get(part, ())


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
    return not (wide.case and not narrow.case) and not (wide.stem and wide.stem != narrow.stem)


def _stands_at(pattern: Pattern, tokens: Sequence[Token], first: int, text: str) -> bool:
    row = tokens[first : first + len(pattern.words)]
    if len(row) < len(pattern.words):
        return False
    start, end = row[0].start, row[-1].end
    if not text[:start].endswith(pattern.before) or not text[end:].startswith(pattern.after):
        return False
    if not all(_takes_all(word, token, text) for word, token in zip(pattern.words, row, strict=True)):
        return False
    return all(
        gap.accepts(text[left.end : right.start]) for gap, left, right in zip(pattern.gaps, row, row[1:], strict=False)
    )


def _takes_all(word: Word, token: Token, text: str) -> bool:
    """Say whether a word accepts whatever a word of a term may stand for, its wildcards included."""
    if not word.accepts(token):
        return False
    opens = text[token.start - 1 : token.start] == "*"
    goes_on = text[token.end : token.end + 1] == "*"
    return (not opens or word.shape in (Shape.SUFFIX, Shape.INFIX)) and (
        not goes_on or word.shape in (Shape.PREFIX, Shape.INFIX)
    )
