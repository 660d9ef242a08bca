"""Reading for people: messages with their history, articles with their verdicts, recent alerts, counts."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Row,
    Select,
    String,
    case,
    distinct,
    func,
    or_,
    select,
    type_coerce,
)

from watcher.core.matching.failed_rules import WAITS
from watcher.core.model.alert import AlertDetail
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, DeliveryId, MessageId, RuleId
from watcher.core.model.message import MessageKind, MessageState
from watcher.core.model.outcome import FeedStatus
from watcher.core.model.record import (
    ArticleRecord,
    AttemptRecord,
    MessageRecord,
    PendingArticle,
    RecipientRecord,
    Stats,
)
from watcher.core.model.verdict import Outcome, Verdict
from watcher.errors import AmbiguousId
from watcher.storage import details, dialects, health, holds, kept_back, muted, pages, values
from watcher.storage import tables as t
from watcher.storage.types import UNREADABLE, id_range

_DAY = timedelta(days=1)


def message_records(connection: Connection, state: str | None, target: str | None, limit: int) -> list[MessageRecord]:
    """Return messages, newest first, each with its last attempt only."""
    chosen = select(t.messages).order_by(t.messages.c.created_at.desc(), t.messages.c.id).limit(limit)
    if state is not None:
        chosen = chosen.where(type_coerce(t.messages.c.state, String) == state)
    if target is not None:
        chosen = chosen.where(t.messages.c.target == target)
    try:
        return _records(connection, connection.execute(chosen).all())
    except UNREADABLE:
        found: list[MessageRecord] = []
        for id_ in connection.execute(chosen.with_only_columns(t.messages.c.id)).scalars().all():
            with contextlib.suppress(*UNREADABLE):  # told by storage/unreadable.py
                row = connection.execute(select(t.messages).where(t.messages.c.id == id_)).one()
                found += _records(connection, [row])
        return found


def message(connection: Connection, id_or_part: str) -> MessageRecord | None:
    """Return the one message that the id of a message or delivery, or the beginning of one, names."""
    if id_or_part[:1] == "d":
        delivery = find(connection, t.deliveries.c.id, id_or_part)
        chosen = select(t.deliveries.c.message).where(t.deliveries.c.id == delivery)
        id_ = None if delivery is None else connection.execute(chosen).scalar()
    else:
        id_ = find(connection, t.messages.c.id, id_or_part)
    if id_ is None:
        return None
    found = _records(connection, connection.execute(select(t.messages).where(t.messages.c.id == id_)).all())
    return _with_history(connection, found[0])


def find(connection: Connection, column: ColumnElement[Any], part: str) -> str | None:
    """Return the one id of `column` that begins with `part`, or None.

    Raises:
        AmbiguousId: several do.
    """
    letter = getattr(column.type, "letter", "")
    low, high = id_range(part)
    if part[:1] != letter or not low:
        return None
    raw = type_coerce(column, LargeBinary)
    found = list(connection.execute(select(column).where(raw >= low, raw <= high).limit(2)).scalars())
    if len(found) > 1:
        raise AmbiguousId(part)
    return found[0] if found else None


def _records(connection: Connection, rows: Sequence[Row[Any]]) -> list[MessageRecord]:
    by_message: dict[str, list[tuple[DeliveryId, AlertId]]] = {}
    headline: dict[str, str] = {}
    last: dict[str, AttemptRecord] = {}
    for part in dialects.chunks(row.id for row in rows):
        listed = (
            select(t.deliveries, t.alerts.c.article, t.alerts.c.text)
            .join(t.alerts, t.alerts.c.id == t.deliveries.c.alert)
            .where(t.deliveries.c.message.in_(part))
            .order_by(t.deliveries.c.message, t.deliveries.c.position)
        )
        founders: dict[str, tuple[str, int]] = {}
        for row in connection.execute(listed):
            by_message.setdefault(row.message, []).append((DeliveryId(row.id), AlertId(row.alert)))
            founders.setdefault(row.message, (row.article, row.text))
        texts = details.texts_of(connection, founders.values())
        headline |= {message: texts[founder].title for message, founder in founders.items() if founder in texts}
        tried = select(t.attempts).where(t.attempts.c.message.in_(part)).order_by(t.attempts.c.number)
        last.update({row.message: _attempt(row) for row in connection.execute(tried)})
    return [
        MessageRecord(
            id=MessageId(row.id),
            target=ChannelName(row.target),
            kind=row.kind,
            state=row.state,
            hold=row.hold,
            attempts=row.attempts,
            created_at=row.created_at,
            next_try_at=row.next_try_at,
            sent_at=row.sent_at,
            title=row.title or headline.get(row.id, ""),
            deliveries=tuple(by_message.get(row.id, ())),
            history=(last[row.id],) if row.id in last else (),
            dead_class=row.dead_class,
        )
        for row in rows
    ]


def _with_history(connection: Connection, record: MessageRecord) -> MessageRecord:
    tried = connection.execute(
        select(t.attempts).where(t.attempts.c.message == record.id).order_by(t.attempts.c.number)
    )
    heard = connection.execute(
        select(t.recipients).where(t.recipients.c.message == record.id).order_by(t.recipients.c.recipient)
    )
    return replace(
        record,
        history=tuple(_attempt(row) for row in tried),
        recipients=tuple(RecipientRecord(row.recipient, row.result, row.answer) for row in heard),
    )


def _attempt(row: Row[Any]) -> AttemptRecord:
    return AttemptRecord(row.at, row.result, row.answer, row.status)


def article(connection: Connection, id_or_part: str) -> ArticleRecord | None:
    """Return the one article that an id, or the beginning of one, names, with its verdicts."""
    id_ = find(connection, t.articles.c.id, id_or_part)
    if id_ is None:
        return None
    row = connection.execute(
        select(t.articles, t.items.c.stage).join(t.items, t.items.c.id == t.articles.c.id).where(t.articles.c.id == id_)
    ).one()
    decided = connection.execute(
        select(t.verdicts, t.messages.c.state)
        .outerjoin(t.alerts, (t.alerts.c.id == t.verdicts.c.alert) & (t.verdicts.c.outcome == Outcome.WAITING))
        .outerjoin(t.messages, t.messages.c.id == t.alerts.c.message)
        .where(t.verdicts.c.article == id_)
        .order_by(t.verdicts.c.rule, t.verdicts.c.target, t.verdicts.c.text)
    )
    waiting = connection.execute(
        select(t.pending_matches.c.rule).where(t.pending_matches.c.article == id_).order_by(t.pending_matches.c.rule)
    )
    return ArticleRecord(
        article=values.article_of(row),
        stage=row.stage,
        verdicts=tuple(as_it_stands(values.verdict(verdict), verdict.state) for verdict in decided),
        pending=tuple(RuleId(rule) for rule in waiting.scalars()),
        muted=tuple(muted.of_article(connection, ArticleId(id_))),
        kept_back=tuple(kept_back.kept_of(connection, ArticleId(id_))),
        page=pages.note_of(connection, ArticleId(id_)),
    )


def as_it_stands(verdict: Verdict, state: MessageState | None) -> Verdict:
    """Return a verdict with what became of its alert since; `state` None = it has none, or its message is gone."""
    return verdict if state is None else replace(verdict, outcome=Outcome(state.value))


def states_of(connection: Connection, wanted: Sequence[str]) -> dict[str, MessageState]:
    """Return what became of the messages that speak for alerts."""
    found: dict[str, MessageState] = {}
    for part in dialects.chunks(wanted):
        rows = select(t.alerts.c.id, t.messages.c.state).join(t.messages, t.messages.c.id == t.alerts.c.message)
        found |= {row.id: row.state for row in connection.execute(rows.where(t.alerts.c.id.in_(part)))}
    return found


def recent_alerts(
    connection: Connection, limit: int, sample: bool | None, target: ChannelName | None = None
) -> list[AlertDetail]:
    """Return the newest alerts whose articles are still kept, newest first."""
    chosen = (
        select(t.alerts.c.id)
        .join(t.articles, t.articles.c.id == t.alerts.c.article)
        .order_by(t.alerts.c.created_at.desc(), t.alerts.c.id)
        .limit(limit)
    )
    if sample is not None:
        chosen = chosen.where(t.alerts.c.sample == sample)
    if target is not None:
        chosen = chosen.where(t.alerts.c.target == target)
    ids = [AlertId(id_) for id_ in connection.execute(chosen).scalars()]
    every = details.alerts_of(connection, ids)
    return [every[id_] for id_ in ids if id_ in every]


def pending(connection: Connection, now: datetime, limit: int) -> list[PendingArticle]:
    """Return articles with rules that failed on them and are due for another try, longest due first."""
    due = (
        select(t.pending_matches.c.article)
        .where(_is_due(now))
        .group_by(t.pending_matches.c.article)
        .order_by(func.min(t.pending_matches.c.next_try_at), t.pending_matches.c.article)
        .limit(limit)
    )
    ids = [ArticleId(id_) for id_ in connection.execute(due).scalars()]
    texts = _readable(connection, ids)
    rules: dict[str, list[RuleId]] = {}
    for part in dialects.chunks(ids):
        rows = select(t.pending_matches).where(t.pending_matches.c.article.in_(part)).order_by(t.pending_matches.c.rule)
        for row in connection.execute(rows):
            rules.setdefault(row.article, []).append(RuleId(row.rule))
    return [PendingArticle(texts[id_], tuple(rules[id_])) for id_ in ids if id_ in texts]


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Return core/matching/failed_rules.is_due as a condition; the waits are a handful, so each is spelled out."""
    tried, at = t.pending_matches.c.attempts, t.pending_matches.c.next_try_at
    too_far = [(tried <= attempts) & (at > now + longest) for attempts, longest in enumerate(WAITS, start=1)]
    return or_(at <= now, at > now + WAITS[-1], *too_far)


