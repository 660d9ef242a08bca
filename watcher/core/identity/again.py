"""Entries that a feed lists again as they were: nothing is read of them, and yet they are listed and known.

    1. the reader skips what has the digest of an entry of the last document (core.read)
    2. `with_again` puts an article without text in its place
    3. identifying gives it its stored article by its keys; where texts must be compared it raises NeedsTexts, and the
       store brings them: they are stored as the entries gave them
    4. `seen_of` says what may be skipped next time

The way around all this is to read the whole document, and a property test holds both ways to one result.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from watcher.core.model.alert import Disposition, Judged
from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import ArticleId, FeedId, article_id
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import EntryMark, Reading
from watcher.core.model.seen import SeenEntry

_NO_MARK: Final = EntryMark(b"")


class NeedsTexts(Exception):
    """The texts of entries that are listed again must be looked at; judge again with them."""


def with_again(reading: Reading, seen: Mapping[bytes, SeenEntry]) -> Reading | None:
    """Return a reading whose articles are all of its document, those that are listed again without text.

    None where that cannot be told: an entry is none of those that were seen, or a new one has the key of another.
    """
    if not reading.again:
        return reading
    again = {one.place: (seen.get(one.mark.entry), one.mark) for one in reading.again}
    items = {one.item for one, _ in again.values() if one is not None}
    count = len(reading.again) + len(reading.articles)
    if len(items) < len(reading.again) or any(not 0 <= place < count for place in again):
        return None
    if any(read.keys.item in items for read in reading.articles):
        return None
    fresh = zip(reading.articles, reading.entries or [_NO_MARK] * len(reading.articles), strict=True)
    merged = list(_in_place(reading.feed, again, fresh, count))
    kept = tuple(mark for _, mark in merged) if reading.entries or not reading.articles else ()
    return replace(reading, articles=tuple(read for read, _ in merged), entries=kept, again=())


def _in_place(
    feed: FeedId,
    again: Mapping[int, tuple[SeenEntry | None, EntryMark]],
    fresh: Iterator[tuple[ReadArticle, EntryMark]],
    count: int,
) -> Iterator[tuple[ReadArticle, EntryMark]]:
    for place in range(count):
        one, mark = again.get(place, (None, _NO_MARK))
        if one is not None:
            yield _without_text(feed, one), mark  # its text may be another one by now
        elif (read := next(fresh, None)) is not None:
            yield read


def _without_text(feed: FeedId, one: SeenEntry) -> ReadArticle:
    article = Article(article_id(feed, one.item), feed, published_at=one.published_at)
    return ReadArticle(article, ArticleKeys(one.item, one.content), is_again=True)


def seen_of(reading: Reading, judged: Sequence[Judged], alike: Collection[ArticleId]) -> tuple[SeenEntry, ...]:
    """Return the entries of a document that need not be read again as long as they stay as they are.

    These are the ones whose articles are stored as they were read: what is new or revised was written so, and of the
    others `alike` are. An article that is not the first under its item's key is told apart by more than the entry.
    """
    marks = {read.keys.item: mark for read, mark in zip(reading.articles, reading.entries, strict=False)}
    found = [
        SeenEntry(mark, one.read.keys.item, one.read.keys.content, one.read.article.published_at)
        for one in judged
        if (mark := marks.get(one.read.keys.item))
        and mark.entry
        and is_first(one)
        and (one.disposition is not Disposition.UNCHANGED or one.id in alike)
    ]
    return tuple(found) if len({one.item for one in found}) == len(found) else ()


def is_first(one: Judged) -> bool:
    """Return whether an article is the first that its feed gave under its item's key."""
    return one.id == article_id(one.read.article.feed, one.read.keys.item)
