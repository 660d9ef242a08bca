"""What happened over time: the articles and stories of a rule, what rang lately, and the last news of a feed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from watcher.core.alerts.limits import LONGEST, RINGING_STATES
from watcher.core.model.alert import AlertKind, Rung
from watcher.core.model.ids import ArticleId, ChannelName, RuleId
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import MessageKind
from watcher.core.model.record import BegunStory, FeedLife, FeedNews, StoryHistory
from watcher.core.model.rule import Severity
from watcher.storage import dialects
from watcher.storage.lookup import Fixed, given
from watcher.storage.tables import alerts, articles, feeds, items, matches, messages
from watcher.storage.types import EPOCH

MOST_NEWEST: Final = 20
"""So many stories are named of a history."""

_BETWEEN: Final = "\n"
"""Stands in no id of a rule."""


def matched_lately(
    connection: Connection, reads: Sequence[ReadArticle], now: datetime, but: Collection[ArticleId] = ()
) -> dict[RuleId, tuple[ArticleId, ...]]:
    """Return, for each rule that wants first matches only, the last two articles `but` these that matched it in the
    time.

    Two, because the arriving article may be one of them (a revision).
    """
    wanted = _longest((match.rule, match.unseen_for) for read in reads for match in read.matches)
    others = [matches.c.article.not_in(but)] if but else []
    found: dict[RuleId, tuple[ArticleId, ...]] = {}
    for rule, since in sorted(wanted.items()):
        last = (
            select(matches.c.article, matches.c.seen_at)
            .distinct()  # an article matches once in each of its texts, all with the time of the first
            .where(matches.c.rule == rule, matches.c.seen_at > now - since, *others)
            .order_by(matches.c.seen_at.desc(), matches.c.article.desc())
            .limit(2)
        )
        found[rule] = tuple(ArticleId(id_) for id_ in connection.execute(last).scalars())
    return found


def _longest(asked: Iterable[tuple[RuleId, timedelta | None]]) -> dict[RuleId, timedelta]:
    found: dict[RuleId, timedelta] = {}
    for rule, length in asked:
        if length is not None:
            found[rule] = max(length, found.get(rule, length))
    return found


def stories_begun(connection: Connection, rule: RuleId, since: datetime) -> StoryHistory:
    """Return when each story of a rule was first told, after `since`; samples do not count."""
    # Grouped here: with GROUP BY, SQLite reads every alert there is instead of those of the time.
    told = select(alerts.c.story, alerts.c.created_at, alerts.c.article).where(
        alerts.c.created_at > since,
        alerts.c.rule == rule,
        alerts.c.kind == AlertKind.FIRST,
        alerts.c.sample.is_(False),
    )
    begun: dict[str, tuple[datetime, str]] = {}
    for row in connection.execute(told):
        first = (row.created_at, row.article)
        begun[row.story] = min(first, begun.get(row.story, first))
    known_since = connection.execute(select(func.min(items.c.first_seen_at))).scalar_one()
    times = tuple(sorted(at for at, _ in begun.values()))
    newest = _newest(connection, sorted(begun.values(), reverse=True)[:MOST_NEWEST])
    return StoryHistory(times, known_since, _lives(connection, begun.values(), since), newest)


def _newest(connection: Connection, begun: Sequence[tuple[datetime, str]]) -> tuple[BegunStory, ...]:
    named = (
        select(articles.c.id, articles.c.title, articles.c.url, feeds.c.name, items.c.published_at)
        .join(items, items.c.id == articles.c.id)
        .join(feeds, feeds.c.id == articles.c.feed)
        .where(articles.c.id.in_([article for _, article in begun]))
    )
    rows = {row.id: row for row in connection.execute(named)} if begun else {}
    found = [(at, rows[article]) for at, article in begun if article in rows]
    return tuple(BegunStory(at, row.name, row.title, row.url, row.published_at) for at, row in found)


def _lives(connection: Connection, begun: Collection[tuple[datetime, str]], since: datetime) -> tuple[FeedLife, ...]:
    item_of: dict[str, tuple[str, datetime | None]] = {}
    for part in dialects.chunks({article for _, article in begun}):
        chosen = select(items.c.id, items.c.feed, items.c.published_at).where(items.c.id.in_(part))
        item_of |= {row.id: (row.feed, row.published_at) for row in connection.execute(chosen)}
    times: dict[str, list[tuple[datetime, datetime | None]]] = {}
    for at, article in sorted(begun):
        if article in item_of:
            feed_id, published = item_of[article]
            times.setdefault(feed_id, []).append((at, published))
    found = []
    for part in dialects.chunks(sorted(times)):
        chosen = select(feeds.c.id, feeds.c.name, feeds.c.last_ok_at).where(feeds.c.id.in_(part)).order_by(feeds.c.id)
        for feed in connection.execute(chosen).all():
            known_since = _known_since(connection, feed.id, since)
            begun_at, published_at = zip(*times[feed.id], strict=True)
            found.append(FeedLife(feed.name, begun_at, known_since, feed.last_ok_at, published_at))
    return tuple(found)


def _known_since(connection: Connection, feed: str, since: datetime) -> datetime:
    """Return a time before `since` at which a feed brought an article, else when it brought its first one.

    All articles of a feed are looked at only where it is new: the index of a feed has what it listed first near its
    beginning, and among 2,000 articles the first of all takes 20 ms to find.
    """
    came = items.c.first_seen_at
    of_feed = items.c.feed == feed
    found: datetime | None = connection.execute(
        select(came).where(of_feed, dialects.unindexed(came) <= since).limit(1)
    ).scalar()
    if found is None:
        found = connection.execute(select(func.min(came)).where(of_feed)).scalar_one()
    return found


def feed_news(connection: Connection, name: str) -> FeedNews | None:
    """Return what is known of the last news of a configured feed, None when there is no such feed."""
    row = connection.execute(select(feeds).where(feeds.c.name == name, feeds.c.active)).first()
    if row is None:
        return None
    last = connection.execute(select(func.max(items.c.first_seen_at)).where(items.c.feed == row.id)).scalar_one()
    return FeedNews(last, row.last_poll_at, row.problem_message or "")


_RUNG: Final = Fixed(
    # The database unites the alerts of a message: a busy channel has hundreds a day.
    select(
        messages.c.target,
        type_coerce(messages.c.created_at, BigInteger).label("at"),
        func.aggregate_strings(alerts.c.rule, _BETWEEN).label("rules"),
    )
    .join(alerts, alerts.c.message == messages.c.id)
    .where(
        messages.c.created_at > given("since", messages.c.created_at),
        messages.c.kind == MessageKind.ALERT,
        alerts.c.kind.not_in((AlertKind.UPDATE, AlertKind.FOLLOW_UP)),
        dialects.unindexed(messages.c.state).in_(RINGING_STATES),  # most messages ever made were sent
    )
    .group_by(dialects.unindexed(messages.c.id))
    .having(func.max(alerts.c.severity) < Severity.CRITICAL)
    .order_by(messages.c.created_at, messages.c.id)
)


def rung(connection: Connection, now: datetime) -> tuple[Rung, ...]:
    """Return the messages of the last day that count for limits, the oldest first."""
    return tuple(_rung(*row) for row in _RUNG.rows(connection, since=now - LONGEST))


@lru_cache(maxsize=8192)
def _rung(target: ChannelName, at: int, united: str) -> Rung:
    """Return one message; each commit of a day meets the same ones, thousands where much rings."""
    return Rung(target, frozenset(map(RuleId, united.split(_BETWEEN))), EPOCH + timedelta(microseconds=at))
