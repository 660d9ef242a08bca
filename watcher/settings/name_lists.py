"""Reads `lists`: names in a CSV file, such as those of vessels, used as a concept `$vessels`.

1. the table: a heading and rows; a quoted cell may go over several lines
2. each row: its name, other names, id; what a spreadsheet or a stranger could have put there is refused by its line
3. a concept of all names; short and ordinary ones are exact and warned of

    name,aliases,imo
    Lady R,Lady Rose;Леди Р,9161003      "Lady Rose" in a text is told as "Lady R (IMO 9161003), row 2"
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import regex

from watcher.core.articles.common_words import COMMON_WORDS
from watcher.core.model.place import Place
from watcher.core.model.rule import Concept, Term
from watcher.settings.expansion import MOST_TERMS
from watcher.settings.issues import Issues
from watcher.settings.models import ModelReader
from watcher.settings.phrases import short
from watcher.settings.schema import ListModel, check_name
from watcher.settings.yaml_text import MapNode, ScalarNode, YamlNode

MAX_TABLE_BYTES: Final = 8 * 1024 * 1024
"""Of one CSV file; the texts of all files are kept with each revision."""

_MOST_CHARS: Final = 200
"""Of one cell: no vessel, person or firm has a longer name."""

_MOST_SAID: Final = 20  # mistakes of one file; a wrong column makes one of each row
_DELIMITERS: Final = ",;\t"
_FORMULA = regex.compile(r"[=+@]|-(?=\S)")
_CONTROL = regex.compile(r"[\p{Cc}\p{Cf}\p{Co}\p{Cs}--\u200c\u200d]", regex.VERSION1)
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_LATIN, _OTHER = regex.compile(r"\p{Latin}"), regex.compile(r"[\p{Cyrillic}\p{Greek}]")
_DENSE = regex.compile(r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}]")
_SHORT, _SHORT_DENSE = 3, 1
"""A name of no more letters is a word or an abbreviation of something else, too."""

_ORDINARY: Final = frozenset(
    """
    ocean sea star sun moon sky hope victory liberty freedom unity spirit pride glory fortune pioneer explorer voyager
    eagle falcon dolphin tiger lion queen king prince princess lady duke captain commander champion navigator pilot
    atlantic pacific baltic arctic northern southern eastern western north south east west summer winter spring
    diamond pearl ruby gold silver phoenix horizon dawn sunrise sunset aurora harmony destiny legend orient
    alpha beta delta omega prime royal grand imperial alliance express progress success future today
    """.split()  # noqa: SIM905 - a list literal would be three pages long
)


@dataclass(slots=True)
class _Row:
    """One row: its number in the table (the heading is 1), the line where it begins, and its cells by column."""

    number: int
    line: int
    cells: Mapping[str, str]


@dataclass(slots=True)
class _Names:
    """The names of one list so far: each as a term, with what is told of it."""

    terms: dict[str, Term] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    exact: list[tuple[str, int]] = field(default_factory=list)
    twice: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tables:
    """The CSV files of a configuration, or its OPML lists: their texts by name, and of those that cannot be read
    why.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


NO_TABLES = Tables()


