"""A table of names: all names of a large list, filed by their keys in one block of bytes that processes can share.

1. Each row has a slot: its cells, its number, its line, and how many of its names must be written exactly so.
2. Each key of its names (see keys.py) is an entry: the checksum of the key above the number of the slot. Entries are
   sorted, so that a key is found by halving. A checksum may promise too much: the names of the row decide.
3. Pairs of neighbours are filed by their first word, too: of most pairs of an article a mask of what may follow the
   first tells that no name has them. So are the names as written, to tell what a name stands for.

What it says is what the terms of all rows would say, one by one.

    head | notes | entries | names | pairs | ends of rows | their numbers | lines | exact names | cells
"""

from __future__ import annotations

import struct
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence, Set
from hashlib import blake2b
from itertools import compress, count
from operator import and_
from typing import Final, Literal, NamedTuple
from zlib import crc32

from watcher.core.articles.korean import stems
from watcher.core.matching.keys import Key, keys_of
from watcher.core.matching.name_rows import spellings, told

MAGIC: Final = b"names 1" + (b"<" if sys.byteorder == "little" else b">")
HEAD: Final = struct.Struct("=8sI6I")
"""Magic, checksum of all that follows it, and sizes: notes, entries, names, pairs, slots, cells."""

SIZES: Final = struct.Struct("=6I")
SLOT_BITS: Final = 20
"""Of each entry, for the number of its slot."""
EIGHT: Final = 8

_KINDS: Final[Sequence[Literal["Q", "I", "B"]]] = ("Q", "Q", "Q", "I", "I", "I", "B")
_SLOT: Final = (1 << SLOT_BITS) - 1
_REMEMBERED: Final = 50_000
_PAIR_BITS: Final = 32
_SECOND: Final = (1 << _PAIR_BITS) - 1
_PLACES: Final = 1024
_BITS: Final = tuple([1 << place for place in range(_PLACES)])


class NameRow(NamedTuple):
    """A row of a table of names: its cells (see name_rows), its number (the heading is 1), and its line."""

    record: str
    number: int
    line: int


class Parts(NamedTuple):
    """The parts of a table, as the bytes hold them; a row without a number is gone."""

    entries: Sequence[int]
    names: Sequence[int]
    pairs: Sequence[int]
    offsets: Sequence[int]
    numbers: Sequence[int]
    lines: Sequence[int]
    exact: Sequence[int]
    cells: memoryview

    def row(self, slot: int) -> NameRow:
        """Return the row of a slot."""
        start = self.offsets[slot - 1] if slot else 0
        record = str(self.cells[start : self.offsets[slot]], "utf-8", "surrogatepass")
        return NameRow(record, self.numbers[slot], self.lines[slot])

    def told(self, name: str, heading: str) -> str:
        """Return what an alert says of a name: each row that holds it, in order; "" of one that no row holds."""
        rows = (self.row(slot) for slot in filed(self.names, name_code(name)))
        found = sorted((row for row in rows if name in spellings(row.record)), key=lambda row: row.number)
        return "; ".join(told(row.record, heading, row.number) for row in found)


class DamagedTable(ValueError):
    """Bytes that are no table of names."""


class NameTable:
    """The names of one list, over bytes that are never changed; what it remembers of words changes no answer."""

    def __init__(self, data: bytes | memoryview) -> None:
        """Take the bytes of a table, of which the checksum was looked at.

        Raises:
            DamagedTable: they are something else.
        """
        self.parts = _parts(memoryview(data))
        self._places: dict[str, int] = {}
        self._masks: dict[str, int] = {}
        self._singles: set[str] = set()
        self._nouns: dict[str, tuple[str, ...]] = {}
        self._held: set[Key] = set()  # the keys of names that articles had lately
        self._held_before: set[Key] = set()

    def keys_in(self, texts: Sequence[Sequence[str]], seen: set[str]) -> set[Key]:
        """Return the keys of names that an article has, by the folded words of each of its `texts`; `seen` are all of
        these words.
        """
        if len(self._places) > _REMEMBERED:
            # of one article both prose and all else may be asked for, so that the keys of one time before stay
            self._places, self._masks, self._singles, self._nouns = {}, {}, set(), {}
            self._held, self._held_before = set(), self._held
        for word in seen.difference(self._places):
            self._look_up(word)
        found: set[Key] = set()
        for words in texts:
            masks, places = map(self._masks.__getitem__, words), map(self._places.__getitem__, words[1:])
            for at in compress(count(), map(and_, masks, places)):
                if self._is_pair(words[at], words[at + 1]):
                    found.add((words[at], words[at + 1]))
        found |= self._singles & seen
        if self._nouns:
            found.update(noun for word in seen if word in self._nouns for noun in self._nouns[word])
        self._held |= found
        return found

    def names_at(self, keys: Set[Key]) -> Iterator[str]:
        """Yield the names that may stand in an article with these keys, which `keys_in` looked through; one may come
        twice.
        """
        wanted = (keys & self._held) | (keys & self._held_before)
        for slot in sorted({slot for key in wanted for slot in filed(self.parts.entries, key_code(key))}):
            for spelling in spellings(self.parts.row(slot).record):
                if not wanted.isdisjoint(keys_of(spelling)):
                    yield spelling

    def _look_up(self, word: str) -> None:
        """Remember what a word is to the names: its place in masks, and the mask of the places of those that follow it
        in names.
        """
        if self._is_key(word):
            self._singles.add(word)
        nouns = tuple(noun for noun in stems(word) if self._is_key(noun))
        if nouns:
            self._nouns[word] = nouns
        code, mask = key_code(word), 0
        for second in _followers(self.parts.pairs, code):
            mask |= _BITS[second % _PLACES]
        self._masks[word], self._places[word] = mask, _BITS[code % _PLACES]

    def _is_pair(self, left: str, right: str) -> bool:
        pairs, code = self.parts.pairs, pair_code(left, right)
        at = bisect_left(pairs, code)
        return at < len(pairs) and pairs[at] == code

    def _is_key(self, word: str) -> bool:
        return next(filed(self.parts.entries, key_code(word)), None) is not None


