"""Tells an outage of our own network from feeds that are out: when host after host fails and none answers, it is ours.

1. A failure counts when no host answered since its fetch began: slow failures beside quick answers say nothing.
2. Only hosts whose last poll was good count: one that failed before tells nothing, and its failures stay its own.
3. A failed TLS handshake alone is no sign (an expired certificate): it counts for nothing, and ends nothing.
4. Hosts on the user's own machines say nothing of the network.
5. At a start where nothing is known yet, it is one once every host was tried and none answered.
6. The first answer ends it; what failed meanwhile counts again once it has answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from watcher.core.model.outcome import FeedState, FetchFailed, FetchOutcome, FetchProblemKind
from watcher.core.model.policy import FeedSpec
from watcher.core.model.record import FeedClaim
from watcher.core.web_addresses import host_of
from watcher.network.addresses import literal, may_dial

ENOUGH: Final = 5
"""So many hosts that fail one after the other, all that were well where those are fewer, are no coincidence."""

# RFC 6762 and RFC 8375; `lan` and `internal` by custom of home routers and clouds.
_NEAR_NAMES: Final = (".local", ".lan", ".internal", ".home.arpa", ".localhost")

OF_THE_NETWORK: Final = frozenset(
    {
        FetchProblemKind.DNS,
        FetchProblemKind.CONNECT,
        FetchProblemKind.TIMEOUT,
        FetchProblemKind.CLOSED,
    }
)
"""What a feed shows when the network is out, or when it alone is."""


class OutageWatch:
    """Listens to every fetch; `feeds` are those that could not be asked in an outage that is over."""

    def __init__(self, feeds: Iterable[FeedSpec] = ()) -> None:
        self._hosts: frozenset[str] = frozenset()
        self._failing: dict[str, str] = {}  # host -> the last error
        self._new: set[str] = set()  # hosts that were never asked before, and do not answer
        self._failed_before: set[str] = set()  # hosts that tell nothing until they answer
        self._not_asked: set[str] = set()
        self._answered_at = float("-inf")
        self.is_out = False
        self.feeds: set[str] = set()
        self.use(feeds)

    def use(self, feeds: Iterable[FeedSpec]) -> None:
        """Take the feeds that are configured: hosts of paused ones are not asked, and those nearby tell nothing."""
        hosts = frozenset(host_of(spec.url) for spec in feeds if not spec.paused)
        self._hosts = frozenset(host for host in hosts if host and not _is_near(host))
        self._failed_before &= self._hosts

    def note(self, claim: FeedClaim, began: float, ended: float, outcome: FetchOutcome) -> bool:
        """Take the end of one fetch, with its times in seconds; return whether its failure is ours."""
        host = host_of(claim.spec.url)
        if not host or _is_near(host):
            return False
        kind = outcome.problem.kind if isinstance(outcome, FetchFailed) else None
        if kind is not FetchProblemKind.TLS and kind not in OF_THE_NETWORK:
            self._answered(host, ended)
            return False
        if began < self._answered_at:
            return False
        if host not in self._failing and (host in self._failed_before or not _was_good(claim.state)):
            self._failed_before.add(host)
            return self._begins_offline(host, claim.state, outcome)
        if isinstance(outcome, FetchFailed) and kind is not FetchProblemKind.TLS:
            self._failing[host] = outcome.problem.message
            self.is_out = self.is_out or len(self._failing) >= self._enough()
        if self.is_out or kind is not FetchProblemKind.TLS:
            self._not_asked.add(claim.spec.name)
        return self.is_out

    def said(self) -> str:
        """Return what is seen, in a sentence."""
        last = next(reversed(self._failing.values()), "")
        return f"{len(self._failing)} hosts in a row cannot be reached, none answered; the last: {last}"

    def _answered(self, host: str, ended: float) -> None:
        if self.is_out:
            self.feeds |= self._not_asked
        self._failed_before |= self._failing.keys()
        self._failed_before.discard(host)
        self._answered_at = ended
        self._failing.clear()
        self._not_asked.clear()
        self.is_out = False

    def _begins_offline(self, host: str, state: FeedState, outcome: FetchOutcome) -> bool:
        """Return whether no host was ever asked before, each has been now, and none has answered."""
        is_new = state.last_ok_at is None and not state.failures
        if not is_new or self._answered_at > float("-inf") or not isinstance(outcome, FetchFailed):
            return False
        self._new.add(host)
        if len(self._hosts) >= ENOUGH and self._hosts <= self._new:
            self._failing = dict.fromkeys(self._new, outcome.problem.message)
            self.is_out = True
        return self.is_out

    def _enough(self) -> int:
        """Return how many hosts must fail in a row; one alone tells nothing of a network."""
        return max(2, min(ENOUGH, len(self._hosts - self._failed_before)))


def _was_good(state: FeedState) -> bool:
    return state.last_ok_at is not None and not state.failures


@lru_cache(maxsize=16_384)
def _is_near(host: str) -> bool:
    """Return whether a host is one of the user's own, by its name or address."""
    try:
        address = literal(host)
    except ValueError:
        return False
    if address is not None:
        return not may_dial(address, ())
    return "." not in host or host.endswith(_NEAR_NAMES)
