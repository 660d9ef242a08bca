"""The lead of an article: the words by which two texts are brought together and compared.

What comes out goes into stored keys: a change here needs a new KEY_VERSION.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import regex

from watcher.core.dedup.titles import strip_start, title_of, tokens_of
from watcher.core.model.article import Article

LEAD_LETTERS: Final = 600
"""As much of a text as summaries usually hold; an article without a summary is compared by the start of its content."""


def lead(article: Article) -> tuple[str, ...]:
    """Return the tokens of the summary, else of the start of the content, without dateline and feed furniture; () if it only repeats the title."""
    text = article.summary or article.content[: LEAD_LETTERS * 2]
    return _lead(text[: LEAD_LETTERS * 4], title_of(article).tokens, article.source)


_FURNITURE: Final = regex.compile(
    r"""\s*(?:The\ post\ .{1,300}\ (?:appeared\ first\ on|first\ appeared\ on)\ .{1,100}
          | (?:Continue\ reading|Read\ more|Read\ the\ full\ story)\b.{0,300}
          | \[?(?:…|\.{3,})\]?)\s*$""",
    flags=regex.X | regex.I | regex.S,
)


@lru_cache(maxsize=8192)
def _lead(text: str, title: tuple[str, ...], source: str) -> tuple[str, ...]:
    tokens = tokens_of(strip_start(_FURNITURE.sub("", text.strip()[:LEAD_LETTERS]))[0])
    rest = tokens[len(title) :] if tokens[: len(title)] == title else tokens
    repeats = not rest or (len(rest) < len(tokens) and rest == tokens_of(source))
    return () if repeats else tokens
