"""The search index: which words stand in which article. It is written with the articles and may know too much, never
too little.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Select, delete, func, insert, select

from watcher.core.matching.word_index import Asked, Piece, words_to_index
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, public_id, raw_id
from watcher.searching import Listed
from watcher.storage import dialects, feeds, values
from watcher.storage import tables as t
from watcher.storage.changes import Change
from watcher.storage.lookup import Lookup
from watcher.storage.tables_of_search import searched
from watcher.storage.types import EPOCH, UNREADABLE, microseconds
from watcher.storage.word_statements import WordStatements

FILLED_TO: Final = "indexed to"
"""The row of `meta` that says so far the index was filled; there is none where it holds all."""

_ANY: Final = "0any0"
"""Stands for all words of an article that has too many; no word is folded to it."""

_DIGEST_SPACE = float(1 << 64)


_NUMBER: Final = Change(insert(searched))
_NUMBERED: Final = Lookup(searched.c.article, lambda ids: select(searched).where(searched.c.article.in_(ids)))


def add_to_index(connection: Connection, articles: Sequence[tuple[Article, str]], now: datetime) -> None:
    """Put articles into the index that are not in it, each with its words where they are known."""
    if not articles:
        return
    words = dialects.backend_of(connection).WORDS
    numbers = [number for (number,) in dialects.run(connection, words.numbers, (len(articles),))]
    numbered = list(zip(numbers, articles, strict=True))
    rows = [{"number": number, "article": one.id, "seen_at": one.first_seen_at or now} for number, (one, _) in numbered]
    _NUMBER.run(connection, *rows)
    dialects.write(connection, words.add, [(number, _words_of(one, words, known)) for number, (one, known) in numbered])


def take_from_index(connection: Connection, ids: Iterable[str]) -> None:
    """Take articles out of the index, as far as they are in it, while their text is still what it was."""
    for part in dialects.chunks(ids):
        numbers = {row.article: row.number for row in _NUMBERED.rows(connection, part)}
        if not numbers:
            continue
        words = dialects.backend_of(connection).WORDS
        known = [(numbers[one.id], _words_of(one, words)) for one in _of_ids(connection, sorted(numbers))]
        if known:
            dialects.write(connection, words.forget, known)
        connection.execute(delete(searched).where(searched.c.number.in_(sorted(numbers.values()))))


def _words_of(article: Article, statements: WordStatements, known: str = "") -> str:
    """Return the words of an article, parted by blanks."""
    text = known or " ".join(words_to_index(article))
    return _ANY if 0 < statements.most_bytes < len(text.encode()) else text


def index_more(connection: Connection, limit: int) -> float:
    """Put articles into the index that were stored before there was one; see searching.Searched."""
    last = _filled_to(connection)
    if last is None:
        return 1.0
    chosen = select(t.articles.c.id).order_by(t.articles.c.id).limit(limit)
    if last:
        chosen = chosen.where(t.articles.c.id > last)
    ids = connection.execute(chosen).scalars().all()
    feeds.hold(connection, ids)
    if _filled_to(connection) != last:
        return 0.0  # another process put these in meanwhile
    for part in dialects.chunks(ids):
        there = set(connection.execute(select(searched.c.article).where(searched.c.article.in_(part))).scalars())
        missing = _of_ids(connection, [id_ for id_ in part if id_ not in there])
        add_to_index(connection, [(one, "") for one in missing], EPOCH)
    if len(ids) < limit:
        connection.execute(delete(t.meta).where(t.meta.c.name == FILLED_TO))
        return 1.0
    connection.execute(dialects.upsert(t.meta), {"name": FILLED_TO, "value": ids[-1]})
    return int.from_bytes(raw_id(ids[-1])[:8], "big") / _DIGEST_SPACE


def begin_to_fill(connection: Connection) -> None:
    """Note that nothing is in the index yet: what looks after the database fills it."""
    connection.execute(dialects.upsert(t.meta), {"name": FILLED_TO, "value": ""})


def found_by_words(connection: Connection, asked: Asked | None, since: datetime) -> list[Listed]:
    """Return articles that have the words asked for, and perhaps others; see searching.Searched."""
    is_whole = _filled_to(connection) is None
    if asked is None:
        return _all_since(connection, since)
    chosen = dict(_by_words(connection, asked, since))
    if not is_whole:
        # What is not in the index yet may hold any word.
        chosen |= dict(_unindexed(connection, since))
    return [Listed(id_, at) for id_, at in sorted(chosen.items(), key=lambda pair: (pair[1], pair[0]), reverse=True)]


def some_by_words(connection: Connection, asked: Asked, limit: int) -> list[Article]:
    """Return some articles that have the words asked for, and perhaps others; see searching.Searched."""
    if not asked:
        return []
    words = dialects.backend_of(connection).WORDS
    query = (expression(asked, words), microseconds(EPOCH))
    rows = dialects.run(connection, f"{words.find} LIMIT {limit:d}", query)
    ids = [public_id("a", id_) for id_, _ in rows]
    if _filled_to(connection) is not None:
        ids += [id_ for id_, _ in itertools.islice(_unindexed(connection, EPOCH), limit - len(ids))]
    return _of_ids(connection, ids)


def count_articles(connection: Connection) -> int:
    """Return how many articles are stored, samples among them where all are in the index."""
    counted = searched if _filled_to(connection) is None else t.articles
    return connection.execute(select(func.count()).select_from(counted)).scalar_one()


def articles_by_id(connection: Connection, wanted: Sequence[ArticleId]) -> list[Article]:
    """Return stored articles in this order, those that can be read."""
    read: dict[ArticleId, Article] = {}
    for part in dialects.chunks(wanted):
        read |= {one.id: one for one in _of_ids(connection, part) if not one.sample}
    return [read[id_] for id_ in wanted if id_ in read]


def articles_since(connection: Connection, after: Listed | datetime, limit: int) -> list[Article]:
    """Return the next stored articles, oldest first; see searching.Searched."""
    while True:
        chosen = _next(after, limit)
        if read := _read(connection, chosen):
            return read
        there = connection.execute(chosen.with_only_columns(t.articles.c.id, t.articles.c.first_seen_at)).all()
        if not there:
            return []
        after = Listed(ArticleId(there[-1].id), there[-1].first_seen_at)  # none can be read, but more may follow


def _next(after: Listed | datetime, limit: int) -> Select[Any]:
    a = t.articles.c
    chosen = select(t.articles).where(~a.sample).order_by(a.first_seen_at, a.id).limit(limit)
    if isinstance(after, Listed):
        same = (a.first_seen_at == after.seen_at) & (a.id > after.article)
        return chosen.where(a.first_seen_at >= after.seen_at, (a.first_seen_at > after.seen_at) | same)
    return chosen.where(a.first_seen_at >= after)


def _of_ids(connection: Connection, ids: Sequence[str]) -> list[Article]:
    return _read(connection, select(t.articles).where(t.articles.c.id.in_(ids))) if ids else []


def _read(connection: Connection, chosen: Select[Any]) -> list[Article]:
    """Return the articles of a SELECT; one whose row is damaged is passed over."""
    try:
        return [values.article_of(row) for row in connection.execute(chosen)]
    except UNREADABLE:  # told by storage/unreadable.py
        ids = connection.execute(chosen.with_only_columns(t.articles.c.id)).scalars().all()
    read = []
    for id_ in ids:
        with contextlib.suppress(*UNREADABLE):
            row = connection.execute(select(t.articles).where(t.articles.c.id == id_)).one()
            read.append(values.article_of(row))
    return read


def _filled_to(connection: Connection) -> ArticleId | None:
    """Return up to which article the index was filled, "" = it was not begun, None = it holds all."""
    value = connection.execute(select(t.meta.c.value).where(t.meta.c.name == FILLED_TO)).scalar()
    return None if value is None else ArticleId(value)


def _by_words(connection: Connection, asked: Asked, since: datetime) -> Iterable[tuple[ArticleId, datetime]]:
    if not asked:
        return
    words = dialects.backend_of(connection).WORDS
    query = expression(asked, words)
    for id_, at in dialects.run(connection, words.find, (query, microseconds(since))):
        yield ArticleId(public_id("a", id_)), EPOCH + timedelta(microseconds=at)


def _all_since(connection: Connection, since: datetime) -> list[Listed]:
    a = t.articles.c
    chosen = select(a.id, a.first_seen_at).where(a.first_seen_at >= since, ~a.sample)
    rows = connection.execute(chosen.order_by(a.first_seen_at.desc(), a.id.desc()))
    return [Listed(ArticleId(row.id), row.first_seen_at) for row in rows]


def _unindexed(connection: Connection, since: datetime) -> Iterable[tuple[ArticleId, datetime]]:
    a = t.articles.c
    chosen = select(a.id, a.first_seen_at).outerjoin(searched, searched.c.article == a.id)
    for row in connection.execute(chosen.where(a.first_seen_at >= since, searched.c.number.is_(None), ~a.sample)):
        yield ArticleId(row.id), row.first_seen_at


def expression(asked: Asked, statements: WordStatements) -> str:
    """Return what is asked in the language of a database; every word is quoted, so that it means itself."""
    clauses = statements.either.join(_clause(clause, statements) for clause in asked)
    return f"{clauses}{statements.either}{_piece((_ANY,), statements)}" if statements.most_bytes else clauses


def _clause(clause: Sequence[frozenset[Piece]], statements: WordStatements) -> str:
    sets = (statements.either.join(sorted(_piece(one, statements) for one in pieces)) for pieces in clause)
    return "(" + statements.both.join(f"({one})" for one in sets) + ")"


def _piece(piece: Piece, statements: WordStatements) -> str:
    whole = statements.beginning.partition(":")[0].removesuffix(" *")
    words = [statements.beginning.format(word[:-1]) if word.endswith("*") else whole.format(word) for word in piece]
    return words[0] if len(words) == 1 else f"({statements.both.join(words)})"
