"""The strict YAML reader: one pass over libyaml's events gives a tree whose every key and value knows its place.

Stricter than YAML: no aliases, anchors, tags or merge keys, no key twice, one document, every plain scalar is text
(`NO`, `010`, `22:00` and `1.10` keep their letters). Size, depth and number of nodes are bounded before anything is
built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias, cast

import yaml

from watcher.core.model.place import Place
from watcher.settings.phrases import short
from watcher.settings.problems import Problem, Source
from watcher.settings.yaml_errors import odd_blank, quoted, syntax_problem

MAX_FILE_BYTES = 1024 * 1024
MAX_DEPTH = 50
MAX_NODES = 200_000
MAX_PROBLEMS = 100
"""After so many mistakes in one file the rest of it is not read."""

_BLANKS = 200
"""So many signs after a key are looked at for its colon."""

_ENOUGH_TO_TELL = 400
_BOM = "\ufeff"
# What libyaml's reader accepts (YAML 1.1 section 5.1); everything else is refused here, with its place.
# Written as what is refused and not as what is not allowed: the signs of a set are worked through one by one.
NOT_PRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
OTHER_COMMAS = re.compile("[，、،]")
# `# note` after an item is a comment; `#2` straight after it is a term that was cut.
_CUT_BY_HASH = re.compile(r"[ \t]{1,200}(#[^\s#][^\n]*)")
_DROPPED_BY_HASH = re.compile(r"[ \t]{0,200},[ \t]{0,200}(#[^\s#][^\n]*)")


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One text. `place` is its first sign, a quote included; `length` is what it takes on its first line.

    `start` and `end` are offsets into the text of the file without byte order mark.
    """

    text: str
    place: Place
    length: int
    plain: bool = True
    start: int = 0
    end: int = 0

    @property
    def is_empty(self) -> bool:
        """Nothing was written (`key:`), which is not the same as an empty text in quotes."""
        return self.plain and not self.text

    def part(self, offset: int) -> Place:
        """Return the place of a code point of the text; exact for texts on one line without escapes."""
        return Place(self.place.file, self.place.line, self.place.column + offset + (0 if self.plain else 1))


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list. `flow` = written in brackets; then `start` and `end` are offsets as of a text."""

    items: tuple[YamlNode, ...]
    place: Place
    length: int = 1
    flow: bool = field(default=False, compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping, in the order written; no key stands twice. `flow` = written in braces; offsets as of a list."""

    pairs: tuple[tuple[ScalarNode, YamlNode], ...]
    place: Place
    length: int = 1
    flow: bool = field(default=False, compare=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def get(self, key: str) -> YamlNode | None:
        """Return the value of a key, or None."""
        return next((value for name, value in self.pairs if name.text == key), None)

    def key(self, key: str) -> ScalarNode | None:
        """Return the key itself as a node, or None."""
        return next((name for name, _ in self.pairs if name.text == key), None)


YamlNode: TypeAlias = ScalarNode | ListNode | MapNode


@dataclass(frozen=True, slots=True)
class Parsed:
    """One file read: `root` is None for an empty file and for one that cannot be read; `problems` are all errors."""

    source: Source
    root: YamlNode | None
    problems: tuple[Problem, ...] = ()


def decode(raw: bytes, most_bytes: int = MAX_FILE_BYTES) -> str:
    """Return the text of a file's bytes: UTF-8, a byte order mark dropped; `most_bytes` is a whole number of MiB.

    Raises:
        ValueError: too big or not UTF-8; the text is a sentence.
    """
    if len(raw) > most_bytes:
        raise ValueError(f"the file is larger than {most_bytes // MAX_FILE_BYTES} MiB; split it")
    # Without its mark each second byte of plain letters is a zero.
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} or raw[:_ENOUGH_TO_TELL].count(0) > len(raw[:_ENOUGH_TO_TELL]) // 4 > 0:
        raise ValueError("the file is UTF-16; save it as UTF-8")
    try:
        return raw.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line} is not UTF-8; save the file as UTF-8") from error


