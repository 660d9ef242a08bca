"""Plans: rules after compiling, as the engine walks them; every different term is one numbered plan, shared by all rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias, TypeGuard

from watcher.core.matching.keys import ALWAYS, Group, Key
from watcher.core.matching.pattern import Pattern, Shape, patterns_of
from watcher.core.matching.regexes import Pattern as RegexPattern
from watcher.core.matching.regexes import compile_regex
from watcher.core.matching.texts import PROSE
from watcher.core.model.article import Field
from watcher.core.model.rule import Rule, Term

Needs: TypeAlias = Group | None
"""A node can hold only where an article has one of these keys; None = it may hold in any."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One term, ready to be looked up; `fields` in reading order. A regular expression has `regex` and no patterns.

    It occurs only where an article has one of its `keys`; where `exact`, it also occurs wherever its title, summary or content has.
    """

    number: int
    term: Term
    patterns: tuple[Pattern, ...]
    fields: tuple[Field, ...]
    keys: tuple[Key, ...]
    regex: RegexPattern | None = None
    word: str = ""
    """The folded word that is all there is to look for; "" when there is more to it."""
    exact: bool = False

    @property
    def label(self) -> str:
        """The term as people write it, without scope and signs before it."""
        return f"/{self.term.text}/" if self.regex is not None else self.term.text

    @property
    def needs(self) -> Needs:
        """Its keys."""
        return frozenset(self.keys)


def leaf_of(number: int, term: Term, keys: tuple[Key, ...] = (ALWAYS,)) -> Leaf:
    """Return a term ready to be looked up; without a scope it is looked for in title, summary and content."""
    fields = (term.field,) if term.field else PROSE
    if term.regex:
        return Leaf(number, term, (), fields, keys, compile_regex(term.text, case=term.case))
    patterns = patterns_of(term)
    first = patterns[0]
    one_word = len(patterns) == len(first.row) == 1 and not term.stem
    exact = one_word and fields is PROSE and not term.lead and keys != (ALWAYS,)
    if one_word and first.words[0].shape is Shape.WHOLE:
        return Leaf(number, term, (), fields, keys, word=first.row[0], exact=exact)
    return Leaf(number, term, patterns, fields, keys, exact=exact)


class Hit(NamedTuple):
    """One occurrence of a term; sorts in field and text order, longer before shorter at one start."""

    rank: int
    start: int
    minus_end: int
    wild: bool
    term: str
    concept: str
    field: Field
    first: int
    last: int

    @property
    def end(self) -> int:
        """The code point after its last."""
        return -self.minus_end


# `alone` of a node: the items that are single terms, in order; `others` are the rest. Of long lists `by_key` says which terms each key announces.


@dataclass(frozen=True, slots=True)
class Named:
    """A concept: any of its items; words that its `excepts` cover do not count for it. `one_group` as in Any."""

    label: str
    name: str
    alone: tuple[Leaf, ...]
    by_key: Mapping[Key, Sequence[Leaf]] | None
    others: tuple[PlanNode, ...]
    excepts: tuple[Leaf, ...]
    one_group: bool
    needs: Needs


@dataclass(frozen=True, slots=True)
class Any:
    """At least one item; `one_group` = all are terms, concepts or lists of them, so alternatives for one thing."""

    label: str
    alone: tuple[Leaf, ...]
    by_key: Mapping[Key, Sequence[Leaf]] | None
    others: tuple[PlanNode, ...]
    one_group: bool
    needs: Needs


@dataclass(frozen=True, slots=True)
class All:
    """Every item; `order` is that in which they are tried, regular expressions last; empty = as written."""

    label: str
    items: tuple[PlanNode, ...]
    needs: Needs
    order: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class No:
    """Not the item."""

    label: str
    item: PlanNode
    needs: None = None


@dataclass(frozen=True, slots=True)
class Within:
    """Every item in one region: "title or lead" taken together, one sentence, one paragraph, or the first words of a field."""

    label: str
    kind: str
    inner: All
    words: int
    needs: Needs


@dataclass(frozen=True, slots=True)
class Close:
    """Every item, near to one another."""

    label: str
    items: tuple[PlanNode, ...]
    distance: int
    ordered: bool
    needs: Needs


@dataclass(frozen=True, slots=True)
class Often:
    """The item, at least so many times."""

    label: str
    item: PlanNode
    count: int
    needs: Needs


PlanNode: TypeAlias = Leaf | Named | Any | All | No | Within | Close | Often

Alternatives: TypeAlias = Leaf | Named | Any
"""What stands for one thing; a concept or list of which `one_group` is true."""


def is_one_group(node: PlanNode) -> TypeGuard[Alternatives]:
    """Say whether a node is a term, or alternatives for one thing."""
    return isinstance(node, Leaf) or (isinstance(node, (Named, Any)) and node.one_group)


def below(node: PlanNode) -> Iterable[PlanNode]:
    """Return the nodes directly below one."""
    match node:
        case Leaf():
            return ()
        case Named() | Any():
            return (*node.alone, *node.others)
        case All() | Close():
            return node.items
        case Within():
            return (node.inner,)
        case No() | Often():
            return (node.item,)


@dataclass(frozen=True, slots=True)
class RulePlan:
    """One rule; `positive` = it has a term that can make it fire. `raises` are in the order of the rule's, None = no condition on the article.

    `groups`: where the body asks for nothing but one of each, in any place, these groups of alternatives; else empty.
    `asks` says by label what operators ask of a group; plain groups are not in it.
    """

    rule: Rule
    body: PlanNode
    none: tuple[PlanNode, ...]
    excepts: tuple[Leaf, ...]
    positive: bool
    raises: tuple[PlanNode | None, ...]
    groups: tuple[Alternatives, ...]
    asks: Mapping[str, str] = field(default_factory=dict)
