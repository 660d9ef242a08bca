"""Records: what the store gives out of feeds, messages and revisions, for work and for show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from watcher.core.model.alert import AlertDetail, AlertKind, FeedContext, KeptBack, Muted
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, DeliveryId, FeedId, MessageId, RuleId, StoryId
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import AttemptClass, ChannelHealth, Died, HoldReason, MessageKind, MessageState
from watcher.core.model.outcome import FeedState, Reading, RefusedEntry
from watcher.core.model.page import PageNote
from watcher.core.model.policy import FeedSpec
from watcher.core.model.rule import Severity
from watcher.core.model.seen import SeenEntry
from watcher.core.model.verdict import Level, Outcome, Stage, Verdict

WISH_UNKNOWN: Final = timedelta(minutes=1)
"""How long a throttled feed counts for its host when the server names no time."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """A feed that its host told to stay away, and until when; WISH_UNKNOWN where the host named no time."""

    feed: FeedId
    until: datetime


@dataclass(frozen=True, slots=True)
class FeedClaim:
    """A feed that is ours to poll until the lease ends. `claims` of the state already counts this attempt."""

    spec: FeedSpec
    state: FeedState
    token: str  # fences a late result
    throttled: tuple[Throttled, ...] = ()  # feeds of its host, of which another process may have asked


@dataclass(frozen=True, slots=True)
class DueFeed:
    """A feed that is due and that nobody polls; `url` is where it is asked for, which tells whose host is kept busy."""

    feed: FeedId
    url: str


@dataclass(frozen=True, slots=True)
class PollResult:
    """What one poll brought: the feed's next state and, if a document was read, its reading.

    `quarantined` etc. are part of `state`. The store writes all of it, and what the judge says, in one transaction.
    """

    claim: FeedClaim
    state: FeedState
    context: FeedContext
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class CopyNote:
    """A copy that was folded into an alert already sent: enough for the console's `+ 3 copies`."""

    target: ChannelName
    rule: RuleId
    headline: str
    copies: int


@dataclass(frozen=True, slots=True)
class AlertNote:
    """An alert that was made, as one line of a log says it; one line whatever channels it goes to."""

    rule: RuleId
    kind: AlertKind
    severity: Severity
    story: StoryId
    article: ArticleId
    headline: str
    channels: tuple[ChannelName, ...]


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit changed, counted in articles, messages, and verdicts by level and outcome."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    refused: int = 0
    matched: int = 0
    folded: int = 0
    silenced: int = 0
    alerts: int = 0
    conflicts: int = 0
    targets: frozenset[ChannelName] = frozenset()
    copies: tuple[CopyNote, ...] = ()
    made: tuple[AlertNote, ...] = ()
    verdicts: Mapping[tuple[Level, Outcome], int] = field(default_factory=dict)
    seen: tuple[SeenEntry, ...] = ()  # what need not be read again as long as it stays
    state: FeedState | None = field(default=None, compare=False)  # what was written, where a poll was


@dataclass(frozen=True, slots=True)
class MessageClaim:
    """A message that is ours to send until the lease ends; `attempt` is already counted.

    `recipients` None = all, else only these are still open; `reached` says that another recipient has it already,
    `refused` names those who were refused for good, `for_recipient` the only one of a dead letter of its own. `older`
    holds, at the first attempt, the live alerts of the same rule, target and story that were made before an alert of
    this message, or, where that was asked for again, those that were made later and were sent; `instead` names, for
    an alert whose news another one of its fold told meanwhile (core/alerts/promote.py), that one. `let_go` says
    that its time has come or that somebody asked for it, so that no schedule holds it again. Its age counts from
    `released_at`, or from when it was made; `tries` and `first_tried_at` are those since then.
    `thread` is what the receiver calls the message that told its story there first, "" where it begins a story or
    tells several. Where its channel took nothing until now, `died` are the newest of the alerts that were given up
    for their age meanwhile, `died_in_all` counts them all.
    """

    id: MessageId
    target: ChannelName
    kind: MessageKind
    attempt: int
    owner: str
    created_at: datetime
    lease_until: datetime
    health: ChannelHealth
    alerts: tuple[AlertDetail, ...] = ()
    title: str = ""
    text: str = ""
    plain: bool = False
    repeat: bool = False
    recipients: tuple[str, ...] | None = None
    reached: bool = False
    refused: tuple[str, ...] = ()
    for_recipient: str = ""
    released_at: datetime | None = None
    tries: int = 1
    first_tried_at: datetime | None = None
    older: Mapping[AlertId, tuple[AlertDetail, ...]] = field(default_factory=dict)
    instead: Mapping[AlertId, AlertId] = field(default_factory=dict)
    let_go: bool = False
    thread: str = ""
    died: tuple[Died, ...] = ()
    died_in_all: int = 0


@dataclass(frozen=True, slots=True)
class MutedRecord:
    """What a silence kept from a target, for show; `title` and `url` are "" once the text is gone.

    `told_at` is when the target was told that the silence is over, and what it held.
    """

    muted: Muted
    at: datetime
    title: str = ""
    url: str = ""
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptBackRecord:
    """What an unstable part of its feed keeps from being news to one target: as it stood last, in how many readings."""

    kept: KeptBack
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class PendingArticle:
    """A stored article with rules that failed on it and are to be tried again."""

    article: Article
    rules: tuple[RuleId, ...]


