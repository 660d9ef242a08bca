"""Reads `lists`: names in a CSV file, such as those of vessels, used as a concept `$vessels`.

1. the table: a heading and rows; a quoted cell may go over several lines
2. each row: its name, other names, id; what a spreadsheet or a stranger could have put there is refused by its line
3. a concept of all names; short and ordinary ones are exact and warned of
4. of a large list the concept holds the first names, and the file in which all of them are filed: found where it was
   made of the same text before, else made, less the rows that did not change

    name,aliases,imo
    Lady R,Lady Rose;Леди Р,9161003      "Lady Rose" in a text is told as "Lady R (IMO 9161003), row 2"
"""

from __future__ import annotations

import csv
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

import regex

from watcher.core.matching.name_rows import PART, is_exact, spellings, term_of, told
from watcher.core.matching.name_table import NameRow
from watcher.core.matching.name_table_made import Making, Notes, Odd
from watcher.core.model.place import Place
from watcher.core.model.rule import Concept, NamesFile, Term
from watcher.lexicon import name_files
from watcher.settings.issues import Issues
from watcher.settings.kept import code_digest
from watcher.settings.models import ModelReader
from watcher.settings.phrases import short
from watcher.settings.schema import ListModel, check_name
from watcher.settings.yaml_text import MapNode, ScalarNode, YamlNode

MAX_TABLE_BYTES: Final = 32 * 1024 * 1024
"""Of one CSV file; the texts of all files are kept with each revision."""

MOST_NAMES: Final = 1_000_000
"""Of one list, other names counted."""

_MOST_ROWS: Final = 500_000

LARGE_CHARS: Final = 256 * 1024
"""A longer text goes into a file that all processes share; the names of a shorter one are terms like any other."""

_MOST_CHARS: Final = 200
"""Of one cell: no vessel, person or firm has a longer name."""

