"""What people change over the page or by a link: each change is checked, done, logged and put on the list."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from watcher.by_hand import ByHand, HandShown
from watcher.core.alerts.by_hand import (
    MUTED_AT_MOST,
    SPANS,
    Mute,
    Muteable,
    is_muted_already,
    longer,
    same_muted,
    say_muted,
    silence_by_hand,
)
from watcher.core.alerts.release import can_be_released
from watcher.core.alerts.restored import say_decided as say_decided_restored
from watcher.core.alerts.votes import of_undo, say_vote, taken_back, undo_of
from watcher.core.model.by_hand import HandChange, Paused, Undo
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId
from watcher.core.model.policy import Silence
from watcher.core.model.vote import VoteValue
from watcher.daemon.active import Active
from watcher.daemon.meta import Meta
from watcher.daemon.world import World
from watcher.errors import ControlError, StorageError
from watcher.ports import Notices, Shown
from watcher.settings.issues import did_you_mean
from watcher.settings.phrases import short
from watcher.telling import notices
from watcher.telling.signed_links import SignedLink
from watcher.telling.verdicts import say_decided
from watcher.telling.wording import label
from watcher.web.source import Asked, ChangeView, UntoldView

log = structlog.get_logger()

_SHOWN = 100
_UNTOLD_FOR = timedelta(hours=24)


class _Doors(ByHand, HandShown, Notices, Shown, Protocol):
    """What people change, and what they and others are shown of it."""


class ByHandDoor:
    """Does what people ask for, one thing after the other, and returns what was done in a sentence."""

    def __init__(self, world: World, active: Active, meta: Meta) -> None:
        self._world = world
        self._meta = meta
        self._active = active
        self._store: _Doors = world.store
        self._lock = asyncio.Lock()

    async def mute(self, kind: str, what: str, span: str, because: str, by: str, channel: str = "") -> str:
        """Mute a rule, feed or story for one of `SPANS`, on one channel where it is given.

        Raises:
            ControlError: there is no such thing, or too much is muted already.
            StorageError: the database refused.
        """
        async with self._lock:
            asked = await self._asked(kind, what, span, because, by, channel)
            silence, said, is_new = await self._mute(asked)
            if is_new and asked.channel:
                now = silence.starts_at or self._world.clock.now()
                await self._tell_there(asked.channel, silence.name, say_muted(asked, silence), by, now)
            return said

    async def mute_story(self, story: str, channel: ChannelName, by: str) -> tuple[str, str]:
        """Mute a story for a day on a channel where it is told by whoever asks for it; return what was done, and the
        name of the silence, which all share who ask for the same so. Raises as `mute`.
        """
        async with self._lock:
            silence, said, _ = await self._mute(await self._asked("story", story, "1d", "", by, channel))
            return said, silence.name

    async def _mute(self, asked: Mute) -> tuple[Silence, str, bool]:
        """Return the silence that does what is asked for, what was done, and whether it was made or changed now."""
        by_hand = await self._store.hand_silences()
        now = self._world.clock.now()
        running = [one for one in by_hand if one.ends_at is not None and one.ends_at > now]
        same = same_muted(running, asked)
        if same and is_muted_already(same[0], asked, now):
            said = f"the {asked.kind} {asked.what} is muted already, until {same[0].ends_at:%d %b %H:%M} UTC"
            return same[0], said, False
        if len(running) - len(same) >= MUTED_AT_MOST:
            raise ControlError(f"{MUTED_AT_MOST} things are muted by hand already; end some of them first")
        taken = {one.name for one in (*by_hand, *self._active.configuration().silences)}
        silence = longer(same[0], asked, now) if same else silence_by_hand(asked, now, taken)
        said = say_muted(asked, silence)
        change = HandChange(now, asked.by, said, Undo.UNMUTE, silence.name)
        await self._store.add_silence(silence, change, [one.name for one in same])
        return silence, await self._put_in_force(asked.by, said), True

    async def unmute(self, name: str, by: str) -> str:
        """End a silence that was made by hand; each channel is told what it held.

        Raises:
            StorageError: there is none of this name.
        """
        async with self._lock:
            said = f"ended the silence {name}"
            await self._store.end_silence(name, HandChange(self._world.clock.now(), by, said))
            return await self._put_in_force(by, said)

    async def shorten(self, silence: Silence, ends_at: datetime, by: str) -> str:
        """End a silence that was made by hand sooner, when those who asked for longer no longer do."""
        async with self._lock:
            said = f"it stays muted until {ends_at.day} {ends_at:%b %H:%M} UTC, as another reader asked for"
            change = HandChange(self._world.clock.now(), by, f"{silence.name}: {said}", Undo.UNMUTE, silence.name)
            await self._store.add_silence(replace(silence, ends_at=ends_at), change, [silence.name])
            return await self._put_in_force(by, said)

    async def retry(self, message: str, by: str) -> str:
        """Send a held, retrying or dead message again, with the same key.

        Raises:
            StorageError: there is none, or it was sent.
        """

        async def work() -> str:
            record = await self._store.retry_message(MessageId(message), self._world.clock.now())
            return f"message {record.id[:13]} goes to {record.target} again"

        return await self._asked_for(work, by)

    async def decide_restored(self, what: str, channel: str, by: str) -> str:
        """Send or drop what is held since the database was put back from a copy; `channel` "" = of all.

        Raises:
            ControlError: it is neither `send` nor `drop`.
            StorageError: the database refused.
        """
        if what not in ("send", "drop"):
            raise ControlError(f"`{short(what)}` is nothing that can be done with it; send or drop can")

        async def work() -> str:
            target, now = ChannelName(channel) if channel else None, self._world.clock.now()
            return say_decided_restored(
                await self._store.decide_restored(target, now, send=what == "send"), send=what == "send"
            )

        return await self._asked_for(work, by)

    async def release(self, article: str, by: str) -> str:
        """Give an article that was folded or passed over an alert of its own.

        Raises:
            StorageError: there is none, or it has nothing to release.
        """

        async def work() -> str:
            made = await self._store.release_article(ArticleId(article), self._world.clock.now())
            kept = f"; {'; '.join(made.kept)}" if made.kept else ""
            return f"released article {made.article[:13]} to {', '.join(made.targets)}{kept}"

        return await self._asked_for(work, by)

    async def unsubscribe(self, channel: str, recipient: str, by: str) -> str:
        """Send nothing more to one recipient of a channel; `meta` is told.

        Raises:
            ControlError: the channel has no such recipient.
        """
        async with self._lock:
            name, now = ChannelName(channel), self._world.clock.now()
            recipients = self._active.recipients(name) or ()
            if recipient not in recipients:
                raise ControlError(f"{short(recipient)} is no recipient of {short(channel)} any more")
            said = f"paused {recipient} of {channel}: nothing more is sent there"
            change = HandChange(now, by, said, Undo.RESUME, f"{channel} {recipient}")
            if not await self._store.pause_recipient(Paused(name, recipient, now, by), change):
                return f"{recipient} of {channel} is paused already"
            # First in force, then told: where this was the last one of a channel of `meta`, others are told.
            done = await self._put_in_force(by, said)
            left = [one for one in recipients if one not in self._world.ruling().policy.paused.get(name, ())]
            notice = notices.recipient_paused(name, recipient, by, is_last=not left)
            await self._meta.tell(f"paused {channel} {recipient} {now.isoformat()}", *notice)
            return done

    async def resume(self, what: str, by: str) -> str:
        """Send to a recipient again; `what` is the channel, a blank, and the recipient.

        Raises:
            StorageError: nobody of that name is paused there.
        """
        async with self._lock:
            channel, _, recipient = what.partition(" ")
            said = f"{recipient} of {channel} gets messages again"
            change = HandChange(self._world.clock.now(), by, said)
            await self._store.resume_recipient(ChannelName(channel), recipient, change)
            return await self._put_in_force(by, said)

    async def vote(self, alert: str, value: str, by: str) -> str:
        """Keep what somebody says of an alert.

        Raises:
            ControlError: `value` is no vote.
            StorageError: there is no such alert.
        """
        if value not in {one.value for one in VoteValue}:
            raise ControlError(f"`{short(value)}` is no vote; one is {' or '.join(VoteValue)}")
        async with self._lock:
            name = await self._store.alert(alert)
            vote = await self._store.vote(AlertId(alert), VoteValue(value), by, self._world.clock.now())
            return self._done(by, say_vote(vote, name))

    async def take_back_vote(self, what: str, by: str) -> str:
        """Forget what somebody said of an alert; `what` is the alert, a blank, and who said it.

        Raises:
            StorageError: there is no such vote.
        """
        async with self._lock:
            alert, voter = of_undo(what)
            name = await self._store.alert(alert)
            vote = await self._store.take_back_vote(alert, voter, by, self._world.clock.now())
            return self._done(by, taken_back(vote, by, name))

    async def ask(self, kind: str, what: str) -> Asked | None:
        """Return what could be muted, or the alert that could be voted on; None where there is no such thing."""
        try:
            if kind == "alert":
                name = await self._store.alert(what)
                return None if name is None else Asked(kind, name.id, label(name.title))
            return Asked(kind, what, await self._title(Muteable(kind), what))
        except (ValueError, ControlError, StorageError):  # no kind, no such thing, or the beginning of several
            return None

    async def changes(self) -> list[ChangeView]:
        """Return what was changed, the newest first, each with its undo while it stands."""
        standing = {(Undo.UNMUTE, one.name) for one in await self._store.hand_silences()}
        standing |= {(Undo.RESUME, f"{one.channel} {one.recipient}") for one in await self._store.paused_recipients()}
        standing |= {(Undo.UNVOTE, undo_of(one.alert, one.by)) for one in await self._store.votes()}
        found = []
        for one in await self._store.changes(_SHOWN):
            can_undo = (one.undo, one.what) in standing
            standing.discard((one.undo, one.what))
            found.append(ChangeView(one.at, one.by, one.did, one.undo.value if can_undo else "", one.what))
        return found

    async def untold(self) -> list[UntoldView]:
        """Return what was folded or passed over in the last day, each article once, the newest first."""
        found = await self._store.suppressed(self._world.clock.now() - _UNTOLD_FOR, _SHOWN)
        views: dict[str, UntoldView] = {}
        for one in found:
            name = one.article
            outcomes = [] if one.verdict is None else [one.verdict.outcome]
            is_free = can_be_released(outcomes, is_kept_back=one.kept_back is not None)
            view = UntoldView(one.at, name.id, name.title, name.source, say_decided(one), is_free)
            if name.id not in views or (is_free and not views[name.id].can_be_told):
                views[name.id] = view
        return list(views.values())

    def link(self, text: str) -> SignedLink | None:
        """Return what a signed link is for, None where it is none of ours or over."""
        return self._world.signer.read(text, self._world.clock.now())

    async def _tell_there(self, channel: ChannelName, name: str, said: str, by: str, now: datetime) -> None:
        """Tell everybody on a channel what one of them muted there."""
        try:
            key = f"muted {name} {now.isoformat()}"
            await self._store.notify([channel], key, *notices.muted_here(said, by, name), now)
        except StorageError as error:
            log.error("muted by hand, not told there", channel=channel, reason=str(error))
        self._world.send_bell.ring()

    async def _put_in_force(self, by: str, said: str) -> str:
        """Put in force what was stored just now, and return it in a sentence. Where that fails, the next look does it:
        what was stored is done.
        """
        try:
            await self._active.settle()
        except StorageError as error:
            log.error("changed by hand, not in force yet, trying again soon", reason=str(error))
            said = f"{said}; in force within a minute"
        self._world.send_bell.ring()
        return self._done(by, said)

    async def _asked_for(self, work: Callable[[], Awaitable[str]], by: str) -> str:
        async with self._lock:
            said = await work()
            self._world.send_bell.ring()
            try:
                await self._store.note_change(HandChange(self._world.clock.now(), by, said))
            except StorageError as error:
                log.error("changed by hand, but not on the list of changes", did=said, reason=str(error))
            return self._done(by, said)

    async def _asked(self, kind: str, what: str, span: str, because: str, by: str, channel: str) -> Mute:
        if kind not in {one.value for one in Muteable}:
            raise ControlError(f"`{short(kind)}` cannot be muted; a rule, feed or story can")
        lasts: timedelta | None = SPANS.get(span)
        if lasts is None:
            raise ControlError(f"`{short(span)}` is no length of time here; choose one of {', '.join(SPANS)}")
        if channel and channel not in self._world.ruling().policy.channels:
            raise ControlError(f"there is no channel `{short(channel)}`")
        title = await self._title(Muteable(kind), what)
        return Mute(Muteable(kind), what, lasts, by, because, ChannelName(channel) if channel else None, title)

    async def _title(self, kind: Muteable, what: str) -> str:
        if kind is Muteable.STORY:
            record = await self._store.story(what) if len(what) > 1 else None
            if record is None or record.story.id != what:
                raise ControlError(f"there is no story `{short(what)}`")
            return label(record.story.title)
        names = (
            {str(id_): rule.name for id_, rule in self._world.ruling().policy.rules.items()}
            if kind is Muteable.RULE
            else {feed.name: "" for feed in self._active.configuration().feeds}
        )
        if what not in names:
            hint = did_you_mean(what, names)
            raise ControlError("; ".join(filter(None, (f"there is no {kind} `{short(what)}`", hint))))
        return names[what] if names[what] != what else ""

    def _done(self, by: str, said: str) -> str:
        log.info("changed by hand", by=by, did=said)
        return said
