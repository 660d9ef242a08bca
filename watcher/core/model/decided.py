"""What was decided of articles, for show: stories with what was told of them, and what was told to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from watcher.core.model.verdict import Stage

if TYPE_CHECKING:
    from datetime import datetime

    from watcher.core.model.alert import AlertKind
    from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId, RuleId
    from watcher.core.model.message import MessageState
    from watcher.core.model.record import KeptBackRecord
    from watcher.core.model.rule import Severity
    from watcher.core.model.story import Story
    from watcher.core.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class ArticleName:
    """What people know an article by; `title` is "" once its text is gone."""

    id: ArticleId
    title: str = ""
    url: str = ""
    source: str = ""
    lang: str = ""
    at: datetime | None = None  # when it was first seen


@dataclass(frozen=True, slots=True)
class StoryTold:
    """One alert of a story: where it was told, and what became of its message (None = retention has taken that)."""

    alert: AlertId
    kind: AlertKind
    rule: RuleId
    target: ChannelName
    severity: Severity
    article: ArticleName
    at: datetime
    note: str = ""
    message: MessageId | None = None
    state: MessageState | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """One article with what was decided of it for one rule and target.

    `kept_back` = an unstable part of its feed keeps it from being news when it comes again; there is no `verdict`.
    Neither = it was told to nobody before any rule had a word; `stage` says why.
    """

    article: ArticleName
    at: datetime
    verdict: Verdict | None = None
    stage: Stage = Stage.MATCHED
    kept_back: KeptBackRecord | None = None


@dataclass(frozen=True, slots=True)
class StoryRecord:
    """A story, what was told of it in order, and, where they were asked for, its articles with what was decided of
    each.
    """

    story: Story
    told: tuple[StoryTold, ...] = ()
    decided: tuple[Decided, ...] = ()


@dataclass(frozen=True, slots=True)
class Released:
    """What a release by hand made: the new alerts' targets, and why other decisions on the article stand, in
    sentences.
    """

    article: ArticleId
    targets: tuple[ChannelName, ...]
    kept: tuple[str, ...] = ()
