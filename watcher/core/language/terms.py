"""Terms: reads what a user wrote for one term.

`word`, `two words` (a phrase), `missile*`, `*ase`, `=DPRK` (letters as written), `title:word` (a scope), `$concept`,
`$$x` (a dollar sign), `/re/` or `/re/i` (a pattern). The word rules are those of core.articles.tokens, for terms and
texts alike.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import regex

from watcher.core.articles.tokens import tokenise
from watcher.core.language.doubts import Doubt, doubt, flagged, idle_flags
from watcher.core.language.notations import other_notation
from watcher.core.language.regexes import compile_regex
from watcher.core.model.article import Field
from watcher.core.model.place import NOWHERE, Place
from watcher.core.model.rule import ConceptRef, Term
from watcher.core.spelling import nearest_word
from watcher.errors import TermError

_LIKE_A_SCOPE = 0.8  # "word:" may well be a word

LEAD = "lead"
SCOPES = (*(field.value for field in Field), LEAD)
MEANT_SCOPES = {
    "body": "content",
    "text": "content",
    "headline": "title",
    "site": "source",
    "tags": "tag",
    "language": "lang",
    "link": "url",
}
"""Scopes as other programs call them."""
_LONGEST_TERM = 500


class _Parts(NamedTuple):
    """What stands before the words of a term."""

    scope: str
    case: bool
    offset: int


def parse_term(text: str, place: Place = NOWHERE) -> Term | ConceptRef:
    """Return the term or concept reference that `text` spells.

    Raises:
        TermError: no word in it, a wildcard that stands wrong, a scope that does not exist, or a form that is not
        supported.
    """
    body = text.strip()
    if body.startswith("$") and not body.startswith("$$"):
        return _concept(body, place)
    parts = _prefixes(body)
    words = body[parts.offset :]
    try:
        return _scoped(words, parts, place)
    except TermError as error:
        offset = text.find(body) + parts.offset + error.offset
        raise TermError(str(error), offset=offset, length=error.length, hint=error.hint) from error


def odd_sign(text: str) -> Doubt | None:
    """Return what looks like a pattern without its slashes in a term as written, a flag that says nothing, or what is
    written as for another program; None when nothing is odd.
    """
    body = text.strip()
    try:
        at = _prefixes(body).offset
        words = body[at:]
        if len(words) > 1 and words[0] == words[-1] and words[0] in '/"':
            return None
        with_flags = flagged(words)
    except TermError:
        return None  # reading the term says it
    if with_flags is None:
        odd = doubt(words) or other_notation(words)
    else:
        odd = idle_flags(words, with_flags.idle) if with_flags.idle else None
    return None if odd is None else odd._replace(offset=text.find(body) + at + odd.offset)


def _scoped(words: str, parts: _Parts, place: Place) -> Term | ConceptRef:
    """Return what stands after scope and `=`; offsets of errors are those in `words`."""
    if len(words) > 2 and words[0] == words[-1] == '"':
        return make_term(words[1:-1], scope=parts.scope, case=parts.case, place=place)
    if len(words) > 1 and words[0] == words[-1] == "/":
        return _pattern(words[1:-1], parts, place)
    with_flags = flagged(words)
    if with_flags is not None:
        return with_flags_set(_pattern(with_flags.pattern, parts, place), with_flags.flags, len(words))
    if words.startswith("$$"):
        words = words[1:]
    elif words.startswith("$"):
        if parts.case:
            raise TermError(
                "`=` cannot stand before a concept",
                length=len(words),
                hint="concepts say themselves how their terms compare",
            )
        return replace(_concept(words, place), lead=parts.scope == LEAD, field=_field(parts.scope))
    return make_term(words, scope=parts.scope, case=parts.case, place=place)


def make_term(
    text: str, *, case: bool = False, exact: bool = False, stem: str = "", scope: str = "", place: Place = NOWHERE
) -> Term:
    """Return a term whose `text` is taken literally, wildcards aside; for `{term: russia}` and the like.

    Raises:
        TermError: as for parse_term.
    """
    words = text.strip()
    check_words(words)
    return Term(
        text=words,
        case=case,
        exact=exact,
        stem=stem,
        field=_field(scope),
        lead=scope == LEAD,
        place=place,
    )


def make_regex(pattern: str, *, scope: str = "", case: bool = False, place: Place = NOWHERE) -> Term:
    """Return a term that is a pattern; `pattern` is what stands between the slashes.

    Raises:
        TermError: it is wrong, or RE2 has not what it asks for; `offset` is that in the pattern.
    """
    if not pattern:
        raise TermError("a pattern is empty", hint="write what to look for between the slashes")
    compile_regex(pattern, case=case)
    return Term(pattern, case=case, regex=True, field=_field(scope), lead=scope == LEAD, place=place)


def with_flags_set(term: Term, flags: str, length: int) -> Term:
    """Return a pattern with the flags that stood behind its second slash; `length` is that of all that was written.

    Raises:
        TermError: `=` says that letters count as written, and `i` that they do not.
    """
    if term.case and "i" in flags:
        hint = "leave out one of the two"
        raise TermError("`=` says letters as written, and `i` says any case", length=length, hint=hint)
    # Without `=` a pattern is looked for in any case.
    told = "".join(flag for flag in flags if flag != "i")
    return replace(term, text=f"(?{told}){term.text}") if told else term


def check_words(text: str) -> None:
    """Make sure that a text can be searched for.

    Raises:
        TermError: it holds no word, is too long, or has a wildcard in the wrong place.
    """
    if not text:
        raise TermError("a term is empty", hint="write a word or remove it")
    if len(text) > _LONGEST_TERM:
        raise TermError(f"a term is longer than {_LONGEST_TERM} characters", length=len(text))
    tokens = tokenise(text, prose=False)
    if not tokens:
        raise TermError(f"`{text}` holds no word", length=len(text), hint="write letters or digits beside the signs")
    starts, ends = {token.start for token in tokens}, {token.end for token in tokens}
    for offset, letter in enumerate(text):
        if letter != "*":
            continue
        before, after = offset in ends, offset + 1 in starts
        if before and after:
            raise TermError(
                f"`{text}`: `*` may stand only at the start or the end of a word", offset=offset, hint="write two terms"
            )
        if not before and not after:
            raise TermError(
                f"`{text}`: `*` stands beside no word", offset=offset, hint="put it next to a word, as in `word*`"
            )


def _field(scope: str) -> Field | None:
    return Field(scope) if scope and scope != LEAD else None


def _pattern(written: str, parts: _Parts, place: Place) -> Term:
    try:
        # `\/` is a slash, as in a query, so that both forms give one term.
        pattern = regex.sub(r"\\(.)", lambda each: "/" if each.group(1) == "/" else each.group(), written)
        return make_regex(pattern, scope=parts.scope, case=parts.case, place=place)
    except TermError as error:
        raise TermError(str(error), offset=1 + error.offset, length=error.length, hint=error.hint) from error


def _concept(body: str, place: Place) -> ConceptRef:
    name = body[1:].strip()
    if not name:
        raise TermError("`$` names no concept", hint="write `$name`, or `$$` for a dollar sign")
    if any(letter.isspace() for letter in name):
        raise TermError(
            f"`{body}`: a concept name holds no blank",
            length=len(body),
            hint=f"did you mean `${'-'.join(name.split())}`? `$$` is a dollar sign",
        )
    return ConceptRef(name, place)


def _prefixes(body: str) -> _Parts:
    """Read `scope:` and `=`; a colon that is followed by a blank, or that follows something long, is an ordinary
    sign.
    """
    name, colon, rest = body.partition(":")
    offset, scope = 0, ""
    if colon and rest and not rest[0].isspace() and name.isascii() and name.isalpha() and name.islower():
        if name in SCOPES:
            scope, offset = name, len(name) + 1
        elif meant := MEANT_SCOPES.get(name) or nearest_word(name, SCOPES, _LIKE_A_SCOPE):
            raise TermError(
                f"`{body}`: there is no scope `{name}:`", length=len(name), hint=f"did you mean `{meant}:`?"
            )
    case = body[offset : offset + 1] == "=" and len(body) > offset + 1
    return _Parts(scope, case, offset + 1 if case else offset)
