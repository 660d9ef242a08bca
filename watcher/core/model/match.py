"""Matches: which rule an article satisfied, and the words that did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from watcher.core.model.article import Article, ArticleKeys, Field
from watcher.core.model.ids import RuleId

_RANKS = {field: rank for rank, field in enumerate(Field)}


# Spans and groups are made by the thousand, so they are named tuples: a third of the time of a frozen dataclass.
class Span(NamedTuple):
    """One hit: code points [start, end) of the field as given, the term as the user wrote it, its concept or ""."""

    field: Field
    start: int
    end: int
    term: str
    concept: str = ""


class GroupHit(NamedTuple):
    """One group of a rule that held: what people call it ("North Korea"; a bare term is its own label) and its hits.

    `asks` is what the operators of the rule ask of it ("in one paragraph with Russia"), "" for a plain group.
    """

    label: str
    spans: tuple[Span, ...]
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Raised:
    """A raise of the rule whose condition on the article holds: its number among the rule's raises, and what held, in
    words.
    """

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Match:
    """One rule satisfied by one article; `groups` in the order of the rule.

    `unseen_for` says how far back the judge has to see whether there are other articles of the rule; None = not at
    all. Neither it nor `raised` is stored.
    """

    rule: RuleId
    groups: tuple[GroupHit, ...]
    raised: tuple[Raised, ...] = ()
    unseen_for: timedelta | None = None

    @property
    def spans(self) -> tuple[Span, ...]:
        """The hits of all groups, each once, in field and text order."""
        return tuple(sorted({span for group in self.groups for span in group.spans}, key=place_of))


@dataclass(frozen=True, slots=True)
class FailedMatch:
    """A rule that could not be tried on an article; stored as pending and tried again."""

    rule: RuleId
    error: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """A rule that held but for its `none`: the term that stopped it, as written."""

    rule: RuleId
    term: str


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """An article as the worker hands it over: with its keys and everything that matched it.

    `is_again`: its feed lists it again as it was, so that nothing was read of it; it has its id, its publication time
    and the keys `item` and `content`, and no text.

    `words` are those that the search index knows the article by, parted by blanks; "" = they were not looked for.
    """

    article: Article
    keys: ArticleKeys
    matches: tuple[Match, ...] = ()
    failed: tuple[FailedMatch, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    is_again: bool = False
    words: str = ""


def place_of(span: Span) -> tuple[int, int, int, str, str]:
    """Return what sorts spans in field and text order, longer before shorter at one start."""
    return (_RANKS[span.field], span.start, -span.end, span.term, span.concept)
