"""Tells each channel that wants it what its day was, once a local day over restarts and processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from watcher.core.alerts.schedule import Slot, last_slot
from watcher.core.alerts.wrap import Wrap, muted, never_fired, not_told, told_stories, waiting
from watcher.core.model.alert import AlertDetail
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.message import MessageKind, MessageState
from watcher.core.model.record import MessageRecord
from watcher.core.model.timing import Times
from watcher.daemon.active import Active
from watcher.daemon.page import feeds_with_costs
from watcher.daemon.world import World
from watcher.ports import OverTime, Shown
from watcher.telling.wraps import TITLE, wrap_notice

log = structlog.get_logger()

IDLE_AFTER: Final = timedelta(days=30)
"""A rule that told nothing for so long is named."""

_INSTANT: Final = timedelta(seconds=1)
_SETTLES: Final = timedelta(minutes=2)
"""What was sent so shortly before a wrap was made stands in the next one: its mark may not be written yet."""

_MOST_MESSAGES: Final = 2000
_MOST_DECIDED: Final = 5000


class _Doors(OverTime, Shown, Protocol):
    """What happened is looked up, the wrap is queued."""


class WrapWatch:
    """Looks each minute whether a wrap is due; the key of its message names channel and local day: it is told once.

    The last wrap of a channel is found among its messages, which follow its renames: the next one begins where that
    ended, and no time that had come before it is due again.
    """

    def __init__(self, world: World, active: Active) -> None:
        self._world = world
        self._store: _Doors = world.store
        self._active = active
        self._clock = world.clock
        self._done: dict[ChannelName, str] = {}

    async def look(self) -> None:
        """Tell each wrap whose time has come; none while the wall clock cannot be believed."""
        if not self._world.is_clock_trusted():
            return
        now = self._clock.now()
        due = [
            (name, slot, times)
            for name, times in self._active.configuration().wraps().items()
            if name in self._world.ruling().channels
            and (slot := last_slot(times, now)) is not None
            and self._done.get(name) != _day(slot, times)
        ]
        if not due:
            return
        # A channel that takes no messages is told once it does.
        broken = {health.name for health in await self._store.channel_health() if health.breaker_since is not None}
        for name, slot, times in due:
            if name not in broken and await self._tell(name, slot, times, now):
                self._world.send_bell.ring()

    async def _tell(self, name: ChannelName, slot: Slot, times: Times, now: datetime) -> int:
        day, told = _day(slot, times), 0
        known_since = (await self._store.stories(RuleId(""), now)).known_since
        messages = await self._store.messages(target=name, limit=_MOST_MESSAGES)
        last = max((one.created_at for one in messages if _is_wrap(one)), default=None)
        is_new = last is None or last < slot.at
        if is_new and known_since is not None and known_since < slot.at:
            wrap = await self._wrap(name, messages, _begin(last, slot, times), now - _SETTLES, times)
            told = await self._store.notify([name], f"wrap {name} {day}", *wrap_notice(wrap), now)
        self._done[name] = day
        if told:
            log.info("wrap", channel=name, day=day)
        return told

    async def _wrap(
        self, name: ChannelName, messages: Sequence[MessageRecord], since: datetime, until: datetime, times: Times
    ) -> Wrap:
        now = self._clock.now()
        configuration = self._active.configuration()
        recent = await self._store.recent_alerts(limit=_MOST_MESSAGES, sample=False, target=name)
        alerts = {one.id: one for one in recent}
        views = await feeds_with_costs(self._store, configuration.feeds, now)
        held = [one for one in await self._store.muted(limit=_MOST_DECIDED) if one.muted.target == name]
        silences = [one for one in self._world.ruling().policy.silences if one.channel in (None, name)]
        folded, near = not_told(await self._store.suppressed(since, limit=_MOST_DECIDED), name)
        stats = await self._store.stats(now)
        return Wrap(
            since=since,
            until=until,
            zone=times.zone,
            stories=told_stories([one for one in messages if one.state is MessageState.SENT], alerts, since, until),
            waiting=waiting(messages, now),
            muted=muted(silences, held, since, now),
            folded=folded,
            near=near,
            feeds=Counter(view.health.condition.value for view in views),
            troubled=tuple(
                f"{view.name}: {view.health.condition.value}. {view.seen} {view.to_do} {view.cost}".rstrip()
                for view in views
                if view.health.needs_look
            ),
            idle=await self._idle(now),
            notices=(*_cut(messages, recent, since), *_notices(messages, since, until)),
            articles=stats.read,
            matched=stats.matched,
        )

    async def _idle(self, now: datetime) -> tuple[str, ...]:
        """Return the rules that told nothing, once the store knows that long."""
        names: Mapping[RuleId, str] = {
            id_: rule.name for id_, rule in self._world.ruling().policy.rules.items() if rule.trend is None
        }
        histories = {id_: await self._store.stories(id_, now - IDLE_AFTER) for id_ in names}
        fired = [
            id_
            for id_, history in histories.items()
            if history.begun_at or history.known_since is None or history.known_since > now - IDLE_AFTER
        ]
        return never_fired(names, fired)


def _is_wrap(message: MessageRecord) -> bool:
    return message.kind is MessageKind.META and message.title.startswith(TITLE)


def _day(slot: Slot, times: Times) -> str:
    """Return the local day of a wrap: another hour of the same day is the same wrap."""
    return f"{slot.at.astimezone(times.zone):%Y-%m-%d}"


def _begin(last: datetime | None, slot: Slot, times: Times) -> datetime:
    """Return from when on a wrap tells: where the one before it ended, however long ago that is."""
    if last is not None:
        return last - _SETTLES
    before = last_slot(times, slot.at - _INSTANT)
    return (before.at if before else slot.at - timedelta(days=1)) - _SETTLES


def _cut(
    messages: Sequence[MessageRecord], recent: Sequence[AlertDetail], since: datetime
) -> tuple[tuple[str, int], ...]:
    """Return that a day was too long to be listed whole, or ()."""
    oldest = [some[-1].created_at for some in (messages, recent) if len(some) == _MOST_MESSAGES]
    if not oldest or max(oldest) <= since:
        return ()
    return ((f"what was told before {max(oldest):%Y-%m-%d %H:%M} UTC is not listed: it is too much", 1),)


def _notices(messages: Sequence[MessageRecord], since: datetime, until: datetime) -> tuple[tuple[str, int], ...]:
    """Return what a channel was told of the program itself, each once with how often, in order."""
    said = Counter(
        one.title
        for one in sorted(messages, key=lambda one: one.created_at)
        if one.kind is MessageKind.META and since <= one.created_at < until and not _is_wrap(one)
    )
    return tuple(said.items())
