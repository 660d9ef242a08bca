"""Text that people paste, made what the daemon makes of the text of feeds; where a word stands is told in the text as
given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from watcher.core.articles.text import one_line, plain_to_text
from watcher.core.model.article import Article, Field
from watcher.core.model.match import Span


@dataclass(frozen=True, slots=True)
class Pasted:
    """An article with text as the daemon stores it, and where each letter of that text stood; see `given`."""

    article: Article
    places: Mapping[Field, list[int]]

    def given(self, span: Span) -> Span:
        """Return a span in the article as it was given."""
        places = self.places.get(span.field)
        if places is None:
            return span
        return span._replace(start=places[span.start], end=places[span.end - 1] + 1)


def as_read(article: Article) -> Pasted:
    """Return an article as it would come out of a feed: one kind of blank, one line break between paragraphs, no
    controls.
    """
    clean = {
        Field.TITLE: one_line(plain_to_text(article.title)),
        Field.SUMMARY: plain_to_text(article.summary),
        Field.CONTENT: plain_to_text(article.content),
    }
    places = {
        field: _places(text, article.text_of(field)) for field, text in clean.items() if text != article.text_of(field)
    }
    cleaned = replace(article, title=clean[Field.TITLE], summary=clean[Field.SUMMARY], content=clean[Field.CONTENT])
    return Pasted(cleaned, places)


def _places(clean: str, given: str) -> list[int]:
    """Return where each letter of a cleaned text stands in the given one.

    Cleaning leaves letters in their order, drops some, and writes one blank for several. A blank stands where its
    first one did.
    """
    places: list[int] = []
    at = 0
    for letter in clean:
        if not letter.isspace():
            at = given.index(letter, at)
        places.append(at)
        at += 1
    return places
