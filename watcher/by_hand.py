"""The doors of the store for what people change and are shown of it; `ports.Store` holds them with all the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from watcher.core.model.by_hand import HandChange, Paused
from watcher.core.model.decided import Released
from watcher.core.model.ids import ArticleId, ChannelName, MessageId
from watcher.core.model.policy import Silence
from watcher.core.model.record import MessageRecord


class ByHand(Protocol):
    """Changes what people ask for."""

    async def request_poll(self, names: Sequence[str], now: datetime) -> int:
        """Make feeds due now (all of them for an empty list); return how many."""
        ...

    async def retry_message(self, message: MessageId, now: datetime) -> MessageRecord:
        """Make a held, retrying or dead message due now, with the same key and with its attempts kept.

        Raises:
            StorageError: no such message, or it was sent already.
        """
        ...

    async def release_article(self, article: ArticleId, now: datetime) -> Released:
        """Give an article that was folded or passed over an alert of its own, for each rule and target it was kept
        from.

        Raises:
            StorageError: no such article, or it has nothing to release: it was told, or released before.
        """
        ...

    async def add_silence(self, silence: Silence, change: HandChange, instead_of: Sequence[str] = ()) -> None:
        """Store a silence that somebody made while the program runs, with its `change`; those of the names
        `instead_of` end with it, in one step.

        Raises:
            StorageError: its name is taken by another one made so.
        """
        ...

    async def end_silence(self, name: str, change: HandChange) -> None:
        """Take back a silence that was stored by `add_silence`, with its `change`.

        Raises:
            StorageError: there is none of this name.
        """
        ...

    async def pause_recipient(self, paused: Paused, change: HandChange) -> bool:
        """Write to one recipient of a channel no more; return whether that is new. Where it is not, `change` is not
        kept.
        """
        ...

    async def resume_recipient(self, channel: ChannelName, recipient: str, change: HandChange) -> None:
        """Write to a recipient again.

        Raises:
            StorageError: nobody of that name is paused there.
        """
        ...

    async def note_change(self, change: HandChange) -> None:
        """Write down a change that another door made."""
        ...


class HandShown(Protocol):
    """Shows what people changed."""

    async def hand_silences(self) -> Sequence[Silence]:
        """Return the silences made by hand, those that are over for some days included, in the order of their start."""
        ...

    async def paused_recipients(self) -> Sequence[Paused]:
        """Return which recipients of channels are written to no more."""
        ...

    async def changes(self, limit: int = 50) -> Sequence[HandChange]:
        """Return what was changed by hand, the newest first."""
        ...
