"""The lead of an article: the words by which two texts are brought together and compared.

What comes out goes into stored keys: a change here needs a new KEY_VERSION.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from watcher.core.dedup.titles import one_line, title_of, tokens_of
from watcher.core.dedup.wire import strip_furniture, strip_wire
from watcher.core.model.article import Article

LEAD_LETTERS: Final = 600
"""As much of a text as summaries usually hold; an article without a summary is compared by the start of its content."""


def lead(article: Article) -> tuple[str, ...]:
    """Return the tokens of the summary, else of the start of the content, without dateline and feed furniture; () if it only repeats the title."""
    return _read(article)[0]


def dateline_of(article: Article) -> str:
    """Return the town of the dateline before title or lead, lower case; "" = there is none."""
    return title_of(article).place or _read(article)[1]


def _read(article: Article) -> tuple[tuple[str, ...], str]:
    text = article.summary or article.content[: LEAD_LETTERS * 2]
    title = title_of(article)
    return _lead(text[: LEAD_LETTERS * 4], title.tokens, f"{article.source} {title.suffix}".strip())


@lru_cache(maxsize=8192)
def _lead(text: str, title: tuple[str, ...], credit: str) -> tuple[tuple[str, ...], str]:
    bare = strip_wire(one_line(strip_furniture(text.strip()[:LEAD_LETTERS])), is_lead=True)
    tokens = tokens_of(bare.text)
    rest = tokens[len(title) :] if tokens[: len(title)] == title else tokens
    # An aggregator's summary is its title and the outlet once more.
    repeats = not rest or (len(rest) < len(tokens) and set(rest) <= set(tokens_of(credit)))
    return () if repeats else tokens, bare.place
