"""What the page shows: plain values and the questions it may ask; the daemon answers them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from watcher.core.model.message import AlertSummary
from watcher.core.model.record import FeedRecord, MessageRecord, Stats, StoppedBy


@dataclass(frozen=True, slots=True)
class Card:
    """One alert as the page shows it: once, with all channels that it was for.

    `anchor` is the id of its story where this is the story's first card, else "".
    """

    alert: AlertSummary
    channels: tuple[str, ...]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """One look at the daemon; `channels` pairs each channel with its state in words, `rules` the id of
    each rule with its name; `stopped` says per rule id what its `none` stopped lately, most first.
    """

    now: datetime
    phase: str
    revision: int
    stale_since: datetime | None
    stale_problems: str
    last_reload: str
    stats: Stats
    alerts: Sequence[Card]
    feeds: Sequence[FeedRecord]
    messages: Sequence[MessageRecord]
    channels: Sequence[tuple[str, str]]
    rules: Sequence[tuple[str, str]]
    stopped: Mapping[str, Sequence[StoppedBy]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageSource:
    """The questions: an overview for people, liveness and readiness for probes, the metrics for Prometheus."""

    overview: Callable[[], Awaitable[Overview]]
    live: Callable[[], dict[str, Any]]
    ready: Callable[[], tuple[bool, dict[str, Any]]]
    metrics: Callable[[], bytes]
