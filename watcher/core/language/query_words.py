"""Cuts a query into pieces: brackets, operators, functions, and terms with their scope, quotes and slashes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import regex

from watcher.core.language.doubts import doubt, flagged, idle_flags
from watcher.core.language.notations import other_notation
from watcher.core.language.terms import MEANT_SCOPES, SCOPES, make_regex, make_term, with_flags_set
from watcher.core.model.place import Place
from watcher.core.model.rule import Term
from watcher.core.spelling import nearest_word
from watcher.errors import TermError

LARGEST_NUMBER = 100_000
_NUMBERED = {"NEAR": "NEAR/5", "ONEAR": "ONEAR/5", "ATLEAST": "ATLEAST/3(a)", "FIRST": "FIRST/50(a)"}
_FUNCTIONS = {"ATLEAST": "ATLEAST/3(a)", "FIRST": "FIRST/50(a)"} | {
    name: f"{name}(a b)" for name in ("SENTENCE", "PARAGRAPH", "TITLE_OR_LEAD")
}
_RESERVED = ("AND", "OR", "NOT", *_NUMBERED, *_FUNCTIONS)
_OPERATOR = regex.compile(rf"({'|'.join(dict.fromkeys(_RESERVED))})(?:([^\p{{L}}\s]*?)([0-9]*))")
_BROKEN = regex.compile(rf"({'|'.join((*_NUMBERED, *_FUNCTIONS))})[^\p{{L}}\p{{N}}\s].*")
_SIGNS = {"&": "AND", "&&": "AND", "+": "AND", "|": "OR", "||": "OR", "!": "NOT", "-": "NOT"}
_OTHER_PROGRAMS = regex.compile(r"(?:W|PRE|ADJ|WITHIN|N|P)/?([0-9]+)|/([SP])", regex.IGNORECASE)
_WORD = regex.compile(r"[^\s()]+")
_SCOPE = regex.compile(r"([A-Za-z_]+):(?=(=?)([\"/(]|[A-Z_]+(?:/[0-9]+)?\(|\s|\Z))")
_BLANKS = regex.compile(r"\s+")
_CAPITAL_SCOPE = regex.compile(r"(?![a-z]+:)([A-Za-z]+):\S")
_CURLY = "“”„‟«»"
_WIDE_BRACKET = regex.compile("[（）]")
_OPERATORS_ELSEWHERE = {
    **dict.fromkeys(("UND", "ET", "И", "І", "ТА", "ORAZ"), "AND"),
    **dict.fromkeys(("ODER", "OU", "ИЛИ", "АБО", "LUB"), "OR"),
    **dict.fromkeys(("NICHT", "OHNE", "SAUF", "НЕ", "NIE"), "NOT"),
}
"""How they are called in other languages; only in capitals, as operators are."""
_COMMA = regex.compile("[,;:，、،；]\\Z|[，、；]")
_PLAIN = regex.compile(r"[\p{L}\p{N}*][\p{L}\p{N}\p{M}*.&+/#@'’-]*+")
_WITHIN = regex.compile(
    r"\S\s+(?:AND|OR|NOT|O?NEAR/[0-9]+)\s+\S|\A(?:NOT\s|(?:ATLEAST|FIRST)/[0-9]+\(|(?:SENTENCE|PARAGRAPH)\()"
)
_LONGEST_SHOWN = 40


class Kind(Enum):
    """What a piece is."""

    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    NEAR = "NEAR"
    FUNCTION = "function"
    SCOPE = "scope"
    TERM = "term"
    END = "end"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a query, code points [start, end).

    `text` is what it stands for: the operator, the scope, or the term as written. `number` is n of NEAR/n and the
    like. `make` builds a term in quotes or slashes, whose words begin at `inner` of the piece; a `bare` term is
    neither and has no scope.
    """

    kind: Kind
    text: str
    start: int
    end: int
    number: int = 0
    make: Callable[[Place], Term] | None = None
    inner: int = 0
    bare: bool = False

    @property
    def written(self) -> str:
        """An operator as the user writes it."""
        return f"{self.text}/{self.number}" if self.number else self.text


