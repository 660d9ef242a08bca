"""Alerts: what we tell people, one per rule, target and piece of news."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.identity import EarlierText, FeedMemory
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, FeedId, MessageId, RuleId, StoryId
from watcher.core.model.match import Match, ReadArticle
from watcher.core.model.message import HoldReason, MessageKind, MessageState
from watcher.core.model.policy import FirstPoll
from watcher.core.model.rule import Severity
from watcher.core.model.story import Reach, Story, StoryChanges, WordCounts
from watcher.core.model.verdict import Level, Stage, Verdict


class AlertKind(StrEnum):
    """What an alert tells; FIRST and RAISE are made so far, the others have their place in the tables."""

    FIRST = "first"
    UPDATE = "update"
    RAISE = "raise"
    FOLLOW_UP = "follow_up"
    DIGEST = "digest"
    SUMMARY = "summary"
    META = "meta"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class NewAlert:
    """An alert to be stored. Its id is the digest of (rule, target, story, kind, ordinal), so no fact is queued
    twice.
    """

    id: AlertId
    rule: RuleId
    target: ChannelName
    story: StoryId
    kind: AlertKind
    ordinal: int
    severity: Severity
    article: ArticleId
    revision: int
    sample: bool = False
    note: str = ""  # said in the alert, such as "all channels of this rule are off"
    text: int = 1  # of the article: what is sent is what fired, however the article changes meanwhile
    tell_at: datetime | None = None  # until then it waits for more of its story; None = it is told at once
    promoted_from: AlertId | None = None  # the dead alert into which its article was folded

    @property
    def is_urgent(self) -> bool:
        """Whether it tells a denial, a correction, a withdrawal or a first death: only such an update waits for
        nothing.
        """
        return self.kind is AlertKind.UPDATE and self.tell_at is None


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be stored, with the alerts that it lists; its id is also its idempotency key.

    `not_before` keeps a message back for a moment so that more may join it (catch-up). `place` is its number among
    those that are made at one time for its target: they go in this order.
    """

    id: MessageId
    target: ChannelName
    kind: MessageKind
    alerts: tuple[AlertId, ...]
    state: MessageState = MessageState.WAITING
    hold: HoldReason | None = None
    not_before: datetime | None = None
    title: str = ""
    place: int = 0

    def made_at(self, now: datetime) -> datetime:
        """Return when it counts as made of those that are stored at `now`: a channel sends the oldest first."""
        return now + timedelta(microseconds=self.place)


@dataclass(frozen=True, slots=True)
class Fold:
    """An article that joins an alert instead of making one."""

    alert: AlertId
    article: ArticleId
    level: Level
    text: int = 1


@dataclass(frozen=True, slots=True)
class Member:
    """An article of an alert: the one that founded it (level NEW) or a copy folded into it; all that relating needs."""

    article: Article
    keys: ArticleKeys
    level: Level = Level.NEW


@dataclass(frozen=True, slots=True)
class PastAlert:
    """An alert made earlier, with the state of its message and why that is held; `judge` folds into it only while that
    is live.
    """

    id: AlertId
    rule: RuleId
    target: ChannelName
    story: StoryId
    kind: AlertKind
    ordinal: int
    severity: Severity
    message: MessageId
    state: MessageState
    created_at: datetime
    members: tuple[Member, ...]
    hold: HoldReason | None = None


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """A stored article of the same feed that may be an arriving one; `text` is the number of its newest text, matched
    under revision `rules`.

    `article` is that text, None where it is not needed: the entry has the same words and publication time. Not
    `is_whole`: retention took summary and content. `is_absent`: a whole document came without it. `fired` are the
    rules that any of its texts matched; `is_told` says that an alert rests on it.
    """

    id: ArticleId
    keys: ArticleKeys
    stage: Stage
    title: str
    text: int = 1
    first_seen_at: datetime | None = None
    feed: FeedId = FeedId("")
    article: Article | None = None
    is_whole: bool = True
    published_at: datetime | None = None
    is_absent: bool = False
    earlier: tuple[EarlierText, ...] = ()
    fired: frozenset[RuleId] = frozenset()
    rules: int = 0
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class FeedContext:
    """What `judge` needs to know of the feed: `first` = it never had a good poll before; `last_ok_at` is before this
    poll.

    `watched_since` is when the polls began to fail of a feed that never had a good one: what came out since then is
    news.
    """

    feed: FeedId
    name: str
    first: bool
    last_ok_at: datetime | None
    first_poll: FirstPoll = FirstPoll.SEEN
    max_age: timedelta = timedelta(days=3)
    interval: timedelta = timedelta(minutes=10)
    sample: bool = False
    watched_since: datetime | None = None
    address: str = ""


GATHERED = (AlertKind.UPDATE, AlertKind.FOLLOW_UP)
"""The kinds of alerts that may wait for more of their story."""

