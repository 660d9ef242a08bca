"""Terms in the notation of other programs: Lucene, SQL, Google, HTML, the marks of a mail or a word processor.

As words they would hardly ever be found, and nothing would say why: `%drone%`, `drone~2`, `-drone`, `drone; uav`,
`Title:drone`, `AT&amp;T`. Signs that news has (`Yahoo!`, `AT&T`, `Bloomberg | Markets`, `-40`, `+972 Magazine`) are no
reason to doubt.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Final

import regex

from watcher.core.language.doubts import Doubt
from watcher.core.model.article import Field

_MAY_BE_ONE = regex.compile(r"\A[-−–—‒!+~•·▪◦‣(\[{…\"]|[&<>|%~^＊＄＝［］＂,;:]|[)\]}…،，、；\"]\Z|\.\.\.|NEAR")
_ENTITY = regex.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8}[0-9]{0,2});")
_TAG = regex.compile(r"</?[A-Za-z][^<>]*>")
_FUZZY = regex.compile(r"(?<=\p{L}{3}|\")[~^][0-9.]{0,4}\Z")
_LIKE = regex.compile(r"\A%(?=\p{L})|(?<=\p{L})%\Z")
_FORM = regex.compile(r"\A(?P<name>regexp?|glob|word|phrase|exact|contains|inurl|intext|allintitle):(?P<rest>\S.*)")
_SCOPE = regex.compile(r"\A(?P<name>[A-Za-z]{3,8}):(?P<blank>\s*)(?P<rest>\S.*)")
_BETWEEN = regex.compile(
    r"\s(?P<sign>\||\|\||&&)\s(?=[\p{Ll}\p{Lo}])|(?<=\S)(?P<sign>\|\||&&)(?=\S)|(?<=\p{L})(?P<sign>;)\s?(?=\p{L})"
)
_LEFT_OUT = regex.compile(r"\A(?P<sign>[-−!])\s?(?=[\p{L}\"])")
_ASKED_FOR = regex.compile(r"\A(?P<sign>[+~])\s?(?=\p{L})")
_BULLET = regex.compile(r"\A(?P<sign>[–—‒•·▪◦‣-])\s+(?=\S)")
_COMMA = regex.compile(r"(?<=\p{L}{3})(?P<sign>,)(?=\p{L}{3})")
_END = regex.compile(r"(?<=[\p{L}\p{N}]{2})(?P<sign>[,;،，、；]|…|\.\.\.)\Z|\A(?P<sign>…|\.\.\.)(?=\p{L})")
_WIDE = regex.compile(r"[＊＄＝［］＂]")
_NEAR = regex.compile(r"(?<=\S )O?NEAR(?= \S)")
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_SCOPES: Final = frozenset({*(field.value for field in Field), "lead"})
_LONGEST_SHOWN = 60


def other_notation(words: str, *, in_query: bool = False) -> Doubt | None:
    """Return what makes a term look like the notation of another program, or None.

    Example: of `%drone%` it says that its `%` is searched for, and offers `*drone*`.
    """
    if _MAY_BE_ONE.search(words) is None:
        return None
    for reading in _READINGS:
        doubt = reading(words, in_query)
        if doubt is not None:
            return doubt
    return None


def _searched(words: str, sign: str, start: int, hint: str) -> Doubt:
    return Doubt(f"`{_short(words)}` is searched for with its `{_short(sign.strip())}`", hint, start, len(sign))


def _markup(words: str, in_query: bool) -> Doubt | None:
    found = _ENTITY.search(words)
    if found is not None and html.unescape(words) != words:
        hint = f"articles hold the sign itself: write {_term(html.unescape(words).replace(chr(160), ' '), in_query)}"
        return _searched(words, found.group(), found.start(), hint)
    found = _TAG.search(words)
    if found is None:
        return None
    itself = _TAG.sub("", words).strip() or found.group().strip("</>")
    return _searched(words, found.group(), found.start(), f"articles hold no tags: write {_term(itself, in_query)}")


def _lucene(words: str, in_query: bool) -> Doubt | None:
    found = _FUZZY.search(words)
    if found is None:
        return None
    word = words[: found.start()].strip('"')
    distance = found.group()[1:]
    if " " in word and distance.isdigit():
        parts = word.split()
        meant = f" NEAR/{distance} ".join(parts) if in_query else f"{{near: [{', '.join(parts)}, {distance}]}}"
        return _searched(words, found.group(), found.start(), f"write `{_short(meant)}`")
    return _searched(words, found.group(), found.start(), f"write `{_short(word)}*`, or list the spellings")


def _sql(words: str, in_query: bool) -> Doubt | None:
    found = _LIKE.search(words)
    if found is None:
        return None
    meant = regex.sub(r"\A%|%\Z", "*", words)
    return _searched(words, found.group(), found.start(), f"the sign for any letters is `*`: {_term(meant, in_query)}")


def _form(words: str, _: bool) -> Doubt | None:
    found = _FORM.match(words)
    if found is None:
        return None
    rest = found["rest"].strip("/")
    meant = f"`/{_short(rest)}/`" if found["name"].startswith("re") else f"`{_short(rest)}`"
    if found["name"] in {"inurl", "allintitle"}:
        meant = f"`{'url' if found['name'] == 'inurl' else 'title'}:{_short(rest)}`"
    return _searched(words, f"{found['name']}:", 0, f"write {meant}")


def _scope(words: str, _: bool) -> Doubt | None:
    found = _SCOPE.match(words)
    name = found["name"].lower() if found else ""
    if found is None or name not in _SCOPES or not (found["blank"] or name != found["name"]):
        return None
    hint = f"for the scope write `{name}:{_short(found['rest'])}`, in small letters and without a blank"
    return _searched(words, f"{found['name']}:", 0, hint)


def _several(words: str, in_query: bool) -> Doubt | None:
    # In a list the comma is meant: `"Moscow,Idaho"`.
    found = _BETWEEN.search(words) or (_COMMA.search(words) if in_query else None)
    if found is None:
        return None
    parts = [part.strip() for part in words.split(found["sign"]) if part.strip()]
    joined = " AND " if found["sign"] == "&&" else " OR "
    hint = f"write {joined.join(parts)}" if in_query else f"for several terms write [{_short(', '.join(parts))}]"
    return _searched(words, found["sign"], found.start("sign"), hint)


def _before_word(words: str, in_query: bool) -> Doubt | None:
    found = _BULLET.search(words)
    if found is not None and not in_query:
        hint = "an item of a list begins with `- `, a hyphen and a blank, on a line of its own"
        return _searched(words, found["sign"], found.start("sign"), hint)
    found = _LEFT_OUT.search(words)
    if found is not None:
        word = words[found.end() :]
        hint = f"to leave articles out write {f'`NOT {_short(word)}`' if in_query else f'`none: [{_short(word)}]`'}"
        sentence = f"`{_short(words)}` does not leave the word out: it is searched for"
        return Doubt(sentence, hint, 0, len(found["sign"]))
    found = _ASKED_FOR.search(words)
    if found is not None:
        hint = f"write `{_short(words[found.end() :])}`" + ("" if in_query else "; under `all` every item must occur")
        return _searched(words, found["sign"], 0, hint)
    return None


def _after_word(words: str, in_query: bool) -> Doubt | None:
    found = _END.search(words)
    if found is None:
        return None
    word = (words[: found.start()] + words[found.end() :]).strip()
    return _searched(words, found["sign"], found.start("sign"), f"write {_term(word, in_query)}")


def _half_a_pair(words: str, in_query: bool) -> Doubt | None:
    """A bracket or quote at one end that nothing closes."""
    for opening, closing in (*_PAIRS.items(), ('"', '"')):
        lone = sum(sign in {opening, closing} for sign in words) == 1
        if lone and words.startswith(opening):
            return _searched(words, opening, 0, f"write {_term(words[1:].strip(), in_query)}")
        # Not `:)` and the like, nor the inch of `12"`.
        if lone and regex.search(rf"\p{{L}}{regex.escape(closing)}\Z", words):
            return _searched(words, closing, len(words) - 1, f"write {_term(words[:-1].strip(), in_query)}")
    return None


def _wide(words: str, _: bool) -> Doubt | None:
    found = _WIDE.search(words)
    if found is None:
        return None
    sign = chr(ord(found.group()) - 0xFEE0)
    return _searched(words, found.group(), found.start(), f"the full-width sign is another one: write `{sign}`")


def _near(words: str, _: bool) -> Doubt | None:
    found = _NEAR.search(words)
    if found is None:
        return None
    return _searched(words, found.group(), found.start(), "write `{near: [a, b, 5]}`, or NEAR/5 in `query:`")


def _term(words: str, in_query: bool) -> str:
    return f'`"{_short(words)}"`' if in_query and " " in words else f"`{_short(words)}`"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


_READINGS: Final[tuple[Callable[[str, bool], Doubt | None], ...]] = (
    _markup, _form, _scope, _several, _before_word, _lucene, _sql, _wide, _after_word, _half_a_pair, _near,
)  # fmt: skip
