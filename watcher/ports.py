"""The doors between deciding and doing: few Protocols, each with at least two implementations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Protocol

from watcher.by_hand import ByHand, HandShown, Past
from watcher.core.feeds.gave import Gave
from watcher.core.model.alert import AlertDetail, JudgeContext, Judgement
from watcher.core.model.article import Article
from watcher.core.model.decided import Decided, StoryRecord
from watcher.core.model.explanation import Nearest
from watcher.core.model.ids import ChannelName, FeedId, MessageId, RuleId
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import AttemptResult, ChannelHealth, ChannelTraits, Decision, Message
from watcher.core.model.outcome import FetchOutcome, FetchRequest, Reading, ReadRequest
from watcher.core.model.policy import NO_RENAMES, FeedSpec, Keep, Policy, Renames
from watcher.core.model.record import (
    ArticleRecord,
    Committed,
    CopyNote,
    DueFeed,
    FeedClaim,
    FeedNews,
    FeedRecord,
    MessageClaim,
    MessageRecord,
    MutedRecord,
    NextClaim,
    PendingArticle,
    PollResult,
    Pruned,
    Rematched,
    RevisionRecord,
    Stats,
    StoppedBy,
    StoryHistory,
)
from watcher.core.model.rule import RuleSource
from watcher.pages import Pages, ReadsPages
from watcher.revisions import Revisions
from watcher.searching import AlertsCounted, Searched
from watcher.subscriptions import Subscriptions


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """Return the present as an aware UTC time."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that no one sets."""
        ...

    def elapsed(self) -> float:
        """Return seconds on a clock that no one sets and that goes on while the machine sleeps."""
        ...


class Fetcher(Protocol):
    """Fetches documents through the guarded client."""

    async def fetch(self, request: FetchRequest) -> FetchOutcome:
        """Return what came; every failure of the other side is a value.

        Raises:
            OutOfDescriptors: nothing could be asked, which says nothing about the feed.
        """
        ...


class Reader(ReadsPages, Protocol):
    """Reads documents outside the event loop, within a deadline and a memory limit."""

    async def use(self, source: RuleSource) -> None:
        """Make `source` the rules for every request that names its revision; earlier revisions may be forgotten."""
        ...

    async def read(self, request: ReadRequest) -> Reading:
        """Return what the document holds; a worker that is killed gives a reading with a problem."""
        ...

    async def match(self, articles: Sequence[Article], revision: int) -> tuple[ReadArticle, ...]:
        """Return the same articles, with their keys, matched under the rules of `revision`."""
        ...

    async def explain(self, article: Article, revision: int) -> Nearest:
        """Return why the rules of `revision` that come nearest to the article fire or stay quiet."""
        ...


NO_LIMITS: Mapping[ChannelName, int] = MappingProxyType({})
NO_ADDRESSES: Mapping[ChannelName, str] = MappingProxyType({})
NO_WAYS: Mapping[ChannelName, Sequence[ChannelName]] = MappingProxyType({})

Judge = Callable[[Sequence[ReadArticle], JudgeContext], Judgement]
"""core.alerts.judge bound to one Policy; pure."""


class Channel(Protocol):
    """One configured destination."""

    @property
    def name(self) -> ChannelName:
        """Its name in `channels:`."""
        ...

    @property
    def kind(self) -> str:
        """Its type: console, file, slack, email, webhook."""
        ...

    @property
    def deadline(self) -> timedelta:
        """The longest that one `send` may take."""
        ...

    @property
    def traits(self) -> ChannelTraits:
        """What the outbox must know before it sends: how many alerts a message lists, to whom it goes, a digest of
        the address.
        """
        ...

    def render(self, message: Message) -> Mapping[str, Any]:
        """Return the payload as it would be sent, for previews and tests; secrets left out."""
        ...

    def note_copies(self, note: CopyNote) -> None:
        """Say that copies joined an alert which was told here, where that can be said without ringing; else do
        nothing.
        """
        ...

    def run(self) -> AbstractAsyncContextManager[None]:
        """Keep what several messages in a row need, such as a connection, until the end of this."""
        ...

    async def send(self, message: Message) -> AttemptResult:
        """Send once and return what came of it; every failure of the other side is a value.

        Raises:
            OutOfDescriptors: nothing was sent for want of them here, which says nothing about the receiver.
        """
        ...