_MOST_SAID: Final = 20  # mistakes of one file; a wrong column makes one of each row
_DELIMITERS: Final = ",;\t"
_FORMULA = regex.compile(r"[=+@]|-(?=\S)")
_CONTROL = regex.compile(r"[\p{Cc}\p{Cf}\p{Co}\p{Cs}--\u200c\u200d]", regex.VERSION1)
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_LATIN, _OTHER = regex.compile(r"\p{Latin}"), regex.compile(r"[\p{Cyrillic}\p{Greek}]")
_LETTER = regex.compile(r"[\p{L}\p{N}]")
_PLAIN_NAME = "(?:" + "|".join(rf"[{one}0-9][{one}0-9 .,'()&/-]*+" for one in ("A-Za-zÀ-ž", "А-яЁёІіЇїЄєҐґЎў")) + ")"
_PLAIN = regex.compile(rf"(?:{_PLAIN_NAME}(?:[;|] ?{_PLAIN_NAME})*+)?")
"""A cell of such names has none of the mistakes but that it may be too long."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The CSV files of a configuration, or its OPML lists: their texts by name, and of those that cannot be read
    why.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


NO_TABLES = Tables()


class ListReader:
    """Reads the lists of one configuration; a mistake is noted with the file and line that it stands in. The names of
    large ones are kept in the first of `folders` that takes them.
    """

    def __init__(self, issues: Issues, models: ModelReader, tables: Tables, folders: Sequence[Path]) -> None:
        self._issues = issues
        self._folders = folders
        self._models = models
        self._files = tables.texts
        self._unread = tables.unread
        self._large_ones = 0

    def read_all(
        self, named: Mapping[str, tuple[ScalarNode, YamlNode]], taken: Mapping[str, object]
    ) -> dict[str, Concept]:
        """Return each list as a concept, as far as it can be read; `taken` are the names of concepts."""
        found: dict[str, Concept] = {}
        for name, (key, node) in named.items():
            wrong = check_name(name)
            if wrong:
                self._issues.error(key, wrong, hint="write it without blanks: `shadow-fleet`")
            elif name in taken:
                self._issues.error(
                    key, f"`{name}` is also one of your concepts", hint="rename one: both are `$" + name + "`"
                )
            else:
                found[name] = self._read(name, key, node)
        return found

    def _read(self, name: str, key: ScalarNode, node: YamlNode) -> Concept:
        empty = Concept(name, (), place=key.place)
        model, _ = self._models.read(node, ListModel, "list", f"list {name}")
        if model is None:
            return empty
        at = node.get("csv") if isinstance(node, MapNode) else None
        text = self._text(model.csv, at or key)
        if text is None:
            return empty
        if not self._has_columns(model, text, at or key):
            return empty
        label = model.label or name.replace("-", " ").replace("_", " ").capitalize()
        as_one = replace(empty, label=label)
        large = len(text) > LARGE_CHARS
        found = self._large(as_one, model, text, at or key) if large else self._small(as_one, model, text)
        if found is None:
            return empty
        concept, notes = found
        self._warn(model.csv, notes)
        if not notes.names:
            self._issues.warn(at or key, f"{model.csv} holds no names, so `${name}` is found nowhere")
        return concept

    def _text(self, file: str, at: YamlNode) -> str | None:
        """Return the text of a CSV file, None with a mistake noted."""
        if file in self._files:
            return self._files[file]
        if file in self._unread:
            self._issues.error(at, f"{file} cannot be read: {self._unread[file]}")
        elif not file.endswith(".csv"):
            self._issues.error(at, f"{short(file)} is no CSV file", hint="its name must end in .csv")
        else:
            hint = self._issues.did_you_mean(file, self._files) or "paths begin in the configuration directory"
            self._issues.error(at, f"{short(file)} is not there", hint=hint)
        return None

    def _has_columns(self, model: ListModel, text: str, at: YamlNode) -> bool:
        columns = _columns(model)
        heading = _heading(text, columns)
        for column in columns:
            if column not in heading:
                hint = self._issues.did_you_mean(column, heading)
                self._issues.error(at, f"{model.csv} has no column `{short(column)}`", hint=hint)
        return set(columns) <= set(heading)

    def _small(self, concept: Concept, model: ListModel, text: str) -> tuple[Concept, Notes] | None:
        """Return a list whose names are terms."""
        names = _Names(model.id)
        if not self._take(model, text, names.add, lambda _: False):
            return None
        return replace(concept, terms=tuple(names.terms.values()), rows=names.told), names.notes()

    def _large(self, concept: Concept, model: ListModel, text: str, at: YamlNode) -> tuple[Concept, Notes] | None:
        """Return a list whose names stand in a file."""
        self._large_ones += 1
        if self._large_ones > name_files.MOST_LISTS:
            hint = "join some of them, or part one into smaller files"
            self._issues.error(at, f"more than {name_files.MOST_LISTS} lists are larger than 256 KiB", hint=hint)
            return None
        of_list, digest = _digest(model.csv, *_parts(model)), _digest(*_parts(model), text)
        found = name_files.find(self._folders, of_list, digest)
        if found is None:
            data = self._filed(model, text, of_list)
            if data is None:
                return None
            try:
                name_files.put(self._folders, of_list, digest, data)
            except OSError as error:
                message = f"the names of {model.csv} cannot be put into a file: {error.strerror or error}"
                self._issues.error(at, message, hint="watcher needs a data folder that it may write")
                return None
            found = name_files.find(self._folders, of_list, digest)
            if found is None:
                self._issues.error(at, f"the names of {model.csv} went as soon as they were put into a file")
                return None
        path, notes = found
        name_files.made_by(path, partial(_unpacked, model, zlib.compress(text.encode("utf-8", "surrogatepass"), 1)))
        table = NamesFile(str(path), digest, notes.names, model.id)
        first = tuple(term_of(name) for name, _ in notes.first)
        return replace(concept, terms=first, rows=dict(notes.first), table=table), notes

    def _filed(self, model: ListModel, text: str, of_list: str) -> bytes | None:
        """Return the table of a large list, None with mistakes noted."""
        making = Making(model.id, name_files.before(self._folders, of_list))
        if not self._take(model, text, making.add, making.knows):
            return None
        return _made_anew(model, text) if making.is_worn() else making.packed()

    def _take(
        self, model: ListModel, text: str, add: Callable[[NameRow], int], knows: Callable[[NameRow], bool]
    ) -> bool:
        """Give on the rows of a table that are right; return False with mistakes noted."""
        names = wrong = slots = 0
        try:
            for row in _rows(model, text):
                slots += 1
                if knows(row):
                    continue
                said = _wrong_row(row.record, model)
                if not said:
                    names += add(row)
                if names > MOST_NAMES or slots > _MOST_ROWS:
                    said = f"there are more than {MOST_NAMES:,} names; split the file, and the list"
                if said:
                    wrong += 1
                    self._issues.error(Place(model.csv, row.line, 1), said)
                if wrong >= _MOST_SAID or names > MOST_NAMES or slots > _MOST_ROWS:
                    return False
        except _BrokenTable as error:
            self._issues.error(Place(model.csv, error.line, 1), str(error))
            return False
        return not wrong

    def _warn(self, file: str, notes: Notes) -> None:
        """Say once of all names what is odd about them, at the first one."""
        exact, twice = notes.exact, notes.twice
        if exact.many:
            message = f"{_first_of(exact)} is short or an ordinary word, so it must be written exactly so"
            self._issues.warn(Place(file, exact.line, 1), message, hint="give a longer name to find it in other forms")
        if twice.many:
            message = f"{_first_of(twice)} stands in several rows; alerts name all of them"
            self._issues.warn(Place(file, twice.line, 1), message)


@dataclass(slots=True)
class _Names:
    """The names of a small list so far: each as a term, with what is told of it."""

    heading: str
    terms: dict[str, Term] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    exact: list[tuple[str, int]] = field(default_factory=list)
    twice: list[tuple[str, int]] = field(default_factory=list)

    def add(self, row: NameRow) -> int:
        """Take a row; return how many names it has."""
        said = told(row.record, self.heading, row.number)
        names = spellings(row.record)
        for name in names:
            if name in self.told:
                self.twice.append((name, row.line))
                self.told[name] += f"; {said}"
                continue
            if is_exact(name):
                self.exact.append((name, row.line))
            self.terms[name] = term_of(name)
            self.told[name] = said
        return len(names)

    def notes(self) -> Notes:
        exact, twice = (Odd(len(one), *(one[0] if one else ("", 0))) for one in (self.exact, self.twice))
        return Notes(len(self.terms), exact, twice, ())


def _first_of(odd: Odd) -> str:
    return f"`{short(odd.name)}`{f' (and {odd.many - 1:,} more names)' if odd.many > 1 else ''}"


def _made_anew(model: ListModel, text: str) -> bytes:
    """Return the table of a large list whose rows are right, all of it made."""
    making = Making(model.id)
    for row in _rows(model, text):
        making.add(row)
    return making.packed()


def _unpacked(model: ListModel, text: bytes) -> bytes:
    """Return the table of a large list, of which the text is kept small meanwhile."""
    return _made_anew(model, zlib.decompress(text).decode("utf-8", "surrogatepass"))


def _columns(model: ListModel) -> list[str]:
    return [one for one in (model.name, model.also, model.id) if one]


def _parts(model: ListModel) -> tuple[str, str, str]:
    return model.name, model.also, model.id


def _digest(*parts: str) -> str:
    """Return the digest of what a file of names is made of, and of the code that makes it."""
    state = hashlib.blake2b(code_digest(), digest_size=16)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        state.update(len(raw).to_bytes(8, "big"))
        state.update(raw)
    return state.hexdigest()


class _BrokenTable(ValueError):
    """A table that cannot be taken apart; the text is a sentence."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def _heading(text: str, columns: Sequence[str]) -> list[str]:
    """Return the names of the columns, by the delimiter with which most of the wanted ones are there."""
    first = text.split("\n", 1)[0]
    ways = [[cell.strip() for cell in next(csv.reader([first], delimiter=one), [])] for one in _DELIMITERS]
    return max(ways, key=lambda cells: (len(set(columns) & set(cells)), len(cells)))


