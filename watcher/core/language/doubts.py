"""Terms that are written like a pattern but are none: what is odd about them, where, and what to write instead.

A term is words. `missiles?`, `(drone|missile)` and `a.*b` are what somebody writes who thinks of regular expressions,
and as words they would never be found. Signs that news really has (`C++`, `AC/DC`, `Who?`, `F-16C(B)`, `and/or`) are
no reason to doubt.
"""

from __future__ import annotations

from typing import NamedTuple

import regex

from watcher.errors import TermError

_FLAGGED = regex.compile(r"/(?P<pattern>(?:[^/\\]|\\.)+)/(?P<flags>[A-Za-z]{1,6})", regex.DOTALL)
_KNOWN_FLAGS = "ismug"
_SAID_ANYWAY = {"u": "letters of all scripts count anyway", "g": "every place is found anyway"}
_UNKNOWN_FLAGS = {
    "x": "RE2 knows no free spacing; write the pattern without blanks and comments",
    "y": "a pattern is looked for everywhere; `^` is the start of the text",
    "U": "write `.*?` where the shortest is meant",
}
_PERL = regex.compile(r"(?:m|qr)/(?P<pattern>.+)/[gimsu]*|r(?P<quote>[\"'])(?P<pattern>.+)(?P=quote)", regex.DOTALL)
"""Not `m/f/x` of job offers, nor `r/news`."""
_DOUBTS = (
    # `\bword\b`, `\d+`; a backslash occurs in no word of news.
    (regex.compile(r"\\[A-Za-z.()\[\]|?*+]"), ""),
    (regex.compile(r"\(\?(?:[imsU-]*[:)]|[=!<P])"), ""),
    (regex.compile(r"\.[*+]\??|(?<=[\])])[*+?]|(?<=\p{Ll})\{[0-9]+(?:,[0-9]*)?\}"), ""),
    (regex.compile(r"(?<=[^\s|])\|(?=[^\s|])"), "alternatives"),
    (regex.compile(r"(?<=\p{Ll})\?(?=\p{Ll})"), "optional"),
    (regex.compile(r"(?<=\A\p{Ll}{3,}s)\?\Z|(?<=\A[а-яёіїєґ]{4,}[ыиаяеуоіїь])\?\Z"), "optional"),
    (regex.compile(r"(?<=\A\p{Ll}{3,})\((?:s|es|en|n|a|i|y|ы|и)\)\Z"), "optional"),
    (regex.compile(r"(?<=[\p{Ll}\])])\[\^?[\p{L}\p{N}-]{1,20}\]|\[\^?[\p{L}\p{N}-]{1,20}\](?=[\p{Ll}*+?(])"), ""),
    (regex.compile(r"\A\^(?=\p{L})|(?<=\A\^?\p{Ll}{2,})\$\Z"), ""),
)
_HALVES = (
    # A pattern that lacks one slash. Not `/e/` and `/r/news`, nor `km/h`, `Gbit/s`, `him/her`.
    regex.compile(r"\A(?P<sign>/)(?P<core>\p{L}[\p{L} ]{2,})\Z"),
    regex.compile(r"\A(?P<core>\p{L}[\p{L} ]{2,})(?P<sign>/(?:i|g|gi|ig|is|si|im|mi|iu|ui)?)\Z"),
    # How Perl, sed and vi write one; `s/a/b/` would replace.
    regex.compile(r"\A(?P<sign>(?:m|qr|s)[{!#])(?P<core>[^{}!#]{2,})[}!#][gimsux]*\Z"),
    regex.compile(r"\A(?P<sign>(?:s|y|tr)/)(?P<core>[^/]+)/[^/]*/[gimsux]*\Z"),
    # Brackets around a small word. Not `(R)`, `(US)`, nor what editors put into them.
    regex.compile(
        r"\A(?P<sign>\()(?P<core>(?!(?:photos?|video|updated?|watch|live|more)\))\p{Ll}{4,}(?: \p{Ll}+)*)\)\Z"
    ),
)
"""What stands for a pattern or a group elsewhere, `core` within it. With a `+` at the end: not `C++`, and not these
names.
"""
_PLUS = regex.compile(
    r"(?<=\A(?!(?:disney|canal|paramount|discovery|google|espn|apple|opec|bild|lgbt\p{Ll}*|tv)\+)\p{Ll}{3,})(?P<sign>\+)\Z"
)
_SIGN = regex.compile(r"[\\|?(\[{^$/!#]|\.[*+]|\+\Z")
_PART = regex.compile(r"[\p{L}\p{M}\p{N} *'’.-]+")
_LONGEST_SHOWN = 60


