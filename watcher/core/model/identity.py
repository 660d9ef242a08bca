"""What is remembered of how a feed names its items, and what the document in hand was like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from watcher.core.model.ids import ArticleId


@dataclass(frozen=True, slots=True)
class FeedMemory:
    """What a feed taught us about itself, kept from one reading to the next.

    `address` is the configured one of the last reading, `began_at` the time of the first reading that was committed,
    `is_settled` says that a whole document with items was read. `unstable` holds the parts that do not count ("guid",
    "date", "host", "parameter sid"), each with the readings in a row in which it stood still; `changed` the parts
    that changed in the last reading, and on which articles. `kept_back` counts entries that would have been news but
    for that; `told_on` is the day on which somebody was last told so. `notes` is what the feed's health says, in
    sentences. `moved` are the dates to which listed articles moved at once with most of the document: they say
    nothing. `keeps_dates`: a date of it stood still over a reading, so its dates are no clock.
    """

    address: str = ""
    began_at: datetime | None = None
    is_settled: bool = False
    unstable: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[str, tuple[ArticleId, ...]] = field(default_factory=dict)
    kept_back: int = 0
    told_on: date | None = None
    notes: tuple[str, ...] = ()
    moved: Mapping[ArticleId, datetime] = field(default_factory=dict)
    keeps_dates: bool = False


@dataclass(frozen=True, slots=True)
class EarlierText:
    """A text that an article had before: the digest of its words, and its publication time."""

    content: bytes
    published_at: datetime | None = None
