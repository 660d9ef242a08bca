"""Tasks that outlive one step: born in a group, ended in order, never the end of their siblings."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from watcher.telemetry.metrics import Metrics

log = structlog.get_logger()


async def guarded(room: str, work: Coroutine[Any, Any, None], metrics: Metrics, **ids: str) -> None:
    """Run one piece of work; a surprise is logged with its ids and counted, and ends this piece alone."""
    try:
        await work
    except Exception:
        # The foot of a task: one surprise must not cancel the siblings in the group.
        metrics.surprises.labels(room).inc()
        log.exception("unexpected error", room=room, **ids)


class Wake:
    """A bell: `ring` ends the current or the next `wait`."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Let the waiter go on."""
        self._event.set()

    async def wait(self) -> None:
        """Wait for a ring, and take it."""
        await self._event.wait()
        self._event.clear()
