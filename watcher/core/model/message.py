"""Messages: what a channel is asked to send, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from watcher.core.model.ids import AlertId, ChannelName, MessageId, RuleId, StoryId
from watcher.core.model.rule import Severity


class MessageKind(StrEnum):
    """ALERT lists the alerts of one article; SUMMARY many, in one ranked list; META is about ourselves; TEST is a
    sample.
    """

    ALERT = "alert"
    SUMMARY = "summary"
    META = "meta"
    TEST = "test"


class MessageState(StrEnum):
    """The life of a message; SENT, DEAD, SKIPPED and DROPPED are final."""

    WAITING = "waiting"
    HELD = "held"
    SENDING = "sending"
    RETRYING = "retrying"
    UNCONFIRMED = "unconfirmed"
    SENT = "sent"
    DEAD = "dead"
    SKIPPED = "skipped"
    DROPPED = "dropped"


FINAL_STATES = frozenset({MessageState.SENT, MessageState.DEAD, MessageState.SKIPPED, MessageState.DROPPED})
"""Nothing more is done about a message in one of these, unless somebody asks for it again."""

LIVE_STATES = frozenset(
    {
        MessageState.WAITING,
        MessageState.HELD,
        MessageState.SENDING,
        MessageState.RETRYING,
        MessageState.UNCONFIRMED,
        MessageState.SENT,
    }
)
"""A copy folds only into an alert whose message is in one of these."""


class HoldReason(StrEnum):
    """Why a message is held."""

    SECRET = "secret"  # noqa: S105 - the channel waits for its secret
    CHANNEL = "channel"  # the channel does not exist any more, or is off
    BREAKER = "breaker"
    SUSPECT = "suspect"  # the program ended twice with nothing else to suspect in hand; tried each hour
    REST = "rest"  # what did not fit into the ten messages of a release; counted in the last of them
    RESTORED = "restored"  # of before the database was put back from a copy, when it may have been told already
    UNREADABLE = "unreadable"  # its row in the database cannot be read
    QUIET = "quiet"
    DIGEST = "digest"
    LIMIT = "limit"


def first_state(hold: HoldReason | None) -> MessageState:
    """Return the state that a new message begins in: it waits to be sent, or is held for a reason."""
    return MessageState.WAITING if hold is None else MessageState.HELD


class AttemptClass(StrEnum):
    """What a receiver's answer means."""

    OK = "ok"
    RETRY = "retry"  # passing: again with backoff
    THROTTLE = "throttle"  # the whole channel waits until the hint
    CONTENT = "content"  # this message is refused: once more short and plain, then dead
    PERMANENT = "permanent"  # the channel is refused: breaker
    UNKNOWN = "unknown"  # it may have arrived: again with the same key


@dataclass(frozen=True, slots=True)
class RecipientResult:
    """What one recipient's server said; `heard` False: nothing, for the conversation ended before."""

    result: AttemptClass
    answer: str = ""
    heard: bool = True


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """What came of one attempt to send; `answer` is the receiver's answer, masked, at most 2 KiB.

    `recipients` is filled by channels with several recipients (e-mail); `result` is then the worst that is still open.
    `remote` is what the receiver calls the message, where it says so: later news of the story is told under it.
    """

    result: AttemptClass
    answer: str = ""
    status: int | None = None
    retry_after: timedelta | None = None
    recipients: Mapping[str, RecipientResult] = field(default_factory=dict)
    remote: str = ""


