"""The doors of the store for what people change and are shown of it; `ports.Store` holds them with all the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from watcher.core.model.alert import JudgeContext, Judgement
from watcher.core.model.article import Article
from watcher.core.model.by_hand import HandChange, Paused
from watcher.core.model.decided import Released
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId, RuleId
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import AttemptResult
from watcher.core.model.past import LookBack, LookedBack
from watcher.core.model.policy import Silence
from watcher.core.model.reaction import Mark, OwnMessage, Reaction, ReadingLease, Said, SeenReactions
from watcher.core.model.record import MessageRecord
from watcher.core.model.vote import AlertName, Vote, VoteValue


class ByHand(Protocol):
    """Changes what people ask for."""

    async def request_poll(self, names: Sequence[str], now: datetime) -> int:
        """Make feeds due now (all of them for an empty list); return how many."""
        ...

    async def retry_message(self, message: MessageId, now: datetime) -> MessageRecord:
        """Make a held, retrying or dead message due now, with the same key and with its attempts kept.

        Raises:
            StorageError: no such message, or it was sent already.
        """
        ...

    async def release_article(self, article: ArticleId, now: datetime) -> Released:
        """Give an article that was folded or passed over an alert of its own, for each rule and target it was kept
        from.

        Raises:
            StorageError: no such article, or it has nothing to release: it was told, or released before.
        """
        ...

    async def decide_restored(self, target: ChannelName | None, now: datetime, *, send: bool) -> int:
        """Send what is held since the database was put back from a copy, as one summary a channel, or let it go
        untold; of one channel, or of all. Return how many messages.
        """
        ...

    async def add_silence(self, silence: Silence, change: HandChange, instead_of: Sequence[str] = ()) -> None:
        """Store a silence that somebody made while the program runs, with its `change`; those of the names
        `instead_of` end with it, in one step.

        Raises:
            StorageError: its name is taken by another one made so.
        """
        ...

    async def end_silence(self, name: str, change: HandChange) -> None:
        """Take back a silence that was stored by `add_silence`, with its `change`.

        Raises:
            StorageError: there is none of this name.
        """
        ...

    async def pause_recipient(self, paused: Paused, change: HandChange) -> bool:
        """Write to one recipient of a channel no more; return whether that is new. Where it is not, `change` is not
        kept.
        """
        ...

    async def resume_recipient(self, channel: ChannelName, recipient: str, change: HandChange) -> None:
        """Write to a recipient again.

        Raises:
            StorageError: nobody of that name is paused there.
        """
        ...

    async def vote(self, alert: AlertId, value: VoteValue, by: str, now: datetime) -> Vote:
        """Keep what somebody says of an alert, and its text as it was told; it takes the place of what the same one
        said of it before. Saying the same again changes nothing.

        Raises:
            StorageError: there is no such alert.
        """
        ...

    async def take_back_vote(self, alert: AlertId, voter: str, by: str, now: datetime) -> Vote:
        """Forget what `voter` said of an alert, and return it.

        Raises:
            StorageError: that one has said nothing of it, or took it back already.
        """
        ...

    async def note_reaction(self, reaction: Reaction) -> None:
        """Keep a reaction that was acted on; it takes the place of the same one before."""
        ...

    async def forget_reaction(self, message: MessageId, mark: Mark) -> None:
        """Forget a reaction that was taken away; none is no mistake."""
        ...

    async def lease_reactions(self, channel: ChannelName, owner: str, now: datetime, lease: timedelta) -> ReadingLease:
        """Let one process alone read the reactions of a channel, until it has not asked for so long; return whether it
        is this one. A file has one process, which is always it.
        """
        ...

    async def note_change(self, change: HandChange) -> None:
        """Write down a change that another door made."""
        ...


class HandShown(Protocol):
    """Shows what people changed."""

    async def hand_silences(self) -> Sequence[Silence]:
        """Return the silences made by hand, those that are over for some days included, in the order of their start."""
        ...

    async def restored_at(self) -> datetime | None:
        """Return when the database was put back from a copy last; None = never."""
        ...

    async def paused_recipients(self) -> Sequence[Paused]:
        """Return which recipients of channels are written to no more."""
        ...

    async def changes(self, limit: int = 50) -> Sequence[HandChange]:
        """Return what was changed by hand, the newest first."""
        ...

    async def alert(self, id_or_part: str) -> AlertName | None:
        """Return what an alert is known by; takes l… whole or a part that names only one.

        Raises:
            StorageError: the part names several.
        """
        ...

    async def votes(self, rule: RuleId | None = None) -> Sequence[Vote]:
        """Return what people said of the alerts of one rule, or of all, the newest first."""
        ...

    async def voted_texts(self, alerts: Sequence[AlertId]) -> Mapping[AlertId, Article]:
        """Return the articles of alerts that somebody voted on, as they were told; those whose text was gone by then
        are missing.
        """
        ...

    async def own_messages(self, target: ChannelName, since: datetime) -> Sequence[OwnMessage]:
        """Return the messages of a channel that were sent since and tell alerts, where the service told what it calls
        them: the newest first, at most 200, each with the reactions to it that were acted on.
        """
        ...


class Past(Protocol):
    """Tells what rules find behind them when they are new, wider, or when somebody asks."""

    async def looked_back(self) -> Mapping[RuleId, str] | None:
        """Return what all rules asked when they looked back last; None where none ever did."""
        ...

    async def look_back(
        self,
        asked: LookBack,
        judge: Callable[[Sequence[ReadArticle], JudgeContext], Judgement],
        revision: int,
        now: datetime,
    ) -> LookedBack:
        """Judge stored articles for rules that had no word on them, and write what is told of them.

        Raises:
            StaleRevision, StorageError: as `Polls.commit`.
        """
        ...


@runtime_checkable
class Reacting(Protocol):
    """A channel whose readers can react to a message."""

    @property
    def has_reactions(self) -> bool:
        """Return whether any reaction means something there."""
        ...

    def place_of(self, remote: str) -> str:
        """Return the place of its service where a message stands, "" where the channel no longer writes there."""
        ...

    async def reactions_to(self, remote: str) -> SeenReactions:
        """Ask for the reactions to a message, by what its service calls it; every failure is a value.

        Raises:
            OutOfDescriptors: nothing could be asked.
        """
        ...

    async def answer_in(self, thread: str, said: Sequence[Said]) -> AttemptResult:
        """Answer to reactions in a thread, each on a line; the words of an answer may come from anywhere and are shown
        as they are. Every failure is a value. Raises as `reactions_to`.
        """
        ...
