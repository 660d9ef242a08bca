"""Which due feeds are fetched now: one a host, few at once, and slow ones beside the others.

A fetch place is scarce, so nobody holds one while waiting for a host, and slow servers have places of their own:

1. A feed begins when nobody fetches from its host and the host's pause is over.
2. `QUICK` places are for feeds that answer at once; the last ten of them only for those that did so last time.
3. `SLOW` places are for feeds that took longer than `SLOW_SECONDS` last time, or do so just now.
4. None begins while `MOST_READING` documents wait to be read and stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from watcher.core.model.ids import FeedId
from watcher.core.model.record import DueFeed
from watcher.core.web_addresses import host_of
from watcher.network.hosts import HostLimits

QUICK = 50
"""Fetches that may be expected to end at once; above 50 to 100 the client's cost per request grows (measured with
httpx).
"""

SLOW = 100
"""Fetches that wait for a slow server: they cost a socket and what came of their body so far."""

SLOW_SECONDS = 2.0
MOST_READING = 50

_KEPT_FOR_QUICK: Final = 10
_FEWEST: Final = 3
_SQUEEZE_SECONDS: Final = 5.0
_RELAX_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class _Fetch:
    host: str
    began: float  # monotonic
    is_slow: bool


class Due:
    """Feeds that are due, in their order, each with its host: that is taken from the address once, not at each turn of
    the loop.
    """

    def __init__(self, feeds: Iterable[DueFeed] = ()) -> None:
        self.host_of = {feed.feed: host_of(feed.url) for feed in feeds}
        self._feeds_at = Counter(self.host_of.values())

    def drop(self, feeds: Iterable[FeedId]) -> None:
        """Take out what was begun, or is due no more."""
        for feed in feeds:
            if (host := self.host_of.pop(feed, None)) is not None:
                self._feeds_at[host] -= 1

    def has(self, host: str) -> bool:
        """Return whether a feed of this host is due."""
        return self._feeds_at[host] > 0


class Places:
    """Knows who fetches from where, and how long each feed took; `monotonic` returns seconds."""

    def __init__(self, hosts: HostLimits, monotonic: Callable[[], float]) -> None:
        self._hosts = hosts
        self._monotonic = monotonic
        self._fetching: dict[FeedId, _Fetch] = {}
        self._reading: set[FeedId] = set()
        self._quick: set[FeedId] = set()
        self._slow: set[FeedId] = set()
        self._limit: int | None = None
        self._squeezed_at = 0.0

    def choose(self, due: Due) -> list[FeedId]:
        """Return which of `due` may begin now, in its order; none of them shares a host with another."""
        if len(self._reading) >= MOST_READING:
            return []
        busy = {fetch.host for fetch in self._fetching.values()}
        quick, slow = self._in_hand()
        chosen: list[FeedId] = []
        for feed, host in due.host_of.items():
            if len(self._fetching) + len(chosen) >= self._most():
                break
            is_slow = feed in self._slow
            most_quick = QUICK if feed in self._quick else QUICK - _KEPT_FOR_QUICK
            has_place = slow < SLOW if is_slow else quick < most_quick
            if not has_place or feed in self._fetching or feed in self._reading or not self._is_free(host, busy):
                continue
            slow, quick = slow + is_slow, quick + (not is_slow)
            busy.add(host)
            chosen.append(feed)
        return chosen

    def next_free_in(self, due: Due) -> float | None:
        """Return in how many seconds the pause of a host with a due feed is over, or None: what else blocks ends with
        a poll or with time.
        """
        busy = {fetch.host for fetch in self._fetching.values()}
        waits = [wait for host, wait in self._hosts.resting().items() if due.has(host) and host not in busy]
        return min(waits, default=None)

    def begin(self, feed: FeedId, url: str) -> None:
        """Take a place."""
        self._fetching[feed] = _Fetch(host_of(url), self._monotonic(), feed in self._slow)

    def fetched(self, feed: FeedId) -> None:
        """Give the place back, and remember how long the server took; the document is yet to be read."""
        fetch = self._fetching.pop(feed, None)
        if fetch is None:
            return
        is_slow = self._monotonic() - fetch.began >= SLOW_SECONDS
        kind, other = (self._slow, self._quick) if is_slow else (self._quick, self._slow)
        kind.add(feed)
        other.discard(feed)
        self._reading.add(feed)

    def ended(self, feed: FeedId) -> None:
        """Note the end of a poll, whatever became of it."""
        self._fetching.pop(feed, None)
        self._reading.discard(feed)

    def squeeze(self) -> None:
        """Let half as many fetch at once: the system gives us no more. What fails in the same moment counts once."""
        now = self._monotonic()
        if self._limit is None or now - self._squeezed_at >= _SQUEEZE_SECONDS:
            self._limit = max(_FEWEST, (len(self._fetching) or self._most()) // 2)
        self._squeezed_at = now

    def _most(self) -> int:
        if self._limit is not None and self._monotonic() - self._squeezed_at >= _RELAX_SECONDS:
            self._limit = None
        return QUICK + SLOW if self._limit is None else self._limit

    def _in_hand(self) -> tuple[int, int]:
        """Return how many quick and slow places are taken; slow ones beyond their share count as quick."""
        now = self._monotonic()
        slow = sum(fetch.is_slow or now - fetch.began >= SLOW_SECONDS for fetch in self._fetching.values())
        return len(self._fetching) - min(slow, SLOW), min(slow, SLOW)

    def _is_free(self, host: str, busy: set[str]) -> bool:
        # A file, and an address that nobody can read, wait for no host.
        return not host or (host not in busy and self._hosts.free_in(host) == 0)
