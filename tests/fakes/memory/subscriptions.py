"""Subscriptions at hubs, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from watcher.core.model.ids import FeedId
from watcher.core.model.subscription import Subscription


class Subscribing:
    """Implements subscriptions.Subscriptions."""

    _subscriptions: dict[tuple[str, FeedId], Subscription]

    async def subscriptions(self, callbacks: str) -> Sequence[Subscription]:
        """Return what hubs were asked for."""
        return [one for (of, _), one in sorted(self._asked().items()) if of == callbacks]

    async def keep_subscriptions(
        self, callbacks: str, kept: Sequence[Subscription], forgotten: Sequence[FeedId] = ()
    ) -> None:
        """Keep what hubs were asked for."""
        self._asked().update({(callbacks, one.feed): one for one in kept})
        for feed in forgotten:
            self._asked().pop((callbacks, feed), None)

    def _asked(self) -> dict[tuple[str, FeedId], Subscription]:
        if not hasattr(self, "_subscriptions"):
            self._subscriptions = {}
        return self._subscriptions
