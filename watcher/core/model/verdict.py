"""Verdicts: what became of an article, per rule and target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from watcher.core.model.ids import AlertId, ArticleId, ChannelName, RuleId, StoryId
from watcher.core.model.rule import Severity


class Outcome(StrEnum):
    """The closed list of what can become of an article for one rule and target; the same words everywhere."""

    FIRST_POLL = "first_poll"
    TOO_OLD = "too_old"
    PENDING = "pending"
    NO_MATCH = "no_match"
    EXCLUDED = "excluded"
    WHERE = "where"
    FOLDED = "folded"
    SILENCED = "silenced"
    HELD = "held"
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNCONFIRMED = "unconfirmed"
    RETRYING = "retrying"
    DEAD = "dead"
    DROPPED = "dropped"
    SKIPPED = "skipped"


class Stage(StrEnum):
    """How far an article came by itself; the rest is in its verdicts."""

    FIRST_POLL = "first_poll"  # seen in a feed's first poll, not alerted
    TOO_OLD = "too_old"
    MATCHED = "matched"  # went through matching, whatever that said


class Level(StrEnum):
    """How close two articles are; the words of `watcher dedup`."""

    NEW = "new"
    REVISION = "revision"  # same item or same URL, other text
    SAME_ARTICLE = "same_article"  # equal URL key
    NEAR_COPY = "near_copy"
    SAME_STORY = "same_story"


Evidence = Mapping[str, str | int | float | bool | tuple[str, ...]]
"""Why two articles were related: the equal key and what was removed, similarity, hours apart, guards passed."""


@dataclass(frozen=True, slots=True)
class Relation:
    """An earlier article that this one is a copy of, and why."""

    level: Level
    of: ArticleId
    because: Evidence = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The earlier article that news came closest to, and the guard that kept the two apart, in plain words;
    `closeness` from 0 to 1.
    """

    of: ArticleId
    guard: str
    closeness: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided for one article, rule and target.

    `outcome` is FOLDED, SILENCED, SKIPPED, or WAITING for an alert of its own (whose state then lives in its message).
    `text` is the number of the article's text that it is about: a later text has a verdict of its own beside it.
    `alert` is the alert it founded or joined; `reason` names the silence, why it was skipped, or the raise that held;
    `miss` the earlier article that news came closest to. `severity` is how it was graded (None: stored before that was
    noted).
    """

    article: ArticleId
    rule: RuleId
    target: ChannelName
    outcome: Outcome
    story: StoryId
    level: Level = Level.NEW
    of: ArticleId | None = None
    because: Evidence = field(default_factory=dict)
    alert: AlertId | None = None
    reason: str = ""
    text: int = 1
    miss: NearMiss | None = None
    severity: Severity | None = None
