"""The loop that polls and sends share: claim at a ring, have in hand until it ends, stop in order."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from watcher.daemon.tasks import InHand, Wake
from watcher.daemon.world import World
from watcher.errors import StorageError

Claim = TypeVar("Claim")

GRACE_SECONDS: Final = 15.0
"""How long what is in hand may take after a stop; 10 s of the 25 s of a stop stay free of new work."""


class Loop(ABC, Generic[Claim]):
    """Works on what it claims until `stopping` is set and `wake` rung; nothing is begun after that.

    What is in hand then has its grace, and is cancelled after it. For example the poll loop:

        ring -> _next: look what is due, claim it -> _begin: a task for each -> ring (a place is free) -> ...
    """

    def __init__(self, world: World, wake: Wake, grace_seconds: float = GRACE_SECONDS) -> None:
        self.wake = wake
        self.stopping = False
        self._world = world
        self._grace_seconds = grace_seconds

    async def run(self) -> None:
        """Claim and work until stopped."""
        async with asyncio.TaskGroup() as group:
            in_hand = InHand(group, self._note_end)
            while not self._is_stopping():
                await self.wake.wait(self._longest_wait())
                if self._is_stopping():
                    break
                claims = await self._next()
                # A claim may have waited long for a busy database: what came after the stop is only given back.
                if self._is_stopping():
                    self._too_late(claims)
                else:
                    self._begin(claims, in_hand)
            await in_hand.finish(self._grace_seconds)

    def _is_stopping(self) -> bool:
        return self.stopping  # asked anew after each wait, which a type checker cannot see

    async def _claimed(
        self, claims: Awaitable[Sequence[Claim]], refused: Callable[[StorageError], None]
    ) -> Sequence[Claim]:
        """Return what the store gives, nothing where it cannot; one row that cannot be read must not end the loop, and
        with it the daemon.
        """
        try:
            return await claims
        except StorageError as error:
            refused(error)
        except Exception as error:  # noqa: BLE001 - the foot of a loop
            self._world.surprised("claim", error)
        return ()

    @abstractmethod
    async def _next(self) -> Sequence[Claim]:
        """Claim what can be begun now."""

    @abstractmethod
    def _begin(self, claims: Sequence[Claim], in_hand: InHand) -> None:
        """Begin the work on each claim."""

    def _longest_wait(self) -> float | None:
        """Return after how many seconds to go on without a ring, None = only at one."""
        return None

    def _note_end(self) -> None:
        """Take note that a piece of work is no longer in hand."""

    def _too_late(self, claims: Sequence[Claim]) -> None:
        """Take what was claimed while the stop came, to give it back."""
