"""The store on a SQL database: implements ports.Store; every method is one transaction of the modules beside it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from watcher.core.feeds.gave import Gave
from watcher.core.model.alert import AlertDetail, FeedContext
from watcher.core.model.article import Article
from watcher.core.model.by_hand import HandChange, Paused
from watcher.core.model.decided import Decided, Released, StoryRecord
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, FeedId, MessageId, RuleId
from watcher.core.model.message import AttemptResult, ChannelHealth, Decision
from watcher.core.model.page import PageResult, WantedPage
from watcher.core.model.policy import NO_RENAMES, FeedSpec, Policy, Renames, Silence
from watcher.core.model.reaction import Mark, OwnMessage, Reaction, ReadingLease
from watcher.core.model.record import (
    ArticleRecord,
    Committed,
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
    Rematched,
    RevisionRecord,
    Stats,
    StoppedBy,
    StoryHistory,
    Throttled,
)
from watcher.core.model.vote import AlertName, Vote, VoteValue
from watcher.errors import StorageError
from watcher.ports import NO_ADDRESSES, NO_LIMITS, NO_WAYS, Judge
from watcher.storage import (
    by_hand,
    commit,
    conditions,
    dialects,
    epoch,
    gave,
    health,
    history,
    holds,
    in_turn,
    muted,
    outbox,
    pages,
    reactions,
    released,
    restored,
    show,
    stopped,
    story_records,
    unreadable,
    upkeep,
    values,
    votes,
    waiting,
)
from watcher.storage import feeds as polls
from watcher.storage.past import PastDoors
from watcher.storage.retention import RetentionDoors
from watcher.storage.revisions import RevisionDoors
from watcher.storage.searching import Searching
from watcher.storage.subscriptions import SubscriptionDoors
from watcher.storage.together import PollsInHand
from watcher.storage.troubles import Troubles
from watcher.storage.types import EPOCH
from watcher.storage.wakeups import Heard
from watcher.storage.writer import Readers, Writer


class SqlStore(PastDoors, RetentionDoors, RevisionDoors, Searching, SubscriptionDoors):
    """Implements ports.Store; what the methods promise stands there.

    Feed specifications are kept in memory: they may hold credentials. `begins` = the database was made just now.
    """

    def __init__(
        self, writer: Writer | None, readers: Readers, troubles: Troubles | None = None, *, begins: bool = False
    ) -> None:
        self.begins = begins
        self._changer = writer
        self._readers = readers
        self.troubles = troubles or Troubles()
        self._specs: Mapping[FeedId, FeedSpec] = {}
        self._polls = PollsInHand()
        self._listeners: list[dialects.Closes] = []

    async def activate(
        self, revision: RevisionRecord, feeds: Sequence[FeedSpec], now: datetime, renames: Renames = NO_RENAMES
    ) -> Mapping[str, FeedId]:
        """Make a revision active and its feeds the polled ones."""
        ids = await self._writer.run(lambda db: polls.activate(db, revision, feeds, now, renames), turn=False)
        self._specs = {ids[spec.name]: spec for spec in feeds}
        return ids

    async def due_feeds(self, owner: str, now: datetime) -> Sequence[DueFeed]:
        """Return what is due."""
        return await self._readers.run(lambda db: polls.due(db, owner, now))

    async def claim_feeds(
        self, owner: str, now: datetime, limit: int, lease: timedelta, only: Collection[FeedId] | None = None
    ) -> Sequence[FeedClaim]:
        """Lease the feeds that are due."""
        token = f"{owner}:{secrets.token_hex(8)}"
        found = await self._writer.run(
            lambda db: polls.claim_feeds(db, owner, token, now, limit, lease, only), turn=False
        )
        return [self._claim(row, told) for row, told in self._polls.begun(found)]

    async def commit(self, result: PollResult, judge: Judge, revision: int, now: datetime) -> Committed:
        """Write one poll; those that bring nothing go together."""
        return await self._polls.write(
            self._writer,
            result.state.feed,
            result.reading,
            lambda db, turn: commit.commit(db, result, judge, revision, now, in_turn=turn),
        )

    async def release_feed(self, claim: FeedClaim) -> None:
        """Give a claim back."""
        self._polls.ended()
        await self._writer.run(lambda db: polls.hand_back(db, claim), turn=False)

    async def feed_by_id(self, feed: FeedId) -> FeedClaim | None:
        """Return a feed without claiming it."""
        row = await self._readers.run(lambda db: polls.row_of(db, feed))
        return None if row is None else self._claim(row)

    async def request_poll(self, names: Sequence[str], now: datetime) -> int:
        """Make feeds due now."""
        return await self._writer.run(lambda db: polls.request_poll(db, names, now), turn=False)

    async def pending_matches(self, now: datetime, limit: int) -> Sequence[PendingArticle]:
        """Return articles with rules to be tried again."""
        return await self._readers.run(lambda db: show.pending(db, now, limit))

    async def commit_rematch(
        self, rematched: Sequence[Rematched], judge: Judge, revision: int, now: datetime
    ) -> Committed:
        """Write another try."""
        return await self._writer.run(lambda db: commit.commit_rematch(db, rematched, judge, revision, now), turn=False)

    async def pages_wanted(self, now: datetime, limit: int) -> Sequence[WantedPage]:
        """Return pages to read."""
        return await self._readers.run(lambda db: pages.wanted(db, now, limit))

    async def commit_page(
        self, result: PageResult, context: FeedContext | None, judge: Judge, revision: int, now: datetime
    ) -> Committed:
        """Write what became of a page."""
        return await self._writer.run(
            lambda db: commit.commit_page(db, result, context, judge, revision, now), turn=False
        )

    async def claim_messages(
        self,
        owner: str,
        now: datetime,
        lease: timedelta,
        limit: int,
        ready: Sequence[ChannelName],
        lists_at_most: Mapping[ChannelName, int] = NO_LIMITS,
    ) -> Sequence[MessageClaim]:
        """Lease messages to send now."""
        wanted = outbox.ClaimTerms(owner, now, lease, limit, ready, lists_at_most)
        if self._writer.is_shared and not await self._readers.run(lambda db: in_turn.has_work(db, owner, now, ready)):
            return []
        return await self._writer.run(lambda db: outbox.claim_messages(db, wanted), urgent=True)

    async def mark(
        self,
        claim: MessageClaim,
        result: AttemptResult,
        decision: Decision,
        now: datetime,
        then: NextClaim | None = None,
    ) -> Sequence[MessageClaim]:
        """Write an attempt and what follows from it, and lease the next message of the channel."""

        def work(db: Connection) -> Sequence[MessageClaim]:
            outbox.mark(db, claim, result, decision, now)
            if then is None:
                return ()
            wanted = outbox.ClaimTerms(then.owner, now, then.lease, 1, [claim.target], then.lists_at_most)
            return outbox.claim_messages(db, wanted)

        return await self._writer.run(work, urgent=True)

    async def release_messages(self, owner: str, begun: Sequence[MessageId] = ()) -> int:
        """Give back messages whose send has not begun."""

        def work(db: Connection) -> int:
            reactions.end_leases(db, owner)
            return outbox.hand_back_unsent(db, owner, begun)

        return await self._writer.run(work, urgent=True)

    async def settle_channels(
        self,
        ready: Sequence[ChannelName],
        off: Mapping[ChannelName, str],
        now: datetime,
        fallback: Sequence[ChannelName] = (),
        addresses: Mapping[ChannelName, str] = NO_ADDRESSES,
        otherwise: Mapping[ChannelName, Sequence[ChannelName]] = NO_WAYS,
    ) -> int:
        """Fit what waits to the channels that exist now."""

        def work(db: Connection) -> int:
            holds.readdress(db, addresses, now)
            return holds.settle(db, ready, off, fallback, otherwise, now)

        return await self._writer.run(work, urgent=True)

    async def started(self, now: datetime) -> None:
        """Take up what waits at a start."""
        await self._writer.run(lambda db: outbox.started(db, now))

    async def next_send_at(self, now: datetime) -> datetime | None:
        """Return when the next message is due."""
        return await self._readers.run(lambda db: outbox.next_send_at(db, now))

    async def notify(self, targets: Sequence[ChannelName], key: str, title: str, text: str, now: datetime) -> int:
        """Queue a message about ourselves."""
        return await self._writer.run(lambda db: outbox.notify(db, targets, key, title, text, now), urgent=True)

    async def retry_message(self, message: MessageId, now: datetime) -> MessageRecord:
        """Make a message due now."""

        def work(db: Connection) -> MessageRecord:
            outbox.retry(db, message, now)
            record = show.message(db, message)
            assert record is not None
            return record

        return await self._writer.run(work, urgent=True)

    async def release_due(self, policy: Policy, now: datetime) -> int:
        """Let go whose time has come; see ports.Store.release_due."""
        return await self._writer.run(lambda db: waiting.let_go_due(db, policy, now))

    async def decide_restored(self, target: ChannelName | None, now: datetime, *, send: bool) -> int:
        """Send or drop what is offered since a restore."""
        return await self._writer.run(lambda db: restored.decide_restored(db, target, now, send=send), urgent=True)

    async def restored_at(self) -> datetime | None:
        """Return when the database was put back."""
        return await self._readers.run(epoch.restored_at)

    async def add_silence(self, silence: Silence, change: HandChange, instead_of: Sequence[str] = ()) -> None:
        """Store a silence made by hand, instead of others."""
        await self._writer.run(lambda db: by_hand.add_silence(db, silence, change, instead_of), urgent=True)

    async def end_silence(self, name: str, change: HandChange) -> None:
        """Take a silence made by hand back."""
        await self._writer.run(lambda db: by_hand.end_silence(db, name, change), urgent=True)

    async def pause_recipient(self, paused: Paused, change: HandChange) -> bool:
        """Write to one recipient no more."""
        return await self._writer.run(lambda db: by_hand.pause_recipient(db, paused, change), urgent=True)

    async def resume_recipient(self, channel: ChannelName, recipient: str, change: HandChange) -> None:
        """Write to a recipient again."""
        await self._writer.run(lambda db: by_hand.resume_recipient(db, channel, recipient, change), urgent=True)

    async def vote(self, alert: AlertId, value: VoteValue, by: str, now: datetime) -> Vote:
        """Keep what somebody says of an alert."""
        return await self._writer.run(lambda db: votes.add_vote(db, alert, value, by, now), urgent=True)

    async def take_back_vote(self, alert: AlertId, voter: str, by: str, now: datetime) -> Vote:
        """Forget what somebody said of an alert."""
        return await self._writer.run(lambda db: votes.take_back_vote(db, alert, voter, by, now), urgent=True)

    async def note_reaction(self, reaction: Reaction) -> None:
        """Keep a reaction that was acted on."""
        await self._writer.run(lambda db: reactions.note_reaction(db, reaction), urgent=True)

    async def forget_reaction(self, message: MessageId, mark: Mark) -> None:
        """Forget a reaction."""
        await self._writer.run(lambda db: reactions.forget_reaction(db, message, mark), urgent=True)

    async def lease_reactions(self, channel: ChannelName, owner: str, now: datetime, lease: timedelta) -> ReadingLease:
        """Let one process read the reactions of a channel."""
        return await self._writer.run(
            lambda db: reactions.lease_reactions(db, channel, owner, now, lease), urgent=True, turn=False
        )

    async def own_messages(self, target: ChannelName, since: datetime) -> Sequence[OwnMessage]:
        """Return what readers may react to."""
        return await self._readers.run(lambda db: reactions.own_messages(db, target, since))

    async def alert(self, id_or_part: str) -> AlertName | None:
        """Return what an alert is known by."""
        return await self._readers.run(lambda db: votes.alert_name(db, id_or_part))

    async def votes(self, rule: RuleId | None = None) -> Sequence[Vote]:
        """Return what people said of alerts."""
        return await self._readers.run(lambda db: votes.all_votes(db, rule))

    async def voted_texts(self, alerts: Sequence[AlertId]) -> Mapping[AlertId, Article]:
        """Return the texts that were voted on."""
        return await self._readers.run(lambda db: votes.voted_texts(db, alerts))

    async def paused_recipients(self) -> Sequence[Paused]:
        """Return who is written to no more."""
        return await self._readers.run(by_hand.paused)

    async def note_change(self, change: HandChange) -> None:
        """Write down what was changed."""
        await self._writer.run(lambda db: by_hand.note(db, change), urgent=True)

    async def hand_silences(self) -> Sequence[Silence]:
        """Return the silences made by hand."""
        return await self._readers.run(by_hand.silences)

    async def changes(self, limit: int = 50) -> Sequence[HandChange]:
        """Return what was changed by hand."""
        return await self._readers.run(lambda db: by_hand.changes(db, limit))

    async def end_silences(self, in_force: Collection[str], now: datetime) -> int:
        """Tell what silences that are over held."""
        return await self._writer.run(lambda db: muted.end(db, in_force, now))

    async def muted(self, silence: str | None = None, limit: int = 50) -> Sequence[MutedRecord]:
        """Return what silences held."""
        return await self._readers.run(lambda db: muted.muted_records(db, silence, limit))

    async def unreadable(self) -> Sequence[str]:
        """Return what cannot be read."""
        return await self._readers.run(unreadable.found)

    async def channel_health(self) -> Sequence[ChannelHealth]:
        """Return what is remembered of every channel."""
        return await self._readers.run(lambda db: list(health.healths(db, EPOCH).values()))

    async def messages(
        self, *, state: str | None = None, target: str | None = None, limit: int = 50
    ) -> Sequence[MessageRecord]:
        """Return messages, newest first."""
        return await self._readers.run(lambda db: show.message_records(db, state, target, limit))

    async def message(self, id_or_part: str) -> MessageRecord | None:
        """Return one message with its history."""
        return await self._readers.run(lambda db: show.message(db, id_or_part))

    async def article(self, id_or_part: str) -> ArticleRecord | None:
        """Return one article with its verdicts."""
        return await self._readers.run(lambda db: show.article(db, id_or_part))

    async def newest_stories(self, limit: int) -> Sequence[StoryRecord]:
        """Return the newest stories."""
        return await self._readers.run(lambda db: story_records.newest_records(db, limit))

    async def story(self, id_or_part: str) -> StoryRecord | None:
        """Return one story."""
        return await self._readers.run(lambda db: story_records.story(db, id_or_part))

    async def suppressed(self, since: datetime, limit: int = 200) -> Sequence[Decided]:
        """Return what was folded or passed over."""
        return await self._readers.run(lambda db: story_records.suppressed(db, since, limit))

    async def release_article(self, article: ArticleId, now: datetime) -> Released:
        """Give an article an alert of its own."""
        return await self._writer.run(lambda db: released.release_article(db, article, now), urgent=True, turn=False)

    async def recent_alerts(
        self, *, limit: int = 20, sample: bool | None = None, target: ChannelName | None = None
    ) -> Sequence[AlertDetail]:
        """Return the newest alerts."""
        return await self._readers.run(lambda db: show.recent_alerts(db, limit, sample, target))

    async def feeds(self) -> Sequence[FeedRecord]:
        """Return every configured feed."""
        return await self._readers.run(polls.feed_records)

    async def gave(self, now: datetime) -> Mapping[FeedId, Gave]:
        """Return what each feed gave."""
        return await self._readers.run(lambda db: gave.gave_lately(db, now))

    async def stats(self, now: datetime) -> Stats:
        """Return counts."""
        return await self._readers.run(lambda db: show.stats(db, now))

    async def stopped(self, now: datetime) -> Sequence[StoppedBy]:
        """Return what `none` stopped lately."""
        return await self._readers.run(lambda db: stopped.stopped_records(db, now))

    async def newest_articles(self, limit: int) -> Sequence[Article]:
        """Return the newest articles."""
        return await self._readers.run(lambda db: stopped.newest_articles(db, limit))

    async def newest_texts(self, limit: int) -> Sequence[str]:
        """Return the text of the newest articles."""
        return await self._readers.run(lambda db: stopped.newest_texts(db, limit))

    async def stories(self, rule: RuleId, since: datetime) -> StoryHistory:
        """Return when each story of a rule was first told."""
        return await self._readers.run(lambda db: history.stories_begun(db, rule, since))

    async def feed_news(self, name: str) -> FeedNews | None:
        """Return what is known of the last news of a feed."""
        return await self._readers.run(lambda db: history.feed_news(db, name))

    async def note_condition(
        self, condition: str, holds: bool, targets: Sequence[ChannelName], title: str, text: str, now: datetime
    ) -> int:
        """Remember whether a condition holds; tell when it begins to."""
        return await self._writer.run(
            lambda db: conditions.note_condition(db, condition, holds, targets, title, text, now)
        )

    async def end_condition(
        self, condition: str, targets: Sequence[ChannelName], title: str, text: str, now: datetime
    ) -> int:
        """Note that a condition does not hold; tell its end where it did."""
        return await self._writer.run(lambda db: conditions.end_condition(db, condition, targets, title, text, now))

    async def note_conditions(
        self, begun: Sequence[str], targets: Sequence[ChannelName], title: str, text: str, now: datetime
    ) -> int:
        """Note that several conditions hold; tell when one begins to."""
        return await self._writer.run(lambda db: conditions.note_conditions(db, begun, targets, title, text, now))

    async def end_conditions(
        self, ended: Sequence[str], targets: Sequence[ChannelName], title: str, text: str, now: datetime
    ) -> int:
        """Note that several conditions do not hold; tell where one did."""
        return await self._writer.run(lambda db: conditions.end_conditions(db, ended, targets, title, text, now))

    async def claim_slot(self, job: str, slot: str, now: datetime) -> bool:
        """Return True for the first caller."""
        return await self._writer.run(lambda db: upkeep.claim_slot(db, job, slot, now))

    async def checkpoint(self) -> None:
        """Fold the write-ahead log into the database."""
        await self._writer.outside(dialects.checkpoint)

    async def newest_at(self) -> datetime | None:
        """Return the newest time at which something was polled or queued, None in a new store; it tells a clock that
        is wrong.
        """
        return await self._readers.run(upkeep.newest_at)

    async def can_write(self) -> bool:
        """Return whether the database takes some pages and lets go of them again; for a look at a disk that was
        full.
        """
        try:
            await self._writer.run(upkeep.fill)
            await self._writer.run(upkeep.empty)
        except StorageError:
            return False
        return True

    async def check(self) -> Sequence[str]:
        """Return what is wrong with the database."""
        return await self._readers.run(upkeep.check)

    def writes(self) -> int:
        """Return the number of the transaction that is being written, 0 for none."""
        return self._writer.in_hand

    def hear(self, heard: Heard) -> None:
        """Call `heard`, in a thread of its own, for what other processes write; until the store is closed."""
        self._listeners.append(self._writer.listener(heard))

    async def close(self) -> None:
        """Finish the work in hand and close the database."""
        for listener in self._listeners:
            await asyncio.to_thread(listener.close)
        self._readers.close()
        if self._changer is not None:
            self._changer.close()

    @property
    def _writer(self) -> Writer:
        if self._changer is None:
            raise StorageError("the store was opened for reading only")
        return self._changer

    def _claim(self, row: Row[Any], told: tuple[Throttled, ...] = ()) -> FeedClaim:
        state = values.feed_state(row)
        return FeedClaim(self._specs.get(state.feed) or values.unpack_spec(row.spec), state, row.token or "", told)