@dataclass(frozen=True, slots=True)
class Rematched:
    """A stored article matched again: the feed's context for the judge, and the new reading of it."""

    context: FeedContext
    read: ReadArticle
    revision: int


@dataclass(frozen=True, slots=True)
class RevisionRecord:
    """One configuration revision as stored: `files` holds path and text, with secret references, never their values.

    `silence_starts` says since when silences are held that only say how long they last, by `lasting.what_it_names`.
    `held` names the rules that are as in an earlier revision, or not in force (0), since they do not meet their
    examples; it is known of the active revision alone.
    """

    number: int
    digest: bytes
    files: Mapping[str, str]
    activated_at: datetime
    silence_starts: Mapping[str, datetime] = field(default_factory=dict)
    held: Mapping[RuleId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt of a message, for show."""

    at: datetime
    result: AttemptClass
    answer: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class RecipientRecord:
    """One recipient of a message, for show."""

    recipient: str
    result: AttemptClass
    answer: str


@dataclass(frozen=True, slots=True)
class NextClaim:
    """How the next message of a channel is to be leased when one is marked; see ports.Outbox.claim_messages."""

    owner: str
    lease: timedelta
    lists_at_most: Mapping[ChannelName, int]


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message with its history, for show. `deliveries` pairs each delivery with its alert."""

    id: MessageId
    target: ChannelName
    kind: MessageKind
    state: MessageState
    hold: HoldReason | None
    attempts: int
    created_at: datetime
    next_try_at: datetime | None
    sent_at: datetime | None
    title: str
    deliveries: tuple[tuple[DeliveryId, AlertId], ...]
    history: tuple[AttemptRecord, ...] = ()
    recipients: tuple[RecipientRecord, ...] = ()
    dead_class: AttemptClass | None = None

    @property
    def answer(self) -> str:
        """The last answer of the receiver, or ""."""
        return self.history[-1].answer if self.history else ""


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """A stored article with all that was decided about it, for `explain` and the page."""

    article: Article
    stage: Stage
    verdicts: tuple[Verdict, ...]
    pending: tuple[RuleId, ...] = ()
    muted: tuple[MutedRecord, ...] = ()
    kept_back: tuple[KeptBackRecord, ...] = ()
    page: PageNote | None = None


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """A feed for show: what was configured and what is remembered."""

    name: str
    state: FeedState
    articles: int
    refused: tuple[RefusedEntry, ...] = ()  # the last entries that could not be kept
    notes: tuple[str, ...] = ()  # what it taught us about how it names its items, in sentences
    configured_url: str = ""  # the address in the configuration under which all this was found out


@dataclass(frozen=True, slots=True)
class FeedLife:
    """A feed of the stories of a rule: when these began, when it first brought an article, or any other time before
    those asked for at which it did, and when it was read well last. `published_at` says of each story when it was
    published, None where the feed does not.
    """

    name: str
    begun_at: tuple[datetime, ...]
    known_since: datetime
    last_ok_at: datetime | None
    published_at: tuple[datetime | None, ...] = ()


@dataclass(frozen=True, slots=True)
class BegunStory:
    """A story of a rule as a list names it: when it was first told, by which feed, its headline and link, and when it
    was published, None where the feed does not say.
    """

    at: datetime
    feed: str
    title: str
    url: str
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoryHistory:
    """When each story of a rule began, in order, as far back as asked; `known_since` is when the store saw its first
    article. `by_feed` are the feeds that brought the first alert of each, `newest` the newest stories, the last first.
    """

    begun_at: tuple[datetime, ...] = ()
    known_since: datetime | None = None
    by_feed: tuple[FeedLife, ...] = ()
    newest: tuple[BegunStory, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedNews:
    """When a feed last brought an article that we did not have, when it was last asked, and what is wrong with it (""
    = nothing).
    """

    last_item_at: datetime | None = None
    last_poll_at: datetime | None = None
    problem: str = ""


STOPPED_DAYS = timedelta(days=30)
"""How far back it is counted what a `none` stopped."""


@dataclass(frozen=True, slots=True)
class StoppedBy:
    """How many articles a term of a rule's `none` kept from matching, in the last 30 days."""

    rule: RuleId
    term: str
    articles: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts for the page, metrics and `db check`. The last four cover the 24 hours before they were asked for."""

    feeds: Mapping[str, int] = field(default_factory=dict)  # by status word
    messages: Mapping[str, int] = field(default_factory=dict)  # by state word
    articles: int = 0
    oldest_waiting_at: datetime | None = None
    oldest_poll_due_at: datetime | None = None
    ready_since: datetime | None = None  # the longest that a message could have gone, and its channel took nothing
    pending_matches: int = 0
    database_bytes: int = 0
    read: int = 0
    matched: int = 0
    stories: int = 0
    sent: int = 0


@dataclass(frozen=True, slots=True)
class Pruned:
    """What one retention run deleted; `capped` = more was due than one run may delete."""

    articles: int = 0
    keys: int = 0
    messages: int = 0
    capped: bool = False
