"""Walking a rule's tree over one article: which nodes hold, and by which hits.

A scope is a set of regions that hits must lie in; None = anywhere. A covered word (`except`) does not count for a hit that touches it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence, Set
from typing import TypeAlias

from watcher.core.language.tree import AUTO
from watcher.core.matching.hits import MOST_SPANS, Hit, longest, spans_of
from watcher.core.matching.keys import Key
from watcher.core.matching.plan import (
    AllPlan,
    Alternatives,
    AnyPlan,
    AtLeastPlan,
    ConceptPlan,
    NearPlan,
    NotPlan,
    PlanNode,
    TermPlan,
    WithinPlan,
    stands_for_one_thing,
)
from watcher.core.matching.proximity import close_hits, occurrences
from watcher.core.matching.texts import FIELD_ORDER, PROSE, ArticleText, FieldText
from watcher.core.matching.word_rows import Occurrence
from watcher.core.model.article import Field
from watcher.core.model.match import Span

Region: TypeAlias = tuple[Field, int, int]
Scope: TypeAlias = tuple[Region, ...] | None
Evidence: TypeAlias = list[tuple[str, list[Hit]]]
"""By what a node holds: the label of each part, and its hits; a node that only excludes holds by none."""


class TermHits:
    """Where terms occur in one article, each looked up once.

    `keys` are those that the article has, `prose` those of title, summary and content, `sure` those of them by which plain terms surely occur.
    """

    def __init__(
        self, text: ArticleText, keys: set[Key], prose: Set[Key] = frozenset(), sure: set[Key] | None = None
    ) -> None:
        self.text = text
        self.keys = keys
        self.prose = prose
        self.sure = sure or set()
        # Kept by the nodes themselves: a plan may be dropped meanwhile, and another may come to its place in memory.
        self._found: dict[TermPlan, tuple[Hit, ...]] = {}
        self._of_any: dict[ConceptPlan | AnyPlan, tuple[Hit, ...]] = {}
        self._spans: dict[Alternatives, tuple[Span, ...]] = {}

    def of(self, term: TermPlan) -> tuple[Hit, ...]:
        """Return every occurrence of a term, in field and text order."""
        found = self._found.get(term)
        if found is None:
            found = self._found[term] = () if self.keys.isdisjoint(term.keys) else self._look_up(term)
        return found

    def has(self, node: Alternatives) -> bool:
        """Say whether `of_any` would return any; where the words of an article tell, nothing is looked up."""
        if isinstance(node, TermPlan):
            return node.sure in self.prose or self._occurs(node)
        if not node.sure.isdisjoint(self.prose):
            return True
        if isinstance(node, ConceptPlan) and node.excepts:
            return bool(self.of_any(node))
        by_key = node.by_key
        doubtful = (by_key[key] for key in self._present(node) if key in by_key)
        return any(term.sure is None and self._occurs(term) for term in doubtful) or any(
            self.has(item) for item in node.others if stands_for_one_thing(item)
        )

    def of_any(self, node: Alternatives) -> Sequence[Hit]:
        """Return every occurrence of any term of a term, concept or list, less those that the concept's `excepts` cover."""
        if isinstance(node, TermPlan):
            return self.of(node)
        known = self._of_any.get(node)
        if known is None:
            known = self._of_any[node] = tuple(self._collect(node))
        return known

    def spans(self, node: Alternatives) -> tuple[Span, ...]:
        """Return the longest of what `of_any` returns, as spans."""
        if isinstance(node, TermPlan):
            return self._spans_of(node)
        if isinstance(node, AnyPlan) and not node.others:
            return self.spans_of_any(self.announced(node))
        known = self._spans.get(node)
        if known is None:
            known = self._spans[node] = spans_of(self.of_any(node))
        return known

    def spans_of_any(self, terms: Sequence[TermPlan]) -> tuple[Span, ...]:
        """Return the longest of all occurrences of some terms."""
        if len(terms) == 1:
            return self._spans_of(terms[0])
        if all(term.quick for term in terms):
            return longest([span for term in terms for span in self._spans_of(term)])
        return spans_of({hit for term in terms for hit in self.of(term)})

    def announced(self, node: ConceptPlan | AnyPlan) -> Sequence[TermPlan]:
        """Return a node's own terms that may occur."""
        by_key = node.by_key
        found = [by_key[key] for key in self._present(node) if key in by_key]
        return found if len(found) < 2 else list(dict.fromkeys(found))

    def _present(self, node: ConceptPlan | AnyPlan) -> Set[Key]:
        """Return which keys of a node the article has; sets know the hashes of what they hold, a dictionary looks at each key again."""
        return self.keys & (node.by_key.keys() if node.needs is None else node.needs)

    def _occurs(self, term: TermPlan) -> bool:
        if self.keys.isdisjoint(term.keys):
            return False
        return bool(self._spans_of(term) if term.quick else self.of(term))

    def _spans_of(self, term: TermPlan) -> tuple[Span, ...]:
        found = self._spans.get(term)
        if found is None:
            found = self._spans[term] = self._quick_spans(term) if term.quick else spans_of(self.of(term))
        return found

    def _quick_spans(self, term: TermPlan) -> tuple[Span, ...]:
        assert term.word_row is not None
        label = term.term.text
        return tuple([Span(*place, label) for place in self.text.prose.places(term.word_row)[:MOST_SPANS]])

    def _collect(self, node: ConceptPlan | AnyPlan) -> list[Hit]:
        found = [hit for term in self.announced(node) for hit in self.of(term)]
        for item in node.others:
            assert stands_for_one_thing(item)
            found += self.of_any(item)
        if isinstance(node, ConceptPlan):
            if node.excepts:
                covered = Cover(self, node.excepts)
                found = [hit for hit in found if not covered.touches(hit)]
            found = [hit._replace(concept=node.name) for hit in found]
        return _in_order(found)

    def _look_up(self, plan: TermPlan) -> tuple[Hit, ...]:
        found: list[Hit] = []
        written, wild = plan.label, plan.regex is not None or "*" in plan.term.text
        for text in map(self.text.field, plan.fields):
            for place in self._places(plan, text):
                hit = Hit(text.rank, place.start, -place.end, wild, written, "", text.field, place.first, place.last)
                found.append(hit)
        in_order = _in_order(found)
        return tuple(_inside(in_order, self.text.lead) if plan.term.lead else in_order)

    def _places(self, plan: TermPlan, text: FieldText) -> Sequence[Occurrence]:
        if plan.word_row is not None:
            return text.find_words(plan.word_row)
        if plan.regex is not None:
            return text.find_regex(plan.regex)
        if len(plan.patterns) == 1 and not plan.term.stem:
            return text.find(plan.patterns[0])
        places = [place for pattern in plan.patterns for place in text.find(pattern)]
        return [*places, *self._inflected(plan, text)] if plan.term.stem else places

    def _inflected(self, plan: TermPlan, text: FieldText) -> list[Occurrence]:
        language = self.text.article.lang if plan.term.stem == AUTO else plan.term.stem
        lemmas = self.text.lemmas(text.field, language)
        found: list[Occurrence] = []
        for pattern in plan.patterns:
            if lemmas is not None and pattern.inflects:
                wanted = [self.text.lemma(word.cased, language) for word in pattern.words]
                found += text.find_lemmas(pattern, lemmas, wanted)
        return found


