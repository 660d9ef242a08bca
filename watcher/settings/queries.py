"""Reads `query`, the one-line form of a rule's conditions."""

from __future__ import annotations

from watcher.core.language.query import read_query
from watcher.core.model.rule import Node
from watcher.settings.conditions import ConditionReader
from watcher.settings.issues import Issues
from watcher.settings.yaml_text import ScalarNode, YamlNode


def read_query_node(node: YamlNode, reader: ConditionReader, issues: Issues) -> Node | None:
    """Return the tree of a query, None when it is wrong; every mistake in it is noted at its place."""
    if not isinstance(node, ScalarNode):
        issues.error(node, "`query` is one text", hint="for lists write `all`, `any` and `none` in its place")
        return None
    positions = issues.positions(node)
    reading = read_query(node.text, reader.concepts, positions.place)
    for error in reading.errors:
        place, length = positions.part(error.offset, error.length)
        issues.error(place, str(error), hint=error.hint, length=length)
    for hint in reading.hints:
        place, length = positions.part(hint.offset, hint.length)
        issues.warn(place, hint.message, hint=hint.hint, length=length)
    known = [reader.known(ref.name, *positions.part(offset, length)) for ref, offset, length in reading.concepts]
    return reading.tree if all(known) else None
