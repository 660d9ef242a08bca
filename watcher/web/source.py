"""What the page shows: plain values and the questions it may ask; the daemon answers them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol

from watcher.core.alerts.by_day import AlertDay
from watcher.core.alerts.muted import Holding
from watcher.core.feeds.condition import FeedHealth
from watcher.core.model.article import Article
from watcher.core.model.message import AlertSummary
from watcher.core.model.record import FeedRecord, MessageRecord, Stats, StoppedBy
from watcher.telling.explained import RuleInWords
from watcher.telling.signed_links import SignedLink


@dataclass(frozen=True, slots=True)
class Card:
    """One alert as the page shows it: once, with all channels that it was for.

    `anchor` is the id of its story where this is the story's first card, else "". `article` is the id of the article
    that it tells of.
    """

    alert: AlertSummary
    channels: tuple[str, ...]
    anchor: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True)
class ArticleView:
    """One stored article, what the rules of now make of it, and what was decided of it when it came.

    `decided` are sentences; `others` counts rules that are far from firing and not shown; `unexplained` says why
    nothing can be said of rules, or ""; `was_kept_back` = it can be released by hand. `outlet` is where it is from.
    """

    now: datetime
    article: Article
    rules: Sequence[RuleInWords]
    decided: Sequence[str]
    others: int = 0
    unexplained: str = ""
    was_kept_back: bool = False
    outlet: str = ""
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class FeedView:
    """One configured feed: how it is, what was seen, the one thing to do, and what it costs that nothing comes;
    `record` None = it was never polled.
    """

    name: str
    health: FeedHealth
    seen: str = ""
    to_do: str = ""
    cost: str = ""
    record: FeedRecord | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """One look at the daemon; `channels` pairs each channel with its state in words, `rules` the id of
    each rule with its name; `stopped` says per rule id what its `none` stopped lately, most first;
    `silences` are those in force or over for a few days, with what they held; where more was held than is looked at,
    `silences_cut_at` says how much of it counts here, else it is 0; `days` are the last ones with their alerts; times
    are shown in `zone`.
    """

    now: datetime
    phase: str
    revision: int
    stale_since: datetime | None
    stale_problems: str
    last_reload: str
    stats: Stats
    alerts: Sequence[Card]
    feeds: Sequence[FeedView]
    messages: Sequence[MessageRecord]
    channels: Sequence[tuple[str, str]]
    rules: Sequence[tuple[str, str]]
    stopped: Mapping[str, Sequence[StoppedBy]] = field(default_factory=dict)
    silences: Sequence[Holding] = ()
    silences_cut_at: int = 0
    days: Sequence[AlertDay] = ()
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody is asked about: its kind, its id or name, and what it is called for people."""

    kind: str
    what: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change as the page lists it; `undo` says which form of the page takes it back, "" where nothing does or it
    was taken back already.
    """

    at: datetime
    by: str
    did: str
    undo: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class UntoldView:
    """One article that a rule matched and that was told to nobody there, with the reason in words."""

    at: datetime
    article: str
    title: str
    source: str
    said: str
    can_be_told: bool


class HandSource(Protocol):
    """What can be changed over the page; each change returns what was done, and raises WatcherError where it is
    refused.
    """

    async def mute(self, kind: str, what: str, span: str, because: str, by: str, channel: str = "") -> str:
        """Mute a rule, feed or story for a while, on one channel where it is given."""
        ...

    async def unmute(self, name: str, by: str) -> str:
        """End a silence that was made so."""
        ...

    async def retry(self, message: str, by: str) -> str:
        """Send a message again."""
        ...

    async def release(self, article: str, by: str) -> str:
        """Tell an article that was kept back."""
        ...

    async def unsubscribe(self, channel: str, recipient: str, by: str) -> str:
        """Send nothing more to one recipient of a channel."""
        ...

    async def resume(self, what: str, by: str) -> str:
        """Send to a recipient again; `what` is the channel, a blank, and the recipient."""
        ...

    async def vote(self, alert: str, value: str, by: str) -> str:
        """Keep what somebody says of an alert: `useful` or `not-useful`."""
        ...

    async def take_back_vote(self, what: str, by: str) -> str:
        """Forget what somebody said of an alert; `what` is the alert, a blank, and who said it."""
        ...

    async def ask(self, kind: str, what: str) -> Asked | None:
        """Return what could be muted, or the alert that could be voted on; None where there is no such thing."""
        ...

    async def changes(self) -> Sequence[ChangeView]:
        """Return what was changed, the newest first."""
        ...

    async def untold(self) -> Sequence[UntoldView]:
        """Return what was folded or passed over in the last day, the newest first."""
        ...

    def link(self, text: str) -> SignedLink | None:
        """Return what a signed link is for, None where it is none of ours or over."""
        ...


@dataclass(frozen=True, slots=True)
class PageSource:
    """The questions: an overview for people, one article by its id (None = not stored), liveness and readiness for
    probes, the metrics for Prometheus; `hand` changes; `zone` is that of the times shown. While `is_open` says no, as
    at the start, only probes and metrics are asked.
    """

    overview: Callable[[], Awaitable[Overview]]
    article: Callable[[str], Awaitable[ArticleView | None]]
    live: Callable[[], dict[str, Any]]
    ready: Callable[[], tuple[bool, dict[str, Any]]]
    metrics: Callable[[], bytes]
    hand: HandSource
    is_open: Callable[[], bool] = lambda: True
    zone: Callable[[], tzinfo] = lambda: UTC
