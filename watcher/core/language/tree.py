"""Trees of conditions as written: what stands below a node, which terms rules hold, and the scope of a whole node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace

from watcher.core.language.terms import LEAD
from watcher.core.model.article import Field
from watcher.core.model.rule import AtLeast, Concept, ConceptRef, Node, Not, Rule, RuleSource, Term, TitleOrLead
from watcher.errors import TermError

_FIELDS = {field.value: field for field in Field}

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


def concepts_asked(rule: Rule, concepts: Mapping[str, Concept]) -> Mapping[str, Concept]:
    """Return the concepts that a rule uses, and those that these use, by name."""
    found: dict[str, Concept] = {}
    names = [name for node in nodes_of(rule) for name in _names_below(node)]
    while names:
        name = names.pop()
        concept = concepts.get(name)
        if concept is not None and name not in found:
            found[name] = concept
            names += [inner for node in concept.terms for inner in _names_below(node)]
    return found


def changed_concepts(before: Mapping[str, Concept], now: Mapping[str, Concept]) -> frozenset[str]:
    """Return the names of the concepts that are new, gone or others than before, and of those that name such a one."""
    changed = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    while changed:
        more = {name for name, one in now.items() if name not in changed and _any_named(one.terms, changed)}
        if not more:
            break
        changed |= more
    return frozenset(changed)


def names_any(rule: Rule, names: Set[str]) -> bool:
    """Say whether a rule itself names any of these concepts."""
    return _any_named(nodes_of(rule), names)


def _any_named(nodes: Iterable[Node], names: Set[str]) -> bool:
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ConceptRef):
            if node.name in names:
                return True
        elif not isinstance(node, Term):
            waiting += below(node)
    return False


def with_names(node: Node, names: Mapping[str, str]) -> Node:
    """Return a node that names some of its concepts otherwise."""
    match node:
        case Term():
            return node
        case ConceptRef():
            return replace(node, name=names.get(node.name, node.name))
        case Not() | AtLeast():
            return replace(node, item=with_names(node.item, names))
        case _:
            return replace(node, items=tuple(with_names(item, names) for item in node.items))


def _names_below(node: Node) -> Iterator[str]:
    if isinstance(node, ConceptRef):
        yield node.name
    for item in below(node):
        yield from _names_below(item)


def stems_asked(source: RuleSource) -> frozenset[str]:
    """Return for which languages rules ask for dictionary forms, AUTO among them; empty = none asks."""
    found = {rule.stem for rule in source.rules}
    for rule in source.rules:
        found.update(term.stem for node in nodes_of(rule) for term in terms_below(node))
    for concept in source.concepts.values():
        found.update(term.stem for node in concept.terms for term in terms_below(node))
    return frozenset(found - {""})


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
            return _scoped_leaf(node, scope)
        case TitleOrLead() if not again:
            raise TermError(f"`{scope}:` cannot stand before TITLE_OR_LEAD", hint="write one of the two")
        case Not() | AtLeast():
            return replace(node, item=scoped(node.item, scope, again=again))
        case _:
            return replace(node, items=tuple(scoped(item, scope, again=again) for item in node.items))


def _scoped_leaf(node: Term | ConceptRef, scope: str) -> Node:
    """Return a term or concept with a scope; a shipped concept has thousands of terms, and `replace` took a tenth of
    the time of an explanation.
    """
    lead = scope == LEAD
    field = None if lead else _FIELDS[scope]
    if isinstance(node, ConceptRef):
        return replace(node, field=field, lead=lead)
    return Term(node.text, node.case, node.exact, node.regex, node.stem, field, lead, node.langs, node.weak, node.place)


def scope_of(node: Term | ConceptRef) -> str:
    """Return the scope as written before the colon, or ""."""
    if node.lead:
        return LEAD
    return node.field.value if node.field is not None else ""