GatherKey = tuple[RuleId, ChannelName, StoryId, AlertKind]
"""What is gathered together: one rule, target and story, updates and follow-ups apart."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """A message that waits until `tell_at` for more of its story."""

    message: MessageId
    tell_at: datetime


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """A message that waits until `tell_at` for more alerts of its channel, and those that it holds."""

    message: MessageId
    tell_at: datetime
    alerts: tuple[AlertId, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """A message that rang, or will, as it counts for limits: by its channel and the rules of its alerts."""

    target: ChannelName
    rules: frozenset[RuleId]
    at: datetime


@dataclass(frozen=True, slots=True)
class JudgeContext:
    """Everything of the store that `judge` looks at; loaded in the same transaction that writes the judgement.

    `past` holds the alerts, of any rule, with a member that the search finds for an arriving article that matched,
    that is one of the known articles, or of a story in `stories`. `postings` are the articles found under each search
    key, the newest last (core.dedup.search); None = `past` is all there is. `matched_lately` holds, for each rule whose
    matches ask for it, up to two articles that matched it within `unseen_for`; the arriving ones may be among them.
    `stories` are those that an arriving article may belong to, `story_counts` the counts of their words by language,
    `gathering` the messages that wait for more of such a story, `open_messages` those that wait for more of a
    channel, the newest last. `habits` hold, per pattern or lead key (core.dedup.habits) of the arriving articles and of
    what the search found, the articles of the last 30 days that carried it, with their title key. `open_summaries`
    names, per target, a catch-up message that is still waiting. `broken` are the channels whose breaker is open.
    `memory` is what the feed taught us, `is_whole` says that the document was read to its end and not cut; `rematched`
    articles are stored already and are only matched again. `rung` are the messages of the last day that count for
    limits. `restored_at` is when the database was put back from a copy, if it was.
    """

    feed: FeedContext
    now: datetime
    known: tuple[KnownArticle, ...] = ()
    past: tuple[PastAlert, ...] = ()
    habits: Mapping[bytes, Mapping[ArticleId, bytes | None]] = field(default_factory=dict)
    postings: Mapping[bytes, Sequence[ArticleId]] | None = None
    open_summaries: Mapping[ChannelName, MessageId] = field(default_factory=dict)
    broken: frozenset[ChannelName] = frozenset()
    matched_lately: Mapping[RuleId, tuple[ArticleId, ...]] = field(default_factory=dict)
    stories: tuple[Story, ...] = ()
    story_counts: Mapping[str, WordCounts] = field(default_factory=dict)
    gathering: Mapping[GatherKey, Gathering] = field(default_factory=dict)
    open_messages: Mapping[ChannelName, tuple[OpenMessage, ...]] = field(default_factory=dict)
    memory: FeedMemory = FeedMemory()
    is_whole: bool = True
    rematched: frozenset[ArticleId] = frozenset()
    rung: tuple[Rung, ...] = ()
    restored_at: datetime | None = None

    def recurring(self, pattern: bytes | None) -> int:
        """Return how many earlier articles had a title pattern of their source in the last 30 days."""
        return len(self.habits.get(pattern or b"", ()))


@dataclass(frozen=True, slots=True)
class Muted:
    """An article that a silence kept from a target, with the severity at which it would have been told."""

    silence: str
    article: ArticleId
    rule: RuleId
    target: ChannelName
    story: StoryId
    severity: Severity


class Disposition(StrEnum):
    """What a read article is to the store."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Judged:
    """One read article with its place: `id` is the stored one's for a known article, else the article's own."""

    read: ReadArticle
    id: ArticleId
    disposition: Disposition
    stage: Stage
    rekeyed: bool = False  # known by other signs than its keys, which are new


@dataclass(frozen=True, slots=True)
class KeptBack:
    """An entry on which a rule fires and that is no news to one target: only what is unstable in its feed differs.

    `published_at` and `url` are those of the entry, not of the article; `why` names the part that does not count.
    """

    article: ArticleId
    rule: RuleId
    target: ChannelName
    severity: Severity
    why: str
    url: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that one reading changes; the store writes it as it stands."""

    articles: tuple[Judged, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    alerts: tuple[NewAlert, ...] = ()
    folds: tuple[Fold, ...] = ()
    messages: tuple[NewMessage, ...] = ()
    joins: tuple[tuple[MessageId, AlertId], ...] = ()  # alerts that join a message that still waits for more
    sooner: tuple[tuple[MessageId, datetime], ...] = ()  # such messages that go earlier than was planned
    stories: StoryChanges = StoryChanges()
    muted: tuple[Muted, ...] = ()
    kept_back: tuple[KeptBack, ...] = ()
    memory: FeedMemory | None = None  # what the feed taught us by now; None = as before


@dataclass(frozen=True, slots=True)
class AlertDetail:
    """A stored alert with everything that a message about it shows; `members` in order of arrival, the founder
    first.
    """

    id: AlertId
    rule: RuleId
    target: ChannelName
    story: StoryId
    kind: AlertKind
    severity: Severity
    revision: int
    created_at: datetime
    article: Article
    match: Match
    members: tuple[Member, ...]
    sample: bool = False
    note: str = ""
    promoted_from: AlertId | None = None
    reach: Reach | None = None  # of its story; None = that is no record
    is_urgent: bool = False  # see `NewAlert.is_urgent`