@dataclass(frozen=True, slots=True)
class Marked:
    """Marked text of a headline or excerpt: the plain text, and (start, end, group number from 1) of each hit, in
    order.
    """

    text: str
    marks: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class WhyGroup:
    """One reason: the group's label, its hits as (words found, how often, in the title), and what the rule asks of
    it, or "".
    """

    label: str
    hits: tuple[tuple[str, int, bool], ...]
    asks: str = ""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source of the news: when we first saw it there, its name, the link, and whether it is a copy."""

    at: datetime
    name: str
    url: str
    title: str
    lang: str = ""
    copy: bool = False


@dataclass(frozen=True, slots=True)
class AlertSummary:
    """One alert, ready for any channel; all text is plain and still hostile: each channel escapes it.

    `url` is "" unless http(s). `story_url` is "" unless the page has a public address. `sources` counts independent
    publishers of its story, 0 for a sample, `outlets` all that have it; `copies` are the articles folded into the
    alert. `agency` is the one that its first text names.
    """

    id: AlertId
    rule: RuleId
    rule_name: str
    revision: int
    story: StoryId
    severity: Severity
    headline: Marked
    excerpt: Marked
    url: str
    source: str
    at: datetime
    why: tuple[WhyGroup, ...]
    lines: tuple[SourceLine, ...]
    sources: int
    copies: int
    languages: int = 1
    outlets: int = 0
    lang: str = ""
    story_url: str = ""
    sample: bool = False
    note: str = ""
    agency: str = ""


@dataclass(frozen=True, slots=True)
class Died:
    """An alert that was given up while its channel took nothing: its headline, and the message that is sent again."""

    message: MessageId
    title: str


@dataclass(frozen=True, slots=True)
class Message:
    """A channel-neutral message.

    `id` is the idempotency key. `plain` asks for the short plain form (after a content refusal). `repeat` says that
    an earlier attempt may have arrived. `recipients` None = all, else only these. META messages have `title` and
    `text` and no alerts. `thread` is what the receiver calls the message that told the story there first, "" where
    this one begins it; `is_loud` says that it must be heard although it stands in a thread: a denial, a correction, a
    withdrawal, a first death, a higher severity. `down` is from when to when its channel took no messages, where it is
    the first one after that; `died` are the newest of the alerts that were given up meanwhile, `died_in_all` counts
    them all.
    """

    id: MessageId
    channel: ChannelName
    kind: MessageKind
    at: datetime
    attempt: int = 1
    title: str = ""
    text: str = ""
    alerts: tuple[AlertSummary, ...] = ()
    plain: bool = False
    repeat: bool = False
    recipients: tuple[str, ...] | None = None
    thread: str = ""
    is_loud: bool = False
    down: tuple[datetime, datetime] | None = None
    died: tuple[Died, ...] = ()
    died_in_all: int = 0


@dataclass(frozen=True, slots=True)
class ChannelTraits:
    """What the outbox must know of a channel before it sends.

    `lists_at_most` is how many alerts one message can list, None = all. `recipients` are those it writes to, None
    where the receiver is one. `address` is a digest of where messages go and of the secrets that go with them:
    breaker and throttle belong to it.
    """

    lists_at_most: int | None = None
    recipients: tuple[str, ...] | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """What is remembered of a channel's address: whether its breaker is open and since when, and until when it is
    throttled.

    `failures` counts failures in a row; `failing_since` is when the first try failed or was throttled after which
    none got through.
    """

    name: ChannelName
    breaker_since: datetime | None = None
    breaker_reason: str = ""
    next_probe_at: datetime | None = None
    throttled_until: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    last_ok_at: datetime | None = None
    last_answer: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to write after an attempt.

    `state` is SENT, RETRYING, UNCONFIRMED, HELD or DEAD. `dead_class` says why a message was given up. `channel` is
    the channel's health after it; `opened`/`closed` say that the breaker changed, so that the store holds, or
    releases, the channel's messages in the same transaction. `given_up` names recipients who did not get a message
    that others have: each becomes a dead letter of its own. `silence` names the silence that took the message back.
    `folded` pairs alerts that are not told with the older alerts that their articles join. `apart` says that the
    message is divided first, for the receiver refused what stands in one of its articles. `leaving` are alerts that
    leave the message, each group for one of its own that waits as this one does. `otherwise` says where what is held
    or given up is told instead, by channel.
    """

    state: MessageState
    channel: ChannelHealth
    next_try_at: datetime | None = None
    hold: HoldReason | None = None
    dead_class: AttemptClass | None = None
    plain: bool = False
    opened: bool = False
    closed: bool = False
    folded: tuple[tuple[AlertId, AlertId], ...] = ()
    given_up: tuple[str, ...] = ()
    silence: str = ""
    apart: bool = False
    leaving: tuple[tuple[AlertId, ...], ...] = ()
    otherwise: Mapping[ChannelName, tuple[ChannelName, ...]] = field(default_factory=dict)
