"""Feeds as lines for a terminal and as JSON objects: what is configured beside what is remembered of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watcher.asking.configured import configuration_of
from watcher.asking.store import refuse_missing, with_store
from watcher.core.feeds.condition import COSTLY, Condition, FeedHealth, health_of, quiet_from
from watcher.core.feeds.gave import Gave
from watcher.core.model.ids import FeedId
from watcher.core.model.outcome import FeedState
from watcher.core.model.policy import FeedSpec
from watcher.core.model.record import FeedRecord
from watcher.daemon.clock import SystemClock
from watcher.ports import Shown
from watcher.settings.env import Settings
from watcher.settings.phrases import counted
from watcher.telling.feed_words import feed_cost, feed_seen, feed_to_do, in_words
from watcher.telling.payload import rfc3339
from watcher.telling.wording import label


@dataclass(frozen=True, slots=True)
class KnownFeed:
    """A configured feed, and what the store remembers of it (None = it was never polled)."""

    spec: FeedSpec
    record: FeedRecord | None
    gave: Gave | None = None
    matches: int = 0  # of all feeds, in the time that `gave` is of

    @property
    def state(self) -> FeedState | None:
        """What is remembered, None = it was never polled."""
        return self.record.state if self.record is not None else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What it taught us of how it names its items."""
        return self.record.notes if self.record is not None else ()

    def health(self, now: datetime) -> FeedHealth:
        """Return how the feed is."""
        return health_of(self.spec, self.state, now, self.notes)

    def cost(self, now: datetime) -> str:
        """Return what it costs that nothing comes of the feed, "" where that is not so."""
        if self.record is None or self.health(now).condition not in COSTLY:
            return ""
        return feed_cost(self.gave, self.matches)

    def told(self, now: datetime) -> tuple[str, str]:
        """Return what was seen of it, and the one thing to do; "" for nothing."""
        health = self.health(now)
        return feed_seen(self.spec, self.state, health, now, self.notes), feed_to_do(self.spec, self.state, health)


def known_feeds(settings: Settings) -> Sequence[KnownFeed]:
    """Return the configured feeds in the order of the files; where there is no database yet, none was ever polled.

    Raises:
        ConfigError: the configuration has mistakes; the text shows them.
        StorageError: the database cannot be read, or the daemon works with another one.
    """
    configuration = configuration_of(settings)
    refuse_missing(settings)
    records, gave = with_store(settings, _remembered_of_all) if settings.place().is_made else ((), {})
    by_name = {record.name: record for record in records}
    matches = next((one.matches for one in gave.values()), 0)
    known = [(spec, by_name.get(spec.name)) for spec in configuration.feeds]
    return [KnownFeed(spec, one, gave.get(one.state.feed) if one else None, matches) for spec, one in known]


async def _remembered_of_all(store: Shown) -> tuple[Sequence[FeedRecord], Mapping[FeedId, Gave]]:
    return await store.feeds(), await store.gave(SystemClock().now())


def in_short(feed: KnownFeed, now: datetime, width: int) -> str:
    """Return a feed in one line; below it what is wrong and what to do about it."""
    tags = f"  [{', '.join(feed.spec.tags)}]" if feed.spec.tags else ""
    word = feed.health(now).condition.value
    head = f"{label(feed.spec.name):<{width}}  {word:<11}  {_when(feed, now)}{tags}"
    return "\n".join([head, *(f"  {label(said, 300)}" for said in (*feed.told(now), feed.cost(now)) if said)])


def in_full(feed: KnownFeed, now: datetime) -> Iterator[str]:
    """Yield all that is configured and remembered of a feed."""
    spec, record = feed.spec, feed.record
    health = feed.health(now)
    since = f" since {health.since:%d %b %H:%M} UTC" if health.since is not None else ""
    yield f"{label(spec.name)}  {health.condition.value}{since}"
    yield from (f"  {label(said, 400)}" for said in feed.told(now) if said)
    yield f"  address     {spec.url}"
    yield f"  written at  {spec.place}"
    if spec.tags:
        yield f"  tags        {', '.join(spec.tags)}"
    yield f"  asked       {'every ' + span(spec.every) if spec.every else 'as often as it changes'}"
    yield from _way(spec)
    if record is None:
        yield f"  polled      {'not while it is paused' if spec.paused else 'never yet'}"
    else:
        yield from _remembered(spec, record, now, feed_cost(feed.gave, feed.matches))


def _way(spec: FeedSpec) -> Iterator[str]:
    """Yield what is unusual in how a feed is reached; the address of a proxy may hold a password."""
    asked = spec.request
    if asked.proxy is not None:
        yield "  way         through a proxy"
    if asked.unverified:
        yield "  TLS         nobody checks who answers (`tls: {insecure: true}`)"
    elif asked.ca_file:
        yield f"  TLS         the certificates of {asked.ca_file} are trusted too"


