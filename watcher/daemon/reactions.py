"""Reads the reactions of readers to our own messages, does what they ask for, and answers in the thread."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from watcher.by_hand import ByHand, HandShown, Reacting
from watcher.core.alerts.by_hand import SPANS, by_reaction
from watcher.core.alerts.reactions import LOOKED_FOR, changed, heirs_of, other_vote, pause_after
from watcher.core.alerts.votes import undo_of
from watcher.core.model.by_hand import HandChange
from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass, AttemptResult
from watcher.core.model.reaction import Mark, Meaning, OwnMessage, Reaction, ReadingLease, Said, SeenReactions
from watcher.core.model.vote import VoteValue
from watcher.daemon.by_hand import ByHandDoor
from watcher.daemon.state import Phase
from watcher.daemon.world import World
from watcher.errors import ControlError, OutOfDescriptors, StorageError
from watcher.telling.reactions import say_done, say_failed, say_several, say_undone

log = structlog.get_logger()

REACTIONS_LOOK: Final = timedelta(seconds=15)
READING_LEASE: Final = timedelta(minutes=2)
"""A daemon that has not looked for so long leaves the reactions of a channel to another one."""
_AT_ONCE: Final = 10
"""So many messages are asked about in one look, 40 a minute: Slack allows some 50."""

_REST: Final = timedelta(minutes=1)
_REFUSED: Final = timedelta(hours=1)
_TRIES: Final = 3
_THREADS_KEPT: Final = 100
_VOTES: Final = {Meaning.USEFUL: VoteValue.USEFUL, Meaning.NOT_USEFUL: VoteValue.NOT_USEFUL}


class _Doors(ByHand, HandShown, Protocol):
    """What reactions are kept and what they change."""


@dataclass(frozen=True, slots=True)
class _Place:
    """One message on its channel, with the reactions that it has now."""

    name: ChannelName
    channel: Reacting
    own: OwnMessage
    seen: frozenset[Mark]


@dataclass(slots=True)
class _Answers:
    """What waits to be said in one thread, and how often it was tried."""

    owed: list[Reaction] = field(default_factory=list)
    tries: int = 0


class ReactionWatch:
    """Looks at the newest messages often and at older ones seldom; nothing comes in from outside.

    What was acted on is stored with what its reader is yet to be told, so that taking a reaction away undoes it, and
    each is answered, also after a restart. When a message was looked at last is known in memory alone.
    """

    def __init__(self, world: World, hand: ByHandDoor) -> None:
        self._world = world
        self._hand = hand
        self._store: _Doors = world.store
        self._next: dict[tuple[ChannelName, str], float] = {}
        self._rests: dict[tuple[ChannelName, str], float] = {}
        self._answers: dict[tuple[ChannelName, str], _Answers] = {}
        self._begun: set[tuple[ChannelName, str]] = set()

    async def look(self) -> None:
        """Ask about the messages that are due, act on what changed, and answer."""
        if self._world.state.phase is not Phase.RUNNING:
            return
        now, ticks = self._world.clock.now(), self._world.clock.monotonic()
        places = await self._places(now)
        known = {(one.name, one.own.remote) for one in places}
        self._next = {key: at for key, at in self._next.items() if key in known}
        self._begun &= known
        due = [one for one in places if self._at(one) <= ticks and self._rested(one) <= ticks]
        for place in sorted(due, key=self._at)[:_AT_ONCE]:
            if self._rested(place) <= ticks:
                self._next[place.name, place.own.remote] = ticks + pause_after(now - place.own.sent_at).total_seconds()
                await self._look_at(place)
        await self._say()

    async def _places(self, now: datetime) -> list[_Place]:
        """Return the messages that can have reactions, on the channels that this daemon reads."""
        found: list[_Place] = []
        for name, built in self._world.ruling().channels.items():
            channel = _reacting(built)
            if channel is not None and channel.has_reactions and await self._is_ours(name, now):
                own = await self._store.own_messages(name, now - LOOKED_FOR)
                found += [_Place(name, channel, one, frozenset()) for one in own if channel.place_of(one.remote)]
        return found

    async def _is_ours(self, name: ChannelName, now: datetime) -> bool:
        """Return whether this daemon is the one that reads the reactions of a channel.

        What it knew of the channel as another one was it, or is it now, is told by the store anew.
        """
        leased = await self._store.lease_reactions(name, self._world.owner, now, READING_LEASE)
        if leased is not ReadingLease.KEPT:
            self._begun = {one for one in self._begun if one[0] != name}
            self._answers = {one: waits for one, waits in self._answers.items() if one[0] != name}
        return leased is not ReadingLease.OTHERS

    def _at(self, place: _Place) -> float:
        return self._next.get((place.name, place.own.remote), 0.0)

    def _rested(self, place: _Place) -> float:
        """Return until when nothing is asked there: of the whole channel ("") or of the place of the message."""
        wheres = ("", place.channel.place_of(place.own.remote))
        return max(self._rests.get((place.name, where), 0.0) for where in wheres)

    async def _look_at(self, place: _Place) -> None:
        try:
            seen = await place.channel.reactions_to(place.own.remote)
        except OutOfDescriptors as error:
            log.warning("reactions not read", channel=place.name, reason=str(error))
            return
        if seen.result is not AttemptClass.OK:
            self._refused(place, seen)
            return
        begun = (place.name, place.own.remote)
        # What a life before this one did not say.
        if begun not in self._begun and all(self._answer(place.name, seen.thread, owed) for owed in place.own.owed):
            self._begun.add(begun)
        change = changed(place.own, seen.marks)
        place = replace(place, seen=seen.marks)
        for mark in change.gone:
            await self._act(place, mark, seen.thread, is_gone=True)
        for mark in change.new:
            await self._act(place, mark, seen.thread)

    def _refused(self, place: _Place, seen: SeenReactions) -> None:
        """Rest where the service asks for it, in one place where that alone refuses.

        A message that is gone is asked about no sooner than others.
        """
        if seen.result is AttemptClass.CONTENT:
            return
        is_refused = seen.result is AttemptClass.PERMANENT
        rest = max(_REFUSED if is_refused else _REST, seen.retry_after or _REST)
        where = place.channel.place_of(place.own.remote) if seen.is_place else ""
        self._rests[place.name, where] = self._world.clock.monotonic() + rest.total_seconds()
        say = log.warning if is_refused else log.info
        say("reactions not read", channel=place.name, reason=seen.answer, again_in_seconds=rest.total_seconds())

    async def _act(self, place: _Place, mark: Mark, thread: str, *, is_gone: bool = False) -> None:
        try:
            kept = await (self._undo(place, mark) if is_gone else self._tried(place, mark))
        except StorageError as error:
            # Nothing was kept: the next look tries it again.
            log.warning("reaction not acted on", channel=place.name, message=place.own.id, reason=str(error))
            return
        if kept.owed and not self._answer(place.name, thread, kept):
            self._begun.discard((place.name, place.own.remote))

    async def _tried(self, place: _Place, mark: Mark) -> Reaction:
        """Do what a reaction asks for; what cannot be done is kept, too, so that its reader is told once."""
        try:
            return await self._do(place, mark)
        except ControlError as error:
            return await self._keep(place, mark, say_failed(str(error)))

    async def _do(self, place: _Place, mark: Mark) -> Reaction:
        meaning, user = mark
        own, by = place.own, _by(place, user)
        undo, said = "", ""
        about = {story for _, _, story in own.alerts} if meaning is Meaning.MUTE else {one for _, one, _ in own.alerts}
        if meaning is Meaning.CLAIM:
            await self._note(place, user, "has")
        elif len(about) > 1:
            return await self._keep(place, mark, say_several(meaning, len(about)))
        elif meaning is Meaning.MUTE:
            said, undo = await self._hand.mute_story(own.alerts[0][2], place.name, by)
        else:
            for alert, _, _ in own.alerts:
                await self._hand.vote(alert, _VOTES[meaning].value, by)
        return await self._keep(place, mark, say_done(meaning, said), undo)

    async def _undo(self, place: _Place, mark: Mark) -> Reaction:
        """Take back what a reaction did; nothing is owed where it did nothing, or stands for somebody else."""
        meaning, user = mark
        [mine] = [one for one in place.own.reactions if one.mark == mark]
        if meaning is Meaning.CLAIM:
            await self._note(place, user, "gave back")
            did, said = True, ""
        elif meaning is Meaning.MUTE:
            did, said = await self._unmuted(place, mine)
        else:
            did, said = await self._vote_gone(place, mark), ""
        undone = replace(mine, undo="", owed=say_undone(meaning, said) if did else "", is_gone=True)
        if did:
            await self._store.note_reaction(undone)
        else:
            await self._store.forget_reaction(place.own.id, mark)
        return undone

    async def _unmuted(self, place: _Place, mine: Reaction) -> tuple[bool, str]:
        """End the silence that a reaction made; return whether that is to be told, and what was done.

        Where another reader asks for the same, it stands for them.
        """
        if not mine.undo:
            return False, ""
        now, by = self._world.clock.now(), _by(place, mine.user)
        found = [one for one in await self._store.hand_silences() if one.name == mine.undo]
        if not found:
            return True, "the silence was over already"
        messages = await self._store.own_messages(place.name, now - LOOKED_FOR)
        heirs = heirs_of(mine.mark, place.own, place.seen, messages, now)
        ends_at = heirs[0].at + SPANS["1d"] if heirs else now
        if ends_at <= now:
            return True, await self._hand.unmute(mine.undo, by)
        await self._store.note_reaction(replace(heirs[0], undo=mine.undo))
        if found[0].ends_at is not None and found[0].ends_at > ends_at:
            return True, await self._hand.shorten(found[0], ends_at, by)
        return False, ""

    async def _vote_gone(self, place: _Place, mark: Mark) -> bool:
        """Take back the votes of a reaction, or give the other one that its reader still gives; return whether there
        were any.
        """
        by, other = _by(place, mark[1]), other_vote(mark, place.seen)
        given = {(one.alert, one.by) for one in await self._store.votes()}
        mine = [alert for alert, _, _ in place.own.alerts if (alert, by) in given]
        for alert in mine:
            if other is not None:
                await self._hand.vote(alert, _VOTES[other].value, by)
            else:
                await self._hand.take_back_vote(undo_of(alert, by), by)
        return bool(mine)

    async def _keep(self, place: _Place, mark: Mark, owed: str, undo: str = "") -> Reaction:
        kept = Reaction(place.own.id, *mark, self._world.clock.now(), undo, owed)
        await self._store.note_reaction(kept)
        return kept

    async def _note(self, place: _Place, user: str, what: str) -> None:
        name = await self._store.alert(place.own.alerts[0][0])
        about = name.title if name is not None and name.title else place.own.id
        change = HandChange(self._world.clock.now(), _by(place, user), f"{what} the story: {about}")
        await self._store.note_change(change)

    def _answer(self, channel: ChannelName, thread: str, owed: Reaction) -> bool:
        """Return whether what is owed waits to be said now; else it stays owed, and the next look tries again."""
        if (channel, thread) not in self._answers and len(self._answers) >= _THREADS_KEPT:
            log.warning("reaction not answered", channel=channel, reason="too many answers wait")
            return False
        waits = self._answers.setdefault((channel, thread), _Answers()).owed
        if owed not in waits:
            waits.append(owed)
        return True

    async def _say(self) -> None:
        """Give the answers that wait, those of a thread in one message; one message a channel and look, so that no
        alert waits for them where the service counts.
        """
        spoken = set()
        for name, thread in list(self._answers):
            is_resting = self._rests.get((name, ""), 0.0) > self._world.clock.monotonic()
            if name in spoken or is_resting or self._world.state.phase is not Phase.RUNNING:
                continue
            spoken.add(name)
            await self._say_in(name, thread, self._answers.pop((name, thread)))

    async def _say_in(self, name: ChannelName, thread: str, answers: _Answers) -> None:
        channel = _reacting(self._world.ruling().channels.get(name))
        if channel is None:
            self._begun = {one for one in self._begun if one[0] != name}  # said once it is back
            return
        try:
            given = await channel.answer_in(thread, [Said(one.mark, one.owed) for one in answers.owed])
        except OutOfDescriptors as error:
            given = AttemptResult(AttemptClass.RETRY, str(error))
        if given.result is AttemptClass.THROTTLE:
            rest = given.retry_after or _REST
            self._rests[name, ""] = self._world.clock.monotonic() + rest.total_seconds()
        answers.tries += 1
        if given.result in (AttemptClass.RETRY, AttemptClass.THROTTLE) and answers.tries < _TRIES:
            self._answers[name, thread] = answers
            return
        if given.result is not AttemptClass.OK:
            log.warning("reaction not answered", channel=name, result=given.result.value, answer=given.answer)
        await self._settle(name, answers)

    async def _settle(self, name: ChannelName, answers: _Answers) -> None:
        """Note that nothing is owed any more; where that cannot be written, it is said once more after a start."""
        said = {(one.message, one.mark, one.owed) for one in answers.owed}
        try:
            own = await self._store.own_messages(name, self._world.clock.now() - LOOKED_FOR)
            for one in (one for message in own for one in message.owed):
                if (one.message, one.mark, one.owed) not in said:
                    continue
                if one.is_gone:
                    await self._store.forget_reaction(one.message, one.mark)
                else:
                    await self._store.note_reaction(replace(one, owed=""))
        except StorageError as error:
            log.warning("answer to a reaction not noted", channel=name, reason=str(error))


def _reacting(channel: object) -> Reacting | None:
    return channel if isinstance(channel, Reacting) else None


def _by(place: _Place, user: str) -> str:
    return by_reaction(user, place.name)
