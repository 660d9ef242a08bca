"""A text on which a rule must fire, made of its own words: what the daily trial of each rule is made with.

    all: [[North Korea, DPRK], [missile*]]  ->  "North Korea missile"

Of several ways the first that can be written down is taken; a regular expression cannot, and a rule that needs one has
no example.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from watcher.core.model.article import Article, Field
from watcher.core.model.rule import (
    AnyOf,
    AtLeast,
    Concept,
    ConceptRef,
    Limits,
    Node,
    Not,
    Rule,
    Term,
    Where,
)

_DEEPEST = 20
"""Concepts in concepts are followed no further."""


@dataclass(frozen=True, slots=True)
class Example:
    """What an article that fires would hold; `words` stand in its title, `fields` in one field alone."""

    words: tuple[str, ...] = ()
    fields: tuple[tuple[Field, str], ...] = ()
    lang: str = ""

    def __add__(self, other: Example) -> Example:
        return Example((*self.words, *other.words), (*self.fields, *other.fields), self.lang or other.lang)


@dataclass
class _Writer:
    concepts: Mapping[str, Concept]
    depth: int = field(default=0)

    def write(self, node: Node) -> Example | None:
        """Return what makes a condition hold, None where that cannot be written down."""
        match node:
            case Term():
                return _term(node)
            case ConceptRef():
                return self._concept(node)
            case AnyOf():
                return next((one for one in map(self.write, node.items) if one is not None), None)
            case Not():
                return Example()
            case AtLeast():
                found = self.write(node.item)
                return None if found is None else Example(found.words * node.count, found.fields, found.lang)
            case _:
                return self._all(node.items)

    def _all(self, items: Sequence[Node]) -> Example | None:
        total = Example()
        for item in items:
            found = self.write(item)
            if found is None:
                return None
            total += found
        return total

    def _concept(self, ref: ConceptRef) -> Example | None:
        concept = self.concepts.get(ref.name)
        if concept is None or self.depth >= _DEEPEST:
            return None
        self.depth += 1
        found = self.write(AnyOf(concept.terms))
        self.depth -= 1
        if found is None or ref.field is None:
            return found
        return replace(found, words=(), fields=tuple((ref.field, word) for word in found.words))


def _term(term: Term) -> Example | None:
    if term.regex:
        return None
    word = term.text.replace("*", "")
    lang = term.langs.own[0] if term.langs is not None and term.langs.own else ""
    if term.field is None or term.field is Field.TITLE:
        return Example((word,), lang=lang)
    return Example(fields=((term.field, word),), lang=lang)


def example_of(rule: Rule, concepts: Mapping[str, Concept]) -> Example | None:
    """Return what an article on which a rule fires would hold; None where that cannot be written down, or the rule
    looks at no article.
    """
    if rule.trend is not None:
        return None
    found = _Writer(concepts).write(rule.body)
    return found if found is not None and (found.words or found.fields) else None


def article_like(example: Example, where: Where, base: Article) -> Article:
    """Return an article that holds an example and passes `where`; all else is that of `base`."""
    texts: dict[Field, list[str]] = {Field.TITLE: list(example.words)}
    for field_, word in example.fields:
        texts.setdefault(field_, []).append(word)
    title = " ".join(texts.pop(Field.TITLE)) or base.title
    lang = _passing(where.lang) or " ".join(texts.pop(Field.LANG, [])) or example.lang
    tags = (*filter(None, [_passing(where.tags)]), *texts.pop(Field.TAG, []))
    site = _passing(where.sites)
    text = {each: " ".join(words) for each, words in texts.items()}
    source = _passing(where.sources) or text.get(Field.SOURCE, "")
    return replace(
        base,
        title=f"{title[:1].upper()}{title[1:]}",
        summary=" ".join(filter(None, (text.get(Field.SUMMARY), base.summary))),
        content=text.get(Field.CONTENT, base.content),
        author=text.get(Field.AUTHOR, base.author),
        lang=lang,
        lang_declared=True if lang else base.lang_declared,
        tags=tags,
        feed_name=_passing(where.feeds) or base.feed_name,
        source=source or base.source,
        url=f"https://{site}/{base.url.rpartition('/')[2]}"
        if site
        else f"{base.url}/{text[Field.URL]}"
        if Field.URL in text
        else base.url,
    )


def _passing(limits: Limits | None) -> str:
    """Return a value that passes, "" where any does."""
    return limits.values[0] if limits is not None and not limits.negated and limits.values else ""
