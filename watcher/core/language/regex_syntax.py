"""Rewrites a user's pattern for RE2: Unicode classes for `\\w`, `\\d`, `\\s`, marks for `\\b`; refuses what RE2 has
not, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import regex

from watcher.errors import TermError

MARK = "\U0010ffff"
"""Stands at the edges of words in a marked text. Unicode gives this code point to nobody's text."""

_LARGEST_REPEAT = 1_000  # RE2's own limit
_CONTROLS = r"\x{0}-\x{8}\x{e}-\x{1b}\x{7f}-\x{84}\x{86}-\x{9f}"
# Each opposite is written as what it is, since `[^...]` would also take the mark.
_CLASSES = {
    "w": r"\p{L}\p{N}\p{M}",
    "W": r"\p{P}\p{S}\p{Z}\p{C}",
    "d": r"\p{Nd}",
    "D": r"\p{L}\p{M}\p{Nl}\p{No}\p{P}\p{S}\p{Z}\p{C}",
    "s": r"\t-\r\x{1c}-\x{1f}\x{85}\p{Z}",
    "S": rf"\p{{L}}\p{{M}}\p{{N}}\p{{P}}\p{{S}}\p{{Cf}}\p{{Co}}{_CONTROLS}",
}
_LOOKS = {
    "(?=": "look-ahead",
    "(?!": "look-ahead",
    "(?<=": "look-behind",
    "(?<!": "look-behind",
    "(?>": "an atomic group",
    "(?(": "a condition",
    "(?P=": "a back-reference",
    "(?P>": "a call of a group",
    "(?R": "recursion",
    "(?|": "a branch reset",
    "(?#": "a comment",
}
_MEANT = {
    "Z": r"write `\z`",
    "B": r"write `\w` or `\W` for the letter that stands there",
    "C": "write `.`",
    "X": "write `.`",
    "R": r"write `\n`",
    "h": r"write `\s`",
    "u": r"write `\x{2014}` with the number of the letter",
    "N": "write `.`",
    "K": "",
    "G": "",
}
_ESCAPE = regex.compile(r"\\(?:[pP](?:\{\^?\w+\}|\w)|x(?:\{[0-9A-Fa-f]+\}|[0-9A-Fa-f]{2})|[0-7]{1,3}|.)", regex.DOTALL)
_GROUP = regex.compile(r"\(\?(?:P?<\w+>|([imsU]*)(?:-([imsU]+))?(:|\)))")
_QUANTIFIER = regex.compile(r"(?:[*+?]|\{([0-9]+)(?:,([0-9]*))?\})")
_NO_START = regex.compile(r"\{,([0-9]+)\}")
_POSIX = regex.compile(r"\[:(\^?)\w+:\]")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A pattern as RE2 takes it; `marked` = for a text with marks; `literal` = casefolded letters that it cannot do
    without, or "".
    """

    text: str
    marked: bool
    literal: str


def rewrite(pattern: str) -> Rewritten:
    """Return a pattern in the form for RE2.

    Raises:
        TermError: something that RE2 has not; `offset` is that in the pattern.
    """
    return _Rewriter(pattern, marked=_has_edge(pattern)).run()


def _has_edge(pattern: str) -> bool:
    return any(escape.group() == r"\b" for escape in _ESCAPE.finditer(pattern))


@dataclass(slots=True)
class _Literal:
    """The longest row of letters that the pattern cannot do without, as far as is seen at once: outside all groups."""

    row: list[str] = field(default_factory=list)
    best: str = ""
    lost: bool = False

    def end(self) -> None:
        """End the row."""
        text = "".join(self.row).casefold()
        if len(text) > len(self.best):
            self.best = text
        self.row.clear()


@dataclass(slots=True)
class _Rewriter:
    pattern: str
    marked: bool
    at: int = 0
    out: list[str] = field(default_factory=list)
    dot_all: list[bool] = field(default_factory=lambda: [False])
    literal: _Literal = field(default_factory=_Literal)

    def run(self) -> Rewritten:
        while self.at < len(self.pattern):
            self._next()
        self.literal.end()
        return Rewritten("".join(self.out), self.marked, "" if self.literal.lost else self.literal.best)

    def _next(self) -> None:
        sign = self.pattern[self.at]
        if sign == "\\":
            self._escape()
        elif sign == "[":
            self._class()
        elif sign == "(":
            self._open()
        elif sign == ")":
            if len(self.dot_all) > 1:
                self.dot_all.pop()
            self._pass(1)
        elif sign == "|":
            self.literal.lost = self.literal.lost or len(self.dot_all) == 1
            self._pass(1)
        elif sign == ".":
            anything = f"[^{MARK}]" if self.dot_all[-1] else rf"[^\n{MARK}]"
            self._atom(anything if self.marked else ".", 1)
        elif sign == "$":
            self.out.append(self._any_marks("$"))
            self._skip(1)
        elif sign == "^":
            self._pass(1)
        elif self._is_quantifier():
            self._quantifier()
        else:
            self._letter(sign, 1)

    def _any_marks(self, text: str) -> str:
        return f"(?:{MARK}*{text})" if self.marked else text

    def _atom(self, text: str, length: int) -> None:
        self.out.append(self._any_marks(text))
        self._skip(length)

    def _pass(self, length: int) -> None:
        self.out.append(self.pattern[self.at : self.at + length])
        self._skip(length)

    def _skip(self, length: int) -> None:
        self.literal.end()
        self.at += length

    def _letter(self, letter: str, length: int) -> None:
        self.out.append(self._any_marks(regex.escape(letter) if letter.isascii() and letter != "\n" else letter))
        if len(self.dot_all) == 1:
            self.literal.row.append(letter)
        self.at += length

    def _escape(self) -> None:
        escape = _ESCAPE.match(self.pattern, self.at)
        if escape is None:
            raise self._refused(1, "a backslash stands at the end", r"write `\\` for the sign")
        text = escape.group()
        letter = text[1]
        if text == r"\b":
            self.out.append(MARK)
            self._skip(2)
            while self.pattern.startswith(r"\b", self.at):
                self.at += 2
        elif letter == "Q":
            self._quoted()
        elif letter in _CLASSES:
            self._atom(f"[{_CLASSES[letter]}]", 2)
        elif letter in "pP":
            self._property(text)
        elif letter == "A":
            self._pass(2)
        elif letter in "zafnrtvx0":
            self._atom(text, len(text))
        elif letter.isalnum():
            raise self._unknown(text)
        else:
            self._letter(letter, 2)

    def _unknown(self, text: str) -> TermError:
        letter = text[1]
        if letter in "123456789gk":
            return self._beyond(len(text), "back-references", "write the alternatives out")
        if letter in _MEANT:
            return self._beyond(len(text), f"`{text}`", _MEANT[letter])
        return self._refused(len(text), f"`{text}` means nothing", f"for the letter write `{letter}`")

    def _quoted(self) -> None:
        end = self.pattern.find(r"\E", self.at + 2)
        stop = len(self.pattern) if end < 0 else end
        self.at += 2
        while self.at < stop:
            self._letter(self.pattern[self.at], 1)
        self.at = stop if end < 0 else stop + 2

    def _property(self, text: str) -> None:
        negated = text[1] == "P" or text.startswith(r"\p{^")
        if self.marked and negated:
            name = text[2:].replace("^", "")
            positive = rf"\p{name}" if not text.startswith(r"\P{^") else text
            self._atom(f"[^{positive}{MARK}]", len(text))
        else:
            self._atom(text, len(text))

    def _open(self) -> None:
        rest = self.pattern[self.at : self.at + 4]
        for sign, name in _LOOKS.items():
            if rest.startswith(sign):
                hint = r"ask for two things with AND, or for an edge of a word with `\b`"
                raise self._beyond(len(sign), name, hint if "look" in name else "write it without")
        group = _GROUP.match(self.pattern, self.at)
        if group is None:
            if rest.startswith("(?"):
                raise self._refused(3, f"`{rest[:3]}` opens no group", "groups are `(...)` and `(?:...)`")
            self.dot_all.append(self.dot_all[-1])
            self._pass(1)
            return
        on, off, closing = (group.group(number) or "" for number in (1, 2, 3))
        dot_all = (self.dot_all[-1] or "s" in on) and "s" not in off
        if closing == ")":
            self.dot_all[-1] = dot_all
        else:
            self.dot_all.append(dot_all)
        self._pass(len(group.group()))

    def _is_quantifier(self) -> bool:
        cut = _NO_START.match(self.pattern, self.at)
        if cut is not None:
            raise self._refused(
                len(cut.group()), f"`{cut.group()}` has no first number", f"write `{{0,{cut.group(1)}}}`"
            )
        return _QUANTIFIER.match(self.pattern, self.at) is not None

    def _quantifier(self) -> None:
        found = _QUANTIFIER.match(self.pattern, self.at)
        assert found is not None
        text = found.group()
        numbers = [number for number in found.groups() if number]
        if any(len(number) > 4 or int(number) > _LARGEST_REPEAT for number in numbers):
            raise self._beyond(len(text), f"more than {_LARGEST_REPEAT} repetitions", "write `*` or a smaller number")
        following = self.pattern[self.at + len(text) : self.at + len(text) + 1]
        if following == "+":
            raise self._beyond(len(text) + 1, "possessive repetition", f"write `{text}`: it is as fast")
        if self.literal.row:
            may_be_none = text in "*?" or (found.group(1) is not None and int(found.group(1)) == 0)
            if may_be_none:
                self.literal.row.pop()
        self._pass(len(text))

    def _class(self) -> None:
        start = self.at
        at = start + 1
        negated = self.pattern.startswith("^", at)
        at += negated
        members: list[str] = []
        first = at
        while True:
            if at >= len(self.pattern):
                raise self._refused(1, "this `[` is never closed", r"write `]`, or `\[` for the sign")
            if self.pattern[at] == "]" and at > first:
                break
            member, at = self._member(at)
            members.append(member)
        mark = MARK if negated and self.marked else ""
        self._atom(f"[{'^' if negated else ''}{''.join(members)}{mark}]", at + 1 - start)

    def _member(self, at: int) -> tuple[str, int]:
        """Return one member of a class as RE2 takes it, and where the next begins."""
        posix = _POSIX.match(self.pattern, at)
        if posix is not None:
            if posix.group(1) and self.marked:
                raise self._apart(at, len(posix.group()))
            return posix.group(), posix.end()
        first, at_end = self._single(at)
        if len(first) > 1 and first[1] in _CLASSES:
            return _CLASSES[first[1]], at_end
        if len(first) > 1 and first[1] in "pP":
            if self.marked and (first[1] == "P" or "^" in first):
                raise self._apart(at, len(first))
            return first, at_end
        if not (self.pattern.startswith("-", at_end) and self.pattern[at_end + 1 : at_end + 2] not in ("", "]")):
            return first, at_end
        last, end = self._single(at_end + 1)
        if self.marked and _is_last(last):
            last = r"\x{10FFFE}"
        return f"{first}-{last}", end

    def _single(self, at: int) -> tuple[str, int]:
        if self.pattern[at] != "\\":
            letter = self.pattern[at]
            return (f"\\{letter}" if letter in "[]" else letter), at + 1
        escape = _ESCAPE.match(self.pattern, at)
        if escape is None:
            raise self._refused(1, "this `[` is never closed", r"write `]`, or `\[` for the sign")
        text = escape.group()
        if text[1] in "bBzAQE" or text[1] in "89":
            self.at = at
            raise self._refused(len(text), f"`{text}` means nothing between `[` and `]`", "write it outside")
        return text, escape.end()

    def _apart(self, at: int, length: int) -> TermError:
        self.at = at
        part = self.pattern[at : at + length]
        return self._refused(
            length, rf"`{part}` cannot stand between `[` and `]` in a pattern with `\b`", rf"write `(?:{part}|[...])`"
        )

    def _beyond(self, length: int, what: str, hint: str) -> TermError:
        return self._refused(
            length, f"RE2, which keeps patterns fast, has no {what.removeprefix('an ').removeprefix('a ')}", hint
        )

    def _refused(self, length: int, message: str, hint: str) -> TermError:
        return TermError(f"`/{_short(self.pattern)}/`: {message}", offset=self.at, length=length, hint=hint)


def _is_last(member: str) -> bool:
    return member == MARK or member.lower() == r"\x{10ffff}"


def _short(pattern: str) -> str:
    return pattern if len(pattern) <= 60 else pattern[:59] + "…"
