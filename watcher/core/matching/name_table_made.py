"""Making a table of names (see name_table): of all rows, or of those that are new where a table was made before."""

from __future__ import annotations

import json
from array import array
from itertools import islice, pairwise
from typing import Any, Final, NamedTuple
from zlib import crc32

from watcher.core.matching.keys import keys_of
from watcher.core.matching.name_rows import is_exact, spellings
from watcher.core.matching.name_table import (
    EIGHT,
    HEAD,
    MAGIC,
    SIZES,
    SLOT_BITS,
    DamagedTable,
    NameRow,
    NameTable,
    Parts,
    filed,
    key_code,
    name_code,
    pair_code,
)

FIRST: Final = 8
"""So many of the first names stand in the notes."""

_SLOT: Final = (1 << SLOT_BITS) - 1
_LIVING_SHARE: Final = 0.75  # of the slots; where fewer have a row all is made anew


class Odd(NamedTuple):
    """How many names are odd in one way, the first of them, and the line where that shows."""

    many: int
    name: str
    line: int


class Notes(NamedTuple):
    """What is told of a table without looking through it: how many names, those that must be written exactly so, those
    that stand in several rows, and the first ones with what is told of each.
    """

    names: int
    exact: Odd
    twice: Odd
    first: tuple[tuple[str, str], ...]


class Making:
    """A table that is being made."""

    def __init__(self, heading: str, before: NameTable | None = None) -> None:
        """Begin one, with what did not change since the table before; `heading` is that of the column of ids."""
        self._heading = heading
        self._numbers, self._lines, self._offsets = array("I"), array("I"), array("I")
        self._exact, self._cells = array("B"), bytearray()
        self._entries: list[int] = []
        self._names: list[int] = []
        self._pairs: set[int] = set()
        self._known: dict[bytes, int] = {}
        if before is not None:
            self._take(before.parts)

    def knows(self, row: NameRow) -> bool:
        """Take a row over that did not change since the table before; return False where it is new."""
        slot = self._known.pop(row.record.encode("utf-8", "surrogatepass"), None)
        if slot is None:
            return False
        self._numbers[slot], self._lines[slot] = row.number, row.line
        return True

    def add(self, row: NameRow) -> int:
        """Add a row that is new; return how many names it has."""
        slot = len(self._numbers)
        names = spellings(row.record)
        for key in {key for name in names for key in keys_of(name)}:
            self._entries.append(key_code(key) << SLOT_BITS | slot)
            if isinstance(key, tuple):
                self._pairs.add(pair_code(*key))
        self._names += [name_code(name) << SLOT_BITS | slot for name in names]
        self._numbers.append(row.number)
        self._lines.append(row.line)
        self._exact.append(sum(map(is_exact, names)))
        self._cells += row.record.encode("utf-8", "surrogatepass")
        self._offsets.append(len(self._cells))
        return len(names)

    def is_worn(self) -> bool:
        """Say whether so many rows are gone that all had better be made anew."""
        living = len(self._numbers) - self._numbers.count(0)
        return living < _LIVING_SHARE * len(self._numbers)

    def packed(self) -> bytes:
        """Return the bytes of the table."""
        gone = {slot for slot, number in enumerate(self._numbers) if not number}
        entries, names = (_sorted(kept, gone) for kept in (self._entries, self._names))
        pairs = array("Q", sorted(self._pairs))
        numbers = (self._offsets, self._numbers, self._lines, self._exact)
        parts = Parts(entries, names, pairs, *numbers, memoryview(bytes(self._cells)))
        notes = json.dumps(_notes(parts, self._heading), ensure_ascii=False).encode("utf-8", "surrogatepass")
        body = bytearray(notes)
        for part in (entries, names, pairs, *numbers):
            body += bytes(-(HEAD.size + len(body)) % EIGHT)
            body += part.tobytes()
        body += bytes(-(HEAD.size + len(body)) % EIGHT)
        body += self._cells
        sizes = (len(notes), *map(len, (entries, names, pairs, self._numbers, self._cells)))
        return HEAD.pack(MAGIC, crc32(body, crc32(SIZES.pack(*sizes))), *sizes) + bytes(body)

    def _take(self, parts: Parts) -> None:
        slots = len(parts.numbers)
        self._numbers, self._lines = array("I", bytes(4 * slots)), array("I", bytes(4 * slots))
        self._offsets, self._exact = array("I", parts.offsets), array("B", parts.exact)
        self._cells = bytearray(parts.cells)
        self._entries, self._names = list(parts.entries), list(parts.names)
        self._pairs = set(parts.pairs)
        cells = bytes(parts.cells)
        places = enumerate(zip(pairwise((0, *parts.offsets)), parts.numbers, strict=True))
        self._known = {cells[start:end]: slot for slot, ((start, end), number) in places if number}


def notes_of(data: bytes) -> Notes:
    """Return the notes of a table from their bytes.

    Raises:
        DamagedTable: they are none.
    """
    try:
        names, exact, twice, first = json.loads(data)
        return Notes(int(names), _odd(*exact), _odd(*twice), tuple([(str(name), str(said)) for name, said in first]))
    except (ValueError, TypeError) as error:
        raise DamagedTable("its notes are no notes") from error


def _sorted(entries: list[int], gone: set[int]) -> array[int]:
    return array("Q", sorted([entry for entry in entries if entry & _SLOT not in gone] if gone else entries))


def _notes(parts: Parts, heading: str) -> Notes:
    slots = sorted((number, slot) for slot, number in enumerate(parts.numbers) if number)
    names = (name for _, slot in slots[:FIRST] for name in spellings(parts.row(slot).record))
    first = tuple((name, parts.told(name, heading)) for name in islice(dict.fromkeys(names), FIRST))
    exact = Odd(0, "", 0)
    for _, slot in slots:
        if parts.exact[slot]:
            row = parts.row(slot)
            count = sum(parts.exact[living] for _, living in slots)
            exact = Odd(count, next(filter(is_exact, spellings(row.record))), row.line)
            break
    return Notes(len(parts.names), exact, _twice(parts), first)


def _twice(parts: Parts) -> Odd:
    """Return how many names stand in a row although an earlier one has them."""
    names, numbers = parts.names, parts.numbers
    again = [
        max(numbers[one & _SLOT], numbers[other & _SLOT])
        for one, other in pairwise(names)
        if one >> SLOT_BITS == other >> SLOT_BITS
    ]
    if not again:
        return Odd(0, "", 0)
    row = parts.row(list(numbers).index(min(again)))
    name = next((name for name in spellings(row.record) if len(list(filed(names, name_code(name)))) > 1), "")
    return Odd(len(again), name, row.line)


def _odd(count: Any, name: Any, line: Any) -> Odd:  # noqa: ANN401 - what JSON holds
    return Odd(int(count), str(name), int(line))
