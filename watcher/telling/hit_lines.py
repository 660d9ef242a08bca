"""A stored article and the words that a rule or a search found in it, for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from watcher.core.model.article import Article, Field
from watcher.core.model.match import Match
from watcher.core.model.message import Marked
from watcher.telling.marked import cut, pieces, shown_marked, shown_start, window
from watcher.telling.outlets import outlet_of
from watcher.telling.payload import rfc3339
from watcher.telling.summary import excerpt_of, headline_of
from watcher.telling.wording import day_and_time, label

_HEADLINE: Final = 100
_PASSAGE: Final = 110
_BEFORE: Final = 30
_BOLD, _PLAIN = "\x1b[1m", "\x1b[22m"


def with_hits(marked: Marked, limit: int, *, color: bool) -> str:
    """Return a text with its hits in brackets, or in bold on a terminal; on one line, safe to show."""
    begin, end = (_BOLD, _PLAIN) if color else ("[", "]")
    return "".join(f"{begin}{part}{end}" if group else part for part, group in pieces(shown_start(marked, limit)))


def hit_headline(article: Article, match: Match, *, color: bool, limit: int = _HEADLINE) -> str:
    """Return the headline of an article with what was found in it."""
    return with_hits(headline_of(article, match), limit, color=color)


def hit_passage(article: Article, match: Match, *, color: bool) -> str:
    """Return the passage below the headline in which most was found, "" where all was found in the title."""
    if not any(span.field in (Field.SUMMARY, Field.CONTENT) for span in match.spans):
        return ""
    found = shown_marked(excerpt_of(article, match))
    first = min((start for start, _, _ in found.marks), default=0)
    passage = window(found, max(0, first - _BEFORE), _PASSAGE) if len(found.text) > _PASSAGE else found
    return with_hits(cut(passage, _PASSAGE + 2), _PASSAGE + 2, color=color)


def hit_lines(article: Article, match: Match, *, color: bool) -> list[str]:
    """Return what was found as lines: when and the headline, source and id, and a passage."""
    at = seen_or_published(article)
    lines = [f"{day_and_time(at) if at else 'no time':<16}  {hit_headline(article, match, color=color)}"]
    where = "  ".join(filter(None, (label(outlet_of(article)), article.id, label(article.url, 200))))
    lines.append(f"{'':<16}  {where}")
    if passage := hit_passage(article, match, color=color):
        lines.append(f"{'':<16}  {passage}")
    return lines


def hit_json(article: Article, match: Match) -> Mapping[str, Any]:
    """Return what was found as a JSON object."""
    return {
        "article": article.id,
        "title": article.title or None,
        "url": article.url or None,
        "source": article.source or None,
        "feed": article.feed_name or None,
        "lang": article.lang or None,
        "published_at": rfc3339(article.published_at) if article.published_at else None,
        "seen_at": rfc3339(article.first_seen_at) if article.first_seen_at else None,
        "spans": [
            {
                "field": span.field.value,
                "start": span.start,
                "end": span.end,
                "term": span.term,
                "concept": span.concept or None,
            }
            for span in match.spans
        ],
    }


def seen_or_published(article: Article) -> datetime | None:
    """Return the time that an article is listed by: the publisher's word, else when it was first seen."""
    return article.published_at or article.first_seen_at
