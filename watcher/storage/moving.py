"""Moving what is stored from one database to another, of the same kind or not: from a file to a server and back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, func, select

from watcher.errors import SchemaMismatch, StorageError
from watcher.storage import dialects, migrate
from watcher.storage.changes import Change
from watcher.storage.open import open_store, schema_of
from watcher.storage.search import FILLED_TO, begin_to_fill
from watcher.storage.tables import HEAD, TURN, articles, items, meta, metadata, revisions
from watcher.storage.tables_of_search import searched
from watcher.storage.turns import CLAIMS
from watcher.storage.writer import Readers, Writer

_PART: Final = 1000
_OF_THE_PLACE: Final = frozenset({migrate.UNFINISHED, FILLED_TO, TURN, CLAIMS})
"""Rows of `meta` that say something of the database itself."""

Progress = Callable[[str, int, int], None]
"""Is told the table in work, how many rows it has, and how many of them are done."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How many rows of each table the other database holds now."""

    rows: Mapping[str, int]


def copy_store(source: str, target: str, progress: Progress) -> Moved:
    """Copy all that is stored behind the URL `source` into the new database behind `target`; return what is there.

    It may be asked again after it was stopped, and begins anew: the source may have changed since. Until it is
    finished, no daemon works on the target. The search index is left out: the daemon fills it. Nobody may work on the
    source meanwhile. Blocks.

    Raises:
        StorageError: the target holds something else, the source is no database of this schema, or one of them cannot
        be reached.
    """
    if dialects.parse_url(source) == dialects.parse_url(target):
        raise StorageError("a database cannot be copied to itself; name another one after it")
    _check_source(source)
    _prepare(target)
    readers, writer = Readers(dialects.open_readers(dialects.parse_url(source))), _writer(target)
    try:
        rows = readers.run_now(lambda connection: _copy(connection, writer, progress))
        writer.run_now(_finish)
    finally:
        readers.close()
        writer.close()
    return Moved(rows)


def _check_source(url: str) -> None:
    found = schema_of(url)
    if found is None or not found.schema:
        raise StorageError(f"there is nothing of watcher to copy at {dialects.shown(url)}")
    if found.schema != HEAD:
        raise SchemaMismatch(
            f"{dialects.shown(url)} has schema {found.schema}, this version works with {HEAD}; "
            "run `watcher db migrate` there first"
        )


def _prepare(url: str) -> None:
    """Make the tables of the target, empty them of a copy that was stopped, and note that it is not whole.

    Raises:
        StorageError: it holds something that no copy began.
    """
    found = schema_of(url)
    if found is None or not found.schema:
        asyncio.run(open_store(url).close())
    writer = _writer(url)
    try:
        is_begun = writer.run_now(migrate.is_unfinished)
        if not is_begun and writer.run_now(_holds_something):
            raise StorageError(f"{dialects.shown(url)} holds something already; name an empty database")
        writer.run_now(_begin)
    finally:
        writer.close()


def _writer(url: str) -> Writer:
    return Writer(dialects.open_writer(dialects.parse_url(url)))


def _holds_something(connection: Connection) -> bool:
    return any(connection.execute(select(table).limit(1)).first() is not None for table in (revisions, items))


def _begin(connection: Connection) -> None:
    for table in reversed(metadata.sorted_tables):
        rows = delete(table)
        connection.execute(rows.where(meta.c.name.not_in(_OF_THE_PLACE)) if table is meta else rows)
    connection.execute(dialects.upsert(meta), {"name": migrate.UNFINISHED, "value": "begun"})


def _copy(source: Connection, writer: Writer, progress: Progress) -> dict[str, int]:
    """Copy each table after those that it points to; return how many rows each has."""
    tables = [table for table in metadata.sorted_tables if table is not searched]
    counts = {table.name: _count(source, table) for table in tables}
    for table in tables:
        total = counts[table.name]
        _copy_table(source, writer, table, partial(progress, table.name, total))
        if (arrived := writer.run_now(partial(_count, table=table))) != total:
            raise StorageError(f"{table.name}: {arrived} rows arrived of {total}; it can be tried again")
    return counts


def _copy_table(source: Connection, writer: Writer, table: Table, told: Callable[[int], None]) -> None:
    add = Change(dialects.insert(table))
    done = 0
    for part in source.execution_options(yield_per=_PART).execute(_rows(table)).mappings().partitions():
        rows: list[Mapping[str, Any]] = [dict(row) for row in part]
        writer.run_now(partial(_add, change=add, rows=rows))
        done += len(rows)
        told(done)


def _add(connection: Connection, change: Change, rows: Sequence[Mapping[str, Any]]) -> None:
    change.run(connection, *rows)


def _rows(table: Table) -> Any:  # noqa: ANN401 - a Select of any columns
    chosen = select(table)
    return chosen.where(meta.c.name.not_in(_OF_THE_PLACE)) if table is meta else chosen


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(_rows(table).subquery())).scalar_one())


def _finish(connection: Connection) -> None:
    if _count(connection, articles):
        begin_to_fill(connection)
    connection.execute(delete(meta).where(meta.c.name == migrate.UNFINISHED))
