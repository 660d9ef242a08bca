"""What came before a rule, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from tests.fakes.memory.polls import Polling
from tests.fakes.memory.sends import Sending
from watcher.core.alerts.look_back import NO_FEED, newest_of, tell_past, with_rules_of
from watcher.core.model.ids import RuleId
from watcher.core.model.past import LookBack, LookedBack
from watcher.ports import Judge


class Looking(Sending, Polling):
    """Implements by_hand.Past."""

    _noted_rules: Mapping[RuleId, str] | None = None

    async def looked_back(self) -> Mapping[RuleId, str] | None:
        """Return what all rules asked when they looked back last."""
        return self._noted_rules

    async def look_back(self, asked: LookBack, judge: Judge, revision: int, now: datetime) -> LookedBack:
        """Judge what came before."""
        with self._transaction():
            self._check(revision, revision)
            self._noted_rules = asked.noted if asked.noted is not None else self._noted_rules
            fired = {one.id: {rule for text in one.fired.values() for rule in text} for one in self._items.values()}
            asked, left = newest_of(with_rules_of(asked, fired))
            if not asked.reads:
                return LookedBack()
            context = self._context(asked.reads, NO_FEED, now, frozenset(read.article.id for read in asked.reads))
            judgement, gained, notices = tell_past(judge(asked.reads, context), context, asked)
            for read in asked.reads:
                item = self._items[read.article.id]
                matches = {**item.matches, **{match.rule: match for match in read.matches}}
                self._items[item.id] = replace(item, fired={**item.fired, read.article.text: matches})
            committed = self._write(judgement, now)
        for one in notices:
            await self.notify([one.target], f"look back {one.title} {now.isoformat()}", one.title, one.text, now)
        return LookedBack(gained, committed, left)
