"""What an operator wants to know first, on one screen: is it well, what was told, what waits, what is quiet."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from watcher.asking.by_hand import thinned
from watcher.asking.configured import configuration_of
from watcher.asking.feed_lines import KnownFeed, is_troubled, span, summary
from watcher.asking.store import with_store
from watcher.asking.timetable import NextTime, next_times
from watcher.by_hand import HandShown
from watcher.core.alerts.lasting import begun
from watcher.core.alerts.silence import is_in_force
from watcher.core.model.alert import AlertDetail
from watcher.core.model.by_hand import Paused
from watcher.core.model.message import FINAL_STATES, MessageState
from watcher.core.model.policy import ChannelState, Silence
from watcher.core.model.record import FeedRecord, MessageRecord, Stats
from watcher.daemon.control import ask
from watcher.daemon.state import OUT
from watcher.errors import ControlError, StorageError
from watcher.ports import InForce, Shown
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings
from watcher.settings.phrases import counted
from watcher.telling.marked import shown
from watcher.telling.payload import rfc3339
from watcher.telling.states import why

_MOST_LISTED = 5
_MOST_READ = 1000
"""So many messages of each open state are looked at; more are counted only."""

_ANSWER_SECONDS = 5
_HEAD = 10
_TITLE = 200


class _Doors(InForce, Shown, HandShown, Protocol):
    """What the screen is read from."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database knows. `open` are messages that still wait, newest first, of each state the newest."""

    stats: Stats = Stats()
    feeds: Sequence[FeedRecord] = ()
    last: AlertDetail | None = None
    open: Sequence[MessageRecord] = ()
    silences: Sequence[Silence] = ()  # made by hand while the program ran
    left: Sequence[Paused] = ()  # recipients of channels who asked for no more
    starts: Mapping[str, datetime] = field(default_factory=dict)  # of silences that only say how long they last


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it. `daemon` is its answer, None where none runs; `unread` says why there is nothing stored."""

    configuration: Configuration
    stored: Stored
    daemon: Mapping[str, Any] | None
    unread: str = ""

    @property
    def is_out(self) -> bool:
        """Whether the daemon sees its own network out."""
        words = self.daemon["degraded_by"] if self.daemon is not None else ()
        return any(word.startswith(OUT) for word in words)

    def muted(self, now: datetime) -> list[Silence]:
        """Return the silences in force: those of the files, then those made by hand."""
        of_files = begun(self.configuration.silences, self.stored.starts)
        return [one for one in (*of_files, *self.stored.silences) if is_in_force(one, now)]

    def feeds(self) -> list[KnownFeed]:
        """Return the configured feeds with what is known of each."""
        by_name = {record.name: record for record in self.stored.feeds}
        return [KnownFeed(spec, by_name.get(spec.name)) for spec in self.configuration.feeds]


def overview(settings: Settings, now: datetime) -> Overview:
    """Return how everything is. Blocks.

    Raises:
        ConfigError: the configuration has mistakes; the text shows them.
    """
    configuration = configuration_of(settings)
    try:
        daemon = asyncio.run(ask(Path(settings.data), {"verb": "status"}, timeout_seconds=_ANSWER_SECONDS))
    except ControlError:
        daemon = None
    try:
        stored, unread = with_store(settings, lambda store: _read(store, now)), ""
    except StorageError as error:
        stored, unread = Stored(), str(error)
    return Overview(configuration, stored, daemon, unread)


async def _read(store: _Doors, now: datetime) -> Stored:
    stats = await store.stats(now)
    last = await store.recent_alerts(limit=1, sample=False) or await store.recent_alerts(limit=1)
    states = [state for state in MessageState if state not in FINAL_STATES]
    found = [one for state in states for one in await store.messages(state=state, limit=_MOST_READ)]
    by_hand = await store.hand_silences()
    left, revision = await store.paused_recipients(), await store.active_revision()
    starts = {} if revision is None else revision.silence_starts
    return Stored(stats, await store.feeds(), last[0] if last else None, found, by_hand, left, starts)


def screen(seen: Overview, now: datetime) -> list[str]:
    """Return the screen, a line each; times are in the zone of the configuration."""
    zone = ZoneInfo(seen.configuration.defaults.zone)
    parts = (
        ("daemon", _daemon(seen.daemon)),
        ("stored", iter([seen.unread] if seen.unread else [])),
        ("last", _last(seen.stored.last, zone)),
        ("24 h", iter([_day(seen.stored.stats)])),
        ("waits", _waits(seen.stored, now)),
        ("dead", _dead(seen.stored.stats)),
        ("muted", _muted(seen.muted(now), zone)),
        ("next", _next(next_times(seen.configuration, now))),
        ("channels", _channels(seen)),
        ("feeds", _feeds(seen.feeds(), now, is_out=seen.is_out)),
    )
    return [f"{'' if number else head:<{_HEAD}}{said}" for head, found in parts for number, said in enumerate(found)]


def as_json(seen: Overview, now: datetime) -> Mapping[str, Any]:
    """Return the same for programs."""
    stored, feeds = seen.stored, seen.feeds()
    oldest = min((one.created_at for one in stored.open), default=None)
    return {
        "daemon": seen.daemon,
        "unread": seen.unread or None,
        "last_alert": stored.last and {"at": rfc3339(stored.last.created_at), "rule": stored.last.rule},
        "day": {key: getattr(stored.stats, key) for key in ("read", "matched", "stories", "sent")},
        "messages": dict(stored.stats.messages),
        "oldest_open_at": oldest and rfc3339(oldest),
        "muted": [one.name for one in seen.muted(now)],
        "next": [
            {"schedule": one.name, "at": one.next_at and rfc3339(one.next_at)}
            for one in next_times(seen.configuration, now)
        ],
        "channels_waiting": {name: one.reason for name, one in seen.configuration.channels.items() if one.reason},
        "unsubscribed": {
            name: {"recipients": one.of, "gone": one.gone}
            for name, one in thinned(seen.configuration, stored.left).items()
        },
        "feeds": len(feeds),
        "feeds_to_look_at": [one.spec.name for one in feeds if is_troubled(one, now)],
    }


def _daemon(answer: Mapping[str, Any] | None) -> Iterator[str]:
    if answer is None:
        yield "none runs on this data directory; start it with: watcher run"
        return
    state = "ready" if answer["ready"] else f"not ready: {', '.join(answer['reasons'])}"
    yield f"runs, {state}, revision {answer['revision']}"
    yield from (f"degraded: {word}" for word in answer["degraded_by"])


def _last(alert: AlertDetail | None, zone: ZoneInfo) -> Iterator[str]:
    if alert is None:
        yield "nothing was alerted yet"
        return
    title = shown(alert.article.title[:_TITLE]) or "(no title)"
    if alert.sample:
        title = f"SAMPLE {title}"
    yield f"{alert.created_at.astimezone(zone):%a %d %b %H:%M %Z}  {alert.severity.word}  {alert.rule}: {title}"


def _day(stats: Stats) -> str:
    return (
        f"{counted(stats.read, 'article')} read, {stats.matched} matched, "
        f"{stats.stories} {'story' if stats.stories == 1 else 'stories'}, {counted(stats.sent, 'message')} sent"
    )


def _waits(stored: Stored, now: datetime) -> Iterator[str]:
    """Say how many messages wait for what, the oldest of each first; below it what is done about it."""
    if not stored.open:
        yield "nothing waits to be sent"
        return
    reasons = Counter((one.target, one.hold or one.state, why(one)) for one in stored.open)
    oldest = {(one.target, one.hold or one.state, why(one)): one.created_at for one in reversed(stored.open)}
    for key, number in reasons.most_common(_MOST_LISTED):
        since = span(now - oldest[key])
        yield f"{counted(number, 'message')} for {key[0]}, the oldest for {since}: {key[2]}"
    if len(reasons) > _MOST_LISTED:
        yield f"and {len(reasons) - _MOST_LISTED} more kinds: watcher deliveries list"


def _dead(stats: Stats) -> Iterator[str]:
    number = stats.messages.get(MessageState.DEAD.value, 0)
    if number:
        yield f"{counted(number, 'message')} given up: watcher deliveries list --state dead; retry --dead sends them again"


def _muted(silences: Sequence[Silence], zone: ZoneInfo) -> Iterator[str]:
    for one in silences:
        until = f"{one.ends_at.astimezone(zone):%a %d %b %H:%M %Z}" if one.ends_at else "it is taken out"
        yield f"{one.name} until {until}; what it holds: watcher deliveries silenced"


def _next(times: Sequence[NextTime]) -> Iterator[str]:
    yield from (f"{one.name}: {one.said}" for one in times)


def _channels(seen: Overview) -> Iterator[str]:
    left = thinned(seen.configuration, seen.stored.left)
    for name, setup in seen.configuration.channels.items():
        if setup.reason:
            # The daemon may have been started where the secret is set, as in a container.
            here = " (in this shell; the daemon has its own environment)" if seen.daemon is not None else ""
            yield f"{name} is paused" if setup.state is ChannelState.OFF else f"{name} waits: {setup.reason}{here}"
        elif name in left:
            yield f"{name} is {left[name]}" if left[name].is_off else f"{name}: {left[name]}"


def _feeds(feeds: Sequence[KnownFeed], now: datetime, *, is_out: bool) -> Iterator[str]:
    yield summary(feeds, now)
    if is_out:
        return  # what each of them shows is the network's
    troubled = [one for one in feeds if is_troubled(one, now)]
    for one in troubled[:_MOST_LISTED]:
        seen, to_do = one.told(now)
        yield f"{one.spec.name}: {seen.removesuffix('.')}" + (f"; {to_do}" if to_do else "")
    if len(troubled) > _MOST_LISTED:
        yield f"and {len(troubled) - _MOST_LISTED} more: watcher feeds list --troubled"
