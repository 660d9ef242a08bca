"""Names of rules, feeds and channels as they stand in the files, for a shell that completes them at the tab key.

The files are read as YAML alone, which is quick, and may hold mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import click

_PLAIN: Final = re.compile(r"[\w.:/@%+=,-]+")
"""Names that mean themselves to a shell, which puts them into the line as they are: those of a list that was imported
are somebody else's text.
"""


def names_of(section: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Return what completes the names of `rules` (their ids), `feeds` or `channels`; it offers nothing where the files
    cannot be read.
    """

    def offered(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
        from watcher.errors import ConfigError
        from watcher.settings.env import read_settings

        try:
            given = context.params.get("config")
            directory = (read_settings(config=given) if given else read_settings()).config
        except ConfigError:
            return []
        names = dict.fromkeys(_names(directory, section))
        return [name for name in names if name.startswith(begun) and _PLAIN.fullmatch(name)]

    return offered


def _names(directory: Path, section: str) -> Iterator[str]:
    from watcher.settings.load import read_texts
    from watcher.settings.rules import slug
    from watcher.settings.yaml_text import ListNode, MapNode, ScalarNode, parse_yaml

    for file, text in read_texts(directory)[0].items():
        root = parse_yaml(file, text).root
        node = root.get(section) if isinstance(root, MapNode) else None
        if isinstance(node, MapNode):
            yield from (key.text for key, _ in node.pairs)
        for item in node.items if isinstance(node, ListNode) else ():
            if not isinstance(item, MapNode):
                continue
            found = {key: item.get(key) for key in ("id", "name")}
            said = {key: one.text for key, one in found.items() if isinstance(one, ScalarNode)}
            if section == "rules" and said:
                yield said.get("id") or slug(said.get("name", ""))
            elif "name" in said:
                yield said["name"]
