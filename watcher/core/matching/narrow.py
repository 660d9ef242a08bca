"""Narrowing: of the rules that one article is explained by, the words of shipped concepts that it may hold.

A shipped concept has thousands of words, an article has few of them. To work out a plan for each of the others takes
most of the time of one explanation, and changes nothing of what it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from itertools import chain
from typing import Final

from watcher.core.language.tree import stems_asked
from watcher.core.matching.index import Index
from watcher.core.matching.keys import Key
from watcher.core.matching.known_terms import known_keys
from watcher.core.matching.texts import PROSE, ArticleText
from watcher.core.model.article import Article, Field
from watcher.core.model.rule import Concept, Node, RuleSource, Term

TOLD: Final = 8
"""So many terms are named of what an explanation finds missing."""


def narrowed(source: RuleSource, article: Article) -> RuleSource:
    """Return rules that explain the article as all of `source` do, and that are compiled quicker.

    Left out of concepts are known terms (see known_terms) of which the article has no key. Those by which a concept is
    told stay: its first terms, and one that is weak. Where a rule asks for dictionary forms nothing is left out: by
    these a term may occur without its key.
    """
    if stems_asked(source):
        return source
    keys = {term.text: found for term in _terms(source.concepts) if (found := known_keys(term.text)) is not None}
    held = _held(article, set(chain.from_iterable(keys.values())))
    far = {text for text, found in keys.items() if held.isdisjoint(found)}
    return replace(source, concepts={name: _narrow(one, far, keys) for name, one in source.concepts.items()})


def _terms(concepts: Mapping[str, Concept]) -> Iterator[Term]:
    """Yield the terms of concepts that are looked for by their words."""
    for concept in concepts.values():
        for node in (*concept.terms, *concept.excepts):
            if isinstance(node, Term) and not node.regex:
                yield node


def _held(article: Article, keys: Set[Key]) -> Set[Key]:
    """Return which keys the article has, whatever field a term is looked for in."""
    text = ArticleText(article)
    words = [text.prose.words, *(text.field(field).words for field in Field if field not in PROSE)]
    return Index().renewed((), {}, keys, ()).hits(words)[0]


def _narrow(concept: Concept, far: Set[str], keys: Mapping[str, tuple[Key, ...]]) -> Concept:
    """Return a concept without the terms of these texts, but for those that it is told by."""
    told = _told(concept, keys)
    terms = tuple(node for node in concept.terms if not _is_far(node, far) or node in told)
    excepts = tuple(term for term in concept.excepts if not _is_far(term, far)) or concept.excepts[:1]
    return replace(concept, terms=terms, excepts=excepts)


def _is_far(node: Node, far: Set[str]) -> bool:
    return isinstance(node, Term) and not node.regex and node.text in far


def _told(concept: Concept, keys: Mapping[str, tuple[Key, ...]]) -> Set[Node]:
    """Return the first terms of a concept, so many of other words than those before that they are all that is told of
    it; and the first weak one.
    """
    told: dict[Node, None] = {}
    seen: set[Key] = set()
    labels: set[str] = set()
    weak = False
    for node in concept.terms:
        if not isinstance(node, Term):
            continue
        if len(labels) < TOLD:
            told[node] = None
            found = keys.get(node.text, (node.text,))
            if not node.weak and seen.isdisjoint(found):
                labels.add(node.text)
            seen.update(found)
        if node.weak and not weak:
            weak, told[node] = True, None
        if weak and len(labels) >= TOLD:
            break
    return told.keys()
