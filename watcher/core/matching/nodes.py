"""Trees as written: what stands below a node, and which terms a set of rules holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from watcher.core.model.rule import AtLeast, ConceptRef, Node, Not, Rule, RuleSource, Term

AUTO = "auto"
"""`stem: true`: the language of the article."""


def below(node: Node) -> Iterable[Node]:
    """Return the nodes directly below one; those of a concept are not its own."""
    match node:
        case Term() | ConceptRef():
            return ()
        case Not() | AtLeast():
            return (node.item,)
        case _:
            return node.items


def terms_below(node: Node) -> Iterator[Term]:
    """Yield the terms written in a node, in order; those of concepts are not."""
    if isinstance(node, Term):
        yield node
    for item in below(node):
        yield from terms_below(item)


def nodes_of(rule: Rule) -> tuple[Node, ...]:
    """Return the conditions of a rule: its body, what it excludes, and those of its raises."""
    return (rule.body, *rule.none, *(one.when for one in rule.raises if one.when is not None))


def stems_asked(source: RuleSource) -> frozenset[str]:
    """Return for which languages rules ask for dictionary forms, AUTO among them; empty = none asks."""
    found = {rule.stem for rule in source.rules}
    for rule in source.rules:
        found.update(term.stem for node in nodes_of(rule) for term in terms_below(node))
    for concept in source.concepts.values():
        found.update(term.stem for node in concept.terms for term in terms_below(node))
    return frozenset(found - {""})
