"""How frequent words are in the stored articles: it files rules better, and changes no match."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from watcher.core.articles.frequency import word_shares
from watcher.ports import Shown

_NEWEST = 5000
_KEPT_FOR = timedelta(days=1)


class WordShares:
    """Counts words when rules are compiled, at most once a day: with other counts all rules are filed anew, with the
    same only those that changed.
    """

    def __init__(self, store: Shown) -> None:
        self._store = store
        self._found: Mapping[str, float] | None = None
        self._counted_at: datetime | None = None

    async def current(self, now: datetime) -> Mapping[str, float] | None:
        """Return the share of stored articles that hold each folded word, or None while too few articles are stored
        to tell.

        Raises:
            StorageError: the articles cannot be read.
        """
        if self._counted_at is None or now - self._counted_at >= _KEPT_FOR:
            texts = await self._store.newest_texts(_NEWEST)
            self._found = await asyncio.to_thread(word_shares, texts)
            self._counted_at = now if self._found is not None else None
        return self._found
