"""Prints a tree of conditions as a query that is read back as the same tree."""

from __future__ import annotations

import regex

from watcher.core.language.query_words import needs_no_quotes
from watcher.core.language.tree import scope_of
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    AtLeast,
    ConceptRef,
    First,
    Near,
    Node,
    Not,
    Paragraph,
    Sentence,
    Term,
    TitleOrLead,
)
from watcher.errors import TermError

_FEWEST_NEAR = 2


def print_query(tree: Node) -> str:
    """Return the query that says the same as a tree; a group of one is printed as what it holds.

    Raises:
        TermError: a query cannot say it: an empty group, NEAR of more than terms, or `exact` and `stem` of a term.
    """
    match tree:
        case Term():
            return _term(tree)
        case ConceptRef():
            return _scope(tree) + f"${tree.name}"
        case AllOf() | AnyOf():
            return (" AND " if isinstance(tree, AllOf) else " OR ").join(map(_inner, _items(tree.items)))
        case Not():
            return f"NOT ({print_query(tree.item)})" if isinstance(tree.item, Near) else f"NOT {_inner(tree.item)}"
        case Near():
            return _near(tree)
        case AtLeast():
            return _function(f"ATLEAST/{tree.count}", (tree.item,))
        case Sentence():
            return _function("SENTENCE", tree.items)
        case Paragraph():
            return _function("PARAGRAPH", tree.items)
        case TitleOrLead():
            return _function("TITLE_OR_LEAD", tree.items)
        case First():
            return _function(f"FIRST/{tree.words}", tree.items)


def _near(tree: Near) -> str:
    if len(tree.items) < _FEWEST_NEAR or not all(map(is_one_thing, tree.items)):
        raise TermError("a query takes two or more terms, concepts and lists of them beside NEAR")
    return f" {'O' if tree.ordered else ''}NEAR/{tree.distance} ".join(map(_inner, tree.items))


def is_one_thing(node: Node) -> bool:
    """Say whether a node is a term, a concept or a list of such, whose places can be told; NEAR takes nothing else."""
    if isinstance(node, AnyOf):
        return all(is_one_thing(item) for item in node.items)
    return isinstance(node, Term | ConceptRef)


def _inner(node: Node) -> str:
    text = print_query(node)
    while isinstance(node, AllOf | AnyOf) and len(node.items) == 1:
        node = node.items[0]
    return f"({text})" if isinstance(node, AllOf | AnyOf) else text


def _function(name: str, items: tuple[Node, ...]) -> str:
    if len(items) == 1 and isinstance(items[0], AnyOf):
        return f"{name}({print_query(items[0])})"
    return f"{name}({' '.join(map(_inner, _items(items)))})"


def _items(items: tuple[Node, ...]) -> tuple[Node, ...]:
    if not items:
        raise TermError("a query cannot say an empty group")
    return items


def _term(term: Term) -> str:
    if term.exact or term.stem:
        raise TermError(f"`{term.text}`: a query has no sign for `exact` and `stem`", hint="write the rule in YAML")
    before = _scope(term) + ("=" if term.case else "")
    if term.regex:
        return f"{before}/{slashed(term.text)}/"
    if needs_no_quotes(term):
        return before + (f"${term.text}" if term.text.startswith("$") else term.text)
    quoted = term.text.replace("\\", "\\\\").replace('"', '\\"')
    return f'{before}"{quoted}"'


def slashed(pattern: str) -> str:
    """Return a pattern as it stands between slashes: those within it have a backslash."""
    return regex.sub(r"\\.|/", lambda each: "\\/" if each.group() == "/" else each.group(), pattern, flags=regex.DOTALL)


def _scope(node: Term | ConceptRef) -> str:
    scope = scope_of(node)
    return f"{scope}:" if scope else ""
