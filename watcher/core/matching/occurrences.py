"""Occurrences: where the terms of plans stand in one article, each looked up once, whatever rules use it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from watcher.core.language.tree import AUTO
from watcher.core.matching.cover import Cover
from watcher.core.matching.hits import MOST_SPANS, Hit, hits_within, is_one_weak_word, longest, spans_of
from watcher.core.matching.keys import Key
from watcher.core.matching.plan import (
    Alternatives,
    AnyPlan,
    ConceptPlan,
    NamePlans,
    TermPlan,
    stands_for_one_thing,
)
from watcher.core.matching.texts import ArticleText, FieldText
from watcher.core.matching.word_rows import Occurrence
from watcher.core.model.match import Span
from watcher.core.model.rule import Languages


class TermHits:
    """Where terms occur in one article, each looked up once.

    `keys` are the keys that the article has, `prose` those that title, summary and content have.
    """

    def __init__(self, text: ArticleText, keys: set[Key], prose: Set[Key] = frozenset()) -> None:
        self.text = text
        self.keys = keys
        self.prose = prose
        # Kept by the nodes themselves: a plan may be dropped meanwhile, and another may come to its place in memory.
        self._found: dict[TermPlan, tuple[Hit, ...]] = {}
        self._of_any: dict[ConceptPlan | AnyPlan, tuple[Hit, ...]] = {}
        self._spans: dict[Alternatives, tuple[Span, ...]] = {}
        self._languages: dict[Languages, bool] = {}
        self._names: dict[NamePlans, Sequence[TermPlan]] = {}

    def of(self, term: TermPlan) -> tuple[Hit, ...]:
        """Return every occurrence of a term, in field and text order."""
        found = self._found.get(term)
        if found is None:
            occurs = not self.keys.isdisjoint(term.keys) and self._counts_here(term.term.langs)
            found = self._found[term] = self._look_up(term) if occurs else ()
        return found

    def of_other_languages(self, term: TermPlan) -> tuple[Hit, ...]:
        """Return the occurrences of a term that do not count because its list is for other languages."""
        if self.keys.isdisjoint(term.keys) or self._counts_here(term.term.langs):
            return ()
        return self._look_up(term)

    def has(self, node: Alternatives) -> bool:
        """Say whether `of_any` would return any; where the words of an article tell, nothing is looked up."""
        if isinstance(node, TermPlan):
            return node.sure in self.prose or self._occurs(node)
        if not node.sure.isdisjoint(self.prose):
            return True
        if isinstance(node, ConceptPlan) and (node.covers or node.has_weak):
            return bool(self.of_any(node))
        by_key = node.by_key
        doubtful = (by_key[key] for key in self._present(node) if key in by_key)
        return (
            any(term.sure is None and self._occurs(term) for term in doubtful)
            or any(map(self.has, self._beside(node)))
            or any(self.has(item) for item in node.others if stands_for_one_thing(item))
        )

    def of_any(self, node: Alternatives) -> Sequence[Hit]:
        """Return every occurrence of any term of a term, concept or list, less those that the concept's `excepts`
        cover.
        """
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
        found += self._beside(node)
        return found if len(found) < 2 else list(dict.fromkeys(found))

    def cover_of(self, node: ConceptPlan) -> Cover:
        """Return the words that do not count for a concept: of its `excepts`, of datelines where it is a place."""
        lines = self.text.datelines if node.is_place else ()
        return Cover([hit for term in node.excepts.among(self.keys) for hit in self.of(term)], lines)

    def cover(self, excepts: Iterable[TermPlan]) -> Cover:
        """Return the words that `except` terms cover."""
        return Cover(hit for term in excepts for hit in self.of(term))

    def _counts_here(self, langs: Languages | None) -> bool:
        """Say whether terms for these languages count in the article."""
        if langs is None:
            return True
        known = self._languages.get(langs)
        if known is None:
            known = self._languages[langs] = langs.allow(self.text.spoken.lists)
        return known

    def _present(self, node: ConceptPlan | AnyPlan) -> Set[Key]:
        """Return which keys of a node the article has; sets know the hashes of what they hold, a dictionary looks at
        each key again.
        """
        return self.keys & (node.by_key.keys() if node.needs is None else node.needs)

    def _beside(self, node: ConceptPlan | AnyPlan) -> Sequence[TermPlan]:
        """Return the terms that may occur and are not among those by key."""
        doubled = node.doubled.among(self.keys)
        names = node.names if isinstance(node, ConceptPlan) else None
        if names is None:
            return doubled
        listed = self._names.get(names)
        if listed is None:
            listed = self._names[names] = names.among(self.keys)
        return [*doubled, *listed]

    def _occurs(self, term: TermPlan) -> bool:
        if self.keys.isdisjoint(term.keys):
            return False
        return bool(self._spans_of(term) if term.quick else self.of(term))

    def _spans_of(self, term: TermPlan) -> tuple[Span, ...]:
        found = self._spans.get(term)
        if found is None:
            quick = term.quick and term.term.langs is None
            found = self._spans[term] = self._quick_spans(term) if quick else self._checked_spans(term)
        return found

    def _checked_spans(self, term: TermPlan) -> tuple[Span, ...]:
        if term.quick:
            return self._quick_spans(term) if self._counts_here(term.term.langs) else ()
        return spans_of(self.of(term))

    def _quick_spans(self, term: TermPlan) -> tuple[Span, ...]:
        assert term.word_row is not None
        label = term.term.text
        return tuple([Span(*place, label) for place in self.text.prose.places(term.word_row)[:MOST_SPANS]])

    def _collect(self, node: ConceptPlan | AnyPlan) -> list[Hit]:
        own = [hit for term in self.announced(node) for hit in self.of(term)]
        inner: list[Hit] = []  # of concepts and lists in it, which have decided themselves whether their words count
        for item in node.others:
            assert stands_for_one_thing(item)
            inner += self.of_any(item)
        if isinstance(node, AnyPlan):
            return _in_order([*own, *inner])
        if node.covers and (own or inner):
            covered = self.cover_of(node)
            own, inner = ([hit for hit in hits if not covered.touches(hit)] for hits in (own, inner))
        if node.has_weak and not inner and is_one_weak_word(own):
            return []
        return _in_order([node.own(hit) for hit in (*own, *inner)])

    def _look_up(self, plan: TermPlan) -> tuple[Hit, ...]:
        found: list[Hit] = []
        written, wild = plan.label, plan.regex is not None or "*" in plan.term.text
        for text in map(self.text.field, plan.fields):
            for place in self._places(plan, text):
                where = (place.first, place.last)
                hit = Hit(text.rank, place.start, -place.end, wild, written, "", text.field, *where, plan.term.weak)
                found.append(hit)
        in_order = _in_order(found)
        return tuple(hits_within(in_order, self.text.lead) if plan.term.lead else in_order)

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


def _in_order(hits: list[Hit]) -> list[Hit]:
    """Return hits sorted, each once; many are there once only, so comparing neighbours is quicker than a set."""
    if len(hits) < 2:
        return hits
    hits.sort()
    return [hit for at, hit in enumerate(hits) if not at or hit != hits[at - 1]]
