"""Heads of threads: how much more was told below a message, written into it by edits that hold up no alert.

What was sent is known here in memory alone: after a start the threads of before go on, their heads stay as they are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from watcher.core.model.message import AttemptClass, AttemptResult

Edit = Callable[[int, str], Awaitable[AttemptResult]]
"""Writes into a head how many more were told below it, and the latest of them in one line."""

PAUSE: Final = timedelta(seconds=30)
"""One head is edited at most so often: what comes meanwhile is in the next edit, and the last state wins."""

_AT_ONCE: Final = 20
_MOST: Final = 2000


@dataclass(slots=True)
class _Head:
    edit: Edit
    more: int = 0
    latest: str = ""
    is_dirty: bool = False
    not_before: float = 0.0


class Heads:
    """Knows the newest heads; a failed edit is tried again only where the service asks for a rest."""

    def __init__(self) -> None:
        self._heads: dict[str, _Head] = {}

    def begin(self, remote: str, edit: Edit) -> None:
        """Take note of a message that may become the head of a thread; `remote` is what its service calls it."""
        self._heads[remote] = _Head(edit)
        while len(self._heads) > _MOST:
            del self._heads[next(iter(self._heads))]

    def told_below(self, remote: str, count: int, latest: str) -> None:
        """Take note of `count` alerts that were told in the thread below a head; one that is not known is left."""
        head = self._heads.get(remote)
        if head is not None:
            head.more, head.latest, head.is_dirty = head.more + count, latest, True

    async def flush(self, now: float) -> int:
        """Edit the heads below which something was told, each at most once in `PAUSE`; return how many were edited.

        `now` is in seconds on a clock that no one sets. Never raises for what a service answers.
        """
        due = [head for head in self._heads.values() if head.is_dirty and head.not_before <= now][:_AT_ONCE]
        edited = 0
        for head in due:
            head.is_dirty = False
            head.not_before = now + PAUSE.total_seconds()
            result = await head.edit(head.more, head.latest)
            edited += result.result is AttemptClass.OK
            if result.result in (AttemptClass.THROTTLE, AttemptClass.RETRY):
                head.is_dirty = True
                head.not_before = now + max(PAUSE, result.retry_after or PAUSE).total_seconds()
        return edited
