"""Politeness towards hosts: one request at a time, a pause between two, and a rest when a host asks for one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from watcher.ports import Clock

_FORGET_ABOVE = 1024

FEEDS_THAT_SPEAK_FOR_A_HOST = 2
"""One feed that is throttled may be a limit of that feed alone (a proxy with many feeds behind it); two mean the
host.
"""


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
    free_at: float = 0.0
    throttled: dict[str, float] = field(default_factory=dict)  # feed -> until when, on the monotonic clock


class HostLimits:
    """Keeps at most one request in flight per host, and `pause` between the end of one and the start of the next.

    `sleep` waits so many seconds; a test passes one that moves its clock.
    """

    def __init__(
        self,
        clock: Clock,
        pause: timedelta = timedelta(seconds=1),
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._pause = pause.total_seconds()
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}
        self._pauses: dict[str, float] = {}  # host -> its end, on the monotonic clock; the first to end stands first
        self._forget_above = _FORGET_ABOVE

    @contextlib.asynccontextmanager
    async def turn(self, host: str, *, own: bool = False) -> AsyncIterator[None]:
        """Wait for this host's turn, in order of arrival, and hold it; `own` = a machine of the user's own, which
        needs no pause.
        """
        state = self._state(host)
        state.users += 1
        try:
            async with state.lock:
                wait = state.free_at - self._clock.monotonic()
                if wait > 0:
                    await self._sleep(wait)
                try:
                    yield
                finally:
                    state.free_at = self._clock.monotonic() + (0.0 if own else self._pause)
                    self._pauses.pop(host, None)
                    if not own:
                        self._pauses[host] = state.free_at
        finally:
            state.users -= 1

    def free_in(self, host: str) -> float | None:
        """Return in how many seconds this host may be asked again, 0 for now; None while it is being asked."""
        state = self._hosts.get(host)
        if state is None:
            return 0.0
        return None if state.users else max(0.0, state.free_at - self._clock.monotonic())

    def resting(self) -> dict[str, float]:
        """Return the hosts that nobody asks now and whose pause is not over, with the seconds that are left of it.

        It costs what was asked within a pause, however many hosts there are.
        """
        now = self._clock.monotonic()
        while self._pauses and self._pauses[first := next(iter(self._pauses))] <= now:
            del self._pauses[first]
        return {host: until - now for host, until in self._pauses.items() if not self._hosts[host].users}

    def throttled(self, host: str, feed: str, rest: timedelta) -> None:
        """Note that a host told one feed to stay away for so long."""
        self._state(host).throttled[feed] = self._clock.monotonic() + rest.total_seconds()

    def rest(self, host: str) -> timedelta | None:
        """Return how long the whole host is to be left alone, or None; it takes two feeds that were throttled.

        The host rests until the first of the two may come again: that request then shows how things are.
        """
        state = self._hosts.get(host)
        if state is None or not state.throttled:
            return None
        now = self._clock.monotonic()
        state.throttled = {feed: until for feed, until in state.throttled.items() if until > now}
        if len(state.throttled) < FEEDS_THAT_SPEAK_FOR_A_HOST:
            return None
        return timedelta(seconds=min(state.throttled.values()) - now)

    def _state(self, host: str) -> _Host:
        if len(self._hosts) > self._forget_above:
            self._forget()
        return self._hosts.setdefault(host, _Host())

    def _forget(self) -> None:
        """Drop what no longer says anything, so that hosts that are gone do not pile up."""
        now = self._clock.monotonic()
        self._hosts = {
            host: state
            for host, state in self._hosts.items()
            if state.users or state.free_at > now or any(until > now for until in state.throttled.values())
        }
        # Sweep again only after as many new ones: otherwise thousands of busy hosts would be swept at every request.
        self._forget_above = max(_FORGET_ABOVE, 2 * len(self._hosts))
