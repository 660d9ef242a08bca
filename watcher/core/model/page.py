"""Pages that items link to and that are read whole: what was asked for, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId
from watcher.core.model.match import ReadArticle
from watcher.core.model.policy import ReadLimits


class PageOutcome(StrEnum):
    """What became of the page of an article."""

    WANTED = "wanted"
    READ = "read"
    UNREAD = "unread"
    NOT_NEAR = "not near"  # no rule but for one group would fire, so that it was not asked for


@dataclass(frozen=True, slots=True)
class PageNote:
    """What became of a page: `said` says why it was not read; of what the feed and the page gave the characters."""

    outcome: PageOutcome
    said: str = ""
    feed_chars: int = 0
    page_chars: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WantedPage:
    """An article whose page is to be read now; `attempts` were made before."""

    article: Article
    attempts: int


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page to read: the article that links to it, its bytes, and the revision of the rules to match it under."""

    article: Article
    body: bytes
    url: str
    revision: int
    content_type: str = ""
    limits: ReadLimits = ReadLimits()


@dataclass(frozen=True, slots=True)
class PageRead:
    """An article with the text of its page, matched; `read` None = nothing was found, `said` says why."""

    read: ReadArticle | None
    said: str = ""
    page_chars: int = 0


@dataclass(frozen=True, slots=True)
class PageResult:
    """What is to be kept of one try: with `next_try_at` the page is still wanted.

    `text` is the number of the article's text whose page this is: a later text wants its page anew. `attempts` counts
    the tries, this one included.
    """

    article: ArticleId
    note: PageNote
    read: ReadArticle | None = None
    next_try_at: datetime | None = None
    text: int = 1
    attempts: int = 1
