"""The memory store's silences by hand, its votes, and its list of what people changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from tests.fakes.memory.records import Memory
from watcher.core.alerts.votes import taken_back, vote_change
from watcher.core.model.article import Article
from watcher.core.model.by_hand import HandChange, Paused
from watcher.core.model.ids import AlertId, ChannelName, MessageId, RuleId
from watcher.core.model.message import MessageState
from watcher.core.model.policy import Silence
from watcher.core.model.reaction import Mark, OwnMessage, Reaction, ReadingLease
from watcher.core.model.vote import AlertName, Vote, VoteValue
from watcher.errors import AmbiguousId, StorageError


class Hand(Memory):
    """What people change and are shown."""

    async def add_silence(self, silence: Silence, change: HandChange, instead_of: Sequence[str] = ()) -> None:
        """Store a silence, instead of others."""
        if silence.name in self._hand_silences and silence.name not in instead_of:
            raise StorageError(f"there is a silence `{silence.name}` already")
        for name in instead_of:
            self._hand_silences.pop(name, None)
        self._hand_silences[silence.name] = silence
        self._hand_changes.append(change)

    async def end_silence(self, name: str, change: HandChange) -> None:
        """Take a silence back."""
        if self._hand_silences.pop(name, None) is None:
            raise StorageError(f"no silence `{name}` was made by hand, or it was ended already")
        self._hand_changes.append(change)

    async def pause_recipient(self, paused: Paused, change: HandChange) -> bool:
        """Write to one recipient no more."""
        if any(one.channel == paused.channel and one.recipient == paused.recipient for one in self._paused):
            return False
        self._paused.append(paused)
        self._hand_changes.append(change)
        return True

    async def resume_recipient(self, channel: ChannelName, recipient: str, change: HandChange) -> None:
        """Write to a recipient again."""
        left = [one for one in self._paused if (one.channel, one.recipient) != (channel, recipient)]
        if len(left) == len(self._paused):
            raise StorageError(f"{recipient} of {channel} is not paused")
        self._paused = left
        self._hand_changes.append(change)

    async def decide_restored(self, target: ChannelName | None, now: datetime, *, send: bool) -> int:
        """Decide of nothing: what is kept in memory was never put back from a copy."""
        return 0

    async def restored_at(self) -> datetime | None:
        """Return that it never was."""
        return None

    async def paused_recipients(self) -> Sequence[Paused]:
        """Return who is written to no more."""
        return sorted(self._paused, key=lambda one: (one.channel, one.at))

    async def vote(self, alert: AlertId, value: VoteValue, by: str, now: datetime) -> Vote:
        """Keep what somebody says of an alert."""
        name = await self.alert(alert) if alert in self._alerts else None
        if name is None:
            raise StorageError(f"there is no alert {alert}")
        if (alert, by) in self._votes and self._votes[alert, by][0].value is value:
            return self._votes[alert, by][0]
        vote = Vote(alert, name.rule, name.article, value, by, now)
        self._votes[alert, by] = (vote, name, self._told_text(alert))
        self._hand_changes.append(vote_change(vote, name))
        return vote

    async def take_back_vote(self, alert: AlertId, voter: str, by: str, now: datetime) -> Vote:
        """Forget what somebody said of an alert."""
        found = self._votes.pop((alert, voter), None)
        if found is None:
            raise StorageError(f"there is no vote of {voter} on {alert}, or it was taken back already")
        self._hand_changes.append(HandChange(now, by, taken_back(found[0], by, found[1])))
        return found[0]

    async def alert(self, id_or_part: str) -> AlertName | None:
        """Return what an alert is known by."""
        found = [one for id_, one in self._alerts.items() if id_or_part and id_.startswith(id_or_part)]
        if len(found) > 1:
            raise AmbiguousId(id_or_part)
        if not found:
            return None
        new, text = found[0].new, self._told_text(found[0].new.id)
        return AlertName(new.id, new.rule, new.article, "" if text is None else text.title)

    async def votes(self, rule: RuleId | None = None) -> Sequence[Vote]:
        """Return what people said of alerts."""
        found = [vote for vote, _, _ in self._votes.values() if rule in (None, vote.rule)]
        return sorted(found, key=lambda one: (-one.at.timestamp(), one.alert, one.by))

    async def voted_texts(self, alerts: Sequence[AlertId]) -> Mapping[AlertId, Article]:
        """Return the texts that were voted on."""
        return {alert: text for (alert, _), (_, _, text) in self._votes.items() if alert in alerts and text is not None}

    def _told_text(self, alert: AlertId) -> Article | None:
        new = self._alerts[alert].new
        item = self._items[new.article]
        return None if item.article is None else item.texts.get(new.text, item.article)

    async def note_reaction(self, reaction: Reaction) -> None:
        """Keep a reaction."""
        self._reactions[reaction.message, *reaction.mark] = reaction

    async def forget_reaction(self, message: MessageId, mark: Mark) -> None:
        """Forget a reaction."""
        self._reactions.pop((message, *mark), None)

    async def own_messages(self, target: ChannelName, since: datetime) -> Sequence[OwnMessage]:
        """Return what readers may react to."""
        sent = [
            one
            for one in self._messages.values()
            if one.target == target and one.state is MessageState.SENT and one.remote and one.alerts
        ]
        found = [
            OwnMessage(
                one.id,
                one.remote,
                one.sent_at,
                tuple((id_, self._alerts[id_].new.article, self._alerts[id_].new.story) for id_ in one.alerts),
                tuple(kept for (id_, *_), kept in self._reactions.items() if id_ == one.id and not kept.is_gone),
                tuple(kept for (id_, *_), kept in self._reactions.items() if id_ == one.id and kept.owed),
            )
            for one in sent
            if one.sent_at is not None and one.sent_at >= since
        ]
        return sorted(found, key=lambda one: (-one.sent_at.timestamp(), one.id))[:200]

    async def lease_reactions(self, channel: ChannelName, owner: str, now: datetime, lease: timedelta) -> ReadingLease:
        return ReadingLease.KEPT

    async def note_change(self, change: HandChange) -> None:
        """Write down what was changed."""
        self._hand_changes.append(change)

    async def hand_silences(self) -> Sequence[Silence]:
        """Return the silences."""
        return sorted(self._hand_silences.values(), key=lambda one: (str(one.starts_at), one.name))

    async def changes(self, limit: int = 50) -> Sequence[HandChange]:
        """Return what was changed."""
        return self._hand_changes[::-1][:limit]
