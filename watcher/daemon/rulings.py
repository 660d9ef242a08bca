"""The ruling in force, which is swapped as a whole, and the wait for the next one."""

from __future__ import annotations

import asyncio
import contextlib

from watcher.pipeline import Ruling

_SWAP_SECONDS = 1.0


class Rulings:
    """Holds what is in force; whoever asks twice may get two revisions."""

    def __init__(self) -> None:
        self._now: Ruling | None = None
        self._swapped = asyncio.Event()

    def now(self) -> Ruling:
        """Return what is in force; call it only after the first `swap`."""
        assert self._now is not None, "no configuration was adopted yet"
        return self._now

    def swap(self, ruling: Ruling) -> None:
        """Put another ruling in force, and wake who waits for it."""
        self._now = ruling
        self._swapped.set()
        self._swapped = asyncio.Event()

    async def replaced(self, revision: int) -> None:
        """Return once another revision than `revision` is in force, or after a second: the store is ahead of us for a
        moment only.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SWAP_SECONDS):
                while self.now().revision == revision:
                    await self._swapped.wait()