class Cover:
    """The words that `except` terms cover, joined where they touch, so that one look-up tells."""

    def __init__(self, hits: TermHits, excepts: Iterable[TermPlan]) -> None:
        self._starts: dict[Field, list[int]] = {}
        self._ends: dict[Field, list[int]] = {}
        for hit in sorted({hit for term in excepts for hit in hits.of(term)}):
            starts, ends = self._starts.setdefault(hit.field, []), self._ends.setdefault(hit.field, [])
            if ends and hit.start < ends[-1]:
                ends[-1] = max(ends[-1], hit.end)
            else:
                starts.append(hit.start)
                ends.append(hit.end)

    def __bool__(self) -> bool:
        return bool(self._starts)

    def touches(self, hit: Hit) -> bool:
        """Say whether a hit uses a covered word."""
        starts = self._starts.get(hit.field)
        if starts is None:
            return False
        at = bisect_left(starts, hit.end) - 1
        return at >= 0 and self._ends[hit.field][at] > hit.start


class Walk:
    """Walks the nodes of one rule; `excepts` are the rule's."""

    def __init__(self, hits: TermHits, excepts: Sequence[TermPlan]) -> None:
        self.hits = hits
        self._covers: tuple[Cover, ...] = ()
        if excepts:
            self._cover(excepts)

    @property
    def covers(self) -> bool:
        """Whether any word of the article is covered."""
        return bool(self._covers)

    def holds(self, node: PlanNode) -> bool:
        """Say whether a node holds, as `evidence` finds; quicker where no more than words are asked for."""
        if stands_for_one_thing(node) and not self._covers:
            return self.hits.has(node)
        return self.evidence(node) is not None

    def evidence(self, node: PlanNode, scope: Scope = None) -> Evidence | None:
        """Return by what a node holds within the scope, or None when it does not hold."""
        if not isinstance(node, TermPlan) and node.needs is not None and node.needs.isdisjoint(self.hits.keys):
            return None
        match node:
            case TermPlan():
                return self._one_thing(node, scope)
            case ConceptPlan() | AnyPlan():
                return self._one_thing(node, scope) if node.one_thing else self._either(node, scope)
            case AllPlan():
                return self._every(node, scope)
            case NotPlan():
                return None if self.evidence(node.item, scope) is not None else []
            case WithinPlan():
                return self._within(node, scope)
            case NearPlan():
                return self._close(node, scope)
            case AtLeastPlan():
                held = self.evidence(node.item, scope)
                enough = held is not None and occurrences(hit for _, hits in held for hit in hits) >= node.count
                return held if enough else None

    def _cover(self, excepts: Sequence[TermPlan]) -> None:
        cover = Cover(self.hits, excepts)
        if cover:
            self._covers = (*self._covers, cover)

    def _one_thing(self, node: Alternatives, scope: Scope) -> Evidence | None:
        found = self._counted(self.hits.of_any(node), scope)
        return [(node.label, found)] if found else None

    def _counted(self, hits: Sequence[Hit], scope: Scope) -> list[Hit]:
        """Return those of some sorted hits that lie in the scope and are not covered."""
        within = hits if scope is None else [hit for region in scope for hit in _inside(hits, region)]
        if not self._covers:
            return list(within)
        return [hit for hit in within if not any(cover.touches(hit) for cover in self._covers)]

    def _either(self, node: ConceptPlan | AnyPlan, scope: Scope) -> Evidence | None:
        walk = self
        if isinstance(node, ConceptPlan):
            walk = Walk(self.hits, ())
            walk._covers = self._covers
            walk._cover(node.excepts)
        leaves = sorted({hit for term in self.hits.announced(node) for hit in walk._counted(self.hits.of(term), scope)})
        held: Evidence = [(node.label, leaves)] if leaves else []
        holds = bool(leaves)
        for item in node.others:
            parts = walk.evidence(item, scope)
            if parts is not None:
                holds = True
                held += parts
        if not holds:
            return None
        if isinstance(node, ConceptPlan):
            return [(node.label, sorted({hit._replace(concept=node.name) for _, hits in held for hit in hits}))]
        return held

    def _every(self, node: AllPlan, scope: Scope) -> Evidence | None:
        found: list[Evidence] = [[] for _ in node.items]
        for position in node.order or range(len(node.items)):
            parts = self.evidence(node.items[position], scope)
            if parts is None:
                return None
            found[position] = parts
        return [part for parts in found for part in parts]

    def _within(self, node: WithinPlan, scope: Scope) -> Evidence | None:
        held: dict[str, set[Hit]] = {}
        holds = False
        for regions in self._scopes(node):
            clipped = _clip(regions, scope)
            parts = self._every(node.inner, clipped) if clipped else None
            if parts is not None:
                holds = True
                for label, hits in parts:
                    held.setdefault(label, set()).update(hits)
        return [(label, sorted(hits)) for label, hits in held.items()] if holds else None

    def _scopes(self, node: WithinPlan) -> list[tuple[Region, ...]]:
        article = self.hits.text
        if node.kind == "title or lead":
            return [((Field.TITLE, 0, len(article.article.title)), article.lead)]
        found: list[tuple[Region, ...]] = []
        for field in PROSE:
            text = article.field(field)
            if node.kind == "sentence":
                found += [((field, start, end),) for start, end in text.sentences]
            elif node.kind == "paragraph":
                found += [((field, start, end),) for start, end in text.paragraphs]
            elif text.tokens[: node.words]:
                found.append(((field, 0, text.tokens[: node.words][-1].end),))
        return found

    def _close(self, node: NearPlan, scope: Scope) -> Evidence | None:
        found: list[tuple[str, list[Hit]]] = []
        for item in node.items:
            parts = self.evidence(item, scope)
            if parts is None:
                return None
            found.append((item.label, [hit for _, hits in parts for hit in hits]))
        kept = close_hits([hits for _, hits in found], node.distance, ordered=node.ordered)
        if kept is None:
            return None
        return [(label, hits) for (label, _), hits in zip(found, kept, strict=True)]


def _in_order(hits: list[Hit]) -> list[Hit]:
    """Return hits sorted, each once; many are there once only, so comparing neighbours is quicker than a set."""
    if len(hits) < 2:
        return hits
    hits.sort()
    return [hit for at, hit in enumerate(hits) if not at or hit != hits[at - 1]]


def _inside(hits: Sequence[Hit], region: Region) -> list[Hit]:
    """Return those of some sorted hits that lie in a region."""
    field, start, end = region
    rank = FIELD_ORDER[field]
    first, last = bisect_left(hits, (rank, start)), bisect_left(hits, (rank, end))
    return [hit for hit in hits[first:last] if hit.end <= end]


def _clip(regions: tuple[Region, ...], scope: Scope) -> tuple[Region, ...]:
    if scope is None:
        return regions
    return tuple(
        (field, max(start, first), min(end, last))
        for field, start, end in regions
        for inside, first, last in scope
        if field is inside and max(start, first) < min(end, last)
    )
