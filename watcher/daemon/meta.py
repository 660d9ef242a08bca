"""Alerts about ourselves: plain messages to the channels that `meta.send_to` names."""

from __future__ import annotations

from typing import Protocol

import structlog

from watcher.core.model.ids import ChannelName
from watcher.core.model.message import AttemptClass, AttemptResult, Decision, HoldReason, MessageState
from watcher.core.model.outcome import FeedStatus
from watcher.core.model.policy import CONSOLE
from watcher.core.model.record import MessageClaim
from watcher.daemon.direct import Direct
from watcher.daemon.world import World
from watcher.errors import StorageError
from watcher.pipeline import Poll
from watcher.ports import Notices, Shown
from watcher.telling import notices
from watcher.telling.notices import Notice

log = structlog.get_logger()


_HELD_LOOKED_AT = 1000


class _Doors(Notices, Shown, Protocol):
    """What is told is queued here; what there is to tell is looked up."""


class Meta:
    """Queues one message per fact; a fact about a channel never goes only through that channel."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store: _Doors = world.store
        self._clock = world.clock
        self._direct = Direct(world)
        self._told: set[str] = set()
        self._well: set[tuple[ChannelName, str]] = set()  # recipients known to get their messages

    async def tell(self, key: str, title: str, text: str, *, about: ChannelName | None = None) -> None:
        """Queue a message about a fact that `key` names; the same fact is told once.

        A store that cannot take it is logged and not raised: what is told here has been logged already.
        """
        targets = list(self._world.ruling().meta_targets) or [CONSOLE]
        if about is not None:
            targets = [target for target in targets if target != about] or [CONSOLE]
        try:
            await self._store.notify(targets, key, title, text, self._clock.now())
        except StorageError as error:
            log.error("meta alert not stored", title=title, reason=str(error))
            return
        self._world.send_bell.ring()

    async def tell_directly(self, key: str, title: str, text: str) -> None:
        """Tell of a trouble that keeps the database from taking a message: at once, past the outbox, each channel once.

        Call it at each sign of the trouble, and `ended_directly` with the same key at each sign that all is well:

            await meta.tell_directly("disk full", "The disk is full", "Polling is paused. Free some space.")
            await meta.ended_directly("disk full", "The disk has room again", "Polling goes on.")

        The console hears it where no channel of `meta` takes it. Never raises but for cancellation.
        """
        await self._direct.begins(key, title, text)

    async def look_directly(self) -> None:
        """Tell a trouble that lasts to the channels that could not be told before."""
        await self._direct.again()

    async def ended_directly(self, key: str, title: str, text: str) -> None:
        """Tell those who heard of a trouble that it is over, through the outbox; nothing where it was not told."""
        known = self._direct.heard(key)
        if known is None:
            return
        since, heard = known
        now = self._clock.now()
        try:
            fact = f"ended {key} {since.isoformat()}"
            await self._store.notify(sorted(heard), fact, title, notices.lasted(text, since, now), now)
        except StorageError as error:
            log.error("meta alert not stored", title=title, reason=str(error))
            return
        self._direct.forget(key)
        self._world.send_bell.ring()

    async def over(self, key: str, title: str, text: str) -> None:
        """Tell everybody through the outbox that a trouble is over which kept most of them from being told."""
        known = self._direct.heard(key)
        self._direct.forget(key)
        since = known[0] if known is not None else self._clock.now()
        span = f"It lasted from {since:%Y-%m-%d %H:%M} to {self._clock.now():%Y-%m-%d %H:%M} UTC."
        await self.tell(f"ended {key} {since.isoformat()}", title, f"{text} {span}")

    async def poll_ended(self, poll: Poll) -> None:
        """Tell of a feed that was put in quarantine, or found gone."""
        before, after, name = poll.claim.state, poll.result.state, poll.claim.spec.name
        if after.status is before.status:
            return
        since = self._clock.now().isoformat(timespec="seconds")
        reason = after.problem.message if after.problem else ""
        if after.status is FeedStatus.QUARANTINED:
            await self.tell(f"quarantine {after.feed} {since}", *notices.quarantined(name, reason))
        elif before.status is FeedStatus.QUARANTINED:
            await self.tell(f"quarantine over {after.feed} {since}", *notices.out_of_quarantine(name, reason))
        elif after.status is FeedStatus.PAUSED:
            await self.tell(f"paused {after.feed} {since}", *notices.paused(name, reason))

    async def look(self) -> None:
        """Tell of what the store decided alone after crashes: feeds put in quarantine, messages held as suspects; of
        each once.
        """
        for feed in await self._store.feeds():
            state = feed.state
            if state.status is FeedStatus.QUARANTINED and state.claims > 1:
                why = state.problem.message if state.problem else ""
                key = f"quarantine {state.feed} {state.problem_since}"
                await self._tell_anew(key, notices.quarantined_after_crashes(feed.name, why))
        for name in await self._store.unreadable():
            await self._tell_anew(f"unreadable {name}", notices.unreadable(name))
        for message in await self._store.messages(state=MessageState.HELD.value, limit=_HELD_LOOKED_AT):
            if message.hold is HoldReason.SUSPECT:
                notice = notices.suspected(message.id, message.target)
                await self._tell_anew(f"suspect {message.id}", notice, about=message.target)

    async def _tell_anew(self, key: str, notice: Notice, *, about: ChannelName | None = None) -> None:
        if key not in self._told:
            await self.tell(key, *notice, about=about)
            self._told.add(key)

    async def attempt_ended(self, claim: MessageClaim, result: AttemptResult, decision: Decision) -> None:
        """Tell of a breaker that opened, and of a message that was given up."""
        now = self._clock.now().isoformat(timespec="seconds")
        await self._recipients(claim, result, decision)
        if decision.opened:
            log.error("breaker open", channel=claim.target, answer=result.answer)
            probe_at = decision.channel.next_probe_at
            notice = notices.breaker_opened(claim.target, result.result, result.answer, probe_at, self._clock.now())
            await self.tell(f"breaker {claim.target} {now}", *notice, about=claim.target)
        elif decision.closed:
            log.info("breaker closed", channel=claim.target)
            notice = notices.breaker_closed(claim.target, claim.health.breaker_since)
            await self.tell(f"breaker closed {claim.target} {now}", *notice, about=claim.target)
        elif decision.state is MessageState.DEAD:
            notice = notices.given_up(claim.id, claim.target, result.answer)
            await self.tell(f"dead {claim.id}", *notice, about=claim.target)

    async def _recipients(self, claim: MessageClaim, result: AttemptResult, decision: Decision) -> None:
        """Tell once of a recipient who was given up, and of the end of that when one took a message again."""
        targets = [target for target in self._world.ruling().meta_targets if target != claim.target] or [CONSOLE]
        heard = [(name, one.result is AttemptClass.OK) for name, one in sorted(result.recipients.items())]
        wells = [name for name, is_ok in heard if is_ok and (claim.target, name) not in self._well]
        ended = 0
        try:
            for name in wells:
                condition = _condition(claim.target, name)
                notice = notices.recipient_found(claim.target, name)
                ended += await self._store.end_condition(condition, targets, *notice, self._clock.now())
                self._well.add((claim.target, name))
            for name in decision.given_up:
                self._well.discard((claim.target, name))
                answer = result.recipients[name].answer if name in result.recipients else "refused earlier"
                condition = _condition(claim.target, name)
                notice = notices.recipient_lost(claim.target, name, answer)
                await self._store.note_condition(condition, True, targets, *notice, self._clock.now())
        except StorageError as error:
            log.error("meta alert not stored", title="a recipient given up", reason=str(error))
            return
        if decision.given_up or ended:
            self._world.send_bell.ring()

    async def configuration_refused(self, digest: bytes, problems: str, revision: int) -> None:
        """Tell that the files on disk are refused and the last good revision goes on."""
        notice = notices.configuration_refused(revision, problems)
        await self.tell(f"config {digest.hex()}", *notice)


def _condition(target: ChannelName, recipient: str) -> str:
    return f"recipient {target} {recipient}"
