"""Telling past the outbox: what must be said while the database takes nothing goes straight through the channels."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import structlog

from watcher.core.alerts.recipients import not_paused
from watcher.core.model.ids import ChannelName, MessageId, digest, public_id
from watcher.core.model.message import AttemptClass, Message, MessageKind
from watcher.core.model.policy import CONSOLE
from watcher.daemon.world import World
from watcher.errors import OutOfDescriptors
from watcher.ports import Channel

log = structlog.get_logger()

PAUSE_SECONDS: Final = 60.0
"""How long after a failed try a channel is tried again."""

SHORT_PAUSE_SECONDS: Final = 2.0
"""The same where no file descriptor was left for it."""


@dataclass(slots=True)
class _Trouble:
    """One fact that is being told: since when it holds, who heard of it, and from when on the others are tried
    again.
    """

    since: datetime
    title: str
    text: str
    heard: set[ChannelName] = field(default_factory=set)
    not_before: dict[ChannelName, float] = field(default_factory=dict)
    is_busy: bool = False


class Direct:
    """Remembers in memory alone what it told, so that each channel hears of a trouble once, however often it is
    reported.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._clock = world.clock
        self._open: dict[str, _Trouble] = {}

    async def begins(self, key: str, title: str, text: str) -> None:
        """Tell the channels of `meta` of a trouble, and the console where none of them takes it; call it at each sign
        of the trouble.

        A channel that failed is tried again after a minute. Never raises but for cancellation.
        """
        trouble = self._open.setdefault(key, _Trouble(self._clock.now(), title, text))
        trouble.title, trouble.text = title, text
        await self._tell_once(key, trouble)

    async def again(self) -> None:
        """Tell each trouble that lasts to the channels that have not heard of it; call it every few seconds.

        A trouble may show once only, and just then no channel could be reached: the last file descriptor is gone when
        that is to be told.
        """
        # All at once: a channel that hangs over one trouble keeps nobody from hearing of another.
        async with asyncio.TaskGroup() as group:
            for key, trouble in list(self._open.items()):
                group.create_task(self._tell_once(key, trouble))

    def heard(self, key: str) -> tuple[datetime, frozenset[ChannelName]] | None:
        """Return since when a trouble is known, and who heard of it; None when there is none."""
        trouble = self._open.get(key)
        return None if trouble is None else (trouble.since, frozenset(trouble.heard))

    def forget(self, key: str) -> None:
        """Take a trouble as ended and told, so that it is told anew when it comes back."""
        self._open.pop(key, None)

    async def _tell_once(self, key: str, trouble: _Trouble) -> None:
        if trouble.is_busy:
            return
        trouble.is_busy = True
        try:
            await self._send_all(key, trouble, set(self._world.ruling().meta_targets) or {CONSOLE})
            if not trouble.heard:
                await self._send_all(key, trouble, {CONSOLE})
        finally:
            trouble.is_busy = False

    async def _send_all(self, key: str, trouble: _Trouble, targets: set[ChannelName]) -> None:
        """One slow channel delays no other: all are asked at once."""
        known, now = self._world.ruling().channels, self._clock.monotonic()
        left = [name for name in targets - trouble.heard if name in known and trouble.not_before.get(name, now) <= now]
        async with asyncio.TaskGroup() as group:
            for name in left:
                trouble.not_before[name] = now + PAUSE_SECONDS
                id_ = MessageId(public_id("m", digest("direct", name, key, trouble.since.isoformat())))
                message = Message(id_, name, MessageKind.META, trouble.since, title=trouble.title, text=trouble.text)
                group.create_task(self._send(known[name], message, trouble))

    def _wanted(self, channel: Channel) -> tuple[str, ...] | None:
        return not_paused(channel.traits.recipients, self._world.ruling().policy.paused.get(channel.name, ()))

    async def _send(self, channel: Channel, message: Message, trouble: _Trouble) -> None:
        wanted = self._wanted(channel)
        if wanted == ():
            log.warning("not told directly", channel=channel.name, title=message.title, answer="nobody is left there")
            return
        try:
            async with asyncio.timeout(channel.deadline.total_seconds()):
                result = await channel.send(replace(message, recipients=wanted))
        except OutOfDescriptors as error:
            log.warning("not told directly", channel=channel.name, title=message.title, answer=str(error))
            trouble.not_before[channel.name] = self._clock.monotonic() + SHORT_PAUSE_SECONDS
            return
        except Exception as error:
            # The foot of a task: a channel that fails in an unknown way must not keep the others from being told.
            log.exception("unexpected error", room="direct", channel=channel.name, error=type(error).__name__)
            return
        if result.result is AttemptClass.OK:
            trouble.heard.add(channel.name)
            log.info("told directly", channel=channel.name, title=message.title)
        else:
            log.warning("not told directly", channel=channel.name, title=message.title, answer=result.answer)