class InForce(Protocol):
    """Keeps which configuration is in force, and fits to it what waits."""

    async def activate(
        self, revision: RevisionRecord, feeds: Sequence[FeedSpec], now: datetime, renames: Renames = NO_RENAMES
    ) -> Mapping[str, FeedId]:
        """Make a revision the active one and its feeds the polled ones; return the feed ids by feed name.

        A feed keeps its id and history when its name, its URL, or a URL in `was` is known. A new feed is due at once;
        a feed that is no longer configured is not polled, its articles stay. Alerts, matches, verdicts, messages,
        what silences hold and the health of channels follow rules and channels to the names of today.
        """
        ...

    async def active_revision(self) -> RevisionRecord | None:
        """Return the active revision, or None in a new store."""
        ...

    async def settle_channels(
        self,
        ready: Sequence[ChannelName],
        off: Mapping[ChannelName, str],
        now: datetime,
        fallback: Sequence[ChannelName] = (),
        addresses: Mapping[ChannelName, str] = NO_ADDRESSES,
        otherwise: Mapping[ChannelName, Sequence[ChannelName]] = NO_WAYS,
    ) -> int:
        """Hold the messages of channels that are off now and release those of channels that are ready again.

        `off` gives a HoldReason word per channel; what is held now is told to the first free one of its `otherwise`,
        else to `fallback`. Several that are released are one ranked summary. Return how many messages changed.

        `addresses` says where the ready channels send, as digests: health belongs to an address, so channels that
        share one share their breaker. A broken channel with another address than before is probed at once.
        """
        ...

    async def started(self, now: datetime) -> None:
        """Take up what waits at a start: open breakers are probed at once, and after downtime of an hour the age
        and tries of all that waits count from `now`.
        """
        ...

    async def release_due(self, policy: Policy, now: datetime) -> int:
        """Let go the messages that quiet hours, digests and limits held and hold no longer (core/alerts/timing.py),
        those of a channel as one summary; return how many.

        What is gathered goes as early as the rules in force want. The last time of each digest is taken once, over
        restarts and processes. What waits for a channel whose breaker is open stays held.
        """
        ...

    async def end_silences(self, in_force: Collection[str], now: datetime) -> int:
        """Queue one message for each silence that is not `in_force` and each target, of what it held from that
        target; return how many.

        Each thing is told once, also over restarts.
        """
        ...


class Polls(Subscriptions, Protocol):
    """Keeps the feeds and what was read from them; the `judge` that it is given says what becomes of an article."""

    async def due_feeds(self, owner: str, now: datetime) -> Sequence[DueFeed]:
        """Return the feeds that are due and that no other process has in hand, longest due first; claims nothing.

        While a suspect is tried no other suspect is among them: it could not be claimed, and would keep its host from
        the next feed.
        """
        ...

    async def claim_feeds(
        self, owner: str, now: datetime, limit: int, lease: timedelta, only: Collection[FeedId] | None = None
    ) -> Sequence[FeedClaim]:
        """Lease the feeds that are due, of `only` where given, longest due first; the attempt is counted in `claims`
        before the work.

        What `owner` has in hand stays its own, however long it takes; it gives back what it cannot finish. What
        another process had in hand when its lease ran out is suspected of its end, and goes one at a time over feeds
        and messages (core/feeds/suspicion.py). A suspect counts as in hand while its lease runs.
        """
        ...

    async def commit(self, result: PollResult, judge: Judge, revision: int, now: datetime) -> Committed:
        """Write one poll: feed state, articles, matches, verdicts, alerts and messages, or nothing.

        Candidates are loaded and `judge` is called inside the transaction. Entries that the database refuses are
        stored as refused.

        Raises:
            LostClaim: the feed's lease belongs to someone else now.
            StaleRevision: `revision` or the reading's revision is not the active one.
            StaleEntries: an entry that is listed again is not stored as it was read.
            StorageError: the database refused (full, locked, gone); nothing was written.
        """
        ...

    async def release_feed(self, claim: FeedClaim) -> None:
        """Give a claim back without a result, as if it had never been claimed."""
        ...

    async def feed_by_id(self, feed: FeedId) -> FeedClaim | None:
        """Return a feed's specification and state without claiming it."""
        ...

    async def pending_matches(self, now: datetime, limit: int) -> Sequence[PendingArticle]:
        """Return articles with rules that failed on them and are due for another try."""
        ...

    async def commit_rematch(
        self, rematched: Sequence[Rematched], judge: Judge, revision: int, now: datetime
    ) -> Committed:
        """Write the result of matching stored articles again; raises as `commit`."""
        ...


