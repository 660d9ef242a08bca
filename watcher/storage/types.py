"""Column types: how ids, times, enums and structured values stand in the database."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from watcher.core.model.ids import DIGEST_BYTES, public_id, raw_id

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What reading a row raises that holds what none of ours ever wrote: damage, or somebody else's hand."""

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"  # base32, RFC 4648 section 6, in lower case
_LETTERS = 26  # of a 16-byte digest


def is_id(letter: str, text: str) -> bool:
    """Return whether `text` is a whole public id of the kind that begins with `letter`."""
    low, high = id_range(text)
    return text[:1] == letter and low == high != b""


def id_range(text: str) -> tuple[bytes, bytes]:
    """Return the lowest and highest digest of a public id that begins with `text`; both are empty when there is
    none.
    """
    body = text[1:].lower()
    if len(body) > _LETTERS or any(letter not in _ALPHABET for letter in body):
        return b"", b""
    number = 0
    for letter in body:
        number = number * 32 + _ALPHABET.index(letter)
    missing = 5 * (_LETTERS - len(body))
    # 26 letters hold 130 bits; the last two are padding.
    low = (number << missing) >> 2
    high = (((number + 1) << missing) - 1) >> 2
    return low.to_bytes(DIGEST_BYTES, "big"), high.to_bytes(DIGEST_BYTES, "big")


def microseconds(moment: datetime) -> int:
    """Return an aware time as it is stored.

    Raises:
        ValueError: it has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    return (moment - EPOCH) // _MICROSECOND


class PublicId(TypeDecorator[str]):
    """A public id ("a" + base32), stored as the 16-byte digest behind it.

    An id with another letter is refused, so that an article id never finds a message.
    """

    impl = LargeBinary(DIGEST_BYTES)
    cache_ok = True

    def __init__(self, letter: str) -> None:
        super().__init__()
        self.letter = letter

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Return the digest behind the id."""
        if value is None:
            return None
        if value[:1] != self.letter:
            raise ValueError(f"an id that begins with {self.letter!r} is expected, not {value!r}")
        return raw_id(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Return the public form."""
        return None if value is None else public_id(self.letter, value)


class Moment(TypeDecorator[datetime]):
    """An aware time, stored as whole microseconds since 1970 in UTC: it sorts, compares and loses nothing."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return microseconds; a naive time is refused."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the aware time in UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Period(TypeDecorator[timedelta]):
    """A length of time, stored as whole microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        """Return microseconds."""
        return None if value is None else value // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        """Return the length."""
        return None if value is None else timedelta(microseconds=value)


class Word(TypeDecorator[StrEnum]):
    """A member of a closed list, stored as its word."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words
        self._by_word = {word.value: word for word in words}

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Return the word; one that is not in the list is refused."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Return the member."""
        # Calling the class takes six times as long; it says what is wrong with a word that is none of it.
        return None if value is None else self._by_word.get(value) or self.words(value)


class Shown(TypeDecorator[str]):
    """Text from elsewhere that is only shown: what no database takes is replaced, so that it never stops what it
    comes with.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text without lone surrogates and NUL."""
        if value is None:
            return None
        return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")


class Packed(TypeDecorator[Any]):
    """Lists, mappings and plain values, stored as compact JSON text; read whole, never searched."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401 - any JSON value
        """Return the JSON text."""
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401 - any JSON value
        """Return what was packed, with lists for tuples."""
        return None if value is None else json.loads(value)
