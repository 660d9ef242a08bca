"""Plans: rules after compiling, as the engine walks them; every different term is one plan, shared by all rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TypeAlias, TypeGuard

from watcher.core.language.regexes import Regex, compile_regex
from watcher.core.language.tree import scoped
from watcher.core.matching.hits import Hit
from watcher.core.matching.keys import ALWAYS, SURE, Key, KeySet, is_plain, keys_of
from watcher.core.matching.known_terms import known
from watcher.core.matching.name_rows import term_of
from watcher.core.matching.name_table import NameTable
from watcher.core.matching.pattern import SOFT, Pattern, WordRow, patterns_of, word_row_of
from watcher.core.matching.texts import PROSE
from watcher.core.model.article import Field
from watcher.core.model.rule import NamesFile, Rule, Term

_MOST_NAMES = 2_000
"""So many names of a large list that articles held are remembered, at about 1 kB each."""

Needs: TypeAlias = KeySet | None
"""A node can hold only where an article has one of these keys; None = it may hold in any."""


class TermPlan:
    """One term, ready to be looked up in `fields`, which are in reading order; either `word_row`, `regex` or
    `patterns` say what to look for.

    It occurs only where an article has one of its `keys`, and surely where title, summary or content has its `sure`
    key. Without a scope it is looked for in title, summary and content. What to look for is worked out when it is first
    asked for: an article touches few of the terms of a rule. `sure` asks for it at once, but of terms with languages, a
    scope or a weak mark.
    """

    __slots__ = ("_is_worked_out", "_patterns", "_word_row", "fields", "keys", "regex", "sure", "term")

    def __init__(self, term: Term, keys: tuple[Key, ...] = (ALWAYS,)) -> None:
        self.term = term
        self.fields: tuple[Field, ...] = (term.field,) if term.field else PROSE
        self.keys = keys
        self.regex: Regex | None = compile_regex(term.text, case=term.case) if term.regex else None
        self._is_worked_out = self.regex is not None
        self._word_row: WordRow | None = None
        self._patterns: tuple[Pattern, ...] = ()
        self.sure: Key | None = keys[0] if self._is_sure() else None

    @property
    def word_row(self) -> WordRow | None:
        """The words that are all there is to look for, None where more than these decide."""
        if not self._is_worked_out:
            self._word_row, self._patterns = _sought(self.term)
            self._is_worked_out = True
        return self._word_row

    @property
    def quick(self) -> bool:
        """Whether there are words alone to look for, which may stand anywhere in title, summary and content."""
        return self.fields is PROSE and not self.term.lead and self.word_row is not None

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """What to look for where neither words nor a regular expression say it."""
        if self.word_row is None and self.regex is None and not self._patterns:
            self._patterns = patterns_of(self.term)
        return self._patterns

    @property
    def label(self) -> str:
        """The term as people write it, without scope and signs before it."""
        return written(self.term)

    @property
    def needs(self) -> Needs:
        """Its keys."""
        return frozenset(self.keys)

    def _is_sure(self) -> bool:
        """Say whether the term occurs wherever title, summary or content has its key."""
        if self.term.langs is not None or self.term.weak or self.keys == (ALWAYS,) or not self.quick:
            return False
        return self.word_row is not None and len(self.word_row.words) == 1


def written(term: Term) -> str:
    """Return a term as people write it, without scope and signs before it."""
    return f"/{term.text}/" if term.regex else term.text


def _sought(term: Term) -> tuple[WordRow | None, tuple[Pattern, ...]]:
    """Return the row of words that a term comes to; where it comes to none, its patterns, or nothing where they can
    be made later.
    """
    before = None if term.case or term.exact or term.stem else known(term.text)
    if before is not None:
        return before.word_row, ()
    word_row = _plain_word_row(term)
    if word_row is not None:
        return word_row, ()
    patterns = patterns_of(term)
    return (None if term.stem else word_row_of(patterns)), patterns


def _plain_word_row(term: Term) -> WordRow | None:
    """Return what `row_of` returns for plain words of ASCII letters, which most terms are, without making their
    patterns.
    """
    if not is_plain(term) or not term.text.isascii() or not SURE.fullmatch(term.text):
        return None
    text = term.text.lower()
    return WordRow(tuple(text.removesuffix("*").split()), SOFT, prefix=text.endswith("*"))


class Announced:
    """Terms by the keys that announce them, so that only those are asked of which an article has a key."""

    __slots__ = ("_by_key", "_keys")

    def __init__(self, terms: Iterable[TermPlan]) -> None:
        by_key: dict[Key, tuple[TermPlan, ...]] = {}
        for term in terms:
            for key in term.keys:
                by_key[key] = (*by_key.get(key, ()), term)
        self._by_key = by_key
        self._keys = frozenset(by_key)

    def __bool__(self) -> bool:
        return bool(self._keys)

    def terms(self) -> Iterable[TermPlan]:
        """Return all of them, each once."""
        return dict.fromkeys(term for terms in self._by_key.values() for term in terms)

    def among(self, keys: Set[Key]) -> Sequence[TermPlan]:
        """Return the terms that may occur in an article with these keys, each once, in no order."""
        # sets know the hashes of what they hold, a dictionary looks at each key again
        found = [term for key in self._keys & keys for term in self._by_key[key]]
        return found if len(found) < 2 else list(dict.fromkeys(found))


class NamePlans:
    """The names of a large list, each a term once an article may hold it; `key` is that of any of them."""

    __slots__ = ("_plans", "_scope", "_table", "heading", "key")

    def __init__(self, key: Key, file: NamesFile, table: NameTable, scope: str) -> None:
        self.key = key
        self.heading = file.heading
        self._table = table
        self._scope = scope
        self._plans: dict[str, TermPlan] = {}

    def among(self, keys: Set[Key]) -> Sequence[TermPlan]:
        """Return the names that may occur in an article with these keys, each once."""
        if self.key not in keys:
            return ()
        if len(self._plans) > _MOST_NAMES:
            self._plans = {}
        return [self._plan(name) for name in dict.fromkeys(self._table.names_at(keys))]

    def told(self, name: str) -> str:
        """Return what an alert says of a name."""
        return self._table.parts.told(name, self.heading)

    def _plan(self, name: str) -> TermPlan:
        plan = self._plans.get(name)
        if plan is None:
            term = scoped(term_of(name), self._scope) if self._scope else term_of(name)
            assert isinstance(term, Term)
            plan = self._plans[name] = TermPlan(term, keys_of(name))
        return plan


# `by_key` of a node holds those of its items that are single terms, by the keys that announce them; `doubled` are
# terms of which another one has a key already, and `others` all that is no term. `sure` are the keys of sure terms:
# where title, summary or content has one of them, the node holds.


@dataclass(frozen=True, slots=True, eq=False)
class ConceptPlan:
    """A concept: any of its items; words that its `excepts` cover do not count for it, nor does a dateline where it
    `is_place`. `rows` say what the names of a list stand for, and `names` are all names of a large one. Words that are
    weak count only beside another one. `one_thing`, `has_weak`, `tells_more` as in AnyPlan.
    """

    label: str
    name: str
    by_key: Mapping[Key, TermPlan]
    doubled: Announced
    others: tuple[PlanNode, ...]
    excepts: Announced
    one_thing: bool
    needs: Needs
    sure: KeySet
    has_weak: bool
    tells_more: bool
    is_place: bool = False
    rows: Mapping[str, str] = field(default_factory=dict)
    names: NamePlans | None = None

    def own(self, hit: Hit) -> Hit:
        """Return a hit as one of this concept; one of a list in it keeps what it stands for."""
        row = hit.row or self.rows.get(hit.term, "")
        if not row and self.names is not None:
            row = self.names.told(hit.term)
        return hit._replace(concept=self.name, row=row)

    @property
    def covers(self) -> bool:
        """Whether words may not count for it."""
        return self.is_place or bool(self.excepts)


@dataclass(frozen=True, slots=True, eq=False)
class AnyPlan:
    """At least one item; `one_thing` = all are terms, concepts or lists of them, so alternatives for one thing.

    `has_weak` = a concept in it, at any depth, has weak words; `tells_more` = it has these, or is a list.
    """

    label: str
    by_key: Mapping[Key, TermPlan]
    doubled: Announced
    others: tuple[PlanNode, ...]
    one_thing: bool
    needs: Needs
    sure: KeySet
    has_weak: bool
    tells_more: bool


@dataclass(frozen=True, slots=True, eq=False)
class AllPlan:
    """Every item; `order` is that in which they are tried, regular expressions last; empty = as written."""

    label: str
    items: tuple[PlanNode, ...]
    needs: Needs
    order: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class NotPlan:
    """Not the item."""

    label: str
    item: PlanNode
    needs: None = None


@dataclass(frozen=True, slots=True, eq=False)
class WithinPlan:
    """Every item in one region: "title or lead" taken together, one sentence, one paragraph, or the first words of a
    field.
    """

    label: str
    kind: str
    inner: AllPlan
    words: int
    needs: Needs


@dataclass(frozen=True, slots=True, eq=False)
class NearPlan:
    """Every item, near to one another."""

    label: str
    items: tuple[PlanNode, ...]
    distance: int
    ordered: bool
    needs: Needs


@dataclass(frozen=True, slots=True, eq=False)
class AtLeastPlan:
    """The item, at least so many times."""

    label: str
    item: PlanNode
    count: int
    needs: Needs


PlanNode: TypeAlias = TermPlan | ConceptPlan | AnyPlan | AllPlan | NotPlan | WithinPlan | NearPlan | AtLeastPlan

Alternatives: TypeAlias = TermPlan | ConceptPlan | AnyPlan
"""What stands for one thing; a concept or list of which `one_thing` is true."""


def is_sure(node: Alternatives) -> bool:
    """Say whether a node holds wherever title, summary or content has one of its keys."""
    return node.sure is not None if isinstance(node, TermPlan) else node.sure == node.needs


def stands_for_one_thing(node: PlanNode) -> TypeGuard[Alternatives]:
    """Say whether a node is a term, or alternatives for one thing."""
    return isinstance(node, TermPlan) or (isinstance(node, (ConceptPlan, AnyPlan)) and node.one_thing)


def plans_below(node: PlanNode) -> Iterable[PlanNode]:
    """Return the nodes directly below one."""
    match node:
        case TermPlan():
            return ()
        case ConceptPlan() | AnyPlan():
            return (*dict.fromkeys(node.by_key.values()), *node.doubled.terms(), *node.others)
        case AllPlan() | NearPlan():
            return node.items
        case WithinPlan():
            return (node.inner,)
        case NotPlan() | AtLeastPlan():
            return (node.item,)


@dataclass(frozen=True, slots=True, eq=False)
class RulePlan:
    """One rule; `positive` = it has a term that can make it fire. `raises` are in the order of the rule's, None = no
    condition on the article.

    `alternatives`: where the body asks for nothing but one of each, in any place, these; else empty. `doubtful`:
    those of them that may not hold although the article has one of their keys in title, summary or content. `stops`:
    an article must have one of these keys for any of `none` to hold. `is_of_several`: the body asks for several
    things, none of them in a part of the article that it names. `asks` says by label what operators ask of a
    part of the body; parts that are asked nothing more are not in it.
    """

    rule: Rule
    body: PlanNode
    none: tuple[PlanNode, ...]
    excepts: tuple[TermPlan, ...]
    positive: bool
    raises: tuple[PlanNode | None, ...]
    alternatives: tuple[Alternatives, ...]
    doubtful: tuple[Alternatives, ...]
    stops: Needs
    asks: Mapping[str, str] = field(default_factory=dict)
    is_of_several: bool = False