class Outbox(Protocol):
    """Keeps the messages until they are sent. What an answer means is decided by the caller."""

    async def claim_messages(
        self,
        owner: str,
        now: datetime,
        lease: timedelta,
        limit: int,
        ready: Sequence[ChannelName],
        lists_at_most: Mapping[ChannelName, int] = NO_LIMITS,
    ) -> Sequence[MessageClaim]:
        """Lease messages to send now on the `ready` channels, oldest first, at most one a channel.

        A summary of more alerts than its channel lists in one message is divided first, see core/alerts/shares.py.

        A throttled channel gives none; one with an open breaker gives one held message when its probe is due. The
        attempt is counted, and `sending` stored, before this returns. A message that another process was sending when
        its lease ran out comes back with `repeat` set and is suspected of that end; suspects, feeds too, go one at a
        time beside the others (core/feeds/suspicion.py). What was the only suspect at two ends in a row is held as
        `suspect` and tried each hour, never dead for that.
        """
        ...

    async def mark(
        self,
        claim: MessageClaim,
        result: AttemptResult,
        decision: Decision,
        now: datetime,
        then: NextClaim | None = None,
    ) -> Sequence[MessageClaim]:
        """Write an attempt and what follows from it, in one transaction; return () or, with `then`, the next message
        of the same channel, leased in that transaction as `claim_messages` does it.

        `decision.opened` holds the channel's waiting messages; `decision.closed` releases what its breaker held as
        one ranked summary.

        Raises:
            LostClaim: the message's lease belongs to someone else now; nothing was written.
        """
        ...

    async def release_messages(self, owner: str, begun: Sequence[MessageId] = ()) -> int:
        """Give back every message claimed by `owner` whose send has not begun; return how many.

        `begun` names those that may be on the wire: they stay claimed, and come back with `repeat` when their lease
        ends. What `owner` alone read of the reactions is free for others, too.
        """
        ...

    async def next_send_at(self, now: datetime) -> datetime | None:
        """Return when the next message is due, or None when nothing waits."""
        ...


class Notices(Protocol):
    """Queues messages on the program itself and on rules over time, each fact once."""

    async def notify(self, targets: Sequence[ChannelName], key: str, title: str, text: str, now: datetime) -> int:
        """Queue a META message for each target; `key` names the fact, so the same fact is queued once. Return how
        many are new.
        """
        ...

    async def note_condition(
        self, condition: str, holds: bool, targets: Sequence[ChannelName], title: str, text: str, now: datetime
    ) -> int:
        """Remember whether a condition holds, and queue a META message for each target when it begins to; return how
        many are new.

        While it goes on nothing is told; once it was noted as not holding it may be told again.
        """
        ...

    async def end_condition(
        self, condition: str, targets: Sequence[ChannelName], title: str, text: str, now: datetime
    ) -> int:
        """Note that a condition does not hold, and queue its end as a META message for each target where it did;
        return how many are new.
        """
        ...

    async def note_conditions(
        self, begun: Sequence[str], targets: Sequence[ChannelName], title: str, text: str, now: datetime
    ) -> int:
        """Note that several conditions hold, and queue one META message for each target when one of them begins to;
        return how many are new.
        """
        ...

    async def end_conditions(
        self, ended: Sequence[str], targets: Sequence[ChannelName], title: str, text: str, now: datetime
    ) -> int:
        """Note that several conditions do not hold, and queue one META message for each target where one of them did;
        return how many are new.
        """
        ...


class OverTime(Notices, Protocol):
    """Answers what rules over time ask, and tells what they found."""

    async def stories(self, rule: RuleId, since: datetime) -> StoryHistory:
        """Return when each story of a rule was first told, after `since`; samples do not count."""
        ...

    async def feed_news(self, name: str) -> FeedNews | None:
        """Return what is known of the last news of a configured feed, None when there is no such feed."""
        ...


