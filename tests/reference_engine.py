"""A slow engine that says what a rule means: every term is tried at every token, every tree is walked in full.

No index, no memory of hits, no shortcuts; the real engine must find the same rules by the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise, product
from typing import NamedTuple

from watcher.core.articles.korean import stems
from watcher.core.articles.letters import fold, turkish_key
from watcher.core.articles.sentences import paragraphs, sentences
from watcher.core.articles.tokens import Token, tokenise
from watcher.core.matching.pattern import Form, Pattern, Shape, Word, patterns_of, same_signs
from watcher.core.model.article import Article, Field
from watcher.core.model.rule import (
    AllOf,
    AnyOf,
    AtLeast,
    Concept,
    ConceptRef,
    First,
    Near,
    Node,
    Not,
    Paragraph,
    Rule,
    Sentence,
    Term,
    TitleOrLead,
)

PROSE = (Field.TITLE, Field.SUMMARY, Field.CONTENT)
Region = tuple[Field, int, int]


class RefHit(NamedTuple):
    """One occurrence of a term."""

    field: Field
    start: int
    end: int
    first: int
    last: int


class Reference:
    """The meaning of rules over one article."""

    def __init__(self, article: Article, concepts: Mapping[str, Concept]) -> None:
        self._article = article
        self._concepts = concepts

    def match(self, rule: Rule) -> set[tuple[Field, int, int]] | None:
        """Return the words by which the rule fires, or None when it does not."""
        masks = self._regions(rule.excepts)
        hits = self._node(rule.body, masks, None)
        if not hits or any(self._node(node, masks, None) is not None for node in rule.none):
            return None
        return {(hit.field, hit.start, hit.end) for hit in hits}

    def _regions(self, terms: Iterable[Term]) -> list[Region]:
        return [(hit.field, hit.start, hit.end) for term in terms for hit in self._term(term)]

    def _term(self, term: Term) -> list[RefHit]:
        found = []
        for field in (term.field,) if term.field else PROSE:
            text = self._article.text_of(field)
            if field is Field.TAG:
                text = text.replace("\n", "\0")  # a phrase crosses a line break, but never two tags
            tokens = tokenise(text, prose=field in PROSE)
            for pattern in patterns_of(replace(term)):
                for first in range(len(tokens) - len(pattern.words) + 1):
                    row = tokens[first : first + len(pattern.words)]
                    end = _row_end(text, pattern, row)
                    if end is None:
                        continue
                    start = row[0].start - len(pattern.before)
                    found.append(RefHit(field, start, end + len(pattern.after), first, first + len(row) - 1))
        return [hit for hit in found if not term.lead or self._in(hit, [self._lead()])]

    def _node(self, node: Node, masks: list[Region], scope: list[Region] | None) -> list[RefHit] | None:
        match node:
            case Term():
                hits = [hit for hit in self._term(node) if not _touches(hit, masks)]
                return [hit for hit in hits if scope is None or self._in(hit, scope)] or None
            case ConceptRef():
                concept = self._concepts[node.name]
                masks = masks + self._regions(concept.excepts)
                return self._node(AnyOf(concept.terms), masks, scope) if self._counts(concept, masks) else None
            case AnyOf():
                results = [self._node(item, masks, scope) for item in node.items]
                held = [result for result in results if result is not None]
                return [hit for result in held for hit in result] if held else None
            case AllOf():
                return self._all(node.items, masks, scope)
            case Not():
                return None if self._node(node.item, masks, scope) is not None else []
            case TitleOrLead():
                return self._some(
                    node.items, masks, scope, [[(Field.TITLE, 0, len(self._article.title)), self._lead()]]
                )
            case Sentence():
                return self._some(node.items, masks, scope, self._parts(sentences))
            case Paragraph():
                return self._some(node.items, masks, scope, self._parts(paragraphs))
            case First():
                return self._some(node.items, masks, scope, self._firsts(node.words))
            case Near():
                return self._near(node, masks, scope)
            case AtLeast():
                hits = self._node(node.item, masks, scope) or []
                return hits if _count(hits, self._title_again()) >= node.count else None

    def _title_again(self) -> set[Field]:
        found: set[Field] = set()
        title = self._article.title.rstrip(" .…").casefold()
        for field in (Field.SUMMARY, Field.CONTENT):
            text = self._article.text_of(field).lstrip().casefold()
            if title and text.startswith(title) and not text[len(title) :][:1].isalnum():
                found.add(field)
        return found

    def _counts(self, concept: Concept, masks: list[Region]) -> bool:
        """Say whether anything but forms of one weak word stands in the article."""
        words: list[tuple[str, RefHit]] = []
        for item in concept.terms:
            hits = self._node(item, masks, None)
            weak = item.weak if isinstance(item, Term) else ""
            if hits and not weak:
                return True
            words += [(weak, hit) for hit in hits or ()]
        return any(
            one != other and not _inside(here, there) and not _inside(there, here)
            for one, here in words
            for other, there in words
        )

    def _all(self, items: Iterable[Node], masks: list[Region], scope: list[Region] | None) -> list[RefHit] | None:
        results = [self._node(item, masks, scope) for item in items]
        return None if None in results else [hit for result in results for hit in result or ()]

    def _some(
        self, items: Iterable[Node], masks: list[Region], scope: list[Region] | None, places: list[list[Region]]
    ) -> list[RefHit] | None:
        held: list[RefHit] | None = None
        for place in places:
            clipped = place if scope is None else _overlap(place, scope)
            result = self._all(items, masks, clipped) if clipped else None
            if result is not None:
                held = [*(held or []), *result]
        return held

    def _near(self, node: Near, masks: list[Region], scope: list[Region] | None) -> list[RefHit] | None:
        results = [self._node(item, masks, scope) for item in node.items]
        if None in results:
            return None
        found: list[RefHit] = []
        for row in product(*(result or () for result in results)):
            if len({hit.field for hit in row}) == 1 and _is_near(row, node.distance, ordered=node.ordered):
                found += row
        return found or None

    def _lead(self) -> Region:
        content = paragraphs(self._article.content)
        if content:
            return (Field.CONTENT, *content[0])
        return (Field.SUMMARY, 0, len(self._article.summary))

    def _parts(self, cut: object) -> list[list[Region]]:
        assert callable(cut)
        return [[(field, start, end)] for field in PROSE for start, end in cut(self._article.text_of(field))]

    def _firsts(self, words: int) -> list[list[Region]]:
        rows = [(field, tokenise(self._article.text_of(field))[:words]) for field in PROSE]
        return [[(field, 0, row[-1].end)] for field, row in rows if row]

    @staticmethod
    def _in(hit: RefHit, scope: list[Region]) -> bool:
        return any(hit.field is field and start <= hit.start and hit.end <= end for field, start, end in scope)


def _inside(inner: RefHit, outer: RefHit) -> bool:
    """Say whether a hit stands within another, or on the same letters."""
    return inner.field is outer.field and outer.start <= inner.start and inner.end <= outer.end


def longest(spans: Iterable[tuple[Field, int, int]]) -> set[tuple[Field, int, int]]:
    """Return the spans that do not lie within another."""
    seen = set(spans)
    return {a for a in seen if not any(a != b and a[0] is b[0] and b[1] <= a[1] and a[2] <= b[2] for b in seen)}


def _row_end(text: str, pattern: Pattern, row: tuple[Token, ...]) -> int | None:
    end = row[-1].end
    for word, token in zip(pattern.words, row, strict=True):
        accepted = _accepted_end(text, word, token)
        if accepted is None:
            return None
        end = accepted
    for index, gap in enumerate(pattern.gaps):
        if not gap.accepts(text[row[index].end : row[index + 1].start]):
            return None
    before, after = text[: row[0].start], text[end:]
    if pattern.before and not same_signs(before).endswith(pattern.before):
        return None
    if pattern.after and not same_signs(after).startswith(pattern.after):
        return None
    return end


def _accepted_end(text: str, word: Word, token: Token) -> int | None:
    """Return where a hit on the token ends, None when the token is not the word; composed Korean only."""
    seen = {
        Form.FOLDED: token.folded,
        Form.KEY: token.key,
        Form.CASED: token.cased,
        Form.CASED_FOLDED: fold(token.cased),
    }[word.form]
    if _has(seen, word.shape, word.text):
        return token.end
    # I may be the capital of ı or of i.
    may_be_turkish = word.form is Form.KEY and "ı" in word.text + seen
    if may_be_turkish and _has(turkish_key(token.cased), word.shape, turkish_key(word.cased)):
        return token.end
    if word.noun:
        for noun in stems(seen):
            if noun == word.text or (word.shape is Shape.SUFFIX and noun.endswith(word.text)):
                return token.start + len(noun)
    return None


def _has(seen: str, shape: Shape, text: str) -> bool:
    match shape:
        case Shape.WHOLE:
            return seen == text
        case Shape.PREFIX:
            return seen.startswith(text)
        case Shape.SUFFIX:
            return seen.endswith(text)
        case Shape.INFIX:
            return text in seen


def _touches(hit: RefHit, regions: list[Region]) -> bool:
    return any(hit.field is field and start < hit.end and hit.start < end for field, start, end in regions)


def _overlap(place: list[Region], scope: list[Region]) -> list[Region]:
    return [
        (a[0], max(a[1], b[1]), min(a[2], b[2]))
        for a in place
        for b in scope
        if a[0] is b[0] and max(a[1], b[1]) < min(a[2], b[2])
    ]


def _is_near(row: tuple[RefHit, ...], distance: int, *, ordered: bool) -> bool:
    if ordered and any(right.first <= left.last for left, right in pairwise(row)):
        return False
    for index, leftmost in enumerate(row[:1] if ordered else row):
        others = [hit for at, hit in enumerate(row) if at != index]
        if all(0 < hit.first - leftmost.last <= distance for hit in others):
            return True
    return False


def _count(hits: list[RefHit], title_again: set[Field]) -> int:
    counts = dict.fromkeys(Field, 0)
    for field in Field:
        end = 0
        for start, stop in sorted((hit.start, hit.end) for hit in hits if hit.field is field):
            if start >= end:
                counts[field] += 1
            end = max(end, stop)
    title = counts.pop(Field.TITLE)
    bodies = [counts.pop(field) + (0 if field in title_again else title) for field in (Field.SUMMARY, Field.CONTENT)]
    return sum(counts.values()) + max(bodies)
