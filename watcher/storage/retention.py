"""A retention run: what is old goes in many small transactions."""

from __future__ import annotations

import functools
from datetime import datetime

from watcher.core.model.policy import Keep
from watcher.core.model.record import Pruned
from watcher.storage import by_hand, copies, stopped, stories, upkeep, votes
from watcher.storage.tables import items, messages
from watcher.storage.writer import Readers, Writer


class RetentionDoors:
    """Implements `prune` for the store."""

    _readers: Readers

    @property
    def _writer(self) -> Writer:
        raise NotImplementedError  # the store has it

    async def prune(self, keep: Keep, now: datetime) -> Pruned:
        """Delete what is old, in many small transactions, so that a stop or a poll never waits for the whole."""
        done = Pruned()
        left = await self._writer.run(upkeep.allowance)
        while left > 0:
            gone = await self._writer.run(
                functools.partial(upkeep.prune_articles, keep=keep, now=now, limit=left), turn=False
            )
            done = upkeep.with_more(done, articles=gone)
            left -= gone
            if gone == 0:
                break
        else:
            done = upkeep.with_more(done, capped=await self._readers.run(lambda db: upkeep.has_old(db, keep, now)))
        left = await self._writer.run(lambda db: upkeep.allowance(db, messages))
        while left > 0:
            gone = await self._writer.run(functools.partial(upkeep.prune_messages, keep=keep, now=now, limit=left))
            done = upkeep.with_more(done, messages=gone)
            left = left - gone if gone else 0
        left = await self._writer.run(lambda db: upkeep.allowance(db, items))
        while left > 0:
            gone, keys = await self._writer.run(
                functools.partial(upkeep.prune_keys, keep=keep, now=now, limit=left), turn=False
            )
            done = upkeep.with_more(done, keys=keys)
            left = left - gone if gone else 0
        await self._writer.run(lambda db: upkeep.prune_refused(db, keep, now))
        await self._writer.run(lambda db: copies.prune_copies(db, now, upkeep.BATCH))
        await self._writer.run(lambda db: stories.prune_stories(db, now, upkeep.BATCH))
        await self._writer.run(lambda db: stopped.prune_stopped(db, now))
        await self._writer.run(lambda db: by_hand.prune_by_hand(db, now))
        await self._writer.run(lambda db: votes.prune_votes(db, keep, now))
        return done
