"""What the operators of a rule ask for, in words: one sentence for an explanation, a few words beside each group of an alert."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from watcher.core.matching.plan import All, Any, Close, Leaf, Named, No, Often, PlanNode, Within, below

_REGIONS = {"title or lead": "title and lead together", "sentence": "one sentence", "paragraph": "one paragraph"}
_PLACES = {"title or lead": "in title or lead", "sentence": "in one sentence", "paragraph": "in one paragraph"}


def asks_of(node: PlanNode) -> str:
    """Return what the operators within a node ask for ("NEAR/5: positions differ by at most 5"), or ""."""
    return "; ".join(dict.fromkeys(_sentences(node)))


def asks_by_label(body: PlanNode) -> Mapping[str, str]:
    """Return, for each group by which a rule can hold, what is asked of it ("in one paragraph with Russia"); plain groups are left out.

    Keys are the labels under which a match names its groups.
    """
    found: dict[str, dict[str, None]] = {}
    for label, asked in _asked(body, ()):
        if asked:
            found.setdefault(label, {}).update(dict.fromkeys(asked))
    return {label: ", ".join(asked) for label, asked in found.items()}


def _sentences(node: PlanNode) -> Iterator[str]:
    match node:
        case Close():
            order = ", in this order" if node.ordered else ""
            yield f"{'O' if node.ordered else ''}NEAR/{node.distance}: positions differ by at most {node.distance}{order}"
        case Often():
            yield f"ATLEAST/{node.count}: at least {node.count} times"
        case Within() if node.words:
            yield f"FIRST/{node.words}: within the first {node.words} words of a field"
        case Within():
            yield f"{node.kind.replace(' ', '_').upper()}: all of it in {_REGIONS[node.kind]}"
        case _:
            pass
    for item in below(node):
        yield from _sentences(item)


def _asked(node: PlanNode, asked: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the label of each group as `Walk.held` names them, with what the operators around it ask for."""
    match node:
        case Leaf() | Named() | Any():
            yield node.label, asked
            if isinstance(node, Any) and not node.one_group:
                yield from _each(node.others, asked)
        case All():
            yield from _each(node.items, asked)
        case Within():
            place = _PLACES.get(node.kind) or f"in the first {node.words} words"
            for item in node.inner.items:
                beside = "" if node.words else _others(item, node.inner.items, " with ")
                yield from _asked(item, (*asked, place + beside))
        case Close():
            order = ", in this order" if node.ordered else ""
            for item in node.items:
                yield item.label, (*asked, f"at most {node.distance} words from{_others(item, node.items, ' ')}{order}")
        case Often():
            yield from _asked(node.item, (*asked, f"at least {node.count} times"))
        case No():
            pass


def _each(items: tuple[PlanNode, ...], asked: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for item in items:
        yield from _asked(item, asked)


def _others(item: PlanNode, items: tuple[PlanNode, ...], before: str) -> str:
    labels = dict.fromkeys(other.label for other in items if other is not item and not isinstance(other, No))
    return before + " and ".join(labels) if labels else ""
