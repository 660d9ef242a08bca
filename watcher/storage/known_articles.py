"""What a feed is known to have given: the articles that its entries may be, and what it taught us about how it names
them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, exists, func, select, update

from watcher.core.identity.again import is_first
from watcher.core.model.alert import Judged, KnownArticle
from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.identity import EarlierText, FeedMemory
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.match import ReadArticle
from watcher.core.model.verdict import Stage
from watcher.errors import StaleEntries
from watcher.storage import details, dialects, values
from watcher.storage import tables as t
from watcher.storage.changes import Change
from watcher.storage.lookup import Fixed, Keys, Lookup, given

MOST_A_KEY: Final = 50
"""As many of the newest articles under one key are looked at."""
MOST_LISTED: Final = 2000
"""As many of the articles that the last document listed, the newest, are looked at, though they share no key with this
one.
"""

_KINDS: Final = ("item", "guid", "url", "title")


def load_known(connection: Connection, reads: Sequence[ReadArticle], feed: FeedId) -> tuple[KnownArticle, ...]:
    """Return the articles of a feed that the entries of a document may be, the newest first.

    Those that are plainly unchanged come without their text, and nothing is looked up for what is listed again. For
    the others come, with it, the newest under each of their keys, and all that the feed listed last and that the
    document does not plainly hold.
    """
    if not reads:
        return ()
    again = [_listed_again(read) for read in reads if read.is_again]
    left = [read for read in reads if not read.is_again]
    plain = [*again, *(_plain(connection, left, feed) if left else ())]
    unchanged = {(one.keys.item, one.keys.content, one.published_at) for one in plain}
    others = [r for r in left if (r.keys.item, r.keys.content, r.article.published_at) not in unchanged]
    if not others:
        return tuple(plain)
    wanted = _sharing(connection, others, feed) | _listed(connection, feed)
    seen = {one.id for one in plain}
    known = [*plain, *_whole(connection, wanted - seen)]
    return tuple(
        sorted(known, key=lambda one: (one.first_seen_at is not None, one.first_seen_at, one.id), reverse=True)
    )


_FEED: Final = given("feed", t.items.c.feed)
_OF_FEED: Final = dialects.unindexed(t.items.c.feed) == _FEED
_BY_ITEM: Final = Lookup(
    t.article_keys.c.key,
    lambda keys: (
        select(t.items, t.article_keys.c.key)
        .join(t.article_keys, t.article_keys.c.article == t.items.c.id)
        .where(t.article_keys.c.key.in_(keys), t.article_keys.c.kind == "item", _OF_FEED)
    ),
)


def _plain(connection: Connection, reads: Sequence[ReadArticle], feed: FeedId) -> list[KnownArticle]:
    by_key = {read.keys.item: read for read in reads}
    found: dict[str, KnownArticle] = {}
    for row in _BY_ITEM.rows(connection, by_key, feed=feed):
        read = by_key[row.key]
        if (row.content, row.published_at) == (read.keys.content, read.article.published_at):
            found.setdefault(row.id, _light(row, ArticleKeys(row.key, row.content)))
    return list(found.values())


def _listed_again(read: ReadArticle) -> KnownArticle:
    article = read.article
    return KnownArticle(
        article.id, read.keys, Stage.MATCHED, title="", feed=article.feed, published_at=article.published_at
    )


def with_texts(connection: Connection, reads: Sequence[ReadArticle]) -> list[ReadArticle]:
    """Return the entries of a document, those that are listed again with the text and keys of their articles.

    Raises:
        StaleEntries: an article is not stored as it was when its entry was read.
    """
    again = [read.article.id for read in reads if read.is_again]
    texts = details.articles_of(connection, again)
    keys = details.keys_of(connection, again)
    found: list[ReadArticle] = []
    for read in reads:
        article, stored = texts.get(read.article.id), keys.get(read.article.id)
        if not read.is_again:
            found.append(read)
        elif (
            article is None
            or stored is None
            or (stored.item, stored.content, article.published_at)
            != (read.keys.item, read.keys.content, read.article.published_at)
        ):
            raise StaleEntries(f"the article {read.article.id} is not stored as its feed gave it")
        else:
            found.append(ReadArticle(article, stored))
    return found


def alike(connection: Connection, judged: Sequence[Judged]) -> set[ArticleId]:
    """Return which unchanged articles of a document are stored as this document gives them, in all that they have."""
    asked = {one.id: one.read.article for one in judged if is_first(one)}
    stored = details.articles_of(connection, asked)
    return {id_ for id_, article in asked.items() if stored.get(id_) == article}


def _light(row: Row[Any], keys: ArticleKeys) -> KnownArticle:
    return KnownArticle(
        id=ArticleId(row.id),
        keys=keys,
        stage=row.stage,
        title="",
        text=row.text,
        first_seen_at=row.first_seen_at,
        feed=FeedId(row.feed),
        published_at=row.published_at,
        is_absent=row.absent_since is not None,
        rules=row.rules,
    )


def _sharing_key(keys: Keys) -> Select[tuple[str]]:
    # An article may stand under a key as two kinds, and counts once.
    newest = func.dense_rank().over(
        partition_by=t.article_keys.c.key, order_by=(t.items.c.first_seen_at.desc(), t.items.c.id.desc())
    )
    ranked = (
        select(t.items.c.id, newest.label("rank"))
        .join(t.article_keys, t.article_keys.c.article == t.items.c.id)
        .where(t.article_keys.c.key.in_(keys), t.article_keys.c.kind.in_(_KINDS), _OF_FEED)
        .subquery()
    )
    return select(ranked.c.id).where(ranked.c.rank <= MOST_A_KEY)


_SHARING: Final = Lookup(t.article_keys.c.key, _sharing_key)
_LISTED: Final = Fixed(
    select(t.items.c.id)
    .where(t.items.c.feed == _FEED, t.items.c.absent_since.is_(None))
    .order_by(t.items.c.first_seen_at.desc(), t.items.c.id.desc())
    .limit(MOST_LISTED)
)
_ITEMS: Final = Lookup(
    t.items.c.id,
    lambda ids: select(t.items, exists().where(t.alert_members.c.article == t.items.c.id).label("is_told")).where(
        t.items.c.id.in_(ids)
    ),
)
_EARLIER: Final = Lookup(
    t.texts.c.article,
    lambda ids: (
        select(t.texts.c.article, t.texts.c.content, t.texts.c.published_at)
        .where(t.texts.c.article.in_(ids))
        .order_by(t.texts.c.article, t.texts.c.number)
    ),
)
_FIRED: Final = Lookup(
    t.matches.c.article,
    lambda ids: select(t.matches.c.article, t.matches.c.rule).where(t.matches.c.article.in_(ids)).distinct(),
)


def _sharing(connection: Connection, reads: Sequence[ReadArticle], feed: FeedId) -> set[str]:
    """Return the articles of the feed that share a key with an entry, the newest of each key."""
    keys = {key for read in reads for kind in _KINDS if (key := getattr(read.keys, kind))}
    return {row.id for row in _SHARING.rows(connection, keys, feed=feed)}


def _listed(connection: Connection, feed: FeedId) -> set[str]:
    return {row.id for row in _LISTED.rows(connection, feed=feed)}


def _whole(connection: Connection, wanted: Collection[str]) -> list[KnownArticle]:
    """Return known articles with their newest text, or what is left of it, and with what is remembered of the earlier
    ones.
    """
    keys = details.keys_of(connection, wanted)
    texts = details.articles_of(connection, wanted)
    earlier: dict[str, list[EarlierText]] = {}
    for row in _EARLIER.rows(connection, wanted):
        earlier.setdefault(row.article, []).append(EarlierText(row.content, row.published_at))
    fired: dict[str, set[RuleId]] = {}
    for row in _FIRED.rows(connection, wanted):
        fired.setdefault(row.article, set()).add(RuleId(row.rule))
    found: list[KnownArticle] = []
    for row in _ITEMS.rows(connection, wanted):
        id_ = ArticleId(row.id)
        article = texts.get(id_)
        left = article or values.article_left(row)
        light = _light(row, keys.get(id_, ArticleKeys(b"", row.content)))
        found.append(
            replace(
                light,
                title=left.title if left else "",
                article=left,
                is_whole=article is not None,
                earlier=tuple(earlier.get(row.id, ())),
                fired=frozenset(fired.get(row.id, ())),
                is_told=bool(row.is_told),
            )
        )
    return found


_MEMORY: Final = Fixed(select(t.feeds.c.memory).where(t.feeds.c.id == _FEED))
_REMEMBER: Final = Change(update(t.feeds).where(t.feeds.c.id == _FEED))


def memory_of(connection: Connection, feed: FeedId) -> FeedMemory:
    """Return what the feed taught us."""
    found = _MEMORY.rows(connection, feed=feed)
    return unpack_memory(found[0].memory) if found and found[0].memory else FeedMemory()


def write_memory(connection: Connection, feed: FeedId, memory: FeedMemory) -> None:
    """Keep what the feed taught us."""
    _REMEMBER.run(connection, {"feed": feed, "memory": pack_memory(memory)})


def pack_memory(memory: FeedMemory) -> values.Values:
    """Return a memory as JSON can hold it."""
    return {
        "address": memory.address,
        "began_at": memory.began_at.isoformat() if memory.began_at else None,
        "is_settled": memory.is_settled,
        "unstable": dict(memory.unstable),
        "changed": {part: list(ids) for part, ids in memory.changed.items()},
        "kept_back": memory.kept_back,
        "told_on": memory.told_on.isoformat() if memory.told_on else None,
        "notes": list(memory.notes),
        "keeps_dates": memory.keeps_dates,
        "moved": {id_: moment.isoformat() for id_, moment in memory.moved.items()},
    }


def unpack_memory(stored: values.Values) -> FeedMemory:
    """Return the memory that `pack_memory` stored."""
    return FeedMemory(
        address=stored["address"],
        began_at=datetime.fromisoformat(stored["began_at"]) if stored["began_at"] else None,
        is_settled=stored["is_settled"],
        unstable=stored["unstable"],
        changed={part: tuple(ArticleId(id_) for id_ in ids) for part, ids in stored["changed"].items()},
        kept_back=stored["kept_back"],
        told_on=date.fromisoformat(stored["told_on"]) if stored["told_on"] else None,
        notes=tuple(stored["notes"]),
        keeps_dates=stored["keeps_dates"],
        moved={ArticleId(id_): datetime.fromisoformat(moment) for id_, moment in stored["moved"].items()},
    )


def left_of(article: Article) -> values.Values:
    """Return what identity needs of an article once its text is gone, as JSON can hold it."""
    return {
        "title": article.title,
        "guid": article.guid,
        "url": article.url,
        "source": article.source,
        "name": article.feed_name,
    }
