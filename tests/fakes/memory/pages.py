"""Pages that are to be read whole, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.fakes.memory.polls import Polling
from watcher.core.matching.failed_rules import wait
from watcher.core.model.alert import FeedContext
from watcher.core.model.page import PageOutcome, PageResult, WantedPage
from watcher.core.model.record import Committed
from watcher.ports import Judge


class Paging(Polling):
    """Implements pages.Pages."""

    async def pages_wanted(self, now: datetime, limit: int) -> Sequence[WantedPage]:
        """Return pages to read."""
        due = sorted((at, id_) for id_, (_, _, at) in self._pages.items() if at is not None and at <= now)
        texts = [(self._items[id_].article, self._pages[id_][1]) for _, id_ in due]
        return [WantedPage(article, attempts) for article, attempts in texts if article is not None][:limit]

    async def commit_page(
        self, result: PageResult, context: FeedContext | None, judge: Judge, revision: int, now: datetime
    ) -> Committed:
        """Write what became of a page."""
        with self._transaction():
            note, _, _ = self._pages.get(result.article, (None, 0, None))
            known = self._items.get(result.article)
            if known is None or known.article is None or known.article.text != result.text:
                return Committed()
            if note is None or note.outcome is not PageOutcome.WANTED:
                return Committed()
            kept = replace(result.note, feed_chars=note.feed_chars, at=now)
            if result.read is not None and context is not None:
                self._check(revision, revision)
            self._pages[result.article] = (kept, result.attempts, result.next_try_at)
            item = self._items[result.article]
            if result.read is None or context is None or item.article is None:
                return Committed()
            article = replace(item.article, content=result.read.article.content)
            before = {rule for fired in item.fired.values() for rule in fired}
            read = replace(
                result.read, matches=tuple(m for m in result.read.matches if m.rule not in before), failed=()
            )
            failed = {f.rule: item.pending.get(f.rule, (0, now))[0] for f in result.read.failed if f.rule not in before}
            matches = {**item.matches, **{match.rule: match for match in read.matches}}
            self._items[item.id] = replace(
                item,
                article=article,
                texts={**item.texts, article.text: article},
                fired={**item.fired, article.text: matches},
                pending={rule: (n + 1, now + wait(n + 1)) for rule, n in failed.items()},
            )
            if not read.matches:
                return Committed()
            judged = judge([read], self._context([read], context, now, frozenset({item.id})))
            return replace(self._write(judged, now), new=0, unchanged=1)
