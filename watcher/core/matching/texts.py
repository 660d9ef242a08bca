"""Texts: an article as the engine looks at it, each part worked out once and only when it is needed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

import regex

from watcher.core.articles import datelines
from watcher.core.articles.digests import digest_sign, headlines_of
from watcher.core.articles.korean import stems
from watcher.core.articles.letters import forms
from watcher.core.articles.sentences import Region, paragraphs, sentences
from watcher.core.articles.spoken import Detect, Spoken, spoken
from watcher.core.articles.tokens import Token, tokenise
from watcher.core.language.regexes import Regex, SearchText
from watcher.core.matching.hits import FIELD_ORDER, FieldRegion
from watcher.core.matching.pattern import Pattern, Shape, Word, signs_begin, signs_end
from watcher.core.matching.word_rows import FoldedText, Occurrence, Prose
from watcher.core.model.article import Article, Field

PROSE = (Field.TITLE, Field.SUMMARY, Field.CONTENT)
"""The fields that a term without a scope looks into, in reading order."""

Lemmatise: TypeAlias = Callable[[str, str], str]
"""(word as written, language) -> its dictionary form; the word itself where none is known."""

Segment: TypeAlias = Callable[[str, str], Collection[int]]
"""(text, language or "") -> the code points at which words begin or end, for scripts without spaces."""

_CLUSTER = regex.compile(r"\X")
_HANGUL = regex.compile(r"\p{Hangul}")


class FieldText(FoldedText):
    """One field of an article: its tokens and where each word stands."""

    def __init__(self, field: Field, text: str, segment: Callable[[str], Collection[int]] | None = None) -> None:
        # A phrase never crosses two tags.
        super().__init__(text.replace("\n", "\0") if field is Field.TAG else text, prose=field in PROSE)
        self.field = field
        self.rank = FIELD_ORDER[field]
        self._segment = segment if field in PROSE else None

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Its tokens in order."""
        return tokenise(self.text, prose=self.field in PROSE)

    @cached_property
    def sentences(self) -> list[Region]:
        """Its sentences."""
        return sentences(self.text)

    @cached_property
    def paragraphs(self) -> list[Region]:
        """Its paragraphs."""
        return paragraphs(self.text)

    @cached_property
    def _edges(self) -> frozenset[int]:
        return frozenset(self._segment(self.text)) if self._segment is not None else frozenset()

    @cached_property
    def _noun_positions(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        if _HANGUL.search(self.text):
            for index, token in enumerate(self.tokens):
                for noun in stems(token.folded):
                    found.setdefault(noun, []).append(index)
        return found

    def positions(self, word: Word) -> list[int]:
        """Return where tokens stand that may be this word, in order; the caller still asks the word itself."""
        match word.shape:
            case Shape.WHOLE:
                found = self.standing.get(word.folded, [])
                return sorted([*found, *self._noun_positions.get(word.folded, [])]) if word.noun else found
            case Shape.PREFIX:
                return self.beginning(word.folded)
            case Shape.SUFFIX:
                return self._ending(word)
            case Shape.INFIX:
                return sorted(at for seen in self.in_order if word.folded in seen for at in self.standing[seen])

    def _ending(self, word: Word) -> list[int]:
        """Return where words end in the letters of a word, nouns before a Korean particle among them."""
        found = {at for seen in self.in_order if seen.endswith(word.folded) for at in self.standing[seen]}
        if word.noun:
            nouns = (places for noun, places in self._noun_positions.items() if noun.endswith(word.folded))
            found.update(*nouns)
        return sorted(found)

    def find(self, pattern: Pattern) -> list[Occurrence]:
        """Return every occurrence of a pattern, in order."""
        positions = self.positions(pattern.words[pattern.anchor])
        if not positions:
            return []
        found = []
        for position in positions:
            first = position - pattern.anchor
            if first >= 0 and (place := self.occurrence(pattern, first)) is not None:
                found.append(place)
        return found

    @cached_property
    def _search_text(self) -> SearchText:
        return SearchText(self.text)

    def find_regex(self, pattern: Regex) -> list[Occurrence]:
        """Return every occurrence of a regular expression, in order; one that holds no word stands where the next
        word does.
        """
        if not self._search_text.holds(pattern.literal):
            return []
        found = []
        for start, end in self._search_text.find(pattern):
            first = bisect_right(self.tokens, start, key=lambda token: token.end)
            last = bisect_left(self.tokens, end, key=lambda token: token.start) - 1
            found.append(Occurrence(start, end, first, max(first, last)))
        return found

    def find_lemmas(self, pattern: Pattern, lemmas: Lemmas, wanted: Sequence[str]) -> list[Occurrence]:
        """Return where the dictionary forms of a pattern's words stand, with the same gaps between them."""
        found = []
        for first in lemmas.positions.get(wanted[0], ()):
            row = self.tokens[first : first + len(wanted)]
            if lemmas.in_order[first : first + len(wanted)] == tuple(wanted) and self._gaps_hold(pattern, row):
                found.append(Occurrence(row[0].start, row[-1].end, first, first + len(wanted) - 1))
        return found

    def occurrence(self, pattern: Pattern, first: int) -> Occurrence | None:
        """Return the occurrence of a pattern whose first word is token `first`, or None."""
        last = first + len(pattern.words) - 1
        if last >= len(self.tokens):
            return None
        row = self.tokens[first : last + 1]
        if not all(word.accepts(token) for word, token in zip(pattern.words, row, strict=True)):
            return None
        if not self._gaps_hold(pattern, row):
            return None
        start, end = row[0].start, self._end(pattern.words[-1], row[-1])
        opens = signs_begin(self.text, pattern.before, start) if pattern.before else start
        closes = signs_end(self.text, pattern.after, end) if pattern.after else end
        if opens is None or closes is None:
            return None
        if self._segment is not None and pattern.may_straddle and self._straddles(start, end):
            return None
        return Occurrence(opens, closes, first, last)

    def _straddles(self, start: int, end: int) -> bool:
        """Say whether a hit of one or two characters is made of pieces of other words: 日本 in 今日|本报.

        A hit that begins or ends a longer word stays (日本 in 日本人), one character alone must be a word.
        """
        edges = self._edges
        if start in edges and end in edges:
            return False
        inside = any(at in edges for at in range(start + 1, end))
        return inside or (start not in edges and end not in edges) or end - start == 1

    def _gaps_hold(self, pattern: Pattern, row: Sequence[Token]) -> bool:
        return all(
            gap.accepts(self.text[left.end : right.start])
            for gap, left, right in zip(pattern.gaps, row, row[1:], strict=False)
        )

    def _end(self, word: Word, token: Token) -> int:
        """Return where a hit on a token ends: before the particle of a Korean noun, else where the token ends."""
        noun = word.noun_in(token.folded)
        if noun == token.folded:
            return token.end
        for cluster in _CLUSTER.finditer(self.text, token.start, token.end):
            seen = forms(self.text[token.start : cluster.end()])
            if "".join(form.folded for form in seen) == noun:
                return cluster.end()
        return token.end


class Lemmas:
    """The dictionary form of each token of a field, and where each form stands."""

    def __init__(self, lemmas: Sequence[str]) -> None:
        self.in_order = tuple(lemmas)
        positions: dict[str, list[int]] = {}
        for index, lemma in enumerate(self.in_order):
            positions.setdefault(lemma, []).append(index)
        self.positions: Mapping[str, Sequence[int]] = positions


class ArticleText:
    """One article: its fields, and the hits that were already looked up."""

    def __init__(
        self,
        article: Article,
        lemmatise: Lemmatise | None = None,
        segment: Segment | None = None,
        detect: Detect | None = None,
    ) -> None:
        self.article = article
        self._detect = detect
        self._lemmatise = lemmatise
        self._segment = None if segment is None else lambda text: segment(text, article.lang)
        self._fields: dict[Field, FieldText] = {}
        self._lemmas: dict[tuple[Field, str], Lemmas] = {}

    def field(self, field: Field) -> FieldText:
        """Return one field's text."""
        text = self._fields.get(field)
        if text is None:
            text = self._fields[field] = FieldText(field, self.article.text_of(field), self._segment)
        return text

    @cached_property
    def lead(self) -> tuple[Field, int, int]:
        """The lead: the first paragraph of the content, else the summary."""
        first = self.field(Field.CONTENT).paragraphs[:1]
        if first:
            return (Field.CONTENT, *first[0])
        return (Field.SUMMARY, 0, len(self.article.summary))

    @cached_property
    def title_again(self) -> frozenset[Field]:
        """Which of summary and content begin with the title: a post without one is called by its first sentence."""
        title = self.article.title.rstrip(" .…").casefold()
        if not title:
            return frozenset()
        texts = ((field, self.article.text_of(field)) for field in (Field.SUMMARY, Field.CONTENT))
        return frozenset(field for field, text in texts if _begins(text.lstrip().casefold(), title))

    @cached_property
    def datelines(self) -> tuple[FieldRegion, ...]:
        """The datelines at the beginning of its summary and content."""
        return datelines.datelines(self.article)

    @cached_property
    def digest(self) -> str:
        """By what it shows that it tells many stories, "" where it does not."""
        return digest_sign(self.article)

    @cached_property
    def stories(self) -> tuple[tuple[FieldRegion, ...], ...]:
        """What may be a story of a digest: its title or the parts of it that are, each paragraph, or each sentence
        where there is one paragraph; beside it all that is known of the article.
        """
        known = tuple((field, 0, len(self.article.text_of(field))) for field in Field if field not in PROSE)
        found = [(Field.TITLE, start, end) for start, end in headlines_of(self.article.title)]
        for field in (Field.SUMMARY, Field.CONTENT):
            text = self.field(field)
            parts = text.paragraphs if len(text.paragraphs) > 1 else text.sentences
            found += [(field, start, end) for start, end in parts]
        return tuple((region, *known) for region in found)

    @cached_property
    def spoken(self) -> Spoken:
        """The languages that it may be in."""
        return spoken(self.article, self._detect)

    @cached_property
    def prose(self) -> Prose:
        """Title, summary and content in one."""
        return Prose(self.article)

    def lemmas(self, field: Field, language: str) -> Lemmas | None:
        """Return the dictionary form of each token of a field; None when there is no lemmatiser or the language is
        unknown.
        """
        if self._lemmatise is None or not language:
            return None
        found = self._lemmas.get((field, language))
        if found is None:
            found = Lemmas([self.lemma(token.cased, language) for token in self.field(field).tokens])
            self._lemmas[field, language] = found
        return found

    def lemma(self, word: str, language: str) -> str:
        """Return the dictionary form of one word, the word itself without a lemmatiser."""
        return self._lemmatise(word, language).casefold() if self._lemmatise is not None else word.casefold()


def _begins(text: str, title: str) -> bool:
    return text.startswith(title) and not text[len(title) : len(title) + 1].isalnum()
