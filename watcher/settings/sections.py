"""Joins the top-level sections of all files; one name or setting twice names both places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher.settings.issues import Issues
from watcher.settings.models import unknown_key
from watcher.settings.phrases import short
from watcher.settings.section_schema import LISTS, NAMED, SETTINGS, TOP_LEVEL
from watcher.settings.yaml_text import ListNode, MapNode, Parsed, ScalarNode, YamlNode

Named = Mapping[str, tuple[ScalarNode, YamlNode]]


@dataclass(slots=True)
class Sections:
    """What all files hold together: lists in the order of the files, named things by name, settings as one mapping
    each.
    """

    lists: dict[str, list[YamlNode]] = field(default_factory=lambda: {name: [] for name in LISTS})
    named: dict[str, dict[str, tuple[ScalarNode, YamlNode]]] = field(
        default_factory=lambda: {name: {} for name in NAMED}
    )
    settings: dict[str, list[tuple[ScalarNode, YamlNode]]] = field(
        default_factory=lambda: {name: [] for name in SETTINGS}
    )

    def setting(self, name: str) -> MapNode | None:
        """Return one of `defaults`, `keep`, `meta`, `network` as a mapping, or None when no file has it."""
        pairs = self.settings[name]
        return MapNode(tuple(pairs), pairs[0][0].place) if pairs else None


def join(files: list[Parsed], issues: Issues) -> Sections:
    """Return the sections of all files, with everything noted that stands in the wrong place or twice."""
    sections = Sections()
    for parsed in files:
        if parsed.root is None:
            continue
        if not isinstance(parsed.root, MapNode):
            issues.error(parsed.root, "a configuration file is a mapping", hint="begin with a key such as `rules:`")
            continue
        for key, value in parsed.root.pairs:
            _join_one(sections, key, value, issues)
    return sections


def _join_one(sections: Sections, key: ScalarNode, value: YamlNode, issues: Issues) -> None:
    name = key.text
    if name not in TOP_LEVEL:
        unknown_key(issues, key, "file", "a configuration file", TOP_LEVEL)
    elif isinstance(value, ScalarNode) and value.is_empty:
        return  # a heading with nothing below it yet
    elif name in sections.lists:
        if isinstance(value, ListNode):
            sections.lists[name] += value.items
        else:
            issues.error(key, f"`{name}` is a list", hint="begin each item with `- `")
    elif not isinstance(value, MapNode):
        issues.error(key, f"`{name}` is a mapping", hint="write `name: ...` lines without `- `")
    elif name in sections.named:
        _join_named(sections.named[name], name, value, issues)
    else:
        _join_settings(sections.settings[name], name, value, issues)


def _join_named(known: dict[str, tuple[ScalarNode, YamlNode]], section: str, value: MapNode, issues: Issues) -> None:
    for key, item in value.pairs:
        if key.text in known:
            first = known[key.text][0].place
            issues.error(
                key,
                f"`{short(key.text)}` stands twice in `{section}`",
                hint=f"first at {first}; keep one or rename one",
            )
        else:
            known[key.text] = (key, item)


def _join_settings(known: list[tuple[ScalarNode, YamlNode]], section: str, value: MapNode, issues: Issues) -> None:
    for key, item in value.pairs:
        first = next((other for other, _ in known if other.text == key.text), None)
        if first is not None:
            issues.error(key, f"`{section}.{short(key.text)}` is set twice", hint=f"first at {first.place}; keep one")
        else:
            known.append((key, item))
