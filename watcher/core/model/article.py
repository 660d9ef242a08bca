"""Entries as feeds give them, and articles as we keep them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from watcher.core.model.ids import ArticleId, FeedId


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as the feed gave it: unaltered text, HTML where the feed had HTML, dates parsed to aware UTC or None."""

    guid: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    lang: str = ""
    source_name: str = ""
    source_url: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    title_is_html: bool = True
    summary_is_html: bool = True
    content_is_html: bool = True


class Field(StrEnum):
    """The parts of an article that a term can look into."""

    TITLE = "title"
    SUMMARY = "summary"
    CONTENT = "content"
    AUTHOR = "author"
    URL = "url"
    SOURCE = "source"
    LANG = "lang"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Article:
    """A normalised entry: plain text, UTC dates, checked http(s) URL.

    `title`, `summary` and `content` are plain text: tags and entities gone, words kept apart, "\\n" between
    paragraphs, no NUL, no lone surrogate. `lang` is a lower-case primary subtag ("en") or "" when unknown;
    `lang_declared` says whether it is what the feed or its server declares (else it was guessed from the letters),
    None = nobody noted it. `source` is the publisher's host or the name the feed gives. `published_at` is the
    publisher's word (None = unknown or absurd); `first_seen_at` is ours. `text` numbers the states in which we saw
    the article, from 1; an alert belongs to one of them.
    """

    id: ArticleId
    feed: FeedId
    guid: str = ""
    url: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    lang: str = ""
    source: str = ""
    feed_name: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    first_seen_at: datetime | None = None
    sample: bool = False
    lang_declared: bool | None = None
    text: int = 1

    def text_of(self, field: Field) -> str:
        """Return the text of a field; tags are joined by line breaks, so that no phrase crosses two of them."""
        match field:
            case Field.TAG:
                return "\n".join(self.tags)
            case _:
                value: str = getattr(self, field.value)
                return value

    def seen_at(self, moment: datetime) -> Article:
        """Return the same article with the time at which we first saw it."""
        return replace(self, first_seen_at=moment)


@dataclass(frozen=True, slots=True)
class ArticleKeys:
    """The digests by which an article is recognised; all 16 bytes; None where the article has nothing to digest.

    `item` names the item within its feed (identity, see core.dedup.keys); `guid` is a second key without scheme and
    host, within the feed; `url` the conservative URL key and `title` the normalised title, both across feeds;
    `content` changes when title, summary or content change; `pattern` is the title with digits, dates and weekdays
    masked, and `lead` the start of a long lead, both within their source: they tell what a source repeats.
    """

    item: bytes
    content: bytes
    guid: bytes | None = None
    url: bytes | None = None
    title: bytes | None = None
    pattern: bytes | None = None
    lead: bytes | None = None