def _remembered(spec: FeedSpec, record: FeedRecord, now: datetime, gave: str) -> Iterator[str]:
    """Yield what polls left of a feed, and what it gave."""
    state = record.state
    if state.url != spec.url:
        yield f"  now at      {state.url}"
    yield f"  title       {label(state.title) or '(none)'}"
    yield f"  polled      {_ago(state.last_poll_at, now)}; last good poll {_ago(state.last_ok_at, now)}"
    yield f"  newest item {_ago(state.last_item_at, now)}"
    if not spec.paused:
        yield f"  next poll   {_in(state.next_poll_at, now)}"
    yield f"  articles    {record.articles}"
    if gave:
        yield f"  gave        {gave}"
    if state.usual_gap is not None:
        yield f"  usual gap   {in_words(state.usual_gap)}"
    if (quiet_at := quiet_from(spec, state)) is not None:
        yield f"  too quiet   from {quiet_at:%d %b %H:%M} UTC, if nothing new comes"
    if state.took is not None:
        yield f"  answers in  {state.took.total_seconds():.1f} s"
    for refused in record.refused:
        yield f"  refused     item {refused.position + 1}: {label(refused.reason, 300)} {label(refused.title)}".rstrip()


def feed_mapping(feed: KnownFeed, now: datetime) -> Mapping[str, Any]:
    """Return a feed as its JSON object."""
    spec, record = feed.spec, feed.record
    return {
        "feed": spec.name,
        "url": spec.url,
        "tags": list(spec.tags),
        "every_seconds": spec.every.total_seconds() if spec.every is not None else None,
        "place": str(spec.place),
        **_of_health(feed, now),
        **_of_record(record, spec),
        "problem": _problem(record.state) if record is not None else None,
        "notes": list(feed.notes),
        "matches_30d": feed.gave.count if feed.gave is not None else 0,
        "matches_30d_alone": feed.gave.alone if feed.gave is not None else 0,
    }


def _of_record(record: FeedRecord | None, spec: FeedSpec) -> Mapping[str, Any]:
    """Return what is remembered of a feed; all of it null for one that was never polled."""
    names = ("last_poll_at", "last_ok_at", "last_item_at", "next_poll_at")
    if record is None:
        return {"id": None, "now_at": None, "title": None, **dict.fromkeys(names), "articles": 0}
    state = record.state
    return {
        "id": state.feed,
        "now_at": state.url if state.url != spec.url else None,
        "title": state.title or None,
        **{name: _time(getattr(state, name)) for name in names},
        "articles": record.articles,
    }


def _of_health(feed: KnownFeed, now: datetime) -> Mapping[str, Any]:
    health, (said, mend) = feed.health(now), feed.told(now)
    return {
        "health": health.condition.value,
        "since": _time(health.since),
        "needs_look": health.needs_look,
        "seen": said or None,
        "to_do": mend or None,
    }


def _problem(state: FeedState) -> Mapping[str, Any] | None:
    if state.problem is None:
        return None
    return {"kind": state.problem.kind.value, "message": state.problem.message, "since": _time(state.problem_since)}


def is_troubled(feed: KnownFeed, now: datetime) -> bool:
    """Return whether somebody should look at a feed."""
    return feed.health(now).needs_look


def summary(feeds: Sequence[KnownFeed], now: datetime) -> str:
    """Return how many feeds there are, and how they are."""
    paused = sum(feed.spec.paused for feed in feeds)
    troubled = sum(is_troubled(feed, now) for feed in feeds)
    new = sum(feed.health(now).condition is Condition.NEW for feed in feeds)
    fine = len(feeds) - paused - troubled - new
    unread = f"{new} not read yet, " if new else ""
    return f"{counted(len(feeds), 'feed')}, {fine} fine, {unread}{troubled} need a look, {paused} paused"


def _when(feed: KnownFeed, now: datetime) -> str:
    if feed.record is None:
        return "never polled"
    return f"last item {_ago(feed.record.state.last_item_at, now)}"


def _ago(moment: datetime | None, now: datetime) -> str:
    return "never" if moment is None else f"{span(max(now - moment, timedelta(0)))} ago"


def _in(moment: datetime, now: datetime) -> str:
    return "now" if moment <= now else f"in {span(moment - now)}"


def span(length: timedelta) -> str:
    """Return a length of time in its largest whole unit, as the configuration writes it: 45s, 10m, 3h, 2d."""
    seconds = length.total_seconds()
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{int(seconds)}s"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
