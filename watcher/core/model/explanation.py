"""Explanations: why a rule fires on an article or stays quiet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from watcher.core.model.ids import RuleId
from watcher.core.model.match import GroupHit, Span
from watcher.core.model.rule import Severity


class StopKind(StrEnum):
    """What kept a rule from firing; the first in this order is told."""

    NO_TERM = "no_term"  # the rule has no term that could make it fire
    WHERE = "where"  # metadata: language, feed, tag, source, site
    MISSING = "missing"  # a group did not hold
    STORIES = "stories"  # all groups hold, but in different stories of a digest
    EXCLUDED = "excluded"  # everything held, but a term of `none` occurs
    TIME = "time"  # the rule looks at counts over time, not at articles


@dataclass(frozen=True, slots=True)
class Stop:
    """The first thing that kept a rule from firing.

    `detail` names it: the key of `where`, the label of the group, the term of `none`, the sign of a digest.
    `spans` are the hits of an excluding term.
    """

    kind: StopKind
    detail: str = ""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupExplanation:
    """One group of a rule: whether it holds, and by which hits.

    `parts` are the same hits by what they stand for, as an alert names them ("Russia", "military" of "Russia +
    military" in one paragraph). `covered` are hits that `except` of the rule or of a concept took away. `wanted`
    lists, for a group that did not hold, what would have made it hold (the first terms as written), `asks` says in
    words what its operators ask for ("NEAR/5: positions differ by at most 5"), and `elsewhere` its hits outside the
    part of the article that the rule asks for. `foreign` are hits of terms whose list is for other languages than the
    article's, and count for nothing. `weak` are hits of weak words without a second word of their concept.
    """

    label: str
    holds: bool
    spans: tuple[Span, ...] = ()
    covered: tuple[Span, ...] = ()
    elsewhere: tuple[Span, ...] = ()
    wanted: tuple[str, ...] = ()
    asks: str = ""
    parts: tuple[GroupHit, ...] = ()
    foreign: tuple[Span, ...] = ()
    weak: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class RaiseExplanation:
    """One raise of a rule: what it asks for, in words, and whether that holds; None = other articles decide."""

    severity: Severity
    asks: str
    holds: bool | None
    spans: tuple[Span, ...] = ()


class LanguageOrigin(StrEnum):
    """How the language of an article is known."""

    DECLARED = "declared"  # by the feed or its server
    LETTERS = "letters"  # guessed from them
    WORDS = "words"  # told by the words of a text in Latin letters
    DOUBTED = "doubted"  # declared or given, but letters or words say another one
    GIVEN = "given"  # by whoever handed over the text, or stored before this was noted
    UNKNOWN = "unknown"  # it passes every `where.lang`


@dataclass(frozen=True, slots=True)
class LanguageExplanation:
    """The language by which a rule is decided; `code` is "" when it is unknown, `codes` all that it may be, sorted."""

    code: str
    origin: LanguageOrigin
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one rule fires on one article, or what stopped it.

    `groups` are in the order of the rule. `near_miss` is the label of the only group that was missing, or "".
    `severity` is what the article alone gives; `raises` are in the order of the rule. `time` says what a rule over
    time waits for. `language` is None when
    no language mattered.
    """

    rule: RuleId
    name: str
    matched: bool
    groups: tuple[GroupExplanation, ...] = ()
    stop: Stop | None = None
    near_miss: str = ""
    severity: Severity = Severity.NORMAL
    raises: tuple[RaiseExplanation, ...] = ()
    time: str = ""
    language: LanguageExplanation | None = None


@dataclass(frozen=True, slots=True)
class Nearest:
    """The explanations of one article that are worth reading, and how many other rules are far from firing."""

    explanations: tuple[Explanation, ...]
    others: int
