"""Queries: the one-line form of a rule, read by a Pratt parser.

    OR < AND (also a blank) < NOT (also `-`) < NEAR/n, ONEAR/n < scope:
      < term, "phrase", /re/, $concept, (...), SENTENCE(...)

Brackets are kept: `(a b) c` is a group within a group, as the same thing written as a structure is, so both forms
give one tree.

Source: Pratt, "Top down operator precedence", POPL 1973.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from watcher.core.language.query_print import is_one_thing, print_query
from watcher.core.language.query_words import Hint, Kind, Piece, found, pieces
from watcher.core.language.terms import parse_term
from watcher.core.language.tree import scoped
from watcher.core.model.place import NOWHERE, Place
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    AtLeast,
    ConceptRef,
    First,
    Near,
    Node,
    Not,
    Paragraph,
    Sentence,
    Term,
    TitleOrLead,
)
from watcher.errors import TermError

LONGEST_QUERY = 50_000
DEEPEST = 50
"""So many brackets, functions and NOTs may stand in one another."""

MOST_NEAR = 20
"""So many things may stand in one row of NEAR: each hit of one is compared with all others."""

_OR, _AND, _NOT, _NEAR = 1, 2, 3, 4
_BEGINS = frozenset({Kind.OPEN, Kind.NOT, Kind.FUNCTION, Kind.SCOPE, Kind.TERM})
_IS_OR, _IS_AND = frozenset({Kind.OR}), _BEGINS | {Kind.AND}


@dataclass(frozen=True, slots=True)
class QueryReading:
    """What came out of a query: its tree, None when there are errors, and what is odd; in the order of the text.

    `concepts` are those named, each with its offset and length, also where there are errors elsewhere.
    """

    tree: Node | None
    errors: tuple[TermError, ...] = ()
    hints: tuple[Hint, ...] = ()
    concepts: tuple[tuple[ConceptRef, int, int], ...] = ()


def parse(text: str) -> Node:
    """Return the tree of a query.

    Raises:
        TermError: the first mistake, with its offset, its length, what was expected and a mend.
    """
    reading = read_query(text)
    if reading.tree is None:
        raise reading.errors[0]
    return reading.tree


def read_query(
    text: str, concepts: Collection[str] = frozenset(), place_of: Callable[[int], Place] = lambda _: NOWHERE
) -> QueryReading:
    """Return the tree of a query with all that is wrong or odd in it; raises nothing, whatever the text.

    A bare word spelt like one of `concepts` is an error. `place_of` says where an offset of the text stands; terms and
    concepts of the tree carry it.
    """
    if len(text) > LONGEST_QUERY:
        error = TermError(f"the query is longer than {LONGEST_QUERY} characters", hint="split it into several rules")
        return QueryReading(None, (error,))
    parser = _Parser(text, concepts, place_of)
    tree = None
    try:
        parser.start()
        tree = parser.whole()
    except TermError as error:
        parser.errors.append(error)
    errors = tuple(sorted(parser.errors, key=lambda error: error.offset))
    hints = tuple(sorted(parser.hints, key=lambda hint: hint.offset))
    return QueryReading(None if errors else tree, errors, hints, tuple(parser.named))


def split_excluded(tree: Node) -> tuple[Node, tuple[Node, ...]]:
    """Return what must hold and what must not: the NOTs of the outermost AND, each thing that they exclude on its own.

    A tree that is nothing but NOT stays whole.
    """
    items = tree.items if isinstance(tree, AllOf) else (tree,)
    wanted = tuple(item for item in items if not isinstance(item, Not))
    if not wanted or len(wanted) == len(items):
        return tree, ()
    excluded = tuple(each for item in items if isinstance(item, Not) for each in _alternatives(item.item))
    return wanted[0] if len(wanted) == 1 else AllOf(wanted), excluded


@dataclass(frozen=True, slots=True)
class _Part:
    """A part that was read, and its place; `built` is the operator that made it without brackets."""

    node: Node
    start: int
    end: int
    built: str = ""
    mixed: bool = False


class _Parser:
    """Reads one query; mistakes within a term are noted and reading goes on, others end it."""

    def __init__(self, text: str, concepts: Collection[str], place_of: Callable[[int], Place]) -> None:
        self.errors: list[TermError] = []
        self.hints: list[Hint] = []
        self.named: list[tuple[ConceptRef, int, int]] = []
        self._text = text
        self._concepts = concepts
        self._place_of = place_of
        self._pieces: list[Piece] = []
        self._at = 0
        self._depth = 0

    def start(self) -> None:
        """Cut the text into pieces.

        Raises:
            TermError: a quote or pattern without end, and the like.
        """
        self._pieces = pieces(self._text, self.hints)

    def whole(self) -> Node:
        """Return the tree.

        Raises:
            TermError: the structure is wrong.
        """
        if self._peek().kind is Kind.END:
            raise TermError("the query is empty", hint="write at least one term")
        part = self._closed(self._expression(0))
        after = self._peek()
        if after.kind is not Kind.END:  # everything else begins a term or is an operator
            raise TermError("this bracket closes nothing", offset=after.start, hint="delete it, or open one before it")
        if not _is_positive(part.node):
            raise TermError(
                "the query only says what must not occur",
                offset=part.start,
                length=part.end - part.start,
                hint="add a term that must occur: `a NOT b`",
            )
        return part.node

    def _peek(self) -> Piece:
        return self._pieces[self._at]

    def _take(self) -> Piece:
        piece = self._pieces[self._at]
        self._at = min(self._at + 1, len(self._pieces) - 1)
        return piece

    def _expression(self, power: int) -> _Part:
        """Return the longest part whose operators bind closer than `power`."""
        left = self._prefix()
        while True:
            piece = self._peek()
            if piece.kind is Kind.OR and power < _OR:
                left = self._row("OR", left)
            elif (piece.kind is Kind.AND or piece.kind in _BEGINS) and power < _AND:
                left = self._row("AND", left)
            elif piece.kind is Kind.NEAR and power < _NEAR:
                self._take()
                left = self._near(left, piece, self._expression(_NEAR))
            else:
                return left

    def _row(self, operator: str, first: _Part) -> _Part:
        """Return `first` with all that one operator joins to it; a blank is AND."""
        parts = [first]
        joins, power = (_IS_OR, _OR) if operator == "OR" else (_IS_AND, _AND)
        while (kind := self._peek().kind) in joins:
            if kind not in _BEGINS:
                self._take()
            parts.append(self._expression(power))
        group: type[AllOf] | type[AnyOf] = AllOf if operator == "AND" else AnyOf
        mixed = operator == "OR" and any(part.built == "AND" for part in parts)
        return _Part(group(tuple(part.node for part in parts)), first.start, parts[-1].end, operator, mixed)

    def _prefix(self) -> _Part:
        piece = self._take()
        match piece.kind:
            case Kind.TERM:
                return self._term(piece)
            case Kind.NOT | Kind.OPEN | Kind.FUNCTION | Kind.SCOPE:
                return self._nested(piece)
            case _:
                raise self._missing(piece)

    def _nested(self, piece: Piece) -> _Part:
        self._depth += 1
        if self._depth > DEEPEST:
            raise TermError(
                f"nested more than {DEEPEST} levels deep", offset=piece.start, hint="name parts of it as concepts"
            )
        match piece.kind:
            case Kind.NOT:
                inner = self._expression(_NOT)
                part = _Part(Not(inner.node), piece.start, inner.end)
            case Kind.OPEN:
                inner = self._closed(self._inside(piece))
                part = _Part(inner.node, piece.start, self._pieces[self._at - 1].end)
            case Kind.FUNCTION:
                part = self._function(piece)
            case _:
                inner = self._prefix()
                part = _Part(self._in_scope(piece, inner), piece.start, inner.end)
        self._depth -= 1
        return part

    def _inside(self, opened: Piece) -> _Part:
        """Return what stands between the bracket just read and the one that closes it."""
        if self._peek().kind is Kind.CLOSE:
            raise TermError(
                "nothing stands between these brackets",
                offset=opened.start,
                length=self._peek().end - opened.start,
                hint="write terms between them, or delete them",
            )
        if self._peek().kind is Kind.END:
            raise _unclosed(opened)
        part = self._expression(0)
        if self._peek().kind is not Kind.CLOSE:
            raise _unclosed(opened)
        self._take()
        return part

    def _closed(self, part: _Part) -> _Part:
        """Return a part that no operator joins any more; say how it is read when AND and OR stand mixed in it."""
        if part.mixed and not self.errors:
            message = f"AND binds closer than OR: this is read as `{_shown(part.node)}`"
            self.hints.append(Hint(message, "write the brackets", part.start, part.end - part.start))
        return part

    def _function(self, piece: Piece) -> _Part:
        opened = self._take()  # the pieces are cut so that a bracket follows
        inner = self._closed(self._inside(opened))
        end = self._pieces[self._at - 1].end
        items = inner.node.items if isinstance(inner.node, AllOf) and inner.built == "AND" else (inner.node,)
        if piece.text == "ATLEAST":
            if len(items) > 1:
                raise TermError(
                    "ATLEAST counts one thing",
                    offset=inner.start,
                    length=inner.end - inner.start,
                    hint=f"to count any of several write ATLEAST/{piece.number}(a OR b)",
                )
            return _Part(AtLeast(items[0], piece.number), piece.start, end)
        node: Node
        match piece.text:
            case "SENTENCE":
                node = Sentence(items)
            case "PARAGRAPH":
                node = Paragraph(items)
            case "TITLE_OR_LEAD":
                node = TitleOrLead(items)
            case _:
                node = First(items, piece.number)
        return _Part(node, piece.start, end)

    def _near(self, left: _Part, piece: Piece, right: _Part) -> _Part:
        ordered = piece.text == "ONEAR"
        items: tuple[Node, ...] = (left.node,)
        if left.built == "NEAR" and isinstance(left.node, Near):
            if (left.node.distance, left.node.ordered) != (piece.number, ordered):
                raise TermError(
                    "one row of NEAR has one operator and one number",
                    offset=piece.start,
                    length=piece.end - piece.start,
                    hint=f"write {'O' if left.node.ordered else ''}NEAR/{left.node.distance} here too, or join two rows with AND",
                )
            items = left.node.items
        if len(items) == MOST_NEAR:
            raise TermError(
                f"one row of NEAR takes at most {MOST_NEAR} things",
                offset=right.start,
                length=right.end - right.start,
                hint="ask for one PARAGRAPH(...)",
            )
        for part in (left, right) if left.built != "NEAR" else (right,):
            if not is_one_thing(part.node):
                self.errors.append(
                    TermError(
                        f"{piece.text} takes terms, concepts and (a OR b) only",
                        offset=part.start,
                        length=part.end - part.start,
                        hint="join whole conditions with AND, or ask for one SENTENCE(...)",
                    )
                )
        return _Part(Near((*items, right.node), piece.number, ordered), left.start, right.end, "NEAR")

    def _term(self, piece: Piece) -> _Part:
        place = self._place_of(piece.start)
        node: Node = Term(piece.text, place=place)
        try:
            if piece.bare and piece.text in self._concepts:
                raise TermError(
                    f"`{piece.text}` is the name of a concept",
                    length=len(piece.text),
                    hint=f'write `${piece.text}` for the concept, or `"{piece.text}"` for the word',
                )
            node = parse_term(piece.text, place) if piece.make is None else piece.make(place)
        except TermError as error:
            offset = piece.start + (0 if piece.make is None else piece.inner) + error.offset
            offset = min(offset, piece.end - 1)
            self.errors.append(
                TermError(str(error), offset=offset, length=min(error.length, piece.end - offset), hint=error.hint)
            )
        if isinstance(node, ConceptRef):
            self.named.append((node, piece.start, piece.end - piece.start))
        return _Part(node, piece.start, piece.end)

    def _in_scope(self, piece: Piece, inner: _Part) -> Node:
        try:
            return scoped(inner.node, piece.text)
        except TermError as error:
            self.errors.append(
                TermError(str(error), offset=inner.start, length=inner.end - inner.start, hint=error.hint)
            )
            return inner.node

    def _missing(self, piece: Piece) -> TermError:
        """Return the error for something that stands where a term or a bracket should."""
        before = self._pieces[self._pieces.index(piece) - 1] if self._pieces[0] is not piece else None
        after = f" after {found(before)}" if before is not None else " first"
        if piece.kind is Kind.END and before is not None:  # an empty query is told elsewhere
            return TermError(
                f"a term or a bracket is expected after {found(before)}",
                offset=before.start,
                length=before.end - before.start,
                hint="write what it joins, or put it in quotes for the word",
            )
        hint = f'write `"{piece.written}"` for the word' if piece.kind is not Kind.CLOSE else ""
        return TermError(
            f"a term or a bracket is expected{after}, not {found(piece)}",
            offset=piece.start,
            length=piece.end - piece.start,
            hint=hint,
        )


def _unclosed(opened: Piece) -> TermError:
    return TermError("this bracket is never closed", offset=opened.start, hint="write `)` where its part ends")


def _shown(node: Node) -> str:
    text = print_query(node)
    return text if len(text) <= 200 else text[:199] + "…"


def _alternatives(node: Node) -> Iterable[Node]:
    return node.items if isinstance(node, AnyOf) else (node,)


def _is_positive(node: Node) -> bool:
    match node:
        case Term() | ConceptRef():
            return True
        case Not():
            return False
        case AtLeast():
            return _is_positive(node.item)
        case _:
            return any(_is_positive(item) for item in node.items)
