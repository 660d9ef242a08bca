"""Plans: rules after compiling, as the engine walks them; every different term is one leaf, shared by all rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeGuard

from watcher.core.language.regexes import Pattern as RegexPattern
from watcher.core.language.regexes import compile_regex
from watcher.core.matching.keys import ALWAYS, SURE, Group, Key, is_plain
from watcher.core.matching.pattern import SOFT, Pattern, Row, patterns_of, row_of
from watcher.core.matching.texts import PROSE
from watcher.core.model.article import Field
from watcher.core.model.rule import Rule, Term

Needs: TypeAlias = Group | None
"""A node can hold only where an article has one of these keys; None = it may hold in any."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One term, ready to be looked up in `fields`, which are in reading order; either `row`, `regex` or `patterns` say what to look for.

    It occurs only where an article has one of its `keys`, and surely where title, summary or content has its `sure` key. `quick`: its row may
    stand anywhere in these three.
    """

    term: Term
    fields: tuple[Field, ...]
    keys: tuple[Key, ...]
    row: Row | None = None
    patterns: tuple[Pattern, ...] = ()
    regex: RegexPattern | None = None
    quick: bool = False
    sure: Key | None = None

    @property
    def label(self) -> str:
        """The term as people write it, without scope and signs before it."""
        return written(self.term)

    @property
    def needs(self) -> Needs:
        """Its keys."""
        return frozenset(self.keys)


def written(term: Term) -> str:
    """Return a term as people write it, without scope and signs before it."""
    return f"/{term.text}/" if term.regex else term.text


def leaf_of(term: Term, keys: tuple[Key, ...] = (ALWAYS,)) -> Leaf:
    """Return a term ready to be looked up; without a scope it is looked for in title, summary and content."""
    fields = (term.field,) if term.field else PROSE
    if term.regex:
        return Leaf(term, fields, keys, regex=compile_regex(term.text, case=term.case))
    row = _plain_row(term)
    if row is None:
        patterns = patterns_of(term)
        row = row_of(patterns) if not term.stem else None
    if row is None:
        return Leaf(term, fields, keys, patterns=patterns)
    quick = fields is PROSE and not term.lead
    sure = keys[0] if quick and len(row.words) == 1 and keys != (ALWAYS,) else None
    return Leaf(term, fields, keys, row, quick=quick, sure=sure)


def _plain_row(term: Term) -> Row | None:
    """Return what `row_of` returns for plain words of ASCII letters, which most terms are, without making their patterns."""
    if not is_plain(term) or not term.text.isascii() or not SURE.fullmatch(term.text):
        return None
    text = term.text.lower()
    return Row(tuple(text.removesuffix("*").split()), SOFT, prefix=text.endswith("*"))


# `by_key` of a node holds those of its items that are single terms, by the keys that announce them; `others` are the rest, and terms whose
# keys other terms have already. `sure` are the keys of sure terms: where title, summary or content has one of them, the node holds.


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A concept: any of its items; words that its `excepts` cover do not count for it. `one_group` as in Any."""

    label: str
    name: str
    by_key: Mapping[Key, Leaf]
    others: tuple[PlanNode, ...]
    excepts: tuple[Leaf, ...]
    one_group: bool
    needs: Needs
    sure: Group


@dataclass(frozen=True, slots=True, eq=False)
class Any:
    """At least one item; `one_group` = all are terms, concepts or lists of them, so alternatives for one thing."""

    label: str
    by_key: Mapping[Key, Leaf]
    others: tuple[PlanNode, ...]
    one_group: bool
    needs: Needs
    sure: Group


@dataclass(frozen=True, slots=True, eq=False)
class All:
    """Every item; `order` is that in which they are tried, regular expressions last; empty = as written."""

    label: str
    items: tuple[PlanNode, ...]
    needs: Needs
    order: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class No:
    """Not the item."""

    label: str
    item: PlanNode
    needs: None = None


@dataclass(frozen=True, slots=True, eq=False)
class Within:
    """Every item in one region: "title or lead" taken together, one sentence, one paragraph, or the first words of a field."""

    label: str
    kind: str
    inner: All
    words: int
    needs: Needs


@dataclass(frozen=True, slots=True, eq=False)
class Close:
    """Every item, near to one another."""

    label: str
    items: tuple[PlanNode, ...]
    distance: int
    ordered: bool
    needs: Needs


@dataclass(frozen=True, slots=True, eq=False)
class Often:
    """The item, at least so many times."""

    label: str
    item: PlanNode
    count: int
    needs: Needs


PlanNode: TypeAlias = Leaf | Named | Any | All | No | Within | Close | Often

Alternatives: TypeAlias = Leaf | Named | Any
"""What stands for one thing; a concept or list of which `one_group` is true."""


def is_sure(node: Alternatives) -> bool:
    """Say whether a node holds wherever title, summary or content has one of its keys."""
    return node.sure is not None if isinstance(node, Leaf) else node.sure == node.needs


def is_one_group(node: PlanNode) -> TypeGuard[Alternatives]:
    """Say whether a node is a term, or alternatives for one thing."""
    return isinstance(node, Leaf) or (isinstance(node, (Named, Any)) and node.one_group)


def below(node: PlanNode) -> Iterable[PlanNode]:
    """Return the nodes directly below one."""
    match node:
        case Leaf():
            return ()
        case Named() | Any():
            return (*dict.fromkeys(node.by_key.values()), *node.others)
        case All() | Close():
            return node.items
        case Within():
            return (node.inner,)
        case No() | Often():
            return (node.item,)


@dataclass(frozen=True, slots=True, eq=False)
class RulePlan:
    """One rule; `positive` = it has a term that can make it fire. `raises` are in the order of the rule's, None = no condition on the article.

    `groups`: where the body asks for nothing but one of each, in any place, these groups of alternatives; else empty. `doubtful`: those of them that
    may not hold although the article has one of their keys in title, summary or content. `stops`: an article must have one of these keys for any of
    `none` to hold.
    `asks` says by label what operators ask of a group; plain groups are not in it.
    """

    rule: Rule
    body: PlanNode
    none: tuple[PlanNode, ...]
    excepts: tuple[Leaf, ...]
    positive: bool
    raises: tuple[PlanNode | None, ...]
    groups: tuple[Alternatives, ...]
    doubtful: tuple[Alternatives, ...]
    stops: Needs
    asks: Mapping[str, str] = field(default_factory=dict)
