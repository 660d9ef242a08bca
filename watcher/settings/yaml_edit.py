"""Changes one item of a list in YAML text; every other sign, comments too, stays as it was written.

The text is changed where the item stands, read again, and must then say exactly what was asked for. What is written in
a way that this cannot do is refused with its place, never rewritten.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from watcher.core.model.place import Place
from watcher.errors import ConfigError
from watcher.settings.problems import LINE_END
from watcher.settings.yaml_text import NOT_PRINTABLE, ListNode, MapNode, ScalarNode, YamlNode, parse_yaml

Item: TypeAlias = Mapping[str, str | Sequence[str]]
"""One item of a list as it is to be written: keys with a text or a list of texts."""

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"

# What stands in braces without quotes and is read as the same text; everything else is quoted.
_NO_QUOTES = re.compile(r"[\w/.][\w/.:~%?&=+@;!$*-]*(?<!:)")

# What JSON lets stand and YAML forbids or reads as the end of a line (YAML 1.2 section 5.1), and direction marks.
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")

_COMMENT = re.compile(r"^([ \t]*)(#[^\r\n]*)\r?$", re.MULTILINE)  # on a line of its own


def with_items(file: str, text: str, section: str, items: Sequence[Item]) -> str:
    """Return the text of a file with items behind the last one of a top-level list, each on a line of its own.

    `feeds: [a]` stays a list in brackets; a list that is not there is begun at the end of the file.

    Raises:
        ConfigError: the file is written in a way that cannot be added to.
    """
    new = [_rendered(item) for item in items]
    root = parse_yaml(file, text).root
    value = root.get(section) if isinstance(root, MapNode) else None
    key = root.key(section) if isinstance(root, MapNode) else None
    ending = line_ending(text)
    if isinstance(value, ListNode) and value.items:
        edited = _with_more(text, value, new, ending)
    elif isinstance(value, ListNode):
        edited = f"{text[: value.start]}[{', '.join(new)}]{text[value.end :]}"
    elif key is not None:
        edited = _on_lines(text, _line_end(text, key.end), "  ", new, ending)
    else:
        edited = _on_lines(f"{text}{_break_before(text, ending)}{section}:{ending}", None, "  ", new, ending)
    added = [_plain(item) for item in items]
    return _checked(file, text, edited, section, lambda old: [*old, *added], key.place if key else Place(file))


def without_item(file: str, text: str, section: str, place: Place) -> str:
    """Return the text of a file without the item that begins at a place; comments on lines of their own stay.

    Raises:
        ConfigError: as `with_items`.
    """
    items, number = _item(file, text, section, place)
    item = items.items[number]
    end = _end(text, item)
    if not items.flow:
        dash = _dash(file, text, item)
        line = text.rfind("\n", 0, dash) + 1
        edited = _without(text, line, _line_end(text, end), item, text[line:dash])
    elif number + 1 < len(items.items):
        edited = _without(text, item.start, items.items[number + 1].start, item)
    elif number:
        before = _end(text, items.items[number - 1])
        edited = (
            text[:before]
            + _without_comma(text[before : item.start])
            + _without(text, item.start, end, item)[item.start :]
        )
    else:
        edited = _without(text, item.start, end, item)
    return _checked(file, text, edited, section, lambda old: [*old[:number], *old[number + 1 :]], place)


def with_key(file: str, text: str, section: str, place: Place, key: str, value: str) -> str:
    """Return the text of a file whose item at a place has a key with this value; an item that is a bare text is taken
    as its `url`.

    Raises:
        ConfigError: as `with_items`.
    """
    items, number = _item(file, text, section, place)
    item = items.items[number]
    said = f"{key}: {_quoted(value)}"
    match item:
        case ScalarNode() if key == "url":
            edited = f"{text[: item.start]}{_quoted(value)}{text[item.end :]}"
        case ScalarNode():
            edited = f"{text[: item.start]}{{url: {_quoted(item.text)}, {said}}}{text[item.end :]}"
        case MapNode() if isinstance(old := item.get(key), ScalarNode):
            edited = f"{text[: old.start]}{_quoted(value)}{text[old.end :]}"
        case MapNode(flow=True):
            at = _end(text, item.pairs[-1][1])
            edited = f"{text[:at]}, {said}{text[at:]}"
        case MapNode():
            column = item.pairs[0][0].place.column - 1
            edited = _lines_at(text, _line_end(text, _end(text, item)), [" " * column + said], line_ending(text))
        case _:
            raise _not_ours(file, place)

    def expected(old: list[Plain]) -> list[Plain]:
        known = old[number]
        changed = dict(known) if isinstance(known, dict) else {"url": known}
        is_bare = isinstance(item, ScalarNode) and key == "url"
        return [*old[:number], value if is_bare else {**changed, key: value}, *old[number + 1 :]]

    return _checked(file, text, edited, section, expected, place)


def value_of(file: str, text: str, section: str, place: Place, key: str) -> str:
    """Return the text of a key of the item at a place, "" where it has none; an item that is a bare text is its
    `url`.

    Raises:
        ConfigError: no item of the list begins there.
    """
    items, number = _item(file, text, section, place)
    item = items.items[number]
    value = item.get(key) if isinstance(item, MapNode) else item
    return value.text if isinstance(value, ScalarNode) else ""


def without_key(file: str, text: str, section: str, place: Place, key: str) -> str:
    """Return the text of a file whose item at a place has a key no more.

    Raises:
        ConfigError: as `with_items`.
    """
    items, number = _item(file, text, section, place)
    item = items.items[number]
    names = [name.text for name, _ in item.pairs] if isinstance(item, MapNode) else []
    if not isinstance(item, MapNode) or key not in names:
        return text
    at = names.index(key)
    name, value = item.pairs[at]
    if at + 1 < len(names) and (item.flow or not at):
        cut = name.start, item.pairs[at + 1][0].start
    elif item.flow:
        cut = _end(text, item.pairs[at - 1][1]) if at else name.start, _end(text, value)
    else:
        cut = text.rfind("\n", 0, name.start) + 1, _line_end(text, _end(text, value))
    edited = _without(text, *cut, value) if at + 1 < len(names) else text[: cut[0]] + text[cut[1] :]

    def expected(old: list[Plain]) -> list[Plain]:
        known = old[number]
        assert isinstance(known, dict)
        return [*old[:number], {other: said for other, said in known.items() if other != key}, *old[number + 1 :]]

    return _checked(file, text, edited, section, expected, place)


def with_terms(file: str, text: str, section: str, place: Place, key: str, terms: Sequence[str]) -> str:
    """Return the text of a file whose item at a place has more terms in the list of a key, as YAML spells them; one
    term is made a list, and a list that is not there stands behind the last key.

    Raises:
        ConfigError: as `with_items`.
    """
    items, number = _item(file, text, section, place)
    item = items.items[number]
    if not isinstance(item, MapNode):
        raise _not_ours(file, place)
    said, ending = ", ".join(terms), line_ending(text)
    match item.get(key):
        case ListNode(items=known) as old if known:
            edited = _with_more(text, old, terms, ending)
        case ScalarNode() as old if not old.is_empty:
            edited = f"{text[: old.start]}[{text[old.start : old.end].rstrip()}, {said}]{text[old.end :]}"
        case None if item.flow:
            at = _end(text, item.pairs[-1][1])
            edited = f"{text[:at]}, {key}: [{said}]{text[at:]}"
        case None:
            column = item.pairs[0][0].place.column - 1
            edited = _lines_at(text, _line_end(text, _end(text, item)), [f"{' ' * column}{key}: [{said}]"], ending)
        case _:
            raise _not_ours(file, place)
    added = _said(parse_yaml(file, f"[{said}]").root)

    def expected(old: list[Plain]) -> list[Plain]:
        known = old[number]
        assert isinstance(known, dict)
        before = known.get(key, [])
        more = added if isinstance(added, list) else []
        changed = {**known, key: [*(before if isinstance(before, list) else [before]), *more]}
        return [*old[:number], changed, *old[number + 1 :]]

    return _checked(file, text, edited, section, expected, place)


def item_text(file: str, text: str, section: str, place: Place) -> str:
    """Return how the item of a list at a place is written, its comments too; whole lines where it is not in brackets.

    Raises:
        ConfigError: no item of the list begins there.
    """
    start, end = item_span(file, text, section, place)
    return text[start:end]


def item_span(file: str, text: str, section: str, place: Place) -> tuple[int, int]:
    """Return where in a text the item of a list at a place begins and ends, see `item_text`.

    Raises:
        ConfigError: no item of the list begins there.
    """
    items, number = _item(file, text, section, place)
    item = items.items[number]
    if items.flow:
        return item.start, _end(text, item) if isinstance(item, ScalarNode) else item.end
    dash = _dash(file, text, item)
    return text.rfind("\n", 0, dash) + 1, _line_end(text, _end(text, item))


def in_braces(item: Item) -> str:
    """Return a mapping as it stands in a list: `{text: "Shells arrive", expect: match}`."""
    return f"{{{', '.join(f'{key}: {_value(value)}' for key, value in item.items())}}}"


def _without(text: str, start: int, end: int, node: YamlNode, indent: str | None = None) -> str:
    """Return a text without a part that holds a node; comments on lines of their own stay, at `indent` where the part
    is whole lines.
    """
    texts = [(leaf.start, _end(text, leaf)) for leaf in _leaves(node)]
    found = [match for match in _COMMENT.finditer(text, start, end) if match.start() >= start]
    kept = [match for match in found if not any(first <= match.start(2) < last for first, last in texts)]
    ending = line_ending(text)
    if indent is not None:
        said = "".join(f"{indent}{match[2].rstrip()}{ending}" for match in kept)
    else:
        said = "".join(f"{match[2].rstrip()}{ending}{match[1]}" for match in kept)
        said = f" {said}" if said and not text[:start].endswith((" ", "\t", "\n")) else said
    return text[:start] + said + text[end:]


def _without_comma(between: str) -> str:
    """Return what stands between the last two items of a list in brackets without its comma: their comments."""
    lines = between.split("\n")
    for at, line in enumerate(lines):
        code, sign, comment = line.partition("#")
        if "," in code:
            lines[at] = code.replace(",", "", 1) + sign + comment
            break
    rest = "\n".join(lines)
    return rest if "#" in rest else ""


def _leaves(node: YamlNode) -> Iterator[ScalarNode]:
    match node:
        case ScalarNode():
            yield node
        case ListNode():
            for item in node.items:
                yield from _leaves(item)
        case MapNode():
            for _, value in node.pairs:
                yield from _leaves(value)


def _with_more(text: str, items: ListNode, terms: Sequence[str], ending: str) -> str:
    at = _end(text, items.items[-1])
    if items.flow:
        return f"{text[:at]}{''.join(f', {term}' for term in terms)}{text[at:]}"
    dash = _dash(items.place.file, text, items.items[-1])
    indent = text[text.rfind("\n", 0, dash) + 1 : dash]
    return _on_lines(text, _line_end(text, at), indent, terms, ending)


def _item(file: str, text: str, section: str, place: Place) -> tuple[ListNode, int]:
    root = parse_yaml(file, text).root
    items = root.get(section) if isinstance(root, MapNode) else None
    for number, item in enumerate(items.items if isinstance(items, ListNode) else ()):
        assert isinstance(items, ListNode)
        if item.place == place:
            return items, number
    raise _not_ours(file, place)


def _on_lines(text: str, at: int | None, indent: str, new: Sequence[str], ending: str) -> str:
    return _lines_at(text, len(text) if at is None else at, [f"{indent}- {item}" for item in new], ending)


def _lines_at(text: str, at: int, lines: Sequence[str], ending: str) -> str:
    """Return a text with lines put in at the beginning of a line, or behind the last line."""
    return text[:at] + _break_before(text[:at], ending) + "".join(f"{line}{ending}" for line in lines) + text[at:]


def _break_before(text: str, ending: str) -> str:
    return "" if not text or text.endswith(("\n", "\r")) else ending


def line_ending(text: str) -> str:
    """Return how lines of a text end."""
    return "\r\n" if "\r\n" in text else "\n"


def _line_end(text: str, at: int) -> int:
    """Return where the line after the one of an offset begins."""
    found = LINE_END.search(text, at)
    return found.end() if found else len(text)


def _end(text: str, node: YamlNode) -> int:
    """Return the offset behind the last sign of a node; libyaml ends what has no brackets only at what comes next."""
    match node:
        case ScalarNode():
            return node.start + len(text[node.start : node.end].rstrip())
        case ListNode(flow=True) | MapNode(flow=True):
            return node.end
        case ListNode():
            return _end(text, node.items[-1])
        case MapNode():
            return max(node.pairs[-1][0].end + 1, _end(text, node.pairs[-1][1]))


def _dash(file: str, text: str, item: YamlNode) -> int:
    """Return the offset of the dash before an item, alone at the beginning of its line."""
    at = len(text[: item.start].rstrip()) - 1
    if at < 0 or text[at] != "-" or text[text.rfind("\n", 0, at) + 1 : at].strip(" "):
        raise _not_ours(file, item.place)
    return at


def _rendered(item: Item) -> str:
    if set(item) == {"url"}:
        return _quoted(str(item["url"]))
    return in_braces(item)


def _value(value: str | Sequence[str]) -> str:
    return _quoted(value) if isinstance(value, str) else f"[{', '.join(map(_quoted, value))}]"


def quoted_text(text: str) -> str:
    """Return a text as YAML reads it anywhere."""
    return _quoted(text)


def _quoted(text: str) -> str:
    if _NO_QUOTES.fullmatch(text):
        return text
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ConfigError("this is no text that a file can hold (UTF-8)") from error
    if sign := NOT_PRINTABLE.search(text):
        raise ConfigError(f"no text of a file may hold the control sign U+{ord(sign.group()):04X}; leave it out")
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _plain(value: Item | str | Sequence[str]) -> Plain:
    """Return what an item is when it is read."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return str(value["url"]) if set(value) == {"url"} else {key: _plain(said) for key, said in value.items()}
    return list(value)


def _said(node: YamlNode | None) -> Plain:
    match node:
        case None:
            return None
        case ScalarNode():
            return None if node.is_empty else node.text
        case ListNode():
            return [_said(item) for item in node.items]
        case MapNode():
            return {key.text: _said(value) for key, value in node.pairs}


def _checked(
    file: str, before: str, after: str, section: str, change: Callable[[list[Plain]], list[Plain]], place: Place
) -> str:
    """Return the text after an edit, when it says what was asked for and nothing else changed."""
    old, new = (_said(parse_yaml(file, text).root) for text in (before, after))
    wrong = parse_yaml(file, after).problems
    old = old if isinstance(old, dict) else {}
    known = old.get(section)
    expected = {**old, section: change(known if isinstance(known, list) else [])}
    if isinstance(new, dict) and not new.get(section):
        new = {**new, section: []}
    if wrong or new != expected:
        raise _not_ours(file, place)
    return after


def _not_ours(file: str, place: Place) -> ConfigError:
    return ConfigError(
        f"{place if place.file else file}: this is written in a way that is not edited by the program; edit the file by hand"
    )
