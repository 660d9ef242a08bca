"""Writing articles: their items, keys, text, matches, and the rules that failed on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select, update

from watcher.core.matching.failed_rules import wait
from watcher.core.model.alert import Disposition, Judged
from watcher.core.model.article import Article
from watcher.core.model.ids import KEY_VERSION, ArticleId, FeedId, digest
from watcher.core.model.outcome import RefusedEntry
from watcher.errors import StaleEntries
from watcher.storage import dialects, search, values
from watcher.storage import tables as t
from watcher.storage.changes import Change
from watcher.storage.lookup import Fixed, Lookup, given

# What a driver raises for a value that it cannot store: its own errors, and Python's for text and numbers that do not
# fit.
_REFUSALS = (ValueError, OverflowError, TypeError)

_SHOWN_CHARS = 300


def write(connection: Connection, judged: Sequence[Judged], revision: int, now: datetime) -> list[tuple[Judged, str]]:
    """Write all new and revised articles; or, if the database refuses some, write nothing and return those with the
    reason.
    """
    error = _try(connection, judged, revision, now)
    if error is None:
        return []
    refused = [(one, reason) for one in judged if (reason := _refusal(connection, one, revision, now))]
    if not refused:
        raise error
    return refused


def _refusal(connection: Connection, one: Judged, revision: int, now: datetime) -> str:
    """Return why one article cannot be written, or ""; leaves nothing behind."""
    with dialects.savepoint(connection) as outer:
        error = _try(connection, [one], revision, now)
        outer.undo()
    return "" if error is None else printable(str(getattr(error, "orig", None) or error))


def _try(connection: Connection, judged: Sequence[Judged], revision: int, now: datetime) -> Exception | None:
    """Write articles; or write nothing and return why a value was refused. An error of the database as a whole is
    raised.

    SQLite undoes the whole transaction, with its savepoints, when the disk is full: then there is nothing left to go
    back to.
    """
    with dialects.savepoint(connection) as savepoint:
        try:
            _write_all(connection, judged, revision, now)
        except _REFUSALS as error:
            savepoint.undo()
            return error
        except dialects.driver_errors() as error:
            if dialects.is_unusable(error):
                raise
            savepoint.undo()
            return error
    return None


_ADD_ITEMS: Final = Change(dialects.insert(t.items).on_conflict_do_nothing())
_ADD_ARTICLES: Final = Change(dialects.insert(t.articles).on_conflict_do_nothing())
_RENEW_ARTICLES: Final = Change(dialects.upsert(t.articles, keep=frozenset({"first_seen_at", "feed"})))
_ADD_TEXTS: Final = Change(dialects.insert(t.texts).on_conflict_do_nothing())
_ITEM: Final = given("item", t.items.c.id)
_REVISE_ITEMS: Final = Change(update(t.items).where(t.items.c.id == _ITEM))
_SUPERSEDE_KEYS: Final = Change(update(t.article_keys).where(t.article_keys.c.article == _ITEM).values(latest=False))
_PUT_KEYS: Final = Change(dialects.upsert(t.article_keys))
_PUT_MATCHES: Final = Change(dialects.upsert(t.matches))


def _write_all(connection: Connection, judged: Sequence[Judged], revision: int, now: datetime) -> None:
    ordered = _last_of_each(judged)
    _rekey(connection, [one for one in judged if one.rekeyed])
    if not ordered:
        return
    new = [one for one in ordered if one.disposition is Disposition.NEW]
    revised = [one for one in ordered if one.disposition is Disposition.REVISED]
    _ADD_ITEMS.run(connection, *(_item(one, revision, now) for one in ordered))
    _revise_items(connection, revised, revision, now)
    _write_keys(connection, ordered)
    search.take_from_index(connection, [one.id for one in ordered])
    _ADD_ARTICLES.run(connection, *(_text(one, now) for one in new))
    _RENEW_ARTICLES.run(connection, *(_text(one, now) for one in revised))
    search.add_to_index(connection, [(_stored(one, now), one.read.words) for one in ordered], now)
    for part in dialects.chunks(one.id for one in revised):
        connection.execute(delete(t.pending_matches).where(t.pending_matches.c.article.in_(part)))
    write_matches(connection, ordered, revision, now)


def _last_of_each(judged: Sequence[Judged]) -> list[Judged]:
    """Return the articles to write by id. One document may hold an item twice: the later text, as new as the first."""
    last: dict[ArticleId, Judged] = {}
    for one in judged:
        if one.disposition is not Disposition.UNCHANGED:
            earlier = last.get(one.id)
            last[one.id] = replace(one, disposition=earlier.disposition) if earlier else one
    return [last[id_] for id_ in sorted(last)]


def _revise_items(connection: Connection, revised: Sequence[Judged], revision: int, now: datetime) -> None:
    """Note the text of today at items that are known, and keep the one before."""
    _keep_replaced(connection, [one.id for one in revised], now)
    rows = [
        {
            "item": one.id,
            "content": one.read.keys.content,
            "text": one.read.article.text,
            "rules": revision,
            "published_at": one.read.article.published_at,
            "stage": one.stage,
        }
        for one in revised
    ]
    _REVISE_ITEMS.run(connection, *rows)
    _SUPERSEDE_KEYS.run(connection, *({"item": one.id} for one in revised))


def _rekey(connection: Connection, judged: Sequence[Judged]) -> None:
    """Write the new keys of articles that were known by other signs; of the old ones those of the address before stay
    beside them.
    """
    for part in dialects.chunks(one.id for one in judged):
        stale = (t.article_keys.c.article.in_(part)) & t.article_keys.c.kind.in_(("item", "guid", "url"))
        connection.execute(delete(t.article_keys).where(stale, ~t.article_keys.c.latest))
        connection.execute(update(t.article_keys).where(stale).values(latest=False))
    if judged:
        _write_keys(connection, judged)


def _item(one: Judged, revision: int, now: datetime) -> values.Values:
    return {
        "id": one.id,
        "feed": one.read.article.feed,
        "stage": one.stage,
        "content": one.read.keys.content,
        "text": one.read.article.text,
        "rules": revision,
        "published_at": one.read.article.published_at,
        "first_seen_at": one.read.article.first_seen_at or now,
        "absent_since": None,
    }


def _write_keys(connection: Connection, ordered: Sequence[Judged]) -> None:
    """Write the keys of articles; those from before a revision stay, so that a title changed back is still
    recognised.
    """
    rows = [
        {"key": key, "kind": kind, "article": one.id, "key_version": KEY_VERSION, "latest": True}
        for one in ordered
        for kind, key in values.lookup_keys(one.read.keys)
    ]
    rows.sort(key=lambda row: (row["key"], row["kind"], row["article"]))
    _PUT_KEYS.run(connection, *rows)


def _text(one: Judged, now: datetime) -> values.Values:
    return {**values.article_values(_stored(one, now)), "changed_at": now}


def _stored(one: Judged, now: datetime) -> Article:
    article = one.read.article
    if article.first_seen_at and article.id == one.id:
        return article
    return replace(article, id=one.id, first_seen_at=article.first_seen_at or now)


def _keep_replaced(connection: Connection, revised: Sequence[ArticleId], now: datetime) -> None:
    """Move the texts that newer ones replace into `texts`: whole the first, and each on which an alert or its verdict
    rests.
    """
    for part in dialects.chunks(revised):
        resting: set[tuple[str, int]] = set()
        for table in (t.alert_members, t.alerts, t.verdicts):
            chosen = select(table.c.article, table.c.text).where(table.c.article.in_(part))
            if table is t.verdicts:
                chosen = chosen.where(t.verdicts.c.alert.is_not(None))
            resting.update((row.article, row.text) for row in connection.execute(chosen))
        before = (
            select(t.articles, t.items.c.content.label("digest"), t.items.c.rules)
            .join(t.items, t.items.c.id == t.articles.c.id)
            .where(t.articles.c.id.in_(part))
        )
        rows = [
            {
                "article": row.id,
                "number": row.text,
                "content": row.digest,
                "published_at": row.published_at,
                "rules": row.rules,
                "replaced_at": now,
                "body": values.pack_text(row) if row.text == 1 or (row.id, row.text) in resting else None,
            }
            for row in connection.execute(before)
        ]
        _ADD_TEXTS.run(connection, *rows)


def write_matches(connection: Connection, ordered: Sequence[Judged], revision: int, now: datetime) -> None:
    """Write what matched, and keep the rules that failed for another try."""
    began = _first_fired(connection, [one.id for one in ordered if one.read.matches])
    fired = [
        {
            "article": one.id,
            "text": one.read.article.text,
            "revision": revision,
            "seen_at": began.get((one.id, match.rule), _first_seen(one, now)),
            **values.match_values(match),
        }
        for one in ordered
        for match in sorted(one.read.matches, key=lambda match: match.rule)
    ]
    _PUT_MATCHES.run(connection, *fired)
    _put_off(connection, [(one.id, f.rule, f.error) for one in ordered for f in one.read.failed], now)


def _put_off(connection: Connection, failed: Sequence[tuple[ArticleId, str, str]], now: datetime) -> None:
    """Keep rules that failed for the first time, each with its article and its error, for another try."""
    rows = [
        {
            "article": id_,
            "rule": rule,
            "error": printable(error),
            "attempts": 1,
            "next_try_at": now + wait(1),
        }
        for id_, rule, error in sorted(failed)
    ]
    if rows:
        connection.execute(dialects.upsert(t.pending_matches), rows)


def _first_seen(one: Judged, now: datetime) -> datetime:
    """Return when a text was first seen: the first one with its article, a later one now."""
    article = one.read.article
    return (article.first_seen_at or now) if article.text == 1 else now


_BEGAN: Final = Lookup(
    t.matches.c.article,
    lambda ids: (
        select(t.matches.c.article, t.matches.c.rule, func.min(t.matches.c.seen_at).label("began_at"))
        .where(t.matches.c.article.in_(ids))
        .group_by(t.matches.c.article, t.matches.c.rule)
    ),
)


def _first_fired(connection: Connection, wanted: Sequence[ArticleId]) -> dict[tuple[str, str], datetime]:
    """Return since when each rule fires on each article, as far as it did on an earlier text."""
    return {(row.article, row.rule): row.began_at for row in _BEGAN.rows(connection, wanted)}


def waiting(connection: Connection, article: ArticleId) -> dict[str, int]:
    """Return the rules that wait for another try on an article, with their attempts so far."""
    chosen = select(t.pending_matches.c.rule, t.pending_matches.c.attempts).where(
        t.pending_matches.c.article == article
    )
    return {row.rule: row.attempts for row in connection.execute(chosen)}


def retry_all(connection: Connection, article: ArticleId, failed: Mapping[str, str], now: datetime) -> None:
    """After all rules were tried on a longer text: keep those that failed on it, and forget the others that waited."""
    tried = waiting(connection, article)
    retry_later(connection, article, tried, failed, now)
    _put_off(connection, [(article, rule, error) for rule, error in failed.items() if rule not in tried], now)


def retry_later(
    connection: Connection, article: ArticleId, tried: Mapping[str, int], failed: Mapping[str, str], now: datetime
) -> None:
    """After another try: forget the rules that worked (or are gone), and put off those that failed again.

    `tried` gives the attempts so far by rule, `failed` the new errors.
    """
    for rule, attempts in sorted(tried.items()):
        row = (t.pending_matches.c.article == article) & (t.pending_matches.c.rule == rule)
        if rule in failed:
            changes: dict[str, Any] = {
                "error": printable(failed[rule]),
                "attempts": attempts + 1,
                "next_try_at": now + wait(attempts + 1),
            }
            connection.execute(update(t.pending_matches).where(row), changes)
        else:
            connection.execute(delete(t.pending_matches).where(row))


_LISTED: Final = Fixed(
    select(t.items.c.id).where(t.items.c.feed == given("feed", t.items.c.feed), t.items.c.absent_since.is_(None))
)
_MARK: Final = Change(update(t.items).where(t.items.c.id == _ITEM))


def mark_listed(
    connection: Connection,
    feed: FeedId,
    present: set[ArticleId],
    whole: bool,
    now: datetime,
    again: Set[ArticleId] = frozenset(),
) -> None:
    """Remember which items the feed lists. Only a `whole` document says that an item is gone; nothing is written when
    nothing changed.

    Raises:
        StaleEntries: one of those that are listed `again` was not listed before.
    """
    listed = {row.id for row in _LISTED.rows(connection, feed=feed)}
    if not again <= listed:
        raise StaleEntries(f"{feed} did not list all that its document is said to list again")
    _MARK.run(connection, *({"item": id_, "absent_since": None} for id_ in sorted(present - listed)))
    if whole:
        _MARK.run(connection, *({"item": id_, "absent_since": now} for id_ in sorted(listed - present)))


def write_refused(connection: Connection, feed: FeedId, refused: Sequence[RefusedEntry], now: datetime) -> None:
    """Keep refused entries visible; the same entry, refused again, is kept once with its last time."""
    rows: dict[bytes, values.Values] = {}
    for entry in refused:
        title, guid, reason = printable(entry.title), printable(entry.guid), printable(entry.reason)
        what = (guid, title) if guid or title else (str(entry.position),)
        id_ = digest("refused", feed, *what)
        rows[id_] = {
            "id": id_,
            "feed": feed,
            "position": entry.position,
            "reason": reason,
            "title": title,
            "guid": guid,
            "at": now,
        }
    if rows:
        connection.execute(dialects.upsert(t.refused_entries), [rows[id_] for id_ in sorted(rows)])


def printable(text: str) -> str:
    """Return the beginning of hostile text, in a form that every database takes."""
    return text[:_SHOWN_CHARS].encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
