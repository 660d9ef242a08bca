"""Tasks that outlive one step: born in a group, ended in order, never the end of their siblings."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
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


class InHand:
    """The pieces of work that one loop has begun, in the loop's own task group; `ended` is called when one is no
    longer in hand.
    """

    def __init__(self, group: asyncio.TaskGroup, ended: Callable[[], None] = lambda: None) -> None:
        self._group = group
        self._ended = ended
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin a piece of work."""
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._ended()

    async def finish(self, grace_seconds: float) -> None:
        """Let what was begun end within its grace, and cancel the rest."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_seconds)
        for task in self._tasks:
            task.cancel()


class Wake:
    """A bell: `ring` ends the current or the next `wait`."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Let the waiter go on."""
        self._event.set()

    async def wait(self, seconds: float | None = None) -> None:
        """Wait for a ring, and take it; for so many seconds at most, where given."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()
