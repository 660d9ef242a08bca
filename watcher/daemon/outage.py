"""Tells an outage of our own network from feeds that are out: when host after host fails and none answers, it is ours.

A failure counts when no host answered since its fetch began, so that slow failures beside quick answers say nothing.
The first answer ends it. Hosts on the user's own machines say nothing of the network.
"""

from __future__ import annotations

from typing import Final

from watcher.core.model.outcome import FetchFailed, FetchOutcome, FetchProblemKind
from watcher.core.model.policy import FeedSpec
from watcher.core.web_addresses import host_of
from watcher.network.addresses import literal, may_dial

ENOUGH: Final = 5
"""So many hosts that fail one after the other, all of them where fewer are configured, are no coincidence."""

_OF_THE_NETWORK = frozenset(
    {
        FetchProblemKind.DNS,
        FetchProblemKind.CONNECT,
        FetchProblemKind.TIMEOUT,
        FetchProblemKind.TLS,
        FetchProblemKind.CLOSED,
    }
)


class OutageWatch:
    """Listens to every fetch. `hosts` is how many hosts are configured; one alone tells nothing of a network."""

    def __init__(self, hosts: int = 0) -> None:
        self.hosts = hosts
        self._failing: dict[str, str] = {}  # host -> the last error
        self._answered_at = float("-inf")
        self.is_out = False
        self.feeds: set[str] = set()  # that could not be asked meanwhile

    def note(self, spec: FeedSpec, began: float, ended: float, outcome: FetchOutcome) -> bool:
        """Take the end of one fetch, with its times in seconds; return whether its failure is ours."""
        host = host_of(spec.url)
        if not host or _is_near(host):
            return False
        if not isinstance(outcome, FetchFailed) or outcome.problem.kind not in _OF_THE_NETWORK:
            self._answered_at = ended
            self._failing.clear()
            self.is_out = False
            return False
        if began < self._answered_at:
            return False
        self._failing[host] = outcome.problem.message
        if not self.is_out:
            self.is_out = len(self._failing) >= max(2, min(ENOUGH, self.hosts or ENOUGH))
        if self.is_out:
            self.feeds.add(spec.name)
        return self.is_out

    def said(self) -> str:
        """Return what is seen, in a sentence."""
        last = next(reversed(self._failing.values()), "")
        return f"no host can be reached, {len(self._failing)} were tried; the last: {last}"


def _is_near(host: str) -> bool:
    """Return whether a host is one of the user's own, by its name or address."""
    try:
        address = literal(host)
    except ValueError:
        return False
    return host == "localhost" or (address is not None and not may_dial(address, ()))
