"""What rules tell of articles that came before them: read again, judged, and written in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from watcher.core.alerts.look_back import NO_FEED, newest_of, tell_past, with_rules_of
from watcher.core.model.ids import ArticleId, RuleId
from watcher.core.model.past import LookBack, LookedBack
from watcher.ports import Judge
from watcher.storage import articles, candidates, commit, dialects, feeds, outbox
from watcher.storage import tables as t
from watcher.storage.writer import Readers, Writer

_NOTED: Final = "looked_back"
"""The name in `meta` under which stands what all rules asked when they looked back last."""


class PastDoors:
    """Implements by_hand.Past for the store."""

    _readers: Readers

    @property
    def _writer(self) -> Writer:
        raise NotImplementedError  # the store has it

    async def looked_back(self) -> Mapping[RuleId, str] | None:
        """Return what all rules asked when they looked back last."""
        return await self._readers.run(_noted)

    async def look_back(self, asked: LookBack, judge: Judge, revision: int, now: datetime) -> LookedBack:
        """Judge what came before, and write what is told of it."""
        return await self._writer.run(lambda db: _look_back(db, asked, judge, revision, now), turn=False)


def _noted(connection: Connection) -> dict[RuleId, str] | None:
    written = connection.execute(select(t.meta.c.value).where(t.meta.c.name == _NOTED)).scalar()
    return None if written is None else {RuleId(rule): asked for rule, asked in json.loads(written).items()}


def _look_back(connection: Connection, asked: LookBack, judge: Judge, revision: int, now: datetime) -> LookedBack:
    feeds.hold(connection, [read.article.id for read in asked.reads])
    commit.check_revision(connection, revision)
    if asked.noted is not None:
        noted = json.dumps(asked.noted, sort_keys=True)
        connection.execute(dialects.upsert(t.meta), {"name": _NOTED, "value": noted})
    asked, left = newest_of(with_rules_of(asked, _fired(connection, asked)))
    if not asked.reads:
        return LookedBack()
    again = frozenset(read.article.id for read in asked.reads)
    context = candidates.load_candidates(connection, asked.reads, NO_FEED, now, again)
    judgement, gained, notices = tell_past(judge(asked.reads, context), context, asked)
    articles.write_matches(connection, judgement.articles, revision, now)
    committed = commit.write_judged(connection, judgement, now)
    for one in notices:
        key = f"look back {one.title} {now.isoformat()}"
        outbox.notify(connection, [one.target], key, one.title, one.text, now)
    return LookedBack(gained, committed, left)


def _fired(connection: Connection, asked: LookBack) -> dict[ArticleId, set[RuleId]]:
    """Return which of the rules matched which of the articles before."""
    found: dict[ArticleId, set[RuleId]] = {}
    for part in dialects.chunks(read.article.id for read in asked.reads if read.matches):
        chosen = select(t.matches.c.article, t.matches.c.rule).where(
            t.matches.c.article.in_(part), t.matches.c.rule.in_(sorted(asked.since))
        )
        for row in connection.execute(chosen):
            found.setdefault(ArticleId(row.article), set()).add(RuleId(row.rule))
    return found