def is_whole(chunks: Iterable[bytes]) -> bool:
    """Say whether the pieces of a file, the first of them longer than its head, are a table as it was made."""
    pieces = iter(chunks)
    first = next(pieces, b"")
    if len(first) < HEAD.size or not first.startswith(MAGIC):
        return False
    _, wanted, *sizes = HEAD.unpack_from(first)
    found = crc32(first[HEAD.size :], crc32(SIZES.pack(*sizes)))
    for piece in pieces:
        found = crc32(piece, found)
    return bool(found == wanted)


def notes_in(data: bytes) -> bytes:
    """Return the notes that a table begins with; `data` may be only the beginning of it.

    Raises:
        DamagedTable: they are cut short.
    """
    size = _sizes(data)[0]
    if len(data) < HEAD.size + size:
        raise DamagedTable("it is cut short")
    return data[HEAD.size : HEAD.size + size]


def key_code(key: Key) -> int:
    """Return the checksum of a key; those of two words and of one with the same letters differ."""
    if isinstance(key, tuple):
        left, right = key
        return crc32(b"\0" + right.encode("utf-8", "surrogatepass"), crc32(left.encode("utf-8", "surrogatepass")))
    return crc32(key.encode("utf-8", "surrogatepass"))


def pair_code(left: str, right: str) -> int:
    """Return the checksums of two words in one, the first above the second."""
    return key_code(left) << _PAIR_BITS | key_code(right)


def name_code(name: str) -> int:
    """Return the checksum of a name as written, so long that two names hardly ever share one."""
    whole = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=EIGHT).digest()
    return int.from_bytes(whole, "big") >> SLOT_BITS


def aligned(at: int) -> int:
    """Return the next place at which numbers of eight bytes may begin."""
    return at + -at % EIGHT


def _sizes(data: bytes | memoryview) -> tuple[int, ...]:
    if len(data) < HEAD.size:
        raise DamagedTable("it is cut short")
    magic, _, *sizes = HEAD.unpack_from(data)
    if magic != MAGIC:
        raise DamagedTable("it is no table of names")
    return tuple(sizes)


def _parts(whole: memoryview) -> Parts:
    notes, entries, names, pairs, slots, cells = _sizes(whole)
    found: list[memoryview[int]] = []
    at = aligned(HEAD.size + notes)
    for kind, size in zip(_KINDS, (entries, names, pairs, slots, slots, slots, slots), strict=True):
        end = at + size * array(kind).itemsize
        if end > len(whole):
            raise DamagedTable("it is cut short")
        found.append(whole[at:end].cast(kind))
        at = aligned(end)
    if len(whole) != at + cells:
        raise DamagedTable("it is cut short, or too long")
    return Parts(found[0], found[1], found[2], found[3], found[4], found[5], found[6], whole[at:])


def filed(entries: Sequence[int], code: int) -> Iterator[int]:
    """Yield the slots that are filed under a checksum."""
    at = bisect_left(entries, code << SLOT_BITS)
    while at < len(entries) and entries[at] >> SLOT_BITS == code:
        yield entries[at] & _SLOT
        at += 1


def _followers(pairs: Sequence[int], code: int) -> Iterator[int]:
    """Yield the checksums of the words that follow one in names."""
    at = bisect_left(pairs, code << _PAIR_BITS)
    while at < len(pairs) and pairs[at] >> _PAIR_BITS == code:
        yield pairs[at] & _SECOND
        at += 1
