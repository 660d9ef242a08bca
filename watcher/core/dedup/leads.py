"""The lead of an article: the words by which two texts are brought together and compared.

What comes out goes into stored keys: a change here needs a new KEY_VERSION.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from watcher.core.dedup.titles import Title, one_line, title_of, tokens_of
from watcher.core.dedup.wire import strip_furniture, strip_wire
from watcher.core.model.article import Article

LEAD_LETTERS: Final = 600
"""As much of a text as summaries usually hold; an article without a summary is compared by the start of its content."""


@dataclass(frozen=True, slots=True)
class Lead:
    """The lead of an article: its tokens, the town of its dateline, and the tokens as a set."""

    tokens: tuple[str, ...]
    place: str
    words: frozenset[str]


def lead(article: Article) -> tuple[str, ...]:
    """Return the tokens of the summary, else of the start of the content, without dateline and feed furniture; () if
    it only repeats the title.
    """
    return lead_of(article).tokens


def dateline_of(article: Article) -> str:
    """Return the town of the dateline before title or lead, lower case; "" = there is none."""
    return title_of(article).place or lead_of(article).place


def lead_of(article: Article) -> Lead:
    """Return the lead of an article with what it is compared by."""
    text = article.summary or article.content[: LEAD_LETTERS * 2]
    return _read_lead(text.strip()[:LEAD_LETTERS], title_of(article), article.source[:LEAD_LETTERS])


# By its words and not by its article: one that gets another id, or is loaded again, is not taken apart anew. Each costs
# some 8 kB, in each process that reads articles.
@lru_cache(maxsize=1024)
def _read_lead(text: str, title: Title, source: str) -> Lead:
    bare = strip_wire(one_line(strip_furniture(text)), is_lead=True)
    tokens = tokens_of(bare.text)
    size = len(title.tokens)
    rest = tokens[size:] if tokens[:size] == title.tokens else tokens
    # An aggregator's summary is its title and the outlet once more.
    credit = set(tokens_of(f"{source} {title.suffix}"))
    if not rest or (len(rest) < len(tokens) and credit.issuperset(rest)):
        tokens = ()
    return Lead(tokens, bare.place, frozenset(tokens))
