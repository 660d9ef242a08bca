"""Covering: which terms find everything that others find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from watcher.core.articles.tokens import Token, tokenise
from watcher.core.matching.pattern import Pattern, Shape, Word, patterns_of
from watcher.core.model.rule import Term


def covers(wide: Term, narrow: Term) -> bool:
    """Say whether every hit of `narrow` surely holds a hit of `wide`: `Russia*` of `Russian`, `Kim` of `Kim Jong Un`.

    Where that cannot be told from the terms alone, the answer is no.
    """
    if wide.regex or narrow.regex or wide.exact or (wide.stem and wide.stem != narrow.stem):
        return False
    if wide.field not in (None, narrow.field) or (wide.lead and not narrow.lead) or (wide.case and not narrow.case):
        return False
    pattern = patterns_of(wide)[0]
    if pattern.before or pattern.after:
        return wide.text.casefold() == narrow.text.casefold()
    tokens = tokenise(narrow.text, prose=False)
    return any(_stands_at(pattern, tokens, at, narrow.text) for at in range(len(tokens) - len(pattern.words) + 1))


class Covering:
    """Many terms, asked which of them cover a given one without trying them all."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._whole: dict[str, list[Term]] = {}
        self._prefixes: dict[str, list[Term]] = {}
        self._others: list[Term] = []
        for term in terms:
            if term.regex:
                continue
            word = patterns_of(term)[0].words[0]
            match word.shape:
                case Shape.WHOLE:
                    self._whole.setdefault(word.folded, []).append(term)
                case Shape.PREFIX:
                    self._prefixes.setdefault(word.folded, []).append(term)
                case _:
                    self._others.append(term)

    def of(self, narrow: Term) -> list[Term]:
        """Return the terms that cover one, in no order; itself among them when it was given."""
        if narrow.regex:
            return []
        near = list(self._others)
        for token in tokenise(narrow.text, prose=False):
            near += self._whole.get(token.folded, ())
            for end in range(1, len(token.folded) + 1):
                near += self._prefixes.get(token.folded[:end], ())
        return [wide for wide in near if covers(wide, narrow)]


def _stands_at(pattern: Pattern, tokens: Sequence[Token], first: int, text: str) -> bool:
    row = tokens[first : first + len(pattern.words)]
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