def parse_yaml(file: str, text: str) -> Parsed:
    """Return the tree of one file with everything that is wrong with its YAML; raises nothing, whatever the text."""
    source = Source(file, text.removeprefix(_BOM))
    if len(source.text) > MAX_FILE_BYTES:
        return Parsed(source, None, (source.problem(Place(file), "the file is larger than 1 MiB; split it"),))
    wrong = NOT_PRINTABLE.search(source.text)
    if wrong:
        before = Source(file, source.text[: wrong.start()])
        place = Place(file, len(before.lines), len(before.lines[-1]) + 1)
        message = f"a sign that YAML does not allow (U+{ord(wrong.group()):04X})"
        return Parsed(source, None, (source.problem(place, message, hint="delete it"),))
    builder = _Builder(source)
    try:
        for event in yaml.parse(source.text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except _Refused as refused:
        builder.problems.append(refused.problem)
        return Parsed(source, None, tuple(builder.problems))
    except yaml.YAMLError as error:
        problem = syntax_problem(source, error, builder.open_bracket())
        # What stopped the parser was often seen coming: one mistake, one problem.
        if all(problem.place != known.place for known in builder.problems):
            builder.problems.append(problem)
        return Parsed(source, None, tuple(builder.problems))
    return Parsed(source, builder.root, tuple(builder.problems))


class _Refused(Exception):
    """The file breaks a limit; reading stops here."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(slots=True)
class _Open:
    """A list or mapping that has begun; `keys` holds the place of each key of a mapping."""

    place: Place
    is_map: bool
    flow: bool = False
    start: int = 0
    items: list[YamlNode] = field(default_factory=list)
    pairs: list[tuple[ScalarNode, YamlNode]] = field(default_factory=list)
    pending: ScalarNode | None = None
    keys: dict[str, Place] = field(default_factory=dict)
    skipping: bool = False


class _Builder:
    """Turns events into a tree; mistakes that leave the structure clear are noted and reading goes on."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root: YamlNode | None = None
        self.problems: list[Problem] = []
        self._stack: list[_Open] = []
        self._nodes = 0
        self._documents = 0
        self._anchors: dict[str, Problem] = {}

    def open_bracket(self) -> Place | None:
        """Return where the innermost list or mapping in brackets begins that has not ended yet, or None."""
        return next((one.place for one in reversed(self._stack) if one.flow), None)

    def take(self, event: yaml.Event) -> None:
        """Take the next event.

        Raises:
            _Refused: too deep, too many nodes, too many mistakes, or a second document.
        """
        if len(self.problems) > MAX_PROBLEMS:
            raise _Refused(self.source.problem(self._place(event), "too many mistakes; the rest was not read"))
        match event:
            case yaml.ScalarEvent():
                known = len(self.problems)
                self._check(event)
                node = self._scalar(event)
                # In quotes the same signs are a text, so that later checks still make sense.
                refused = not event.value and len(self.problems) > known
                self._add(replace(node, text=_item_at(self.source, node.place), plain=False) if refused else node)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._check(event)
                self._open(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close(_marks(event)[1].index)
            case yaml.AliasEvent():
                self._add(self._alias(event))
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    place = self._place(event)
                    raise _Refused(
                        self.source.problem(
                            place, "a second document (`---`) in one file", hint="one file holds one document", length=3
                        )
                    )
            case _:
                pass

    def _place(self, event: yaml.Event) -> Place:
        start, _ = _marks(event)
        return Place(self.source.file, start.line + 1, start.column + 1)

    def _check(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _Refused(self.source.problem(self._place(event), "the file holds too many values", hint="split it"))
        for mark, word in ((event.anchor, "&"), (event.tag, "!")):
            if mark is not None and not (word == "!" and isinstance(event, yaml.ScalarEvent) and mark == "!"):
                self._refuse_sign(event, word)
                if event.anchor is not None:
                    self._anchors.setdefault(event.anchor, self.problems[-1])
                return
        if event.tag is not None:
            self._refuse_sign(event, "!")

    def _refuse_sign(self, event: yaml.Event, sign: str) -> None:
        place = self._place(event)
        item = _item_at(self.source, place)
        what = "anchors" if sign == "&" else "tags" if sign == "!" else "aliases"
        hint = f"a text that begins with `{sign}` needs quotes: {quoted(item)}"
        if sign != "*" and (not isinstance(event, yaml.ScalarEvent) or item.startswith("!!")):
            item = item.split()[0]
            hint = f"delete `{short(item)}`"
        self.problems.append(
            self.source.problem(place, f"YAML {what} (`{sign}`) are not allowed", hint=hint, length=len(item))
        )

    def _alias(self, event: yaml.AliasEvent) -> ScalarNode:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _Refused(self.source.problem(self._place(event), "the file holds too many values", hint="split it"))
        name = event.anchor or ""
        if (first := self._anchors.get(name)) is not None:
            # One sentence for the file: somebody means them, and further ones would say the same over and over.
            self.problems = [one for one in self.problems if one not in self._anchors.values()]
            sentence = f"YAML anchors and aliases are not allowed: `*{short(name)}` stands for `&{short(name)}`"
            hint = f"first at {first.place}; write the value out wherever it belongs"
            raise _Refused(self.source.problem(self._place(event), sentence, hint=hint, length=len(name) + 1))
        self._refuse_sign(event, "*")
        # In quotes the same signs are a text, so the tree goes on with that text and later checks still make sense.
        item = _item_at(self.source, self._place(event))
        return ScalarNode(item, self._place(event), len(item), plain=False)

    def _scalar(self, event: yaml.ScalarEvent) -> ScalarNode:
        start, end = _marks(event)
        place = self._place(event)
        line = self.source.line(place.line)
        on_line = end.column - start.column if end.line == start.line else len(line.rstrip()) - start.column
        plain = not event.style
        node = ScalarNode(event.value, place, max(1, on_line), plain, start.index, end.index)
        in_list = bool(self._stack) and not self._stack[-1].is_map
        if plain and in_list and event.value:
            self._check_cut(node, end.line, end.column)
        if in_list and self._stack[-1].flow:
            self._check_dropped(end.line, end.column)
        if event.style == '"' and (sign := NOT_PRINTABLE.search(event.value)):
            self._refuse_escape(node, sign.group())
        return node

    def _check_dropped(self, end_line: int, end_column: int) -> None:
        """Note an item in brackets that `#` made a comment: the next one on the line, to its end."""
        found = _DROPPED_BY_HASH.match(self.source.line(end_line + 1), end_column)
        if found:
            item = re.split(r"[,\]}]", found.group(1))[0].rstrip()
            self.problems.append(
                self.source.problem(
                    Place(self.source.file, end_line + 1, found.start(1) + 1),
                    "`#` begins a comment, so the rest of this line is cut off",
                    hint=f"if it is an item, put it in quotes: {quoted(item)}; a comment has a blank after `#`",
                    length=len(found.group(1).rstrip()),
                )
            )

    def _refuse_escape(self, node: ScalarNode, sign: str) -> None:
        """A name with a NUL is refused by databases, one with an escape sign repaints the terminal that lists it."""
        what = f"the text holds the control sign U+{ord(sign):04X}"
        hint = "take that escape out, or put the text in single quotes, where `\\` means itself"
        self.problems.append(self.source.problem(node.place, what, hint=hint, length=node.length))

    def _check_cut(self, node: ScalarNode, end_line: int, end_column: int) -> None:
        """A list item that was cut short, or joined with its neighbour, by a sign that looks harmless."""
        comma = OTHER_COMMAS.search(node.text)
        if comma:
            self.problems.append(
                self.source.problem(
                    node.part(comma.start()),
                    f"`{comma.group()}` does not part the items of a list",
                    hint=f"write `,` and a blank, or put the item in quotes: {quoted(node.text)}",
                )
            )
        hash_mark = _CUT_BY_HASH.match(self.source.line(end_line + 1), end_column)
        if hash_mark:
            place = Place(self.source.file, end_line + 1, hash_mark.start(1) + 1)
            rest = re.split(r"[,\]}]", hash_mark.group(1))[0].rstrip()
            whole = f"{node.text} {rest}"
            self.problems.append(
                self.source.problem(
                    place,
                    "` #` begins a comment, so the rest of this line is cut off",
                    hint=f"if it belongs to the item, put the item in quotes: {quoted(whole)}; a comment has a blank after `#`",
                    length=len(hash_mark.group(1).rstrip()),
                )
            )

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        place = self._place(event)
        if len(self._stack) >= MAX_DEPTH:
            raise _Refused(self.source.problem(place, f"nested more than {MAX_DEPTH} levels deep"))
        is_map, start = isinstance(event, yaml.MappingStartEvent), _marks(event)[0].index
        self._stack.append(_Open(place, is_map, bool(event.flow_style), start))

    def _close(self, end: int) -> None:
        done = self._stack.pop()
        if done.flow and done.is_map and not self._is_list_in_braces(done, end):
            self._join_cut_lists(done)
        if done.is_map:
            self._add(MapNode(tuple(done.pairs), done.place, flow=done.flow, start=done.start, end=end))
        else:
            self._add(ListNode(tuple(done.items), done.place, flow=done.flow, start=done.start, end=end))

    def _add(self, node: YamlNode) -> None:
        if not self._stack:
            self.root = None if isinstance(node, ScalarNode) and node.is_empty else node
            return
        parent = self._stack[-1]
        if not parent.is_map:
            parent.items.append(node)
        elif parent.skipping:
            parent.skipping = False
        elif parent.pending is not None:
            parent.pairs.append((parent.pending, node))
            parent.pending = None
        else:
            self._add_key(parent, node)

    def _is_list_in_braces(self, done: _Open, end: int) -> bool:
        """Note `{ship, sea}`, and make the list of it that was meant."""
        if len(done.pairs) < 2 or not all(self._is_bare(key, value) for key, value in done.pairs):
            return False
        items = self.source.text[done.start + 1 : end - 1].strip()
        sentence, length = "a list stands in `[` and `]`", end - done.start
        self.problems.append(self.source.problem(done.place, sentence, hint=f"write `[{short(items)}]`", length=length))
        done.items, done.is_map = [key for key, _ in done.pairs], False
        return True

    def _is_bare(self, key: ScalarNode, value: YamlNode) -> bool:
        """Whether a key stands between braces without a colon behind it."""
        if not isinstance(value, ScalarNode) or not value.is_empty or not key.plain:
            return False
        return not self.source.text[key.end : key.end + _BLANKS].lstrip().startswith(":")

    def _new_item(self, parent: _Open) -> str:
        in_list = len(self._stack) > 1 and not self._stack[-2].is_map and not parent.flow
        return ", or begin the next item of the list with `- `" if in_list else ""

    def _join_cut_lists(self, done: _Open) -> None:
        """Note `{to: a, b, id: c}`, where `b` would be a key without a value, and make the list that was meant."""
        pairs: list[tuple[ScalarNode, YamlNode]] = []
        for key, value in done.pairs:
            before = pairs[-1][1] if pairs else None
            if not self._is_bare(key, value):
                pairs.append((key, value))
            elif isinstance(before, ListNode) and not before.flow:
                pairs[-1] = (pairs[-1][0], replace(before, items=(*before.items, key)))
            elif isinstance(before, ScalarNode) and before.plain and before.text:
                pairs[-1] = (pairs[-1][0], ListNode((before, key), before.place, before.length))
            else:
                pairs.append((key, value))
        for key, value in pairs:
            if isinstance(value, ListNode) and not value.flow:
                first, last = value.items[0], value.items[-1]
                assert isinstance(first, ScalarNode)
                assert isinstance(last, ScalarNode)
                written = self.source.text[first.start : last.end]
                hint = f"write `{short(key.text)}: [{short(written)}]`; if it is one text, put it in quotes"
                sentence = f"several values of `{short(key.text)}` need brackets"
                self.problems.append(self.source.problem(value.place, sentence, hint=hint, length=len(written)))
        done.pairs = pairs

    def _add_key(self, parent: _Open, node: YamlNode) -> None:
        if not isinstance(node, ScalarNode):
            self.problems.append(
                self.source.problem(
                    node.place, "a list or mapping cannot be a key", hint="a text with `[` or `{` needs quotes"
                )
            )
            parent.skipping = True
            return
        odd = odd_blank(node.text) if node.plain else ""
        if odd:
            said = f"the blank before `{short(node.text.strip(odd))}` is none for YAML (U+{ord(odd):04X})"
            hint = "write ordinary blanks" + (": they indent the line" if node.place.column == 1 else "")
            self.problems.append(self.source.problem(node.place, said, hint=hint))
            parent.skipping = True
            return
        first = parent.keys.get(node.text)
        if first is not None:
            self.problems.append(
                self.source.problem(
                    node.place,
                    f"`{short(node.text)}` is set twice",
                    hint=f"first set at {first}; keep one of them" + self._new_item(parent),
                    length=node.length,
                )
            )
            parent.skipping = True
            return
        parent.keys[node.text] = node.place
        parent.pending = node


def scalars(node: YamlNode) -> Iterator[ScalarNode]:
    """Yield every text below a node, keys included, in the order written."""
    match node:
        case ScalarNode():
            yield node
        case ListNode():
            for item in node.items:
                yield from scalars(item)
        case MapNode():
            for key, value in node.pairs:
                yield key
                yield from scalars(value)


def _marks(event: yaml.Event) -> tuple[yaml.Mark, yaml.Mark]:
    # The type stubs allow None for events made by hand; the parser always sets both.
    assert event.start_mark is not None
    assert event.end_mark is not None
    return cast("yaml.Mark", event.start_mark), cast("yaml.Mark", event.end_mark)


def _item_at(source: Source, place: Place) -> str:
    # A line may be as long as the file, and an item is shown only so far.
    rest = source.line(place.line)[place.column - 1 : place.column + 199]
    return re.split(r"\s*[,\]}]|\s+#|:\s", rest)[0].rstrip() or rest[:1]