def _readable(connection: Connection, ids: Sequence[ArticleId]) -> dict[ArticleId, Article]:
    """Return articles by id; one that cannot be read is passed over alone."""
    try:
        return details.articles_of(connection, ids)
    except UNREADABLE:
        found: dict[ArticleId, Article] = {}
        for id_ in ids:
            with contextlib.suppress(*UNREADABLE):  # told by storage/unreadable.py
                found |= details.articles_of(connection, [id_])
        return found


def stats(connection: Connection, now: datetime) -> Stats:
    """Return counts for the page and the metrics."""
    m, f = t.messages.c, t.feeds.c
    by_status = connection.execute(select(f.status, func.count()).where(f.active).group_by(f.status))
    by_state = connection.execute(select(m.state, func.count()).group_by(m.state))

    def count(statement: Select[Any]) -> int:
        return int(connection.execute(statement).scalar_one())

    def oldest(statement: Select[Any]) -> datetime | None:
        found: datetime | None = connection.execute(statement).scalar()
        return found

    since = now - _DAY
    recent = t.items.c.first_seen_at > since
    fired = (
        select(func.count(distinct(t.matches.c.article)))
        .join(t.items, t.items.c.id == t.matches.c.article)
        .where(recent)
    )
    # What is gathered may wait for a day, and is not late.
    could_go = or_(m.attempts > 0, m.next_try_at.is_(None), m.next_try_at <= now)
    return Stats(
        feeds={status.value: count for status, count in by_status},
        messages={state.value: count for state, count in by_state},
        articles=count(select(func.count()).select_from(t.articles)),
        oldest_waiting_at=oldest(select(func.min(m.created_at)).where(m.state.in_(holds.OPEN), could_go)),
        oldest_poll_due_at=oldest(select(func.min(f.next_poll_at)).where(f.active, f.status != FeedStatus.PAUSED)),
        ready_since=_ready_since(connection, now),
        pending_matches=count(select(func.count()).select_from(t.pending_matches)),
        database_bytes=dialects.size_bytes(connection),
        read=count(select(func.count()).select_from(t.items).where(recent)),
        matched=count(fired),
        stories=count(select(func.count(distinct(t.alerts.c.story))).where(t.alerts.c.created_at > since)),
        sent=count(select(func.count()).select_from(t.messages).where(m.sent_at > since, m.kind != MessageKind.TEST)),
    )


def _ready_since(connection: Connection, now: datetime) -> datetime | None:
    """Return since when the message that is ready the longest could have gone: since it was made, let go or due again,
    and since its channel took another one.
    """
    m = t.messages.c
    begun = func.coalesce(m.released_at, m.created_at, type_=m.created_at.type)
    since = case((m.next_try_at > begun, m.next_try_at), else_=begun)
    may_go = or_(m.next_try_at.is_(None), m.next_try_at <= now)
    chosen = select(m.target, func.min(since, type_=m.created_at.type).label("since"))
    known = health.healths(connection, now)
    found = []
    for row in connection.execute(chosen.where(m.state.in_(holds.OPEN), may_go).group_by(m.target)):
        its = known.get(ChannelName(row.target))
        answered = its.last_ok_at if its is not None else None
        found.append(max(row.since, answered or row.since))
    return min(found, default=None)
