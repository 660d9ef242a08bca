"""Scopes: limiting terms, concepts and groups of them to one part of an article."""

from __future__ import annotations

from dataclasses import replace

from watcher.core.matching.terms import LEAD
from watcher.core.model.article import Field
from watcher.core.model.rule import AtLeast, ConceptRef, Node, Not, Term, TitleOrLead
from watcher.errors import TermError


def scoped(node: Node, scope: str, *, again: bool = False) -> Node:
    """Return a node all of whose terms and concepts are looked for in one part only (`title`, `lead`, ...).

    With `again` what has a scope keeps it.

    Raises:
        TermError: a part of it has a scope already, or asks for title and lead.
    """
    match node:
        case Term() | ConceptRef():
            if node.field is not None or node.lead:
                if again:
                    return node
                raise TermError(
                    f"`{scope}:` stands before something that has a scope already", hint="write one scope for each term"
                )
            return replace(node, lead=True) if scope == LEAD else replace(node, field=Field(scope))
        case TitleOrLead() if not again:
            raise TermError(f"`{scope}:` cannot stand before TITLE_OR_LEAD", hint="write one of the two")
        case Not() | AtLeast():
            return replace(node, item=scoped(node.item, scope, again=again))
        case _:
            return replace(node, items=tuple(scoped(item, scope, again=again) for item in node.items))


def scope_of(node: Term | ConceptRef) -> str:
    """Return the scope as written before the colon, or ""."""
    if node.lead:
        return LEAD
    return node.field.value if node.field is not None else ""
