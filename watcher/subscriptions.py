"""The door of the store for subscriptions at hubs; `ports.Store` holds it with all the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from watcher.core.model.ids import FeedId
from watcher.core.model.subscription import Subscription


class Subscriptions(Protocol):
    """Keeps what hubs were asked for, so that they reach us after a restart as before."""

    async def subscriptions(self, callbacks: str) -> Sequence[Subscription]:
        """Return the subscriptions whose callbacks stand below an address, by feed."""
        ...

    async def keep_subscriptions(
        self, callbacks: str, kept: Sequence[Subscription], forgotten: Sequence[FeedId] = ()
    ) -> None:
        """Keep subscriptions in place of those of their feeds, and forget those of other feeds."""
        ...
