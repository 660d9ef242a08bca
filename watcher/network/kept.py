"""Connections that are kept for a moment: a channel that sends many messages asks one place again and again.

What is kept was dialled by the guard for the same place under the same rules, and is dialled anew after a minute. One
on which anything came that nobody asked for, the end too, serves no more. What fails on a kept connection fails as on
a new one: nobody knows whether the request arrived, and only who sends may say that it goes again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from watcher.network.wire import Wire

IDLE_SECONDS: Final = 1.0
"""Shorter than servers wait before they close an idle connection, of which the shortest usual times are two seconds."""

OLDEST_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Kept:
    wire: Wire
    dialled_at: float
    closing: asyncio.TimerHandle


class KeptWires:
    """At most one idle connection a place."""

    def __init__(self) -> None:
        self._idle: dict[Hashable, _Kept] = {}

    async def take(self, place: Hashable) -> tuple[Wire, float] | None:
        """Return an idle connection to a place and when it was dialled, None where there is none that can serve."""
        kept = self._idle.pop(place, None)
        if kept is None:
            return None
        kept.closing.cancel()
        try:
            is_quiet = await kept.wire.is_quiet()
        except BaseException:
            kept.wire.close()
            raise
        if is_quiet:
            return kept.wire, kept.dialled_at
        kept.wire.close()
        return None

    def keeper(self, place: Hashable, dialled_at: float) -> Callable[[Wire], None]:
        """Return what keeps a connection to a place that was dialled then, once its answer was read."""

        def keep(wire: Wire) -> None:
            loop = asyncio.get_running_loop()
            if place in self._idle or loop.time() - dialled_at > OLDEST_SECONDS:
                wire.close()
                return
            self._idle[place] = _Kept(wire, dialled_at, loop.call_later(IDLE_SECONDS, self._drop, place))

        return keep

    def close(self) -> None:
        """Close all that is idle."""
        for place in list(self._idle):
            self._drop(place)

    def _drop(self, place: Hashable) -> None:
        kept = self._idle.pop(place, None)
        if kept is not None:
            kept.closing.cancel()
            kept.wire.close()