class Shown(Searched, AlertsCounted, Protocol):
    """Answers questions and changes nothing."""

    async def messages(
        self, *, state: str | None = None, target: str | None = None, limit: int = 50
    ) -> Sequence[MessageRecord]:
        """Return messages, newest first; of the history only the last attempt, so that the answer can be shown."""
        ...

    async def message(self, id_or_part: str) -> MessageRecord | None:
        """Return one message with its history; takes m… or d…, whole or a part that names only one.

        Raises:
            StorageError: the part names several.
        """
        ...

    async def article(self, id_or_part: str) -> ArticleRecord | None:
        """Return one article with its verdicts; takes a… whole or a part that names only one. Raises as `message`."""
        ...

    async def newest_stories(self, limit: int) -> Sequence[StoryRecord]:
        """Return the stories that last had news with what was told of each, the newest first; without their
        articles.
        """
        ...

    async def story(self, id_or_part: str) -> StoryRecord | None:
        """Return one story with its articles; takes s…, or a… of one of its articles, whole or a part that names only
        one. Raises as `message`.
        """
        ...

    async def suppressed(self, since: datetime, limit: int = 200) -> Sequence[Decided]:
        """Return what was folded or passed over since then, or told though close to something, newest first."""
        ...

    async def recent_alerts(
        self, *, limit: int = 20, sample: bool | None = None, target: ChannelName | None = None
    ) -> Sequence[AlertDetail]:
        """Return the newest alerts, of all channels or of one, with their members, newest first; `sample` True = only
        of sample feeds, False = none of them.
        """
        ...

    async def feeds(self) -> Sequence[FeedRecord]:
        """Return every configured feed, by name."""
        ...

    async def gave(self, now: datetime) -> Mapping[FeedId, Gave]:
        """Return what each feed gave of the matches of the last 30 days; those that gave none are left out."""
        ...

    async def stats(self, now: datetime) -> Stats:
        """Return counts for the page and the metrics."""
        ...

    async def stopped(self, now: datetime) -> Sequence[StoppedBy]:
        """Return what terms of `none` kept from matching in 30 days, the most frequent first; without samples."""
        ...

    async def muted(self, silence: str | None = None, limit: int = 50) -> Sequence[MutedRecord]:
        """Return what one silence, or all of them, held, the newest first."""
        ...

    async def unreadable(self) -> Sequence[str]:
        """Return what the database holds and nobody can read, in words such as `message m…`; each was set aside, the
        rest goes on.
        """
        ...

    async def channel_health(self) -> Sequence[ChannelHealth]:
        """Return what is remembered of every channel that was ever used."""
        ...

    async def newest_articles(self, limit: int) -> Sequence[Article]:
        """Return the newest articles that are no samples, newest first."""
        ...

    async def newest_texts(self, limit: int) -> Sequence[str]:
        """Return the beginnings of the texts of the newest articles, samples aside: how frequent words are."""
        ...


class Maintenance(Protocol):
    """Keeps the database small, whole and closed in the end."""

    async def prune(self, keep: Keep, now: datetime) -> Pruned:
        """Delete what is older than `keep`, but nothing that stands behind a message that is not final, and at most a
        set share a run.

        A key goes only `keep.keys` after its item was last listed in a wholly read document.
        """
        ...

    async def claim_slot(self, job: str, slot: str, now: datetime) -> bool:
        """Return True for the first caller that names this job and slot, in any process and for ever."""
        ...

    async def checkpoint(self) -> None:
        """Fold the write-ahead log into the database, where there is one."""
        ...

    async def check(self) -> Sequence[str]:
        """Return what is wrong with the database, in sentences; empty = fine."""
        ...

    async def close(self) -> None:
        """Finish the work in hand and close the database."""
        ...


class Store(InForce, Revisions, Polls, Outbox, Pages, ByHand, HandShown, Past, OverTime, Shown, Maintenance, Protocol):
    """Keeps everything that must survive a restart: all the doors above. Every method is one transaction.

    A part of the program takes only the doors that it uses; a store has them all and decides little: `core` does.
    """
