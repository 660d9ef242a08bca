"""libyaml's complaints, said as one plain sentence with the mend."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from watcher.core.model.place import Place
from watcher.settings.problems import Problem, Source

_SIGNS = "*&!%@`#{[\"'|>"
_LONGEST_SHOWN = 1000
_CUT = re.compile(r"(?:[ \t]|(?<=[\[{,]))(#.*)")
_CUT_AT_ONCE = re.compile(r"(?:[ \t]|(?<=[\[{,])|^)(#.*)")
_SHORT_PART = 3
_QUERY = re.compile(r"(?<![\w-])query:[ \t]{0,200}\Z")
_SINGLE_QUOTED = re.compile(r"(?<![\w'])'([^'\"]+)'(?!\w)")
_BULLET = re.compile(r"\A[ \t]*(?:- {1,200})?([–—‒−•·▪◦‣*])[ \xa0]{1,200}\S")
_WIDE_COLON = re.compile(r"\A[ \t]*(?:- {1,200})?[\w-]{1,200}：")
_ODD_BLANKS = "\xa0\u2000-\u200b\u202f\u205f\u3000"
_ODD_BLANK = re.compile(rf"\A[ \t]*(?:- {{0,200}})?(?:[\w-]{{1,200}}:)?([{_ODD_BLANKS}])")
_UNQUOTED_SECRET = re.compile(r"(?<![\"'\w])\$\{[\w:./-]{1,200}\}")


def quoted(text: str) -> str:
    """Return a text as YAML in quotes: double ones, or single ones where the text holds double quotes or
    backslashes.
    """
    text = text.strip()
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def odd_blank(text: str) -> str:
    """Return the blank at the start of a text that looks like one and indents nothing in YAML, or ""."""
    return text[:1] if re.match(f"[{_ODD_BLANKS}]", text) else ""


def syntax_problem(source: Source, error: yaml.YAMLError, open_bracket: Place | None = None) -> Problem:
    """Return one problem for what stopped the YAML parser, at the place where the mend belongs.

    `open_bracket` is where the innermost list or mapping in brackets began that had not ended, or None.
    """
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return source.problem(Place(source.file), "the file is not valid YAML")
    since = _place(source, error.context_mark or error.problem_mark)
    if (error.context or "") == "while parsing a flow node" and open_bracket is not None:
        since = open_bracket  # libyaml names the place where an item should have begun
    place = _place(source, error.problem_mark)
    fault = _Fault(source, error.problem or "", error.context or "", place, since)
    for reading in _READINGS:
        problem = reading(fault)
        if problem is not None:
            return problem
    return source.problem(
        fault.place,
        "this line does not fit the lines above it",
        hint="check its indentation, or put the text in quotes",
    )


@dataclass(frozen=True, slots=True)
class _Fault:
    """What libyaml said: the complaint and where, and what it was doing since where."""

    source: Source
    complaint: str
    context: str
    place: Place
    since: Place

    def rest(self, place: Place) -> str:
        """The line from a place on."""
        return self.source.line(place.line)[place.column - 1 :]


def _place(source: Source, mark: yaml.Mark) -> Place:
    line = min(mark.line + 1, len(source.lines))
    # At the end of the text libyaml points behind the last line; show that last line that says something.
    if mark.line + 1 >= len(source.lines) and not source.line(line).strip():
        while line > 1 and not source.line(line).strip():
            line -= 1
        return Place(source.file, line, max(1, len(source.line(line).rstrip())))
    return Place(source.file, line, mark.column + 1)


def _item(text: str) -> str:
    # A line may be as long as the file, and an item is shown only so far; a run of blanks is tried from each of them.
    return re.split(r"\s*[,\]}]|\s+#", text[:_LONGEST_SHOWN])[0].rstrip() or text[:1]


def _tab(fault: _Fault) -> Problem | None:
    if fault.rest(fault.place)[:1] == "\t" or "tab character" in fault.complaint:
        return fault.source.problem(fault.place, "a tab cannot indent in YAML", hint="use blanks")
    return None


def _look_alike(fault: _Fault) -> Problem | None:
    """A dash, colon or blank that looks like one of YAML, in the line of the complaint or the one above."""
    lines = {fault.since.line, fault.place.line, fault.place.line - 1}
    for number in sorted(lines, reverse=True):
        for pattern, sentence, hint in (
            (_BULLET, "`{}` begins no item of a list", "write `- `, a hyphen and a blank"),
            (_WIDE_COLON, "`：` is not a colon", "write `: `"),
            (_ODD_BLANK, "this blank is none for YAML (U+{:04X})", "write an ordinary one"),
        ):
            found = pattern.match(fault.source.line(number)[:_LONGEST_SHOWN])
            if found is None:
                continue
            if pattern is _WIDE_COLON:
                place, sign = Place(fault.source.file, number, found.end()), ""
            else:
                place, sign = Place(fault.source.file, number, found.start(1) + 1), found.group(1)
            said = sentence.format(ord(sign) if pattern is _ODD_BLANK else sign)
            return fault.source.problem(place, said, hint=hint)
    return None


def _sign(fault: _Fault) -> Problem | None:
    place = fault.since if fault.context.startswith("while scanning") else fault.place
    rest = fault.rest(place)
    if rest[:1] not in _SIGNS or not rest or rest[0] in "\"'[{#":
        return None
    if not re.search(
        r"scanning (an anchor|an alias|a tag|a block scalar|for the next token|a directive)|parsing", fault.context
    ):
        return None
    item = rest.rstrip() if rest[0] in "|>" else _item(rest)
    return fault.source.problem(
        place, f"a text that begins with `{rest[0]}` needs quotes", hint=f"write {quoted(item)}", length=len(item)
    )


def _escape(fault: _Fault) -> Problem | None:
    if "escape" not in fault.complaint:
        return None
    return fault.source.problem(
        fault.place, "`\\` means something else between double quotes", hint="use single quotes around this text"
    )


def _unclosed_quote(fault: _Fault) -> Problem | None:
    if "quoted scalar" not in fault.context:
        return None
    rest = fault.rest(fault.since)
    item = _item(rest)
    return fault.source.problem(
        fault.since,
        f"the quote {rest[:1]} is not closed",
        hint=f"close it, or, if it belongs to the text, write {quoted(item)}",
        length=len(item),
    )


def _after_quote(fault: _Fault) -> Problem | None:
    line = fault.source.line(fault.place.line)
    before = line[: fault.place.column - 1].rstrip()
    if not before or before[-1] not in "\"']}" or fault.rest(fault.place)[:1] in {"", ",", "]", "}", "#", ":"}:
        return None
    if before[-1] in "]}":
        return fault.source.problem(
            fault.place,
            f"text goes on after the closing `{before[-1]}`",
            hint="delete it, or put the whole text in quotes",
        )
    opening = _opening(before)
    written = before[opening:] + line[len(before) : fault.place.column - 1] + _item(fault.rest(fault.place))
    return fault.source.problem(
        fault.place,
        "text goes on after the closing quote",
        hint=f"put the whole text in quotes: {quoted(_meant(written, is_query=_QUERY.search(line[:opening]) is not None))}",
    )


def _opening(before: str) -> int:
    """Return where the text began whose closing quote ends `before`: at a quote that follows no letter."""
    sign = before[-1]
    starts = [found.start() for found in re.finditer(rf"(?:(?<=[\s\[{{,:])|^){sign}", before[:-1])]
    return starts[-1] if starts else before[:-1].rfind(sign)


def _meant(written: str, *, is_query: bool) -> str:
    """Return the text that was meant by one of which a part stands in quotes; in a query such a part is a phrase."""
    if is_query:
        written = _SINGLE_QUOTED.sub(r'"\1"', written)
    sign, inner = written[0], written[1:]
    if inner.endswith(sign) and not (is_query and inner.count(sign) > 1):
        return inner[:-1]
    part, _, rest = inner.partition(sign)
    # `'n' roll`: the signs are apostrophes.
    return written if is_query or (sign == "'" and len(part) < _SHORT_PART) else f"{part} {rest.strip()}"


def _colon(fault: _Fault) -> Problem | None:
    if "mapping values are not allowed" not in fault.complaint:
        return None
    line = fault.source.line(fault.place.line)[:_LONGEST_SHOWN]
    written = re.match(r"^(\s*(?:- +)?)([^:#]+:) +(.*?)(?:\s+#.*)?$", line)
    if written is None or fault.place.column <= written.end(2):
        return fault.source.problem(
            fault.place,
            "this line does not fit the lines above it",
            hint="indent it like the other keys of its mapping; a text over several lines needs quotes",
        )
    value = written.group(3)
    return fault.source.problem(
        Place(fault.source.file, fault.place.line, written.start(3) + 1),
        "a text that holds `: ` needs quotes",
        hint=f"write {quoted(value)}",
        length=len(value),
    )


def _colon_in_list(fault: _Fault) -> Problem | None:
    if fault.rest(fault.place)[:1] != ":" or not fault.context.endswith(("plain scalar", "flow sequence")):
        return None
    line, at = fault.source.line(fault.place.line), fault.place.column - 1
    start = max(line.rfind(sign, 0, at) for sign in "[,") + 1
    if start == 0:
        return None  # a key of the next line: the list above it is not closed
    start += len(line[start:]) - len(line[start:].lstrip())
    item = _item(line[start:])
    said = f"a text that {'ends with `:`' if item.endswith(':') else 'holds `: `'} needs quotes"
    place = Place(fault.source.file, fault.place.line, start + 1)
    return fault.source.problem(place, said, hint=f"write {quoted(item)}", length=len(item))


def _missing_colon(fault: _Fault) -> Problem | None:
    if "could not find expected ':'" not in fault.complaint:
        return None
    wide = "：" in fault.rest(fault.since)
    hint = "`：` is not a colon; write `: `" if wide else "write `key: value`; a key stands alone before its colon"
    return fault.source.problem(fault.since, "a `:` is missing after this key", hint=hint)


def _cut_list(fault: _Fault) -> Problem | None:
    """A list that never closes because `#` made the rest of a line a comment."""
    if "flow" not in fault.context:
        return None
    for number in range(fault.since.line, fault.place.line + 1):
        line = fault.source.line(number)
        is_first = number == fault.since.line  # right behind the bracket no blank is needed
        cut = (_CUT_AT_ONCE if is_first else _CUT).search(line[fault.since.column :] if is_first else line)
        if cut and re.search(r"[\]},]", cut.group(1)):
            column = cut.start(1) + 1 + (fault.since.column if number == fault.since.line else 0)
            return fault.source.problem(
                Place(fault.source.file, number, column),
                "`#` begins a comment, so the rest of this list is cut off",
                hint=f"put an item that holds it in quotes: {quoted(_item(cut.group(1)))}",
                length=len(cut.group(1)),
            )
    return None


def _unclosed(fault: _Fault) -> Problem | None:
    if "while parsing a flow" not in fault.context:
        return None
    sign = fault.rest(fault.since)[:1]
    if sign not in {"[", "{"}:
        return None
    rest = fault.rest(fault.place)
    if rest[:1] == "," and rest.strip() != ",":
        return fault.source.problem(fault.place, "nothing stands before this comma", hint="delete one of the commas")
    closing = "]" if sign == "[" else "}"
    secret = _UNQUOTED_SECRET.search(fault.rest(fault.since)[:_LONGEST_SHOWN])
    if secret is not None:
        said = f"{secret.group()} needs quotes between `{sign}` and `{closing}`"
        return fault.source.problem(fault.since, said, hint=f'write "{secret.group()}"')
    return fault.source.problem(
        fault.since,
        f"`{sign}` is not closed",
        hint=f"write `{closing}` at its end and `,` between its items, or, if it begins a text, put the text in quotes",
    )


_READINGS = (
    _tab,
    _look_alike,
    _sign,
    _escape,
    _unclosed_quote,
    _after_quote,
    _colon,
    _colon_in_list,
    _missing_colon,
    _cut_list,
    _unclosed,
)
"""What a complaint may mean, the likeliest first."""
