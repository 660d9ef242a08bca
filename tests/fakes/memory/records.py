"""What the memory store remembers; every record is frozen, so that a transaction is a copy of a few mappings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from watcher.core.alerts.limits import LONGEST, RINGING_STATES
from watcher.core.dedup.habits import Habits
from watcher.core.model.alert import (
    AlertDetail,
    AlertKind,
    KeptBack,
    Member,
    Muted,
    NewAlert,
    NewMessage,
    OpenMessage,
    Rung,
)
from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.by_hand import HandChange, Paused
from watcher.core.model.identity import EarlierText, FeedMemory
from watcher.core.model.ids import (
    AlertId,
    ArticleId,
    ChannelName,
    DeliveryId,
    FeedId,
    MessageId,
    RuleId,
    digest,
    public_id,
)
from watcher.core.model.match import GroupHit, Match
from watcher.core.model.message import (
    FINAL_STATES,
    AttemptClass,
    ChannelHealth,
    HoldReason,
    MessageKind,
    MessageState,
    RecipientResult,
)
from watcher.core.model.outcome import FeedState, RefusedEntry
from watcher.core.model.page import PageNote
from watcher.core.model.policy import FeedSpec, Silence
from watcher.core.model.reaction import Meaning, Reaction
from watcher.core.model.record import (
    AttemptRecord,
    KeptBackRecord,
    MessageRecord,
    MutedRecord,
    RecipientRecord,
    RevisionRecord,
)
from watcher.core.model.rule import Severity
from watcher.core.model.suspicion import CLEAR, Suspicion
from watcher.core.model.verdict import Level, Stage, Verdict
from watcher.core.model.vote import AlertName, Vote
from watcher.core.stories.shelf import Shelf

HOUR = timedelta(hours=1)
OPEN = (MessageState.WAITING, MessageState.RETRYING, MessageState.UNCONFIRMED)
FINAL = FINAL_STATES


@dataclass(frozen=True)
class Feed:
    spec: FeedSpec
    state: FeedState
    active: bool = True
    token: str = ""
    owner: str = ""
    lease_until: datetime | None = None
    refused: tuple[RefusedEntry, ...] = ()
    memory: FeedMemory = FeedMemory()


@dataclass(frozen=True)
class Item:
    id: ArticleId
    feed: FeedId
    keys: tuple[ArticleKeys, ...]  # the latest first
    stage: Stage
    first_seen_at: datetime
    article: Article | None
    changed_at: datetime | None = None
    absent_since: datetime | None = None
    rules: int = 0
    published_at: datetime | None = None
    left: Article | None = None  # its title and addresses, once the text is gone
    earlier: tuple[EarlierText, ...] = ()
    texts: Mapping[int, Article] = field(default_factory=dict)  # all of them, by number
    fired: Mapping[int, Mapping[RuleId, Match]] = field(default_factory=dict)
    pending: Mapping[RuleId, tuple[int, datetime]] = field(default_factory=dict)

    @property
    def matches(self) -> Mapping[RuleId, Match]:
        return self.fired.get(self.article.text, {}) if self.article else {}


@dataclass(frozen=True)
class Alert:
    new: NewAlert
    created_at: datetime
    message: MessageId
    labels: tuple[str, ...]
    members: tuple[tuple[ArticleId, Level, int], ...]


@dataclass(frozen=True)
class Message:
    id: MessageId
    target: ChannelName
    kind: MessageKind
    state: MessageState
    created_at: datetime
    hold: HoldReason | None = None
    alerts: tuple[AlertId, ...] = ()
    title: str = ""
    text: str = ""
    attempts: int = 0
    for_recipient: str = ""
    suspicion: Suspicion = CLEAR
    released_at: datetime | None = None
    tries: int = 0
    first_tried_at: datetime | None = None
    owner: str = ""
    lease_until: datetime | None = None
    claimed_from: MessageState = MessageState.WAITING
    attempted_at: datetime | None = None
    next_try_at: datetime | None = None
    sent_at: datetime | None = None
    final_at: datetime | None = None
    plain: bool = False
    repeat: bool = False
    is_let_go: bool = False
    dead_class: AttemptClass | None = None
    history: tuple[AttemptRecord, ...] = ()
    recipients: Mapping[str, RecipientResult] = field(default_factory=dict)
    remote: str = ""

    @property
    def order(self) -> tuple[datetime, MessageId]:
        return self.created_at, self.id

    def let_go(self, now: datetime | None = None) -> Message:
        """Waiting again; at `now` its age and tries begin anew."""
        free = replace(self, state=MessageState.WAITING, hold=None, next_try_at=None)
        return free if now is None else free.anew(now)

    def anew(self, now: datetime) -> Message:
        return replace(self, released_at=now, tries=0, first_tried_at=None)


class Memory:
    """The tables, and what several rooms of the store do with them."""

    def __init__(self) -> None:
        self._revision: RevisionRecord | None = None
        self._revisions: dict[int, RevisionRecord] = {}
        self._feeds: dict[FeedId, Feed] = {}
        self._items: dict[ArticleId, Item] = {}
        self._copy_keys: dict[tuple[bytes, ArticleId], datetime] = {}
        self._verdicts: dict[tuple[ArticleId, int, RuleId, ChannelName], Verdict] = {}
        self._decided_at: dict[tuple[ArticleId, int, RuleId, ChannelName], datetime] = {}
        self._alerts: dict[AlertId, Alert] = {}
        self._messages: dict[MessageId, Message] = {}
        self._channels: dict[str, tuple[ChannelHealth, datetime]] = {}  # by address where that is known, else by name
        self._addresses: dict[ChannelName, str] = {}
        self._slots: set[tuple[str, str]] = set()
        self._stopped: dict[tuple[RuleId, str, date], int] = {}
        self._claims = 0
        self._left_by: dict[
            tuple[str, str], int
        ] = {}  # suspects that a process had in hand, by it and the kind taken back first
        # by silence, article, rule and target; with when, and whether the end was told
        self._kept_back: dict[tuple[str, str, str], KeptBackRecord] = {}
        self._hand_silences: dict[str, Silence] = {}
        self._paused: list[Paused] = []
        self._reactions: dict[tuple[MessageId, Meaning, str], Reaction] = {}
        self._votes: dict[tuple[AlertId, str], tuple[Vote, AlertName, Article | None]] = {}
        self._hand_changes: list[HandChange] = []
        self._muted: dict[tuple[str, str, str, str], tuple[Muted, datetime, datetime | None]] = {}
        self._shelf = Shelf()
        self._pages: dict[ArticleId, tuple[PageNote, int, datetime | None]] = {}  # with tries, and when the next is

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        before = {
            name: value.copy() if isinstance(value, dict | Shelf) else value for name, value in vars(self).items()
        }
        try:
            yield
        except BaseException:
            vars(self).update(before)
            raise

    def _in_hand(self, kind: str) -> list[tuple[str, datetime | None, Suspicion]]:
        """Return whose each piece of work in hand is, until when, and what is thought of it."""
        if kind == "feed":
            return [(one.owner, one.lease_until, one.state.suspicion) for one in self._feeds.values() if one.token]
        sending = [one for one in self._messages.values() if one.state is MessageState.SENDING]
        return [(one.owner, one.lease_until, one.suspicion) for one in sending]

    def _beside(self, gone: str, kind: str, mine: Sequence[Suspicion]) -> int:
        """Return how many suspects of the other kind a process that ended had in hand."""
        other = "message" if kind == "feed" else "feed"
        if (noted := self._left_by.pop((gone, other), None)) is not None:
            return noted
        theirs = [thought for owner, _, thought in self._in_hand(other) if owner == gone]
        if theirs:
            self._left_by[gone, kind] = sum(one.is_suspected for one in mine)
        return sum(one.is_suspected for one in theirs)

    def _has_suspect_in_hand(self, now: datetime) -> bool:
        every = [*self._in_hand("feed"), *self._in_hand("message")]
        return any(until and now < until <= now + 24 * HOUR and one.is_suspected for _, until, one in every)

    def _key(self, name: ChannelName) -> str:
        return self._addresses.get(name, name)

    def _mute(self, held: Iterable[Muted], now: datetime) -> None:
        for one in held:
            self._muted.setdefault((one.silence, one.article, one.rule, one.target), (one, now, None))

    def _keep_back(self, kept: Iterable[KeptBack], now: datetime) -> None:
        for one in kept:
            key = (one.article, one.rule, one.target)
            before = self._kept_back.get(key, KeptBackRecord(one, 0, now, now))
            self._kept_back[key] = KeptBackRecord(one, before.times + 1, before.first_at, now)

    def _muted_record(self, key: tuple[str, str, str, str]) -> MutedRecord:
        held, at, told_at = self._muted[key]
        article = self._items[held.article].article
        return MutedRecord(held, at, article.title if article else "", article.url if article else "", told_at)

    def _rung(self, now: datetime) -> tuple[Rung, ...]:
        found = []
        for message in sorted(self._messages.values(), key=lambda one: one.order):
            listed = [self._alerts[id_].new for id_ in message.alerts if id_ in self._alerts]
            listed = [one for one in listed if one.kind not in (AlertKind.UPDATE, AlertKind.FOLLOW_UP)]
            is_recent = message.kind is MessageKind.ALERT and message.created_at > now - LONGEST
            is_critical = any(one.severity is Severity.CRITICAL for one in listed)
            if listed and is_recent and not is_critical and message.state in RINGING_STATES:
                rules = frozenset(one.rule for one in listed)
                found.append(Rung(message.target, rules, message.created_at))
        return tuple(found)

    def _open_messages(self, now: datetime) -> dict[ChannelName, tuple[OpenMessage, ...]]:
        found: dict[ChannelName, tuple[OpenMessage, ...]] = {}
        for one in sorted(self._messages.values(), key=lambda one: (one.created_at, one.id)):
            waits = one.kind is MessageKind.ALERT and one.state is MessageState.WAITING and one.attempts == 0
            if waits and one.next_try_at is not None and one.next_try_at > now:
                waiting = OpenMessage(one.id, one.next_try_at, one.alerts)
                found[one.target] = (*found.get(one.target, ()), waiting)
        return found

    def _broken(self) -> frozenset[ChannelName]:
        keys = {key for key, (health, _) in self._channels.items() if health.breaker_since is not None}
        names = {ChannelName(key) for key in keys if not key.startswith("@")}
        return frozenset(names | {n for n, key in self._addresses.items() if key in keys})

    def _health(self, name: ChannelName, now: datetime) -> ChannelHealth:
        health, at = self._channels.get(self._key(name), (ChannelHealth(name), now))
        health = replace(health, name=name)
        return replace(health, throttled_until=None, next_probe_at=None) if at > now + HOUR else health

    def _habits(self, now: datetime) -> Mapping[bytes, Mapping[ArticleId, bytes | None]]:
        habits = Habits()
        for item in self._items.values():
            if item.first_seen_at > now - timedelta(days=30):
                for keys in reversed(item.keys):
                    habits.add(item.id, replace(keys, title=item.keys[0].title))
        return habits.carriers()

    def _members(self, alert: Alert, *, with_newest: bool = False) -> tuple[Member, ...]:
        found = []
        for id_, level, text in alert.members:
            item = self._items[id_]
            bare = Article(id_, item.feed, first_seen_at=item.first_seen_at)
            found.append(Member(item.texts.get(text, bare), item.keys[0], level))
            if with_newest and item.article is not None and item.article.text != text:
                found.append(Member(item.article, item.keys[0], level))
        return tuple(found)

    def _detail(self, alert: Alert) -> AlertDetail | None:
        new, item = alert.new, self._items[alert.new.article]
        if item.article is None:
            return None
        labels = tuple(GroupHit(label, ()) for label in alert.labels)
        return AlertDetail(
            new.id,
            new.rule,
            new.target,
            new.story,
            new.kind,
            new.severity,
            new.revision,
            alert.created_at,
            item.texts.get(new.text, item.article),
            item.fired.get(new.text, {}).get(new.rule, Match(new.rule, labels)),
            self._members(alert),
            new.sample,
            new.note,
            new.promoted_from,
            self._shelf.stories[new.story].reach if new.story in self._shelf.stories else None,
            new.is_urgent,
        )

    def _put(self, new: NewMessage, now: datetime, text: str = "") -> bool:
        if new.id in self._messages:
            return False
        self._messages[new.id] = Message(
            new.id,
            new.target,
            new.kind,
            new.state,
            new.made_at(now),
            new.hold,
            new.alerts,
            new.title,
            text,
            next_try_at=new.not_before,
        )
        return True

    def _record(self, message: Message, *, with_history: bool = False) -> MessageRecord:
        founder = self._alerts[message.alerts[0]].new if message.alerts else None
        first = self._items[founder.article].texts.get(founder.text) if founder else None
        heard = sorted(message.recipients.items())
        return MessageRecord(
            id=message.id,
            target=message.target,
            kind=message.kind,
            state=message.state,
            hold=message.hold,
            attempts=message.attempts,
            created_at=message.created_at,
            next_try_at=message.next_try_at,
            sent_at=message.sent_at,
            title=message.title or (first.title if first else ""),
            deliveries=tuple((delivery(message.id, alert), alert) for alert in message.alerts),
            history=message.history if with_history else message.history[-1:],
            recipients=tuple(RecipientRecord(name, one.result, one.answer) for name, one in heard)
            if with_history
            else (),
            dead_class=message.dead_class,
        )


def delivery(message: MessageId, alert: AlertId) -> DeliveryId:
    return DeliveryId(public_id("d", digest("delivery", message, alert)))


def bare(article: Article | None) -> Article | None:
    """Return an article as it is once retention took its text."""
    return None if article is None else replace(article, summary="", content="", author="", tags=())