class Flagged(NamedTuple):
    """A pattern with flags: what stands between the slashes, the flags that RE2 is told, and those that say nothing
    new.
    """

    pattern: str
    flags: str
    idle: str


class Doubt(NamedTuple):
    """What is odd about a term and what to write instead, at code points [offset, offset + length)."""

    message: str
    hint: str
    offset: int
    length: int


def flagged(words: str) -> Flagged | None:
    """Return the pattern of `/drone/i` and the like; None when this is no pattern with flags.

    `i`, `s` and `m` mean what they mean to RE2; `u` and `g` hold anyway. What ends like a word (`/r/news`) is no
    pattern.

    Raises:
        TermError: a flag that RE2 has not; or the form of another program, such as `m/x/i`.
    """
    other = _PERL.fullmatch(words)
    if other is not None:
        raise TermError(
            f"`{_short(words)}` is how another program writes a pattern",
            length=len(words),
            hint=f"write `/{_short(other['pattern'])}/`",
        )
    found = _FLAGGED.fullmatch(words)
    if found is None:
        return None
    flags = found["flags"]
    unknown = [flag for flag in flags if flag not in _KNOWN_FLAGS]
    if any(flag not in _UNKNOWN_FLAGS for flag in unknown) or len(set(flags)) < len(flags):
        return None
    if unknown:
        raise TermError(
            f"`{_short(words)}`: a pattern has no flag `{unknown[0]}`",
            offset=found.start("flags") + flags.index(unknown[0]),
            length=1,
            hint=_UNKNOWN_FLAGS[unknown[0]],
        )
    return Flagged(
        found["pattern"],
        "".join(flag for flag in flags if flag in "ism"),
        "".join(flag for flag in flags if flag in "ug"),
    )


def idle_flags(words: str, idle: str) -> Doubt:
    """Return what to say of flags that say nothing new."""
    said = ", and ".join(_SAID_ANYWAY[flag] for flag in idle)
    return Doubt(f"`{_short(words)}`: `{idle}` says nothing new", f"leave it out: {said}", len(words) - 1, 1)


def doubt(words: str, *, in_query: bool = False) -> Doubt | None:
    """Return what makes a term look like a pattern that lacks its slashes, or None.

    Example: of `missiles?` it says that `?` is a sign here, and offers `/missiles?/`.
    """
    if _SIGN.search(words) is None:
        return None
    for found, kind in ((each.search(words), kind) for each, kind in _DOUBTS):
        if found is not None:
            sign = found.group()
            message = f"`{_short(words)}` is searched for as it stands, with its `{_short(sign)}`"
            return Doubt(message, _mend(words, kind, in_query=in_query), found.start(), len(sign))
    return _doubt_of_half(words, in_query=in_query)


def _doubt_of_half(words: str, *, in_query: bool) -> Doubt | None:
    """Return what is odd about `/drone`, `drone/i`, `s/a/b/`, `(shell)`, `drone+`, or None."""
    found = next((found for each in (*_HALVES, _PLUS) if (found := each.search(words))), None)
    if found is None:
        return None
    core = found.groupdict().get("core")
    hint = _mend(words, "", in_query=in_query)
    if core:
        itself = hint.rpartition("; ")[2]
        hint = f"write `{_short(core)}`, for a pattern `/{_short(core)}/`; {itself}"
    message = f"`{_short(words)}` is searched for as it stands, with its `{_short(found['sign'])}`"
    return Doubt(message, hint, found.start("sign"), len(found["sign"]))


def _mend(words: str, kind: str, *, in_query: bool) -> str:
    written = words.replace("/", r"\/") + ("?" if kind == "optional" and words.endswith(")") else "")
    pattern = f"`/{_short(written)}/`"
    meant = _meant(words) if kind else ()
    if meant:
        listed = " OR ".join(meant) if in_query else f"[{', '.join(meant)}]"
        return f"write {listed}, or the pattern {pattern}"
    itself = f'"{_short(words)}"' if in_query else f"{{term: '{_short(words)}'}}"
    return f"for a pattern write {pattern}; for the signs themselves {itself}"


def _meant(words: str) -> tuple[str, ...]:
    """Return the words that are meant by alternatives or by an optional ending; () where that is not plain."""
    if words.endswith("?"):
        return words[:-2], words[:-1]
    word, opened, ending = words.partition("(")
    if word and opened:
        return word, word + ending.rstrip(")")
    parts = words.strip("()").split("|")
    return tuple(parts) if len(parts) > 1 and all(_PART.fullmatch(part) for part in parts) else ()


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
