"""Look-ups: SELECTs by a list of values that every poll runs, compiled once, whatever the length of the list.

Building and compiling one of these statements, and its result's machinery, cost five times what SQLite takes to
answer it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam, literal_column
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator, TypeEngine

from watcher.storage import dialects

_LONGEST: Final = 512
_row_class: Callable[[str, list[str]], Any] = namedtuple
Converter = Callable[[Any], Any] | None
"""What makes a value of one that stands in the database, or the other way round; None where both are the same."""

Keys = Sequence[ColumnElement[Any]]
"""The values looked for, as they stand in an IN list."""

_LIST: Final = "__LIST__"
"""Stands in the statement's text where the question marks of the list go: each length of list has a text, and only the
first costs a compilation, which took as long as ten polls.
"""


def given(name: str, column: ColumnElement[Any]) -> BindParameter[Any]:
    """Return a parameter that each look-up gives, of the type of a column."""
    return bindparam(name, None, type_=column.type)


class Lookup:
    """A SELECT of rows by the values of one column; what else it needs is `given` by name.

    by_id = Lookup(items.c.id, lambda ids: select(items).where(items.c.id.in_(ids)))
    feeds = [row.feed for row in by_id.rows(connection, ["abcd...", "aefg..."])]
    """

    def __init__(self, column: ColumnElement[Any], build: Callable[[Keys], Select[Any]]) -> None:
        self._type = column.type
        self._build = build
        self._made: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, wanted: Iterable[Any], **values: object) -> Iterator[Any]:
        """Return the rows for the values `wanted`, with the attributes and types that SQLAlchemy would give them.

        Long lists are looked up in pieces; only within a piece are rows in the order of the statement.
        """
        compiled = self._for(connection)
        for part in dialects.chunks(wanted, _LONGEST):
            yield from compiled.rows(connection, part, values)

    def text(self, connection: Connection) -> str:
        """Return the statement for a list of eight, to ask the database how it goes about it."""
        return self._for(connection).text(8)

    def _for(self, connection: Connection) -> _Compiled:
        compiled = self._made.get(connection.dialect.name)
        if compiled is None:
            backend = dialects.backend_of(connection)
            statement = self._build([literal_column(_LIST, self._type)])
            compiled = _Compiled(statement, backend, writer_of(self._type, backend.compiled_for()))
            self._made[connection.dialect.name] = compiled
        return compiled


class Fixed:
    """A SELECT without a list; what it needs is `given` by name."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._made: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, **values: object) -> list[Any]:
        """Return the rows, with the attributes and types that SQLAlchemy would give them."""
        return self._for(connection).rows(connection, (), values)

    def text(self, connection: Connection) -> str:
        """Return the statement, to ask the database how it goes about it."""
        return self._for(connection).text(0)

    def _for(self, connection: Connection) -> _Compiled:
        compiled = self._made.get(connection.dialect.name)
        if compiled is None:
            compiled = _Compiled(self._statement, dialects.backend_of(connection), None)
            self._made[connection.dialect.name] = compiled
        return compiled


class _Compiled:
    """A statement as text of one engine, with what converts its parameters and its columns; `write` converts those of
    its list.
    """

    def __init__(self, statement: Select[Any], backend: dialects.Backend, write: Converter) -> None:
        dialect = backend.compiled_for()
        # Lists that never change, as in `kind IN (...)`, become a parameter for each of their values.
        compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        values = compiled.params  # built anew each time it is asked for
        parameters = iter(
            [
                (name, values[name], writer_of(bind_of(compiled, name).type, dialect))
                for name in compiled.positiontup or ()
            ]
        )
        self._mark = backend.MARK
        self._write = write
        self._texts: dict[int, str] = {}
        # What stands before the list, between two of its places, and after it.
        self._pieces = str(compiled).split(_LIST)
        self._parameters = [[next(parameters) for _ in range(piece.count(backend.MARK))] for piece in self._pieces]
        columns = list(statement.selected_columns)
        self._columns = [(at, read) for at, one in enumerate(columns) if (read := _reader(one.type, backend))]
        self._row: Callable[[Iterable[Any]], Any] = _row_class("Row", [one.name for one in columns])._make

    def text(self, size: int) -> str:
        """Return the statement for a list of so many."""
        text = self._texts.get(size)
        if text is None:
            text = self._texts[size] = ", ".join([self._mark] * size).join(self._pieces)
        return text

    def rows(self, connection: Connection, wanted: Sequence[Any], values: dict[str, object]) -> list[Any]:
        # Lists grow by doubling, so that the driver knows most statements from before.
        size = 1 << (len(wanted) - 1).bit_length() if wanted else 0
        found = dialects.run(connection, self.text(size), self._bound(wanted, size, values))
        if not found:
            return []
        # Column by column: a row at a time took twice as long.
        columns: list[Iterable[Any]] = list(zip(*found, strict=True))
        for at, convert in self._columns:
            columns[at] = [None if value is None else convert(value) for value in columns[at]]
        return list(map(self._row, zip(*columns, strict=True)))

    def _bound(self, wanted: Sequence[Any], size: int, values: dict[str, object]) -> list[object]:
        """Return the parameters in their order; a list that is shorter than the statement's repeats its last value."""
        listed: list[object] = list(wanted) if self._write is None else list(map(self._write, wanted))
        listed += listed[-1:] * (size - len(listed))
        bound: list[object] = []
        for place, parameters in enumerate(self._parameters):
            if place:
                bound += listed
            for name, fixed, convert in parameters:
                value = values[name] if fixed is None else fixed
                bound.append(value if convert is None else convert(value))
        return bound


def bind_of(compiled: SQLCompiler, name: str) -> BindParameter[Any]:
    """Return the parameter behind a name: `kind_1` also behind `kind_1_2`, the second value of its list."""
    return compiled.binds[name] if name in compiled.binds else compiled.binds[name.rpartition("_")[0]]


def writer_of(type_: TypeEngine[Any], dialect: Dialect) -> Converter:
    """Return what makes a value of the type one that the driver takes."""
    if isinstance(type_, TypeDecorator):
        return partial(type_.process_bind_param, dialect=dialect)
    return None


def _reader(type_: TypeEngine[Any], backend: dialects.Backend) -> Converter:
    dialect = backend.compiled_for()
    if isinstance(type_, TypeDecorator):
        converts = type(type_).process_result_value is not TypeDecorator.process_result_value
        return partial(type_.process_result_value, dialect=dialect) if converts else None
    return None if backend.READS_PLAIN else type_.dialect_impl(dialect).result_processor(dialect, None)