class ListReader:
    """Reads the lists of one configuration; a mistake is noted with the file and line that it stands in."""

    def __init__(self, issues: Issues, models: ModelReader, tables: Tables) -> None:
        self._issues = issues
        self._models = models
        self._files = tables.texts
        self._unread = tables.unread

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
        names = self._names(model, text, at or key)
        if names is None:
            return empty
        self._warn(model.csv, names)
        if not names.terms:
            self._issues.warn(at or key, f"{model.csv} holds no names, so `${name}` is found nowhere")
        label = model.label or name.replace("-", " ").replace("_", " ").capitalize()
        return Concept(name, tuple(names.terms.values()), label=label, place=key.place, rows=names.told)

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

    def _names(self, model: ListModel, text: str, at: YamlNode) -> _Names | None:
        columns = [one for one in (model.name, model.also, model.id) if one]
        heading = _heading(text, columns)
        for column in columns:
            if column not in heading:
                hint = self._issues.did_you_mean(column, heading)
                self._issues.error(at, f"{model.csv} has no column `{short(column)}`", hint=hint)
        if not set(columns) <= set(heading):
            return None
        names, wrong = _Names(), 0
        try:
            for row in _rows(text, heading):
                said = _add(names, row, model)
                if len(names.terms) > MOST_TERMS:
                    said = f"there are more than {MOST_TERMS:,} names; split the file, and the list"
                if said:
                    wrong += 1
                    self._issues.error(Place(model.csv, row.line, 1), said)
                if wrong >= _MOST_SAID or len(names.terms) > MOST_TERMS:
                    return None
        except _BrokenTable as error:
            self._issues.error(Place(model.csv, error.line, 1), str(error))
            return None
        return names if not wrong else None

    def _warn(self, file: str, names: _Names) -> None:
        """Say once of all names what is odd about them, at the first one."""
        if names.exact:
            name, line = names.exact[0]
            count = f" (and {len(names.exact) - 1:,} more names)" if len(names.exact) > 1 else ""
            message = f"`{short(name)}`{count} is short or an ordinary word, so it must be written exactly so"
            self._issues.warn(Place(file, line, 1), message, hint="give a longer name to find it in other forms")
        if names.twice:
            name, line = names.twice[0]
            count = f" (and {len(names.twice) - 1:,} more names)" if len(names.twice) > 1 else ""
            self._issues.warn(
                Place(file, line, 1), f"`{short(name)}`{count} stands in several rows; alerts name all of them"
            )


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


def _rows(text: str, heading: Sequence[str]) -> Iterator[_Row]:
    """Yield the rows below the heading that hold anything.

    Raises:
        _BrokenTable: a quotation mark is not closed or stands astray, or a row has too many cells.
    """
    table = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, heading), strict=True)
    number, line = 0, 1
    while True:
        try:
            cells = next(table, None)
        except csv.Error as error:
            raise _BrokenTable(f"the table cannot be read from here on: {error}", line) from error
        if cells is None:
            return
        number += 1
        if number > 1 and any(cell.strip() for cell in cells):
            if len(cells) > len(heading):
                message = f"{len(cells)} cells in a table of {len(heading)} columns; a cell with a comma needs quotes"
                raise _BrokenTable(message, line)
            yield _Row(number, line, dict(zip(heading, (" ".join(cell.split()) for cell in cells), strict=False)))
        line = table.line_num + 1


def _add(names: _Names, row: _Row, model: ListModel) -> str:
    """Take the names of a row; return what is wrong with it, or ""."""
    name, also, number = (row.cells.get(column, "") if column else "" for column in (model.name, model.also, model.id))
    if not name:
        return f"a row without a `{short(model.name)}`"
    spellings = [name, *(one.strip() for one in regex.split(r"[;|]", also) if one.strip())]
    wrong = next(filter(None, map(_wrong, [*spellings, number])), "")
    if wrong:
        return wrong
    told = f"{name} ({model.id.upper()} {number}), row {row.number}" if number else f"{name}, row {row.number}"
    for spelling in dict.fromkeys(spellings):
        if spelling in names.told:
            names.twice.append((spelling, row.line))
            names.told[spelling] += f"; {told}"
            continue
        is_exact = _is_short(spelling) or _is_ordinary(spelling)
        if is_exact:
            names.exact.append((spelling, row.line))
        names.terms[spelling] = Term(spelling, case=is_exact, exact=is_exact)
        names.told[spelling] = told
    return ""


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
    if cell and not regex.search(r"[\p{L}\p{N}]", cell):
        return f"`{shown}` holds no letter"
    return ""


def _is_short(name: str) -> bool:
    letters = [letter for letter in name if unicodedata.category(letter)[0] in "LN"]
    return len(letters) <= (_SHORT_DENSE if _DENSE.search(name) else _SHORT)


def _is_ordinary(name: str) -> bool:
    """Say whether a name is one word that texts are full of."""
    word = name.casefold()
    return word in COMMON_WORDS or word in _ORDINARY
