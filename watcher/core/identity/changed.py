"""Changed to match: is it news that a rule fires on a text and did not fire on the one before.

It is, if what fired stands in a passage that is new: a changed title, a sentence of the lead that is no other item's
title, or a sentence further down that no other item of the document holds. Boxes of related or most read headlines,
which pages carry and change, are no news.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final

from watcher.core.articles.sentences import sentences
from watcher.core.dedup.leads import LEAD_LETTERS
from watcher.core.dedup.titles import title_of, tokens_of
from watcher.core.model.alert import KnownArticle
from watcher.core.model.article import Article, Field
from watcher.core.model.match import Match, ReadArticle, Span

Passage = tuple[str, ...]
"""The words of a title or sentence."""

_LONGEST_TEXT: Final = 60_000
_WORDS_OF_A_HEADLINE: Final = 3
_TEXTS: Final = (Field.SUMMARY, Field.CONTENT)


class Passages:
    """The sentences and titles of a document, and which of its items hold each."""

    def __init__(self, reads: Sequence[ReadArticle]) -> None:
        self._reads = reads
        self._holders: dict[Passage, set[bytes]] = {}
        self._titles: dict[Passage, set[bytes]] = {}

    def is_box(self, passage: Passage, read: ReadArticle, hit: Collection[str], *, in_lead: bool) -> bool:
        """Return whether a hit stands in what is another item's: in its title, or, below the lead, in a sentence that
        it holds too.
        """
        if not self._holders:
            self._index()
        if not in_lead and self._holders.get(passage, frozenset()) - {read.keys.item}:
            return True
        line = f" {' '.join(passage)} "
        return any(
            items - {read.keys.item} and f" {' '.join(title)} " in line
            for title, items in self._titles.items()
            if len(title) >= _WORDS_OF_A_HEADLINE and set(title).issuperset(hit)
        )

    def _index(self) -> None:
        for read in self._reads:
            title = tokens_of(read.article.title)
            self._titles.setdefault(title, set()).add(read.keys.item)
            for passage in passages_of(read.article):
                self._holders.setdefault(passage, set()).add(read.keys.item)


def new_passage(
    match: Match, read: ReadArticle, known: KnownArticle, document: Passages, *, same_rules: bool
) -> Passage:
    """Return the first passage of a later text that makes a match news, () where there is none.

    `same_rules`: the text before was matched under the same rules; else what fired may be a new rule, and a word that
    fired must be new. A text before that is gone counts as having fired.

        before  "Live: talks go on"                             rule shells: quiet
        after   "Live: shells shipped to the front, talks go on"  -> ("live", "shells", "shipped", ...)
    """
    before = known.article
    if before is None or not known.is_whole:
        return ()
    had = passages_of(before)
    if not match.spans:  # it fires by something else than words: any new passage will do
        return min(passages_of(read.article) - had, default=())
    words = frozenset(word for passage in had for word in passage)
    for span in match.spans:
        passage = _passage_of(span, read.article)
        if not passage or passage in had:
            continue
        hit = _words_of(span, read.article)
        if not same_rules and words.issuperset(hit):
            continue
        in_lead = span.start < LEAD_LETTERS and (span.field is Field.SUMMARY or not read.article.summary)
        if span.field is Field.TITLE or not document.is_box(passage, read, hit, in_lead=in_lead):
            return passage
    return ()


def fresh_sentences(match: Match, read: ReadArticle, before: Article, document: Passages) -> tuple[str, ...]:
    """Return the sentences of a later text's lead on which a rule fires and that the text before did not hold; boxes
    are none.
    """
    had = passages_of(before)
    article = read.article
    field = Field.SUMMARY if article.summary else Field.CONTENT
    text = article.text_of(field)[:LEAD_LETTERS]
    found: list[str] = []
    for start, end, passage in _sentences(text):
        hits = [span for span in match.spans if span.field is field and start <= span.start < end]
        if passage in had or not (hits or not match.spans):
            continue
        hit = [word for span in hits for word in _words_of(span, article)]
        if not document.is_box(passage, read, hit, in_lead=True):
            found.append(text[start:end].strip())
    return tuple(found)


def passages_of(article: Article) -> frozenset[Passage]:
    """Return the title and the sentences of an article, each as its words."""
    found = {title_of(article).tokens, tokens_of(article.title)}
    for field in _TEXTS:
        found.update(passage for _, _, passage in _sentences(article.text_of(field)))
    return frozenset(found - {()})


def _passage_of(span: Span, article: Article) -> Passage:
    """Return the title or sentence that a hit stands in; hits elsewhere (tags, address) are in none."""
    if span.field is Field.TITLE:
        return tokens_of(article.title)
    if span.field not in _TEXTS:
        return ()
    inside = (passage for start, end, passage in _sentences(article.text_of(span.field)) if start <= span.start < end)
    return next(inside, ())


def _words_of(span: Span, article: Article) -> tuple[str, ...]:
    return tokens_of(article.text_of(span.field)[span.start : span.end])


@lru_cache(maxsize=512)
def _sentences(text: str) -> tuple[tuple[int, int, Passage], ...]:
    text = text[:_LONGEST_TEXT]
    return tuple((start, end, tokens_of(text[start:end])) for start, end in sentences(text))
