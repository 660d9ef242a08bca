"""Connections to our servers that ask nothing: they are closed, so that nobody keeps the last descriptors."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

IDLE_SECONDS = 20.0
"""Whoever has not sent the whole head of a request by then is hung up on; the library waits without end for the first
one, and each byte of a later one makes it wait anew.
"""


class ClosingWhenIdle(H11Protocol):
    """HTTP of the library, with an end to waiting for a request; an answer may take as long as it takes."""

    idle_seconds = IDLE_SECONDS
    _looks: asyncio.TimerHandle | None = None
    _seen: Any = None  # the exchange at the last look

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection, and look at it from time to time."""
        super().connection_made(transport)
        self._looks = self.loop.call_later(self.idle_seconds, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection."""
        if self._looks is not None:
            self._looks.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        cycle: Any = self.cycle
        is_answered = cycle is None or cycle.response_complete
        if is_answered and cycle is self._seen:
            self.transport.close()
            return
        self._seen = cycle if is_answered else None
        self._looks = self.loop.call_later(self.idle_seconds, self._look)
