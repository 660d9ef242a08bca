"""What is odd about the number of an operator: a distance as long as a text, more hits than a text has words for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from watcher.core.language.tree import below, terms_below
from watcher.core.lint.covers import tokens_of
from watcher.core.lint.terms import LONGEST_TITLE, LONGEST_TITLE_UNSPACED, UNSPACED, Remark
from watcher.core.model.article import Field
from watcher.core.model.rule import AnyOf, AtLeast, ConceptRef, First, Near, Node, Sentence, Term

_LONGEST_SENTENCE = 60
"""Words; of 6,700 sentences of the news one in a hundred is longer."""
_USUAL_TEXT = 100
"""Words; half of the texts that feeds give are shorter than 85."""
_LONGEST_TEXT = 1000
"""Words; hardly a news text is longer."""
_MOST_IN_TITLE = 5
"""In 14,000 headlines no word of content stood more often than four times."""
_MOST_IN_TEXT = 50
"""In 3,000 texts of 600 characters no word of content stood more often than twelve times; full texts are some times
as long.
"""


def operator_remarks(node: Node) -> Iterator[tuple[Term | None, Remark]]:
    """Yield what is odd about the numbers in a condition, with the first term that they stand beside."""
    return _remarks(node, _USUAL_TEXT)


def _remarks(node: Node, room: int) -> Iterator[tuple[Term | None, Remark]]:
    """Yield the same; the words counted lie within `room` words of one another."""
    found: Remark | None = None
    match node:
        case Near():
            found = _near(node, room)
        case AtLeast():
            found = _at_least(node)
        case First():
            found = _first(node)
            room = min(room, node.words - 1)
        case Sentence():
            room = min(room, _LONGEST_SENTENCE)
    if found is not None:
        yield next(terms_below(node), None), found
    for item in below(node):
        if not isinstance(item, Term):
            yield from _remarks(item, room)


def _near(node: Near, room: int) -> Remark | None:
    fewest = len(node.items) - 1
    if node.distance < fewest:
        return Remark(
            "never", f"{len(node.items)} words never stand within {node.distance}", f"write at least {fewest}"
        )
    name = "onear" if node.ordered else "near"
    if _all_in_title(node):
        longest = LONGEST_TITLE_UNSPACED if _may_be_unspaced(node) else LONGEST_TITLE
        if node.distance > longest:
            message = f"`{name}` {node.distance} asks no more than that both stand in the title"
            return Remark("idle", message, "write a smaller number, or `all`")
    elif node.distance > room * (2 if _may_be_unspaced(node) else 1):
        what = "most texts that feeds give are" if room == _USUAL_TEXT else "what it stands in is"
        message = f"`{name}` {node.distance} asks for nothing: {what} not that long"
        return Remark("idle", message, "write a smaller number, or `paragraph`, or `all`")
    return None


def _first(node: First) -> Remark | None:
    if node.words > _LONGEST_TEXT * (2 if _may_be_unspaced(node) else 1):
        message = f"`first` {node.words} asks no more than `all`: hardly a text is longer"
        return Remark("idle", message, "write a smaller number, or `all`")
    for item in node.items:
        fewest = _fewest_words(item)
        if fewest > node.words:
            message = f"the first {node.words} words never hold a phrase of {fewest}"
            return Remark("never", message, f"write at least {fewest}")
    return None


def _at_least(node: AtLeast) -> Remark | None:
    in_title = _all_in_title(node)
    most = _MOST_IN_TITLE if in_title else _MOST_IN_TEXT
    if node.count <= most:
        return None
    message = f"`atleast` {node.count} hardly ever holds: {'a title' if in_title else 'a text'} does not say one thing so often"
    return Remark("never", message, "write a smaller number")


def _fewest_words(node: Node) -> int:
    """Return how many words a condition takes at least; 0 where that cannot be told."""
    match node:
        case Term():
            return 0 if node.regex else len(tokens_of(node.text))
        case AnyOf():
            return min(map(_fewest_words, node.items), default=0)
        case _:
            return 0


def _all_in_title(node: Node) -> bool:
    return all(leaf.field is Field.TITLE for leaf in _leaves(node))


def _may_be_unspaced(node: Node) -> bool:
    """Say whether a word may be a single character; concepts hold terms of many scripts."""
    return any(isinstance(leaf, ConceptRef) or UNSPACED.search(leaf.text) is not None for leaf in _leaves(node))


def _leaves(node: Node) -> Sequence[Term | ConceptRef]:
    if isinstance(node, Term | ConceptRef):
        return (node,)
    return [leaf for item in below(node) for leaf in _leaves(item)]