def _delimiter(text: str, heading: Sequence[str]) -> str:
    first = text.split("\n", 1)[0]
    return next(
        one
        for one in _DELIMITERS
        if [cell.strip() for cell in next(csv.reader([first], delimiter=one), [])] == list(heading)
    )


def _rows(model: ListModel, text: str) -> Iterator[NameRow]:
    """Yield the rows below the heading that hold anything.

    Raises:
        _BrokenTable: a quotation mark is not closed or stands astray, or a row has too many cells.
    """
    heading = _heading(text, _columns(model))
    wanted = [heading.index(column) if column else -1 for column in _parts(model)]
    table = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, heading), strict=True)
    number, line, most = 0, 1, len(heading)
    while True:
        try:
            cells = next(table, None)
        except csv.Error as error:
            raise _BrokenTable(_why_broken(error), line) from error
        if cells is None:
            return
        number += 1
        if number > 1 and any(map(str.strip, cells)):
            if len(cells) > most:
                message = f"{len(cells)} cells in a table of {most} columns; a cell with a comma needs quotes"
                raise _BrokenTable(message, line)
            yield NameRow(PART.join([_cell(cells, at) for at in wanted]), number, line)
        line = table.line_num + 1


def _cell(cells: Sequence[str], at: int) -> str:
    return " ".join(cells[at].split()) if 0 <= at < len(cells) else ""


def _why_broken(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"a cell of more than {csv.field_size_limit():,} characters, which is no name"
    return f"the table cannot be read from here on: {error}"


def _wrong_row(record: str, model: ListModel) -> str:
    """Return what is wrong with a row, or ""."""
    name, also, number = record.split(PART)
    if not name:
        return f"a row without a `{short(model.name)}`"
    if len(record) <= _MOST_CHARS and all(map(_PLAIN.fullmatch, (name, also, number))):
        return ""
    return next(filter(None, map(_wrong, [*spellings(record), number])), "")


def _wrong(cell: str) -> str:
    """Return what is wrong with the text of a cell, or ""."""
    shown = short(cell)
    if len(cell) > _MOST_CHARS:
        return f"a cell of {len(cell):,} characters, which is no name; {_MOST_CHARS} are the most"
    if _CONTROL.search(cell):
        return "a cell with an invisible sign; write it anew"
    if _FORMULA.match(cell):
        return f"`{shown}` is a formula of a spreadsheet; write the text itself"
    if "*" in cell:
        return f"`{shown}` holds a *, which stands for any letters elsewhere; a list holds whole names"
    mixed = next((word for word in _WORD.findall(cell) if _LATIN.search(word) and _OTHER.search(word)), "")
    if mixed:
        return f"`{mixed}` mixes letters of two scripts that look alike; write it in one"
    if cell and not _LETTER.search(cell):
        return f"`{shown}` holds no letter"
    return ""
