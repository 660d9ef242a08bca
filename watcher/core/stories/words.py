"""The words of an article by which its story is found: what title and lead say, without function words and endings.

    "Talks collapse in Velland: envoys leave"  ->  talks, colla, velland cut to vella, envoy, leave
    "북한군 전선 도착"                           ->  letter pairs: 북한, 한군, 전선, 도착

Beginnings of words instead of letter groups: on 7,595 headlines in nine languages the first five or six letters of a
word group as well as all its groups of three to five letters (BCubed F .713 and .717), and need a twentieth of the
room.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from watcher.core.dedup.leads import lead
from watcher.core.dedup.likeness import shingles
from watcher.core.dedup.titles import is_function_word, is_unspaced, title_of, tokens_of
from watcher.core.model.article import Article
from watcher.core.model.match import Span

MOST_WORDS: Final = 80
"""As many words of an article count; title and the usual summary have 15 to 60."""
LEAD_WORDS: Final = 60
_WHOLE: Final = 5
_LONG: Final = 7


def story_words(article: Article) -> tuple[str, ...]:
    """Return the words of title and lead that tell its story, each once, in the order of the text; at most
    `MOST_WORDS`.
    """
    return _story_words((*title_of(article).tokens, *lead(article)[:LEAD_WORDS]))


def hit_words(article: Article, spans: Iterable[Span]) -> frozenset[str]:
    """Return the words of an article at which rules fired, as `story_words` gives them."""
    texts = {article.text_of(span.field)[span.start : span.end] for span in spans}
    return frozenset(word for text in texts for word in _story_words(tokens_of(text)))


@lru_cache(maxsize=4096)
def _story_words(tokens: tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for token in tokens:
        for word in sorted(shingles((token,))):
            if not is_function_word(word):
                found.setdefault(_beginning(word))
    return tuple(found)[:MOST_WORDS]


def _beginning(word: str) -> str:
    """Return the part of a word that its endings leave alone; numbers, designators and unspaced scripts stay whole."""
    if len(word) <= _WHOLE or is_unspaced(word) or any(letter.isdecimal() for letter in word):
        return word
    return word[:6] if len(word) > _LONG else word[:5]
