"""Shipped concepts as values, and the form in which one that was read is kept beside its file: JSON, checked as it is
read.

    {"label": "Russia", "is_place": true, "langs": [[["pl"], ["en"]]], "terms": [["Rosj*", 0, "", "", -1, ""]], ...}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from watcher.core.matching.keys import SURE, is_plain, worked_out
from watcher.core.matching.known_terms import Taught, learn, taught
from watcher.core.matching.pattern import patterns_of, word_row_of
from watcher.core.model.article import Field
from watcher.core.model.rule import Concept, ConceptRef, Languages, Node, Term

_CASE, _EXACT, _REGEX, _LEAD, _CONCEPT = 1, 2, 4, 8, 16


@dataclass(frozen=True, slots=True)
class LibraryConcept:
    """One shipped concept. `written` holds its terms by language, `weak` those of them that are, `masked` its excepts
    and `blockers` longer words that are something else, by language, all spelt as in its file.
    """

    concept: Concept
    written: Mapping[str, tuple[str, ...]]
    masked: tuple[str, ...] = ()
    weak: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blockers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def languages(self) -> frozenset[str]:
        """Return the languages it has terms in; EVERY_LANGUAGE is among them when some terms hold in all."""
        return frozenset(self.written)


def packed(found: LibraryConcept) -> bytes:
    """Return a concept as JSON that `unpacked` reads, and what looking for its terms comes to; its terms have no
    place, as those of the library have none.

    Raises:
        TypeError: it holds a condition that is neither a term nor a concept.
    """
    langs: dict[Languages, int] = {}
    concept = found.concept
    terms = [_row(term, langs) for term in concept.terms]
    excepts = [_row(term, langs) for term in concept.excepts]
    values = {
        "label": concept.label,
        "is_place": concept.is_place,
        "langs": [[one.own, one.others] for one in langs],
        "terms": terms,
        "excepts": excepts,
        "written": dict(found.written),
        "masked": found.masked,
        "weak": dict(found.weak),
        "blockers": dict(found.blockers),
        "looks": _looks((*concept.terms, *concept.excepts)),
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def unpacked(name: str, data: bytes) -> LibraryConcept:
    """Return the concept that `packed` wrote; what looking for its terms comes to is taught to the core.

    Raises:
        ValueError: the bytes are not what it writes.
    """
    try:
        values = json.loads(data)
        langs = [_languages(own, others) for own, others in values["langs"]]
        terms = tuple([_node(row, langs) for row in values["terms"]])
        excepts = tuple([_term(row, langs) for row in values["excepts"]])
        is_place = values["is_place"] is True
        learn(values["looks"])
        concept = Concept(name, terms, excepts, _text(values["label"]), is_place)
        written, weak, blockers = (_lists(values[key]) for key in ("written", "weak", "blockers"))
        return LibraryConcept(concept, written, _texts(values["masked"]), weak, blockers)
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is no kept concept: {error!r}") from error


def _looks(terms: Iterable[Node]) -> dict[str, Taught]:
    """Return what looking for terms comes to, where that takes time to work out."""
    found: dict[str, Taught] = {}
    for term in terms:
        if isinstance(term, Term) and is_plain(term) and not (term.text.isascii() and SURE.fullmatch(term.text)):
            looks = taught(worked_out(term.text), word_row_of(patterns_of(Term(term.text))))
            if looks is not None:
                found[term.text] = looks
    return found


def _row(node: Node, langs: dict[Languages, int]) -> list[object]:
    """Return a term as text, signs, stem, field, number of its languages, weak word."""
    if isinstance(node, ConceptRef):
        return [node.name, _CONCEPT | _LEAD * node.lead, "", node.field.value if node.field else "", -1, ""]
    if not isinstance(node, Term):
        raise TypeError(f"{type(node).__name__} in a shipped concept cannot be kept")
    signs = _CASE * node.case | _EXACT * node.exact | _REGEX * node.regex | _LEAD * node.lead
    number = -1 if node.langs is None else langs.setdefault(node.langs, len(langs))
    return [node.text, signs, node.stem, node.field.value if node.field else "", number, node.weak]


def _node(row: Sequence[Any], langs: Sequence[Languages]) -> Term | ConceptRef:
    text, signs, _, scope, *_ = row
    if signs & _CONCEPT:
        return ConceptRef(_text(text), field=Field(scope) if scope else None, lead=bool(signs & _LEAD))
    return _term(row, langs)


def _term(row: Sequence[Any], langs: Sequence[Languages]) -> Term:
    """Return a term; most are a text and the number of its languages."""
    text, signs, stem, scope, number, weak = row
    if not (type(text) is type(stem) is type(weak) is str and text):
        raise ValueError("a term is no text")
    if number != -1 and not 0 <= number < len(langs):
        raise ValueError("a term has languages that are not listed")
    spoken = langs[number] if number != -1 else None
    if not signs and not stem and not scope:
        return Term(text, langs=spoken, weak=weak)
    return Term(
        text,
        case=bool(signs & _CASE),
        exact=bool(signs & _EXACT),
        regex=bool(signs & _REGEX),
        stem=stem,
        field=Field(scope) if scope else None,
        lead=bool(signs & _LEAD),
        langs=spoken,
        weak=weak,
    )


def _languages(own: object, others: object) -> Languages:
    return Languages(_texts(own), None if others is None else _texts(others))


def _lists(values: object) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(values, dict):
        raise ValueError("lists by language are a mapping")  # noqa: TRY004 - to the caller it is bytes that are wrong
    return {_text(key): _texts(items) for key, items in values.items()}


def _texts(values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(type(one) is str for one in values):
        raise ValueError("a list holds something that is no text")
    return tuple(values)


def _text(value: object) -> str:
    if type(value) is not str:
        raise ValueError("something is no text")
    return value