@dataclass(frozen=True, slots=True)
class Hint:
    """Something odd in a text that can be read: what, what to write instead, and where."""

    message: str
    hint: str
    offset: int
    length: int


def found(piece: Piece) -> str:
    """Return what people call a piece, for error messages."""
    if piece.kind is Kind.END:
        return "the end"
    text = piece.written
    return f"`{text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + '…'}`"


def needs_no_quotes(term: Term) -> bool:
    """Say whether a term's words can stand in a query without quotes."""
    return (
        _PLAIN.fullmatch(term.text) is not None
        and _OPERATOR.fullmatch(term.text.upper()) is None
        and not _OTHER_PROGRAMS.fullmatch(term.text)
    )


def looks_like_query(text: str) -> bool:
    """Say whether a term of a list holds an operator of queries between its words."""
    return _WITHIN.search(text) is not None


def pieces(text: str, hints: list[Hint]) -> list[Piece]:
    """Return the pieces of a query, the last of which is its end; what is odd is added to `hints`.

    Raises:
        TermError: a quote, pattern or operator that is not complete.
    """
    done: list[Piece] = []
    at = 0
    while True:
        blanks = _BLANKS.match(text, at)
        at = blanks.end() if blanks else at
        if at >= len(text):
            done.append(Piece(Kind.END, "", len(text), len(text)))
            return done
        piece = _piece(text, at, hints)
        done.append(piece)
        at = piece.end


def _piece(text: str, at: int, hints: list[Hint]) -> Piece:
    sign = text[at]
    if sign in "()":
        return Piece(Kind.OPEN if sign == "(" else Kind.CLOSE, sign, at, at + 1)
    if sign == "-" and at + 1 < len(text) and not text[at + 1].isspace() and text[at + 1] != ")":
        return Piece(Kind.NOT, "-", at, at + 1)
    scope = _SCOPE.match(text, at)
    if scope is not None and (scope.group(1) in SCOPES or scope.group(3) in ('"', "(")):
        return _scoped(text, at, scope, hints)
    case = sign == "=" and text[at + 1 : at + 2] in ('"', "/")
    quote = at + 1 if case else at
    if text[quote] in '"/':
        return _enclosed(text, at, quote, "", hints, case=case)
    return _word(text, at, hints)


def _scoped(text: str, at: int, scope: regex.Match[str], hints: list[Hint]) -> Piece:
    name = scope.group(1)
    if name not in SCOPES:
        raise _unknown_scope(name, at)
    following = scope.group(3)
    if following == "" or following.isspace():
        raise TermError(
            f"`{name}:` stands before no term",
            offset=at,
            length=len(name) + 1,
            hint=f"write it without a blank: `{name}:word`",
        )
    if following[0] in '"/':
        quote = scope.end() + len(scope.group(2))
        return _enclosed(text, at, quote, name, hints, case=bool(scope.group(2)))
    return Piece(Kind.SCOPE, name, at, scope.end())


def _unknown_scope(name: str, at: int) -> TermError:
    """Return the error for a scope that does not exist."""
    meant = MEANT_SCOPES.get(name.lower()) or nearest_word(name, SCOPES)
    hint = f"did you mean `{meant}:`?" if meant else "the scopes are " + ", ".join(SCOPES)
    return TermError(f"there is no scope `{name}:`", offset=at, length=len(name) + 1, hint=hint)


