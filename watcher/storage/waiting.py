"""Letting go what waits for its time: the end of quiet hours, a digest, room within a limit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, or_, select, update

from watcher.core.alerts.gather import waits_until
from watcher.core.alerts.timing import BY_TIME, About, Gathered, Waiting, is_told_at_once, look
from watcher.core.model.alert import GATHERED, AlertKind
from watcher.core.model.ids import ChannelName, MessageId, RuleId
from watcher.core.model.message import HoldReason, MessageKind, MessageState
from watcher.core.model.policy import Policy
from watcher.core.model.rule import Severity
from watcher.storage import behind, dialects, health, history, holds, stories, unreadable
from watcher.storage.candidates import IS_GATHERING
from watcher.storage.lookup import Fixed
from watcher.storage.tables import alerts, articles, messages
from watcher.storage.types import UNREADABLE

_IS_GATHERED = (
    (messages.c.kind == MessageKind.SUMMARY)
    & (messages.c.state == MessageState.WAITING)
    & (messages.c.attempts == 0)
    & messages.c.next_try_at.is_not(None)
    & stories.is_gathering()
)
_OPEN: Final = Fixed(
    select(messages.c.id, messages.c.next_try_at, alerts.c.rule, alerts.c.created_at)
    .join(alerts, alerts.c.message == messages.c.id)
    .where(IS_GATHERING)
)
_IS_HELD = (messages.c.state == MessageState.HELD) & (messages.c.hold.in_(BY_TIME))


def let_go_due(connection: Connection, policy: Policy, now: datetime) -> int:
    """Let go whose time has come; see ports.Store.release_due."""
    _hurry(connection, policy, now)
    gone = _let_go_due(connection, policy, now)
    holds.tell_what_breakers_hold(connection, policy, now)
    _gather_for_trials(connection, policy, now)
    return gone


def _let_go_due(connection: Connection, policy: Policy, now: datetime) -> int:
    try:
        with connection.begin_nested():
            return _release(connection, policy, now)
    except UNREADABLE:
        unreadable.set_aside(connection, now, lambda id_: _read(connection, id_))
        return _release(connection, policy, now)


def _gather_for_trials(connection: Connection, policy: Policy, now: datetime) -> None:
    try:
        with connection.begin_nested():
            behind.gather_for_trials(connection, policy, now)
    except UNREADABLE:
        unreadable.set_aside(connection, now, lambda id_: behind.read(connection, id_))
        behind.gather_for_trials(connection, policy, now)


def _hurry(connection: Connection, policy: Policy, now: datetime) -> None:
    """Let what is gathered for a channel go as early as the rules in force want: a reload may have lowered `gather`."""
    found: dict[str, tuple[datetime, list[tuple[RuleId, datetime]]]] = {}
    for row in _OPEN.rows(connection, now=now):
        found.setdefault(row.id, (row.next_try_at, []))[1].append((RuleId(row.rule), row.created_at))
    for id_, (tell_at, listed) in found.items():
        sooner = waits_until(policy, listed)
        if sooner is not None and sooner < tell_at:
            connection.execute(update(messages).where(messages.c.id == id_).values(next_try_at=max(sooner, now)))


def _read(connection: Connection, id_: MessageId) -> None:
    """Read all that is read of a message where it is let go."""
    connection.execute(select(messages).where(messages.c.id == id_)).all()
    _waiting(connection, messages.c.id == id_)


def _release(connection: Connection, policy: Policy, now: datetime) -> int:
    waiting, gathered = _waiting(connection), _gathered(connection, now)
    if not waiting and len(gathered) < 2:
        return 0
    seen = look(policy, waiting, history.rung(connection, now), now, health.broken(connection), gathered)
    for message, reason in seen.renamed:
        # What goes as soon as its channel works probes it, and is not held anew by what let it go.
        changes = {"hold": reason, "let_go": reason is HoldReason.BREAKER}
        connection.execute(update(messages).where(messages.c.id == message).values(changes))
    for message in seen.behind:
        held = {"state": MessageState.HELD, "hold": HoldReason.LIMIT}
        connection.execute(update(messages).where(messages.c.id == message, _IS_GATHERED).values(held))
    return sum(holds.release_due(connection, one, now) for one in seen.due)


def _waiting(connection: Connection, condition: ColumnElement[bool] = _IS_HELD) -> list[Waiting]:
    return [
        Waiting(MessageId(row.id), ChannelName(row.target), row.hold, row.created_at, about)
        for row, about in _with_about(connection, condition)
    ]


_OTHERS: Final = alerts.alias("others")
_HEADS: Final = Fixed(
    select(alerts.c.message, _OTHERS.c.message.label("gathered"))
    .join(messages, messages.c.id == alerts.c.message)
    .join(
        _OTHERS,
        (_OTHERS.c.story == alerts.c.story)
        & (_OTHERS.c.rule == alerts.c.rule)
        & (_OTHERS.c.target == alerts.c.target)
        & _OTHERS.c.kind.in_(GATHERED),
    )
    .where(alerts.c.kind == AlertKind.FIRST, or_(IS_GATHERING, _IS_HELD), _OTHERS.c.message != alerts.c.message)
)


def _gathered(connection: Connection, now: datetime) -> list[Gathered]:
    """Return the messages that wait for more of a story, of channels that are not throttled or broken."""
    found = _with_about(connection, _IS_GATHERED)
    heads: dict[str, set[MessageId]] = {}
    for row in _HEADS.rows(connection, now=now) if found else ():
        heads.setdefault(row.gathered, set()).add(MessageId(row.message))
    return [
        Gathered(
            MessageId(row.id),
            ChannelName(row.target),
            row.next_try_at,
            row.created_at,
            about,
            frozenset(heads.get(row.id, ())),
        )
        for row, about in found
    ]


def _with_about(connection: Connection, condition: ColumnElement[bool]) -> list[tuple[Row[Any], tuple[About, ...]]]:
    """Return the first row of each message with what schedules look at in its alerts, the oldest first."""
    rows = connection.execute(
        select(
            messages.c.id,
            messages.c.target,
            messages.c.kind,
            messages.c.hold,
            messages.c.created_at,
            messages.c.next_try_at,
            alerts.c.rule,
            alerts.c.severity,
            alerts.c.kind.label("alert_kind"),
            alerts.c.urgent,
            alerts.c.article,
        )
        .join(alerts, alerts.c.message == messages.c.id)
        .where(condition)
        .order_by(messages.c.created_at, messages.c.id)
    ).all()
    origins: dict[str, tuple[str, tuple[str, ...]]] = {}
    for part in dialects.chunks({row.article for row in rows}):
        texts = select(articles.c.id, articles.c.feed_name, articles.c.tags).where(articles.c.id.in_(part))
        origins |= {row.id: (row.feed_name, tuple(row.tags)) for row in connection.execute(texts)}
    about: dict[str, list[About]] = {}
    for row in rows:
        feed, tags = origins.get(row.article, ("", ()))
        urgent = is_told_at_once(row.urgent, row.alert_kind, row.kind)
        one = About(RuleId(row.rule), Severity(row.severity), feed, tags, urgent)
        about.setdefault(row.id, []).append(one)
    firsts = {row.id: row for row in reversed(rows)}
    return [(firsts[id_], tuple(listed)) for id_, listed in about.items()]
