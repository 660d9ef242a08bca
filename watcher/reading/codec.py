"""Values as bytes and back, over a closed list of types: what another process sends is data, and can be nothing else.

1. A codec is made for one type, once; the types of its fields follow from its annotations.
2. Packing gives lines of JSON: a dataclass is the list of its fields, of several possible classes its name goes
   before them.
3. Unpacking checks each field: its type, how many there are, that a number fits into 64 bits. Nothing is looked up by
   a name that was sent, so that the worst that bytes can do is to be refused.

Articles, rules and concepts stand on lines of their own: a line is read without a pause, and a long pause would hold
the event loop.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from operator import attrgetter, itemgetter
from types import NoneType, UnionType
from typing import Any, Final, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from watcher.core.model.match import ReadArticle
from watcher.core.model.rule import Concept, Rule

MOST_BYTES: Final = 64 * 1024 * 1024
"""No packed value is longer; the longest document that is read gives less than half of it."""

_MOST_LISTS = 4_000_000  # "[]," is three bytes here and 64 in memory
_APART = frozenset([ReadArticle, Rule, Concept])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LEAST, _MOST = -(2**63), 2**63 - 1

T = TypeVar("T")
_Lines = list[bytes]
_Pack = Callable[[Any, _Lines], Any]
_Unpack = Callable[[Any, Iterator[bytes]], Any]


class BadData(ValueError):
    """Bytes that are no value of the wanted type; the text says in a few words why."""


class Codec(Generic[T]):
    """Packs and unpacks values of one type.

    Example: `Codec(FeedProblem).pack(FeedProblem(kind, "gone"))` gives `b'["gone","gone",null,null]'`.
    """

    def __init__(self, hint: Any) -> None:  # noqa: ANN401 - a class, or an annotation such as `tuple[Article, ...]`
        self._form = _form(hint)

    def pack(self, value: T) -> bytes:
        """Return the value as lines of JSON in UTF-8; lone surrogates are kept."""
        lines: _Lines = []
        packed = self._form.packed(value, lines)
        return b"\n".join([_line(packed), *lines])

    def unpack(self, data: bytes) -> T:
        """Return the value.

        Raises:
            BadData: this is not what `pack` gives for any value of the type, or longer than MOST_BYTES.
        """
        if len(data) > MOST_BYTES or data.count(b"[") + data.count(b"{") > _MOST_LISTS:
            raise BadData("too long")
        lines = iter(data.split(b"\n"))
        try:
            value: T = self._form.unpack(_parsed(next(lines)), lines)
        except BadData:
            raise
        except StopIteration as error:
            raise BadData("cut short") from error
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise BadData(type(error).__name__) from error
        if next(lines, None) is not None:
            raise BadData("more than one value")
        return value


@dataclass(frozen=True, slots=True)
class _Form:
    """How values of one type are written; `pack` None = JSON writes them as they are."""

    pack: _Pack | None
    unpack: _Unpack

    def packed(self, value: Any, lines: _Lines) -> Any:  # noqa: ANN401 - any value of the type
        return value if self.pack is None else self.pack(value, lines)


_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")).encode
_forms: dict[Any, _Form] = {}
_begun: set[Any] = set()


def _line(value: Any) -> bytes:  # noqa: ANN401 - what JSON can write
    return _encode(value).encode("utf-8", "surrogatepass")


def _parsed(line: bytes) -> Any:  # noqa: ANN401 - what JSON can hold
    return json.loads(line.decode("utf-8", "surrogatepass"), parse_constant=_no_number)


def _no_number(name: str) -> float:
    raise BadData(f"{name} is no number here")


def _form(hint: Any) -> _Form:  # noqa: ANN401 - an annotation
    """Return how values of an annotation are written; a type that contains itself is looked up when it is needed."""
    if hint in _forms:
        return _forms[hint]
    if hint in _begun:
        return _later(hint)
    _begun.add(hint)
    _forms[hint] = found = _made(hint)
    return found


def _later(hint: Any) -> _Form:  # noqa: ANN401 - an annotation
    def pack(value: Any, lines: _Lines) -> Any:  # noqa: ANN401 - any value of the type
        return _forms[hint].packed(value, lines)

    def unpack(raw: Any, lines: Iterator[bytes]) -> Any:  # noqa: ANN401 - any value of the type
        return _forms[hint].unpack(raw, lines)

    return _Form(pack, unpack)


def _made(hint: Any) -> _Form:  # noqa: ANN401 - an annotation
    if hasattr(hint, "__supertype__"):  # a NewType
        return _form(hint.__supertype__)
    simple = _SIMPLE.get(hint)
    if simple is not None:
        return simple
    origin, args = get_origin(hint), get_args(hint)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return _many(_form(args[0]))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(_form(args[0]), _form(args[1]))
    if origin in (Union, UnionType):
        return _one_of(args)
    if isinstance(hint, type):
        return _of_class(hint)
    raise TypeError(f"{hint} is not among the types that processes exchange")


def _of_class(kind: type) -> _Form:
    if issubclass(kind, Enum):
        return _enum(kind)
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        return _apart(_record(kind)) if kind in _APART else _record(kind)
    raise TypeError(f"{kind} is not among the types that processes exchange")


def _checked(kind: type) -> _Form:
    def unpack(raw: Any, _: Iterator[bytes]) -> Any:  # noqa: ANN401 - of type `kind`
        if type(raw) is not kind:
            raise BadData(f"no {kind.__name__}")
        return raw

    return _Form(None, unpack)


def _unpack_int(raw: Any, _: Iterator[bytes]) -> int:  # noqa: ANN401 - what JSON holds
    if type(raw) is not int or not _LEAST <= raw <= _MOST:
        raise BadData("no int of 64 bits")
    return raw


def _unpack_float(raw: Any, _: Iterator[bytes]) -> float:  # noqa: ANN401 - what JSON holds
    if type(raw) not in (float, int):
        raise BadData("no float")
    return float(raw)


def _unpack_bytes(raw: Any, _: Iterator[bytes]) -> bytes:  # noqa: ANN401 - what JSON holds
    if type(raw) is not str:
        raise BadData("no bytes")
    return bytes.fromhex(raw)


def _unpack_time(raw: Any, lines: Iterator[bytes]) -> datetime:  # noqa: ANN401 - what JSON holds
    return _EPOCH + timedelta(microseconds=_unpack_int(raw, lines))


def _unpack_duration(raw: Any, lines: Iterator[bytes]) -> timedelta:  # noqa: ANN401 - what JSON holds
    return timedelta(microseconds=_unpack_int(raw, lines))


_SIMPLE: Mapping[Any, _Form] = {
    str: _checked(str),
    bool: _checked(bool),
    NoneType: _checked(NoneType),
    int: _Form(None, _unpack_int),
    float: _Form(None, _unpack_float),
    bytes: _Form(lambda value, _: value.hex(), _unpack_bytes),
    datetime: _Form(lambda value, _: (value - _EPOCH) // _MICROSECOND, _unpack_time),
    timedelta: _Form(lambda value, _: value // _MICROSECOND, _unpack_duration),
}
_PLAIN = (str, bool)
"""Types whose fields are checked all at once."""


def _list_of(raw: Any) -> list[Any]:  # noqa: ANN401 - what JSON holds
    if type(raw) is not list:
        raise BadData("no list")
    return raw


def _many(item: _Form) -> _Form:
    pack, unpack = item.pack, item.unpack

    def pack_all(value: Any, lines: _Lines) -> Any:  # noqa: ANN401 - a tuple
        return [pack(one, lines) for one in value] if pack is not None else value

    def unpack_all(raw: Any, lines: Iterator[bytes]) -> Any:  # noqa: ANN401 - a tuple
        return tuple([unpack(one, lines) for one in _list_of(raw)])

    return _Form(None if pack is None else pack_all, unpack_all)


def _mapping(key: _Form, value: _Form) -> _Form:
    def pack(given: Any, lines: _Lines) -> Any:  # noqa: ANN401 - a mapping
        return [[key.packed(name, lines), value.packed(one, lines)] for name, one in given.items()]

    def unpack(raw: Any, lines: Iterator[bytes]) -> Any:  # noqa: ANN401 - a mapping
        found = {}
        for pair in _list_of(raw):
            name, one = _list_of(pair)
            found[key.unpack(name, lines)] = value.unpack(one, lines)
        return found

    return _Form(pack, unpack)


def _one_of(hints: tuple[Any, ...]) -> _Form:
    """Return the form of a union: of a type and None, or of several classes."""
    kinds = [hint for hint in hints if hint is not NoneType]
    inner = _form(kinds[0]) if len(kinds) == 1 else _named(kinds)
    return inner if len(kinds) == len(hints) else _maybe(inner)


def _maybe(inner: _Form) -> _Form:
    pack, unpack = inner.pack, inner.unpack

    def pack_some(value: Any, lines: _Lines) -> Any:  # noqa: ANN401 - any value of the type
        return None if value is None or pack is None else pack(value, lines)

    def unpack_some(raw: Any, lines: Iterator[bytes]) -> Any:  # noqa: ANN401 - any value of the type
        return None if raw is None else unpack(raw, lines)

    return _Form(None if pack is None else pack_some, unpack_some)


def _named(kinds: list[type]) -> _Form:
    forms = {kind.__name__: _form(kind) for kind in kinds}

    def pack(value: Any, lines: _Lines) -> Any:  # noqa: ANN401 - of one of the classes
        name = type(value).__name__
        return [name, forms[name].packed(value, lines)]

    def unpack(raw: Any, lines: Iterator[bytes]) -> Any:  # noqa: ANN401 - of one of the classes
        name, inner = _list_of(raw)
        if type(name) is not str or name not in forms:
            raise BadData("none of the classes")
        return forms[name].unpack(inner, lines)

    return _Form(pack, unpack)


def _enum(kind: type[Enum]) -> _Form:
    members = {member.value: member for member in kind}
    base = type(next(iter(members)))

    def unpack(raw: Any, _: Iterator[bytes]) -> Any:  # noqa: ANN401 - a member
        if type(raw) is not base or raw not in members:
            raise BadData(f"no {kind.__name__}")
        return members[raw]

    # JSON writes members that are texts or numbers themselves by their value.
    return _Form(None if issubclass(kind, base) else lambda value, _: value.value, unpack)


def _record(kind: type) -> _Form:
    """Return the form of a dataclass or named tuple: its fields in order."""
    names = tuple(each.name for each in fields(kind)) if is_dataclass(kind) else tuple(getattr(kind, "_fields"))  # noqa: B009
    hints = get_type_hints(kind)
    forms = [_form(hints[name]) for name in names]
    packed = [(at, form.pack) for at, form in enumerate(forms) if form.pack is not None]
    plain = [at for at, name in enumerate(names) if _supertype(hints[name]) in _PLAIN]
    checked = [(at, *_unless_none(hints[names[at]])) for at in range(len(names)) if at not in plain]
    plain_types, values_of = [_supertype(hints[names[at]]) for at in plain], attrgetter(*names)
    plain_of = itemgetter(*plain) if len(plain) > 1 else lambda raw: tuple(raw[at] for at in plain)

    def pack(value: Any, lines: _Lines) -> Any:  # noqa: ANN401 - of type `kind`
        values = [*values_of(value)] if len(names) > 1 else [values_of(value)]
        for at, packer in packed:
            values[at] = packer(values[at], lines)
        return values

    def unpack(raw: Any, lines: Iterator[bytes]) -> Any:  # noqa: ANN401 - of type `kind`
        values = _list_of(raw)
        if len(values) != len(names) or [*map(type, plain_of(values))] != plain_types:
            raise BadData(f"no {kind.__name__}")
        for at, unpacker, may_be_none in checked:
            if values[at] is not None or not may_be_none:
                values[at] = unpacker(values[at], lines)
        return kind(*values)

    # A named tuple is a list to JSON.
    return _Form(None if not packed and issubclass(kind, tuple) else pack, unpack)


def _unless_none(hint: Any) -> tuple[_Unpack, bool]:  # noqa: ANN401 - an annotation
    """Return what unpacks a field that is not None, and whether it may be None: most fields of articles are."""
    args = get_args(hint)
    if get_origin(hint) in (Union, UnionType) and len(args) == 2 and args[1] is NoneType:
        return _form(args[0]).unpack, True
    return _form(hint).unpack, False


def _supertype(hint: Any) -> Any:  # noqa: ANN401 - an annotation
    while hasattr(hint, "__supertype__"):
        hint = hint.__supertype__
    return hint


def _apart(inner: _Form) -> _Form:
    """Return the form of what stands on a line of its own; in its place stands 0."""

    def pack(value: Any, lines: _Lines) -> Any:  # noqa: ANN401 - any value of the type
        lines.append(_line(inner.packed(value, lines)))
        return 0

    def unpack(_: Any, lines: Iterator[bytes]) -> Any:  # noqa: ANN401 - any value of the type
        return inner.unpack(_parsed(next(lines)), lines)

    return _Form(pack, unpack)
