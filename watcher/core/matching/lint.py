"""Linting: rules that are well formed but hardly what their author meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import regex

from watcher.core.articles.letters import is_mixed
from watcher.core.articles.tokens import tokenise
from watcher.core.model.ids import RuleId
from watcher.core.model.place import NOWHERE, Place
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    AtLeast,
    Concept,
    ConceptRef,
    First,
    FirstSeen,
    Near,
    Node,
    Not,
    Paragraph,
    Rule,
    RuleSource,
    Sentence,
    Term,
    TitleOrLead,
)

# Short names and acronyms that are everyday words in small letters, in English, German, French or Spanish.
_ALSO_WORDS = frozenset(
    ["US", "WHO", "ICE", "IT", "AIDS", "ARM", "UN", "SEE", "CAR", "ETA", "MAY", "SAW", "EAST", "HAS", "CAN", "AIM", "PIN", "ACT", "AID"]
)  # fmt: skip
_SHORTEST_STEM = 3
_ALPHABETIC = regex.compile(r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Armenian}\p{Georgian}]+")


@dataclass(frozen=True, slots=True)
class LintWarning:
    """One thing to look at: where it stands, what is odd, and what to write instead; `rule` is "" for a concept."""

    place: Place
    message: str
    hint: str = ""
    rule: RuleId = RuleId("")


def lint(source: RuleSource) -> tuple[LintWarning, ...]:
    """Return what is odd in rules and in the concepts that they use, in the order of the rules, concepts last.

    Concepts must exist and not name themselves (compile_rules says so).
    """
    found: list[LintWarning] = []
    used: dict[str, Concept] = {}
    for rule in source.rules:
        found += _rule(rule, source.concepts)
        for node in (rule.body, *rule.none, *(one.when for one in rule.raises if one.when is not None)):
            for ref in _refs(node, source.concepts):
                used[ref] = source.concepts[ref]
    for concept in used.values():
        for node in concept.terms:
            found += _terms_of(node, RuleId(""), concept.place)
    return tuple(dict.fromkeys(found))


def _rule(rule: Rule, concepts: Mapping[str, Concept]) -> Iterator[LintWarning]:
    if rule.trend is not None and not isinstance(rule.trend, FirstSeen):
        return  # it looks at counts, and has no term
    if not _is_positive(rule.body, concepts):
        yield LintWarning(
            rule.place,
            f"rule `{rule.name}` can never match: it has no term that must occur",
            "add a term under `all` or `any`",
            rule.id,
        )
    else:
        excluded = [term for node in rule.none for term in _any_of(node, concepts) or ()]
        for group in _required(rule.body):
            wanted = _any_of(group, concepts)
            if wanted and all(any(_covers(no, term) for no in excluded) for term in wanted):
                yield LintWarning(
                    wanted[0].place if wanted[0].place != NOWHERE else rule.place,
                    f"rule `{rule.name}` can never match: `{wanted[0].text}` is both required and excluded",
                    "`none` drops the article; `except` only ignores these words",
                    rule.id,
                )
    for node in (rule.body, *rule.none, *(one.when for one in rule.raises if one.when is not None)):
        yield from _terms_of(node, rule.id, rule.place)


def _terms_of(node: Node, rule: RuleId, place: Place) -> Iterator[LintWarning]:
    """Yield what is odd about the terms that are written in a node; those of concepts are looked at on their own."""
    if isinstance(node, Term):
        where = node.place if node.place != NOWHERE else place
        for message, hint in _term(node):
            yield LintWarning(where, message, hint, rule)
    for item in _below(node):
        yield from _terms_of(item, rule, place)


def _term(term: Term) -> Iterator[tuple[str, str]]:
    text = term.text
    if text in _ALSO_WORDS and not term.case:
        yield f"`{text}` also finds the word `{text.lower()}`", f"write `={text}` for the capitals alone"
    for token in tokenise(text, prose=False):
        written = text[token.start : token.end]
        open_end = text[token.end : token.end + 1] == "*" or text[token.start - 1 : token.start] == "*"
        if open_end and len(token.folded) < _SHORTEST_STEM and _ALPHABETIC.fullmatch(token.folded):
            yield (
                f"`{text}` finds very many words: `*` stands beside {len(token.folded)} letters",
                "write more of the word",
            )
        if not written.isascii() and is_mixed(written):
            yield f"`{written}` mixes Latin and Cyrillic letters", "write it in one script"


def _required(body: Node) -> Iterator[Node]:
    """Yield the nodes that must all hold."""
    if isinstance(body, AllOf | Sentence | Paragraph | TitleOrLead | First | Near):
        for item in body.items:
            yield from _required(item)
    elif isinstance(body, AtLeast):
        yield from _required(body.item)
    else:
        yield body


def _any_of(node: Node, concepts: Mapping[str, Concept]) -> list[Term] | None:
    """Return the terms any of which makes a node hold; None when that is not the whole story."""
    match node:
        case Term():
            return [node]
        case ConceptRef():
            return _any_of(AnyOf(concepts[node.name].terms), concepts)
        case AnyOf():
            found: list[Term] = []
            for item in node.items:
                terms = _any_of(item, concepts)
                if terms is None:
                    return None
                found += terms
            return found
        case _:
            return None


def _covers(excluded: Term, term: Term) -> bool:
    """Say whether every hit of `term` surely is one of `excluded` too."""
    if excluded.field not in (None, term.field) or excluded.lead or (excluded.case and not term.case) or excluded.exact:
        return False
    no, yes = excluded.text.casefold(), term.text.casefold()
    return yes == no or (no.endswith("*") and not no.startswith("*") and yes.startswith(no[:-1]))


def _is_positive(node: Node, concepts: Mapping[str, Concept]) -> bool:
    match node:
        case Term():
            return True
        case ConceptRef():
            return any(_is_positive(item, concepts) for item in concepts[node.name].terms)
        case Not():
            return False
        case _:
            return any(_is_positive(item, concepts) for item in _below(node))


def _below(node: Node) -> Iterable[Node]:
    match node:
        case Term() | ConceptRef():
            return ()
        case Not() | AtLeast():
            return (node.item,)
        case _:
            return node.items


def _refs(node: Node, concepts: Mapping[str, Concept]) -> Iterator[str]:
    """Yield the names of the concepts that a node uses, theirs included."""
    if isinstance(node, ConceptRef):
        yield node.name
        for item in concepts[node.name].terms:
            yield from _refs(item, concepts)
    for item in _below(node):
        yield from _refs(item, concepts)
