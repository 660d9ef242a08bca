"""Concepts: the shipped library, and the user's own, which may begin from one of the library."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from watcher.core.language.tree import scope_of, scoped
from watcher.core.model.place import NOWHERE
from watcher.core.model.rule import Concept, ConceptRef, Node, Term
from watcher.errors import ConfigError
from watcher.settings.blockers import checked_blockers
from watcher.settings.conditions import OPERATORS, SCOPES, ConditionReader, Scope
from watcher.settings.issues import Issues
from watcher.settings.kept import kept_work
from watcher.settings.language_lists import EVERY_LANGUAGE, Lists, tied, untied
from watcher.settings.models import ModelReader
from watcher.settings.phrases import short
from watcher.settings.schema import ConceptModel, wrong_language
from watcher.settings.shipped import LibraryConcept, packed, unpacked
from watcher.settings.yaml_text import ListNode, MapNode, ScalarNode, YamlNode, parse_yaml

ReadTerms: TypeAlias = Callable[[YamlNode, str], Sequence[Term | ConceptRef]]
"""Reads a list of terms; the text is the key that it stands under."""

_LIBRARY = Path(__file__).parent / "library"
_MOST_SHOWN = 10
_PLACES = "places/"
_EXAMPLE = "`{en: [ship], de: [Schiff*], any: [IMO]}`"
_CONDITION_KEYS = frozenset({*OPERATORS, *SCOPES, "term"} - {EVERY_LANGUAGE})


@cache
def library_names() -> Mapping[str, str]:
    """Return the shipped concepts: short name ("russia") to full name ("places/russia")."""
    paths = sorted(_LIBRARY.rglob("*.yaml"))
    return {path.stem: path.relative_to(_LIBRARY).with_suffix("").as_posix() for path in paths}


@cache
def library_concept(full_name: str) -> LibraryConcept:
    """Return one shipped concept by its full name; reading it anew takes ten times as long as what was kept of it.

    Raises:
        ConfigError: there is no such concept, or its file is broken.
    """
    name = full_name.rsplit("/", 1)[-1]
    if library_names().get(name) != full_name:
        raise ConfigError(f"the library has no concept {full_name}")
    raw = (_LIBRARY / f"{full_name}.yaml").read_bytes()
    kept = kept_work()
    known = kept.find(f"{name}.concept", raw)
    if known is not None:
        with contextlib.suppress(ValueError):
            return unpacked(name, known)
    found = read_library_file(full_name, raw.decode("utf-8"))
    kept.put(f"{name}.concept", raw, packed(found))
    return found


def read_library_file(full_name: str, text: str) -> LibraryConcept:
    """Return the shipped concept that the text of its file describes.

    Raises:
        ConfigError: the file is broken.
    """
    file, name = f"library/{full_name}.yaml", full_name.rsplit("/", 1)[-1]
    parsed = parse_yaml(file, text)
    issues = Issues({file: parsed.source})
    issues.add(*parsed.problems)
    found = _from_library(parsed.root, name, issues) if isinstance(parsed.root, MapNode) else None
    if found is None or issues.errors():
        raise ConfigError(f"a shipped concept is broken: {'; '.join(str(each) for each in issues.all()) or file}")
    return found


def read_named(texts: Iterable[str]) -> None:
    """Read the shipped concepts whose names stand in some files, so that they are read before a process is copied."""
    written = "\n".join(texts)
    for full_name in library_names().values():
        if full_name in written:
            library_concept(full_name)


def _from_library(root: MapNode, name: str, issues: Issues) -> LibraryConcept:
    # Plain words of the library may be spelt like a concept ("military"), so only `$name` is looked up.
    reader = ConditionReader(issues, Scope(here=frozenset(library_names()) - {name}, own=name))
    lists: dict[str, tuple[Term | ConceptRef, ...]] = {}
    written: dict[str, tuple[str, ...]] = {}
    weak: dict[str, tuple[str, ...]] = {}
    for language, items in _lists(root.get("terms")):
        written[language] = _written(items)
        lists[language] = reader.terms(items, language)
    for language, items in _lists(root.get("weak")):
        weak[language] = _written(items)
        lists[language] = (*lists.get(language, ()), *reader.weak_terms(items, language))
    excepts = root.get("except")
    masked = tuple(term for term in reader.terms(excepts, "except") if isinstance(term, Term)) if excepts else ()
    longer = _lists(root.get("blockers"))
    for language, items in longer:
        masked += tuple(term for term in reader.terms(items, language) if isinstance(term, Term))
    label = root.get("label")
    # A library term has no place in the user's files.
    placeless = tuple(replace(term, place=NOWHERE) for term in tied(lists, elsewhere=True))
    masked = tuple(replace(term, place=NOWHERE) for term in masked)
    shown = label.text if isinstance(label, ScalarNode) else name
    concept = Concept(name, placeless, masked, shown, is_place=library_names()[name].startswith(_PLACES))
    spelt = {language: _written(items) for language, items in longer}
    return LibraryConcept(concept, written, _written(excepts) if excepts else (), weak, spelt)


def _lists(node: YamlNode | None) -> list[tuple[str, YamlNode]]:
    """Return lists by language; a plain list is for every language."""
    if isinstance(node, MapNode):
        return [(language.text, items) for language, items in node.pairs]
    return [] if node is None else [(EVERY_LANGUAGE, node)]


def _written(items: YamlNode) -> tuple[str, ...]:
    """Return terms as their file spells them, those of lists in it too; of a long form its word."""
    found: list[str] = []
    for item in items.items if isinstance(items, ListNode) else (items,):
        if isinstance(item, ListNode):
            found += _written(item)
        word = item.get("term") if isinstance(item, MapNode) else item
        if isinstance(word, ScalarNode):
            found.append(word.text)
    return tuple(found)


class ConceptBook:
    """The concepts of one configuration: all own ones, and those of the library that something uses."""

    def __init__(
        self,
        issues: Issues,
        models: ModelReader,
        own: Mapping[str, tuple[ScalarNode, YamlNode]],
        lists: Mapping[str, Concept],
    ) -> None:
        self._issues = issues
        self._models = models
        self._own = own
        self._names = frozenset(own) | frozenset(lists)
        self._used: set[str] = set()
        self.concepts: dict[str, Concept] = dict(lists)
        for name, (key, node) in own.items():
            self._define(name, key, node)
        self._refuse_circles()

    def own_names(self) -> frozenset[str]:
        """Return the names of the concepts that the files define."""
        return self._names

    def use(self, full_name: str, at: YamlNode) -> str | None:
        """Take a library concept, with what it refers to, into the book; return its short name, or None with a
        mistake noted.
        """
        concept = self._from_library(full_name, at)
        if concept is None:
            return None
        if concept.name in self._names:
            self._issues.error(
                at,
                f"`{concept.name}` is also one of your own concepts",
                hint=f"delete it from `use`: `${concept.name}` already means your own",
            )
            return concept.name
        self._take(concept)
        return concept.name

    def missing_languages(self, name: str, languages: Collection[str]) -> tuple[str, ...]:
        """Return those of `languages` in which a used library concept has no term."""
        full = library_names().get(name)
        if name in self._names or full is None:
            return ()
        has = library_concept(full).languages
        return tuple(language for language in languages if language not in has)

    def _take(self, concept: Concept) -> None:
        if concept.name in self.concepts:
            return
        self.concepts[concept.name] = concept
        for term in concept.terms:
            if isinstance(term, ConceptRef) and term.name not in self._names:
                self._take(library_concept(library_names()[term.name]).concept)

    def _from_library(self, full_name: str, at: YamlNode) -> Concept | None:
        known = library_names()
        if full_name not in known.values():
            name = full_name.rsplit("/", 1)[-1].removeprefix("$")
            hint = f"write `{known[name]}`" if name in known else self._issues.did_you_mean(full_name, known.values())
            if name in self._names:
                hint = f"`{name}` is your own concept; write `${name}` without `use`"
            self._issues.error(at, f"the library has no concept `{short(full_name)}`", hint=hint)
            return None
        return library_concept(full_name).concept

    def _define(self, name: str, key: ScalarNode, node: YamlNode) -> None:
        reader = ConditionReader(self._issues, Scope(self.own_names(), library_names(), own=name))
        if not isinstance(node, MapNode):
            self._keep(Concept(name, reader.terms(node, name), label=_label(name), place=key.place), key)
            return
        model, _ = self._models.read(node, ConceptModel, "concept", f"concept {name}")
        if model is None:
            self.concepts[name] = Concept(name, (), place=key.place)
            return
        base = self._base(model, node)
        terms: tuple[Node, ...] = base.terms
        inherited: tuple[Node, ...] = base.excepts
        for word in ("terms", "add"):
            items = node.get(word)
            if items is not None:
                terms += self._listed(items, word, reader)
        dropped = node.get("drop")
        if dropped is not None:
            terms, inherited = self._without(terms, inherited, dropped, reader)
        terms = self._with_weak(terms, node, reader)
        masked = node.get("except")
        excepts = self.plain_terms(inherited) + (
            self.plain_terms(reader.terms(masked, "except")) if masked is not None else ()
        )
        excepts += self._blockers(terms, node, reader)
        label = model.label or base.label or _label(name)
        self._keep(Concept(name, terms, excepts, label, base.is_place, place=key.place), key)

    def _listed(self, node: YamlNode, key: str, reader: ConditionReader) -> tuple[Node, ...]:
        """Return the terms of a list, or of lists by language."""
        lists = self._by_language(node, key, reader.terms)
        return reader.terms(node, key) if lists is None else tied(lists, elsewhere=False)

    def _with_weak(self, terms: tuple[Node, ...], node: MapNode, reader: ConditionReader) -> tuple[Node, ...]:
        """Return the terms of a concept with its weak ones; a term that is named there is no longer a strong one."""
        items = node.get("weak")
        if items is None:
            return terms
        lists = self._by_language(items, "weak", reader.weak_terms)
        weak = reader.weak_terms(items, "weak") if lists is None else tied(lists, elsewhere=False)
        named = {untied(term) for term in weak if isinstance(term, Term)}
        left = [term for term in terms if not isinstance(term, Term) or untied(term) not in named]
        if weak and not left and len({term.weak for term in weak if isinstance(term, Term)}) == 1:
            hint = "add words that count alone under `terms`"
            self._issues.warn(items, "one weak word and nothing beside it is never found", hint=hint)
        return (*left, *weak)

    def _blockers(self, terms: tuple[Node, ...], node: MapNode, reader: ConditionReader) -> tuple[Term, ...]:
        """Return the longer words that mask terms of a concept, whatever language they are listed under."""
        items = node.get("blockers")
        if items is None:
            return ()
        lists = self._by_language(items, "blockers", reader.terms)
        read = [reader.terms(items, "blockers")] if lists is None else lists.values()
        return checked_blockers(chain.from_iterable(read), terms, self._issues)

    def _by_language(self, node: YamlNode, key: str, read: ReadTerms) -> Lists | None:
        """Return lists by language, None where the node is none; a wrong code is a mistake."""
        if not isinstance(node, MapNode) or any(name.text in _CONDITION_KEYS for name, _ in node.pairs):
            return None
        lists: dict[str, Sequence[Term | ConceptRef]] = {}
        for name, items in node.pairs:
            wrong = "" if name.text == EVERY_LANGUAGE else wrong_language(name.text)
            if wrong:
                self._issues.error(name, wrong, hint=f"`{key}` takes a list, or lists by language: {_EXAMPLE}")
            else:
                lists[name.text] = read(items, name.text)
        return lists

    def _base(self, model: ConceptModel, node: MapNode) -> Concept:
        at = node.get("use")
        found = self._from_library(model.use, at) if model.use is not None and at is not None else None
        if found is None:
            return Concept("", ())
        for term in found.terms:
            if isinstance(term, ConceptRef) and term.name not in self._names:
                self._take(library_concept(library_names()[term.name]).concept)
        return found

    def _keep(self, concept: Concept, key: ScalarNode) -> None:
        if not concept.terms and not self._issues.errors():
            self._issues.warn(key, f"concept {concept.name} has no terms, so it is found nowhere")
        self.concepts[concept.name] = concept

    def _without(
        self, terms: tuple[Node, ...], excepts: tuple[Node, ...], node: YamlNode, reader: ConditionReader
    ) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
        """Return the terms, and the `except` words that the concept began with, less what `drop` names; what is
        neither is a mistake.
        """
        left, unmasked = _as_written(terms), set(excepts)
        gone: set[Node] = set()
        known: list[str] = []
        for item in node.items if isinstance(node, ListNode) else (node,):
            for dropped in reader.terms(item, "drop"):
                tied_to = left.pop(dropped, set())
                if not tied_to and dropped not in unmasked:
                    written = item.text if isinstance(item, ScalarNode) else ""
                    known = known or [term.text for term in (*terms, *excepts) if isinstance(term, Term)]
                    message = f"`{short(written)}` is neither a term nor an `except` word of this concept"
                    self._issues.error(item, message, hint=self._issues.did_you_mean(written, known))
                gone |= tied_to
                unmasked.discard(dropped)
        return (
            tuple(term for term in terms if term not in gone),
            tuple(term for term in excepts if term in unmasked),
        )

    def plain_terms(self, items: Collection[Node]) -> tuple[Term, ...]:
        """Return the terms themselves, concepts replaced by theirs, each once."""
        found: dict[Term, None] = {}
        seen: set[tuple[str, str]] = set()
        waiting = deque(items)
        while waiting:
            item = waiting.popleft()
            if isinstance(item, Term):
                found[item] = None
            elif isinstance(item, ConceptRef) and (item.name, scope_of(item)) not in seen:
                scope = scope_of(item)
                seen.add((item.name, scope))
                concept = self.concepts.get(item.name)
                terms = concept.terms if concept is not None else ()
                waiting += (scoped(term, scope, again=True) for term in terms) if scope else terms
        return tuple(found)

    def _refuse_circles(self) -> None:
        harmless: set[str] = (
            set()
        )  # concepts from which no circle is reached; looked at once, however many lead to them
        told: set[str] = set()
        for name, (key, _) in self._own.items():
            path = self._circle(name, harmless) if name not in told else []
            if path:
                if len(path) > _MOST_SHOWN:  # one mistake for all of them
                    told.update(path)
                    path = [*path[:_MOST_SHOWN], f"… {len(path) - _MOST_SHOWN - 1} more", name]
                shown = " -> ".join(each if each.startswith("…") else f"${each}" for each in path)
                self._issues.error(
                    key, f"concept {name} contains itself: {shown}", hint="delete one of these references"
                )

    def _circle(self, start: str, harmless: set[str]) -> list[str]:
        """Return the way from a concept back to itself, or nothing; where nothing was found at all, `harmless`
        grows.
        """
        came_from = {start: ""}
        waiting, meets_circle = [start], False
        while waiting:
            name = waiting.pop()
            for ref in self._refs(name):
                if ref == start:
                    return [*_way(came_from, name), start]
                meets_circle = meets_circle or ref in came_from
                if ref not in came_from and ref not in harmless:
                    came_from[ref] = name
                    waiting.append(ref)
        if not meets_circle:
            harmless.update(came_from)
        return []

    def _refs(self, name: str) -> list[str]:
        terms = self.concepts[name].terms if name in self.concepts else ()
        return list(dict.fromkeys(term.name for term in terms if isinstance(term, ConceptRef)))


def _as_written(terms: Collection[Node]) -> dict[Term | ConceptRef, set[Node]]:
    """Return terms by how they are written, whatever languages they are tied to."""
    found: dict[Term | ConceptRef, set[Node]] = {}
    for term in terms:
        if isinstance(term, Term | ConceptRef):
            found.setdefault(untied(term), set()).add(term)
    return found


def _way(came_from: Mapping[str, str], to: str) -> list[str]:
    way = [to]
    while came_from[way[-1]]:
        way.append(came_from[way[-1]])
    return way[::-1]


def _label(name: str) -> str:
    words = name.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
