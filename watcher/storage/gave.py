"""What each feed gave of what the rules matched lately."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from watcher.core.feeds.gave import LOOKED_BACK, Gave, MatchSeen, gave
from watcher.core.model.ids import ArticleId, FeedId, RuleId, StoryId
from watcher.storage.tables import articles, matches, verdicts


def gave_lately(connection: Connection, now: datetime) -> Mapping[FeedId, Gave]:
    """Return what each feed gave; samples do not count."""
    told = (verdicts.c.article == matches.c.article) & (verdicts.c.rule == matches.c.rule)
    rows = connection.execute(
        select(articles.c.feed, matches.c.article, matches.c.rule, verdicts.c.story)
        .distinct()
        .join(articles, articles.c.id == matches.c.article)
        .outerjoin(verdicts, told)
        .where(matches.c.seen_at > now - LOOKED_BACK, articles.c.sample.is_(False))
    )
    return gave(
        MatchSeen(FeedId(row.feed), ArticleId(row.article), RuleId(row.rule), StoryId(row.story) if row.story else None)
        for row in rows
    )