def _enclosed(text: str, at: int, quote: int, scope: str, hints: list[Hint], *, case: bool) -> Piece:
    """Return a phrase in quotes or a pattern in slashes."""
    sign = text[quote]
    close = _closing(text, quote, sign)
    if close < 0:
        what, hint = (
            ("this quote is never closed", 'write `"` where the phrase ends')
            if sign == '"'
            else (
                "this pattern is never closed",
                f'write `/` where it ends, or `"{_first_word(text, quote)}"` for the word',
            )
        )
        raise TermError(what, offset=quote, hint=hint)
    flags, end = _flags(text, quote, close, hints) if sign == "/" else ("", close + 1)
    if end < len(text) and not text[end].isspace() and text[end] not in "()":
        hint = "write `a NEAR/5 b`" if text[end] == "~" else "write a blank, or an operator"
        if sign == "/":
            hint = "write a blank after the pattern, `\\/` for a slash in it, or quotes for words"
        raise TermError(f"`{text[end]}` stands right after `{sign}`", offset=end, hint=hint)
    written = text[quote + 1 : close]

    def _make(place: Place) -> Term:
        if sign == '"':
            return make_term(_unescaped(written, '\\"'), scope=scope, case=case, place=place)
        term = make_regex(_unescaped_slashes(written), scope=scope, case=case, place=place)
        return with_flags_set(term, flags, end - quote)

    return Piece(Kind.TERM, text[at:end], at, end, make=_make, inner=quote + 1 - at)


def _flags(text: str, opened: int, close: int, hints: list[Hint]) -> tuple[str, int]:
    """Return the flags of a pattern, and where it ends with them.

    Raises:
        TermError: a flag that RE2 has not.
    """
    end = close + 1
    while end < len(text) and text[end].isascii() and text[end].isalpha():
        end += 1
    try:
        found = flagged(text[opened:end])
    except TermError as error:
        raise TermError(str(error), offset=opened + error.offset, length=error.length, hint=error.hint) from error
    if found is None:
        return "", close + 1
    if found.idle:
        said = idle_flags(text[opened:end], found.idle)
        hints.append(Hint(said.message, said.hint, opened + said.offset, said.length))
    return found.flags, end


def _closing(text: str, opened: int, sign: str) -> int:
    at = opened + 1
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == sign:
            return at
        at += 1
    return -1


def _unescaped(written: str, signs: str) -> str:
    return regex.sub(rf"\\([{regex.escape(signs)}])", r"\1", written)


def _unescaped_slashes(written: str) -> str:
    return regex.sub(r"\\(.)", lambda each: "/" if each.group(1) == "/" else each.group(), written, flags=regex.DOTALL)


def _first_word(text: str, at: int) -> str:
    word = _WORD.match(text, at)
    return word.group()[:_LONGEST_SHOWN] if word else ""


def _word(text: str, at: int, hints: list[Hint]) -> Piece:
    matched = _WORD.match(text, at)
    assert matched is not None
    word, end = matched.group(), matched.end()
    operator = _OPERATOR.fullmatch(word)
    if operator is not None:
        return _operator(text, at, operator)
    length = end - at
    broken = _BROKEN.fullmatch(word)
    if broken is not None:
        raise _wrong_number(word, broken.group(1), at)
    if word in _SIGNS:
        raise TermError(f"`{word}` is not an operator", offset=at, length=length, hint=f"write {_SIGNS[word]}")
    if word[0] in _CURLY or word[-1] in _CURLY:
        raise TermError(
            "curly quotes do not enclose a phrase", offset=at, length=length, hint='write straight ones: "..."'
        )
    wide = _WIDE_BRACKET.search(word)
    if wide is not None:
        raise TermError(
            f"`{wide.group()}` is not a bracket of queries",
            offset=at + wide.start(),
            hint="write `(` and `)`, or put the term in quotes",
        )
    if word[-1] == '"':
        raise TermError("this quote opens nothing", offset=end - 1, hint='a phrase begins with one: "..."')
    _odd(word, at, hints)
    return Piece(Kind.TERM, word, at, end, bare=True)


