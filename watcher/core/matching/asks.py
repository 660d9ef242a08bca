"""What a rule asks for, in words: its operators, its raises, and its numbers over time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from watcher.core.matching.hits import Hit, longest_hits
from watcher.core.matching.plan import (
    AllPlan,
    AnyPlan,
    AtLeastPlan,
    ConceptPlan,
    NearPlan,
    NotPlan,
    PlanNode,
    TermPlan,
    WithinPlan,
    plans_below,
)
from watcher.core.model.durations import in_words
from watcher.core.model.rule import FirstSeen, Independent, QuietSource, Raise, Spike, Trend, Volume

_MOST_ROWS = 5  # of one group
_MOST_WEAK = 3  # of one group; a page may hold many
_REGIONS = {"title or lead": "title and lead together", "sentence": "one sentence", "paragraph": "one paragraph"}
_PLACES = {"title or lead": "in title or lead", "sentence": "in one sentence", "paragraph": "in one paragraph"}


def asks_by_label(body: PlanNode) -> Mapping[str, str]:
    """Return, for each group by which a rule can hold, what is asked of it ("in one paragraph with Russia"); plain
    groups are left out.

    Keys are the labels under which a match names its groups.
    """
    found: dict[str, dict[str, None]] = {}
    for label, asked in _asked(body, ()):
        if asked:
            found.setdefault(label, {}).update(dict.fromkeys(asked))
    return {label: ", ".join(asked) for label, asked in found.items()}


def asks_of_weak(hits: Iterable[Hit]) -> str:
    """Return what is said of the weak words among the hits of a group that holds, or "".

    >>> asks_of_weak([parade, troops])
    'parade* is weak: it counts only beside another word'
    """
    words = list(dict.fromkeys(hit.term for hit in longest_hits(hits) if hit.weak))[:_MOST_WEAK]
    if not words:
        return ""
    said = "is weak: it counts" if len(words) == 1 else "are weak: they count"
    return f"{', '.join(words)} {said} only beside another word"


def rows_of(hits: Iterable[Hit]) -> str:
    """Return what the names of lists among the hits of a group stand for, or "".

    >>> rows_of([lady_r])
    'Lady R (IMO 9161003), row 41'
    """
    told = list(dict.fromkeys(hit.row for hit in longest_hits(hits) if hit.row))
    more = f"; and {len(told) - _MOST_ROWS} more" if len(told) > _MOST_ROWS else ""
    return "; ".join(told[:_MOST_ROWS]) + more


def asks_of_raise(one: Raise, node: PlanNode | None) -> str:
    """Return what a raise asks for, in words; `node` is its condition, compiled."""
    parts = [] if node is None else [in_place(node)]
    if one.sources is not None:
        parts.append(sources_in_words(one.sources.count, one.sources))
    return " and ".join(parts)


def sources_in_words(count: int, wanted: Independent) -> str:
    """Return so many sources in words: "3 independent sources within 2 h"."""
    return f"{count} independent sources within {in_words(wanted.within)}"


def in_place(node: PlanNode) -> str:
    """Return a condition in words, with the part of the article that it looks at: "North Korea + Russia in title or
    lead".
    """
    match node:
        case WithinPlan():
            return f"{node.label} {_place(node)}"
        case AllPlan():
            return " + ".join(in_place(item) for item in node.items)
        case NotPlan():
            return f"not {in_place(node.item)}"
        case _:
            return node.label


def asks_of_trend(trend: Trend) -> str:
    """Return what a rule over time waits for, as one sentence without a full stop."""
    match trend:
        case Volume():
            return f"volume: {trend.stories} or more stories of {trend.of} within {in_words(trend.within)}"
        case Spike():
            return (
                f"spike: {trend.at_least} or more stories of {trend.of} within {in_words(trend.window)}, and "
                f"{trend.ratio:g} times as many as usual over {in_words(trend.baseline)}"
            )
        case QuietSource():
            return f"quiet source: nothing new from {trend.feed} for longer than {in_words(trend.longer_than)}"
        case FirstSeen():
            return f"first seen: only when nothing matched this rule in the {in_words(trend.since)} before"


def sentences_of(node: PlanNode) -> Iterator[str]:
    """Yield what each operator within a node asks for: "NEAR/5: positions differ by at most 5"."""
    match node:
        case NearPlan():
            order = ", in this order" if node.ordered else ""
            yield f"{'O' if node.ordered else ''}NEAR/{node.distance}: positions differ by at most {node.distance}{order}"
        case AtLeastPlan():
            yield f"ATLEAST/{node.count}: at least {node.count} times"
        case WithinPlan() if node.words:
            yield f"FIRST/{node.words}: within the first {node.words} words of a field"
        case WithinPlan():
            yield f"{node.kind.replace(' ', '_').upper()}: all of it in {_REGIONS[node.kind]}"
        case _:
            pass
    for item in plans_below(node):
        yield from sentences_of(item)


def _asked(node: PlanNode, asked: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the label of each group as `Walk.evidence` names them, with what the operators around it ask for."""
    match node:
        case TermPlan() | ConceptPlan() | AnyPlan():
            yield node.label, asked
            if isinstance(node, AnyPlan) and not node.one_thing:
                yield from _each(node.others, asked)
        case AllPlan():
            yield from _each(node.items, asked)
        case WithinPlan():
            for item in node.inner.items:
                beside = "" if node.words else _others(item, node.inner.items, " with ")
                yield from _asked(item, (*asked, _place(node) + beside))
        case NearPlan():
            order = ", in this order" if node.ordered else ""
            for item in node.items:
                yield item.label, (*asked, f"at most {node.distance} words from{_others(item, node.items, ' ')}{order}")
        case AtLeastPlan():
            yield from _asked(node.item, (*asked, f"at least {node.count} times"))
        case NotPlan():
            pass


def _place(node: WithinPlan) -> str:
    return _PLACES.get(node.kind) or f"in the first {node.words} words"


def _each(items: tuple[PlanNode, ...], asked: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for item in items:
        yield from _asked(item, asked)


def _others(item: PlanNode, items: tuple[PlanNode, ...], before: str) -> str:
    labels = dict.fromkeys(other.label for other in items if other is not item and not isinstance(other, NotPlan))
    return before + " and ".join(labels) if labels else ""
