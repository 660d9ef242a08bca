"""Raises: which of a rule's reasons for a higher severity hold in an article, and how people read them."""

from __future__ import annotations

from watcher.core.matching.plan import All, No, PlanNode, RulePlan, Within
from watcher.core.matching.trends import in_words
from watcher.core.matching.walk import Walk
from watcher.core.model.match import Raised
from watcher.core.model.rule import Independent, Raise

_PLACES = {"title or lead": "in title or lead", "sentence": "in one sentence", "paragraph": "in one paragraph"}


def raised(plan: RulePlan, walk: Walk) -> tuple[Raised, ...]:
    """Return the raises whose condition on the article holds; those that ask for sources alone are not among them."""
    return tuple(
        Raised(number, in_place(node))
        for number, node in enumerate(plan.raises)
        if node is not None and walk.held(node) is not None
    )


def asks(one: Raise, node: PlanNode | None) -> str:
    """Return what a raise asks for, in words; `node` is its condition, compiled."""
    parts = [] if node is None else [in_place(node)]
    if one.sources is not None:
        parts.append(independent(one.sources.count, one.sources))
    return " and ".join(parts)


def independent(count: int, wanted: Independent) -> str:
    """Return so many sources in words: "3 independent sources within 2 h"."""
    return f"{count} independent sources within {in_words(wanted.within)}"


def in_place(node: PlanNode) -> str:
    """Return a condition in words, with the part of the article that it looks at: "North Korea + Russia in title or lead"."""
    match node:
        case Within():
            return f"{node.label} {_PLACES.get(node.kind) or f'in the first {node.words} words'}"
        case All():
            return " + ".join(in_place(item) for item in node.items)
        case No():
            return f"not {in_place(node.item)}"
        case _:
            return node.label