def _odd(word: str, at: int, hints: list[Hint]) -> None:
    """Note a word that looks like an operator or a scope, or that a comma ends."""
    operator = _OPERATOR.fullmatch(unicodedata.normalize("NFKC", word).upper())
    scope = _CAPITAL_SCOPE.match(word)
    other = _OTHER_PROGRAMS.fullmatch(word)
    if operator is not None and operator.group(2) in ("", "/"):
        shown = (
            operator.group()
            if operator.group(1) in ("AND", "OR", "NOT") or operator.group(3)
            else _RESERVED_FORM[operator.group(1)]
        )
        hints.append(
            Hint(
                f"`{word}` is searched for as a word",
                f'the operator is written {shown}; for the word write `"{word}"`',
                at,
                len(word),
            )
        )
    elif other is not None and "/" in word:
        number = other.group(1)
        meant = f"NEAR/{number}" if number else "SENTENCE(a b)" if word.upper() == "/S" else "PARAGRAPH(a b)"
        hints.append(Hint(f"`{word}` is searched for as a word", f"did you mean {meant}?", at, len(word)))
    elif scope is not None and scope.group(1).lower() in SCOPES:
        meant = f"did you mean `{scope.group(1).lower()}:`?"
        hints.append(Hint(f"`{word}` is searched for as a word", meant, at, len(word)))
    elif (hint := _foreign(word, at)) is not None:
        hints.append(hint)


def _foreign(word: str, at: int) -> Hint | None:
    """Return what to say of a word with a comma, or written as another program or language has it."""
    odd = doubt(word, in_query=True)
    if odd is None and (comma := _COMMA.search(word)) is not None and len(word) > 1:
        said = f"`{word}` is searched for with its `{comma.group()}`"
        return Hint(said, "terms are joined by OR, AND or a blank", at, len(word))
    if odd is None and (operator := _OPERATORS_ELSEWHERE.get(word, "")):
        said = f"`{word}` is searched for as a word"
        return Hint(said, f'the operator is written {operator}; for the word write `"{word}"`', at, len(word))
    odd = odd or other_notation(word, in_query=True)
    return None if odd is None else Hint(odd.message, odd.hint, at + odd.offset, odd.length)


_RESERVED_FORM = {**{name: name for name in ("AND", "OR", "NOT")}, **_NUMBERED, **_FUNCTIONS}


def _wrong_number(written: str, name: str, at: int) -> TermError:
    wanted = "takes a number" if name in _NUMBERED else "takes no number"
    hint = f'write {_RESERVED_FORM[name]}, or `"{written[:_LONGEST_SHOWN]}"` for the word'
    return TermError(f"{name} {wanted}", offset=at, length=len(written), hint=hint)


def _operator(text: str, at: int, operator: regex.Match[str]) -> Piece:
    name, sign, digits = operator.group(1), operator.group(2), operator.group(3)
    written = operator.group()
    end = at + len(written)
    if name in ("AND", "OR", "NOT"):
        if written != name:
            raise TermError(f"`{written}` is not an operator", offset=at, length=len(written), hint=f"write {name}")
        return Piece(Kind[name], name, at, end)
    number = 0
    if name in _NUMBERED:
        if sign != "/" or not digits:
            raise _wrong_number(written, name, at)
        number = int(digits) if len(digits) < 7 else LARGEST_NUMBER + 1
        if not 1 <= number <= LARGEST_NUMBER:
            raise TermError(
                f"the number of {name} is from 1 to {LARGEST_NUMBER}",
                offset=at + len(name) + 1,
                length=len(digits),
                hint=f"write {_RESERVED_FORM[name]}",
            )
    elif written != name:
        raise _wrong_number(written, name, at)
    if name not in _FUNCTIONS:
        return Piece(Kind.NEAR, name, at, end, number)
    if text[end : end + 1] != "(":
        raise TermError(
            f"{name} is followed by a bracket",
            offset=at,
            length=len(written),
            hint=f'write {_RESERVED_FORM[name]}, or `"{written}"` for the word',
        )
    return Piece(Kind.FUNCTION, name, at, end, number)
