"""Changes: INSERTs, UPDATEs and DELETEs that every poll runs, compiled once for each set of columns.

As with look-ups, building such a statement and its result's machinery cost more than what SQLite does for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from watcher.storage import dialects
from watcher.storage.lookup import Converter, bind_of, writer_of


class Change:
    """A statement that writes: rows of an INSERT, the new values of an UPDATE, and what either needs as `given` by
    name.

    add = Change(dialects.upsert(items))
    add.run(connection, {"id": "abcd...", "feed": "fabc...", ...}, ...)
    move = Change(update(items).where(items.c.id == given("which", items.c.id)))
    move.run(connection, {"which": "abcd...", "text": 2})
    """

    def __init__(self, statement: Insert | Update | Delete) -> None:
        self._statement = statement
        self._compiled: dict[tuple[str, frozenset[str]], _Compiled] = {}

    def run(self, connection: Connection, *rows: Mapping[str, Any]) -> int:
        """Write the rows, which all name the same columns, and return how many rows of the table changed.

        What a column's type refuses is refused as SQLAlchemy does it; what the database refuses is an error of its
        driver.
        """
        if not rows:
            return 0
        compiled = self._for(connection, frozenset(rows[0]))
        return dialects.write(connection, compiled.text, [compiled.bound(row) for row in rows])

    def _for(self, connection: Connection, names: frozenset[str]) -> _Compiled:
        wanted = (connection.dialect.name, names)
        compiled = self._compiled.get(wanted)
        if compiled is None:
            dialect = dialects.backend_of(connection).compiled_for()
            compiled = self._compiled[wanted] = _Compiled(self._statement, names, dialect)
        return compiled


class _Compiled:
    """A statement as text, with what converts its parameters, in their order, and the values that rows need not give.

    What is `given` has no value and is named otherwise than any column.
    """

    def __init__(self, statement: Insert | Update | Delete, named: frozenset[str], dialect: Dialect) -> None:
        columns = {column.name for column in statement.table.columns}
        compiled = statement.compile(dialect=dialect, column_keys=sorted(named & columns), for_executemany=True)
        self.text = str(compiled)
        params = compiled.params  # built anew each time it is asked for
        binds = [(name, bind_of(compiled, name)) for name in compiled.positiontup or ()]
        fixed = {name for name, bind in binds if not bind.required and (name in columns or params[name] is not None)}
        self._fixed = {name: params[name] for name in fixed} | _defaults(compiled)
        self._parameters: list[tuple[str, Converter]] = [(name, writer_of(bind.type, dialect)) for name, bind in binds]

    def bound(self, row: Mapping[str, Any]) -> list[object]:
        values = {**self._fixed, **row}
        return [values[name] if convert is None else convert(values[name]) for name, convert in self._parameters]


def _defaults(compiled: SQLCompiler) -> dict[str, Any]:
    """Return the values that new rows get where they name none."""
    defaults = {column.name: column.default for column in compiled.insert_prefetch}
    return {name: one.arg for name, one in defaults.items() if isinstance(one, ScalarElementColumnDefault)}
