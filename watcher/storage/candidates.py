"""What `judge` looks at: earlier articles and alerts that arriving articles may belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, func, or_, select

from watcher.core.alerts.told import MOST_TOLD, PLAIN
from watcher.core.dedup.habits import Habits, all_habit_keys
from watcher.core.dedup.search import nearest
from watcher.core.model.alert import FeedContext, JudgeContext, KnownArticle, Member, OpenMessage, PastAlert
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId, RuleId, StoryId
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import MessageKind, MessageState
from watcher.core.model.rule import Severity
from watcher.storage import copies, details, epoch, health, history, known_articles, stories
from watcher.storage.lookup import Fixed, Keys, Lookup, given
from watcher.storage.tables import alert_members, alerts, deliveries, messages

PAST = timedelta(days=90)
"""How far back an alert is looked for that an arriving article may fold into."""

_TOLD_TO: Final = (
    alerts.c.story,
    alerts.c.rule,
    alerts.c.target,
    alerts.c.kind,
    alerts.c.severity,
    messages.c.state,
)
_NEWEST_FIRST: Final = (alerts.c.created_at.desc(), alerts.c.id.desc())
_RANK: Final = func.row_number().over(partition_by=_TOLD_TO, order_by=_NEWEST_FIRST).label("rank")

RECURRING = timedelta(days=30)
"""How far back titles of one pattern are counted."""


def _changed(reads: Sequence[ReadArticle], known: Sequence[KnownArticle]) -> list[ReadArticle]:
    """Return what a feed does not list again unchanged: that is not judged, so nothing is looked up for it."""
    unchanged = {(k.keys.item, k.keys.content, k.published_at) for k in known}
    return [r for r in reads if (r.keys.item, r.keys.content, r.article.published_at) not in unchanged]


def _with_text(reads: Sequence[ReadArticle], known: Sequence[KnownArticle]) -> list[KnownArticle]:
    """Return the known articles but for those whose entries are listed again: no rule fires beside them."""
    again = {read.article.id for read in reads if read.is_again}
    return [one for one in known if one.id not in again]


def load_candidates(
    connection: Connection,
    reads: Sequence[ReadArticle],
    feed: FeedContext,
    now: datetime,
    rematched: frozenset[ArticleId] = frozenset(),
    *,
    is_whole: bool = True,
) -> JudgeContext:
    """Return the context of arriving articles; `rematched` ones are stored already and do not count as known."""
    known = () if rematched else known_articles.load_known(connection, reads, feed.feed)
    fresh = _changed(reads, known)
    # Only what a rule matched can be a copy of what was told.
    matched = [Member(read.article, read.keys) for read in fresh if read.matches]
    postings = copies.postings(connection, matched, now)
    own = copies.habits(connection, all_habit_keys(matched), now - RECURRING)
    near = {id_ for member in matched for id_ in nearest(member, postings, Habits(own))}
    linked, story_counts = stories.load_stories(connection, fresh, now)
    past = _past(
        connection,
        {*near, *rematched},
        _with_text(reads, known),
        {story.id for story in linked},
        now,
    )
    told = stories.by_ids(connection, {alert.story for alert in past} - {story.id for story in linked})
    context = JudgeContext(
        feed=feed,
        now=now,
        known=known,
        past=past,
        habits=own | copies.habits(connection, _habit_keys(fresh, matched, known, past) - own.keys(), now - RECURRING),
        postings=postings,
        stories=(*linked, *told),
        story_counts=story_counts,
        memory=known_articles.memory_of(connection, feed.feed),
        is_whole=is_whole,
        rematched=rematched,
    )
    return _with_channels(connection, context, fresh, is_told=bool(matched))


def look_again(connection: Connection, context: JudgeContext, reads: Sequence[ReadArticle]) -> JudgeContext:
    """Return a context as it is by now in all that the results of other feeds, messages and channels can have changed:
    the same, if nothing that matters did. Counts of words and habits of titles are those of before, but for what was
    told meanwhile: each result of any feed moves them a little, and none waits for that. What the transaction itself
    wrote meanwhile is nothing that came before.
    """
    fresh = _changed(reads, context.known)
    matched = [Member(read.article, read.keys) for read in fresh if read.matches]
    keys = all_habit_keys(matched)
    postings = copies.postings(connection, matched, context.now)
    own = Habits({key: found for key, found in context.habits.items() if key in keys})
    near = {id_ for member in matched for id_ in nearest(member, postings, own)}
    linked = stories.linked_now(connection, fresh, context.story_counts, context.now)
    past = _past(
        connection,
        {*near, *context.rematched},
        _with_text(reads, context.known),
        {story.id for story in linked},
        context.now,
    )
    told = stories.by_ids(connection, {alert.story for alert in past} - {story.id for story in linked})
    earlier = all_habit_keys([member for alert in past for member in alert.members]) if matched else set()
    habits = copies.habits(connection, earlier - context.habits.keys() - keys, context.now - RECURRING)
    again = _with_channels(
        connection,
        replace(context, past=past, habits={**context.habits, **habits}, postings=postings, stories=(*linked, *told)),
        fresh,
        is_told=bool(matched),
    )
    others = history.matched_lately(connection, fresh, context.now, but={read.article.id for read in reads})
    return replace(again, matched_lately=_joined(context.matched_lately, others))


def _joined(
    before: Mapping[RuleId, tuple[ArticleId, ...]], now: Mapping[RuleId, tuple[ArticleId, ...]]
) -> dict[RuleId, tuple[ArticleId, ...]]:
    return {rule: tuple(dict.fromkeys((*before.get(rule, ()), *found))) for rule, found in now.items()}


def _with_channels(
    connection: Connection, context: JudgeContext, fresh: Sequence[ReadArticle], *, is_told: bool
) -> JudgeContext:
    """Return a context with what waits, was told and is broken at the channels now."""
    now = context.now
    return replace(
        context,
        open_summaries=_open_summaries(connection, now),
        broken=frozenset(health.broken(connection)),
        matched_lately=history.matched_lately(connection, fresh, now),
        gathering=stories.gathering(connection, {alert.story for alert in context.past}, now) if is_told else {},
        open_messages=_open_messages(connection, now) if is_told else {},
        rung=history.rung(connection, now) if is_told else (),
        restored_at=epoch.restored_at(connection) if is_told else None,
    )


def _habit_keys(
    fresh: Sequence[ReadArticle], matched: Sequence[Member], known: Sequence[KnownArticle], past: Sequence[PastAlert]
) -> set[bytes]:
    """Return whose habits matter: of articles that may be copies, of what they may be copies of, and of what came
    under a known address.
    """
    addresses = {one.keys.url for one in known} - {None}
    readdressed = [Member(read.article, read.keys) for read in fresh if read.keys.url in addresses]
    earlier = [member for alert in past for member in alert.members] if matched else []
    return all_habit_keys([*matched, *readdressed, *earlier])


_SINCE: Final = given("since", alerts.c.created_at)
_STATED: Final = (
    select(alerts, messages.c.state, messages.c.hold)
    .join(messages, messages.c.id == alerts.c.message)
    .where(alerts.c.created_at > _SINCE)
)
_HOLDING: Final = Lookup(
    alert_members.c.article,
    lambda ids: _STATED.join(alert_members, alert_members.c.alert == alerts.c.id).where(
        alert_members.c.article.in_(ids)
    ),
)


def _newest_told(stories_told: Keys) -> Select[Any]:
    ranked = _STATED.add_columns(_RANK).where(alerts.c.story.in_(stories_told)).subquery()
    return select(ranked).where(or_(ranked.c.rank <= MOST_TOLD, ranked.c.kind.not_in(PLAIN)))


_TOLD: Final = Lookup(alerts.c.story, _newest_told)


def _past(
    connection: Connection, near: set[ArticleId], known: Sequence[KnownArticle], linked: set[StoryId], now: datetime
) -> tuple[PastAlert, ...]:
    """Return the alerts that hold one of the articles, and all of their stories and of the `linked` ones.

    Of their members only these articles and the founders.
    """
    since = now - PAST
    related = near | {one.id for one in known}
    loaded = {one.id: (one.article, one.keys) for one in known if one.article and one.is_whole and one.keys.item}
    rows = {row.id: row for row in _HOLDING.rows(connection, related, since=since)}
    # What a target heard of a story is in all alerts of the story.
    told = {*linked, *(row.story for row in rows.values())}
    rows |= {row.id: row for row in _TOLD.rows(connection, told, since=since)}
    members = details.members_of(connection, rows, among=related, with_newest=True, loaded=loaded)
    ordered = sorted(rows.values(), key=lambda row: (row.created_at, row.id))
    return tuple(
        PastAlert(
            id=AlertId(row.id),
            rule=RuleId(row.rule),
            target=ChannelName(row.target),
            story=StoryId(row.story),
            kind=row.kind,
            ordinal=row.ordinal,
            severity=Severity(row.severity),
            message=MessageId(row.message),
            state=row.state,
            created_at=row.created_at,
            members=members.get(AlertId(row.id), ()),
            hold=row.hold,
        )
        for row in ordered
    )


_OPEN_SUMMARIES: Final = Fixed(
    select(messages.c.target, messages.c.id)
    .where(
        messages.c.kind == MessageKind.SUMMARY,
        messages.c.state == MessageState.WAITING,
        messages.c.next_try_at > given("now", messages.c.next_try_at),
        messages.c.attempts == 0,
        ~stories.is_gathering(),
    )
    .order_by(messages.c.created_at, messages.c.id)
)


def _open_summaries(connection: Connection, now: datetime) -> dict[ChannelName, MessageId]:
    """Return, per target, the newest catch-up message that still waits for more to join it."""
    waiting = _OPEN_SUMMARIES.rows(connection, now=now)
    return {ChannelName(row.target): MessageId(row.id) for row in waiting}


IS_GATHERING: Final = and_(
    messages.c.kind == MessageKind.ALERT,
    messages.c.state == MessageState.WAITING,
    messages.c.next_try_at > given("now", messages.c.next_try_at),
    messages.c.attempts == 0,
)
"""A message that waits for more of its channel, at the `now` that a statement is given; see core/alerts/gather."""

_OPEN_MESSAGES: Final = Fixed(
    select(messages.c.target, messages.c.id, messages.c.next_try_at, deliveries.c.alert)
    .join(deliveries, deliveries.c.message == messages.c.id)
    .where(IS_GATHERING)
    .order_by(messages.c.created_at, messages.c.id, deliveries.c.position)
)


def _open_messages(connection: Connection, now: datetime) -> dict[ChannelName, tuple[OpenMessage, ...]]:
    """Return, per target, the messages that still wait for more of their channel, the newest last."""
    found: dict[ChannelName, tuple[OpenMessage, ...]] = {}
    for _, of_message in groupby(_OPEN_MESSAGES.rows(connection, now=now), key=lambda row: str(row.id)):
        first, *more = of_message
        listed = tuple(AlertId(row.alert) for row in (first, *more))
        target = ChannelName(first.target)
        found[target] = (*found.get(target, ()), OpenMessage(MessageId(first.id), first.next_try_at, listed))
    return found


_LAST_POSITION: Final = Lookup(
    alert_members.c.alert,
    lambda ids: (
        select(alert_members.c.alert, func.max(alert_members.c.position).label("last"))
        .where(alert_members.c.alert.in_(ids))
        .group_by(alert_members.c.alert)
    ),
)


def last_position(connection: Connection, wanted: Sequence[str]) -> dict[str, int]:
    """Return the position of the last member of each alert."""
    return {row.alert: row.last for row in _LAST_POSITION.rows(connection, wanted)}
