"""Holding messages back and letting them go: open breakers, channels that are off, channels that are ready again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, update

from watcher.core.model.alert import AlertKind, NewAlert, NewMessage
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId, RuleId, StoryId, digest, public_id
from watcher.core.model.message import LIVE_STATES, AttemptClass, HoldReason, MessageKind, MessageState
from watcher.core.model.rule import Severity
from watcher.core.model.verdict import Outcome
from watcher.storage import alerts as alert_rows
from watcher.storage import dialects, health, values
from watcher.storage.tables import alert_members, alerts, messages, recipients, verdicts

OPEN = (MessageState.WAITING, MessageState.RETRYING, MessageState.UNCONFIRMED)
"""A message in one of these is to be sent as soon as it is due."""

_CHANNEL_REASONS = (HoldReason.SECRET, HoldReason.CHANNEL)

_FOR_THE_CHANNEL = or_(
    messages.c.state.in_(OPEN), and_(messages.c.state == MessageState.HELD, messages.c.hold == HoldReason.BREAKER)
)
"""What goes out as soon as its channel takes it."""


def hold_channel(connection: Connection, target: str, reason: HoldReason) -> int:
    """Hold all that waits for a channel; return how many messages."""
    waiting = update(messages).where(messages.c.target == target, messages.c.state.in_(OPEN))
    return int(connection.execute(waiting.values(state=MessageState.HELD, hold=reason)).rowcount)


def release_channel(connection: Connection, target: str, reasons: Collection[HoldReason], now: datetime) -> int:
    """Let go what was held for a channel for these reasons, several as one ranked summary; return how many messages.

    A message that may have arrived in part, or is about ourselves, goes as it is: only its own key tells a receiver
    of a repeat.
    """
    held = connection.execute(
        select(messages)
        .where(messages.c.target == target, messages.c.state == MessageState.HELD, messages.c.hold.in_(list(reasons)))
        .order_by(messages.c.created_at, messages.c.id)
    ).all()
    begun = _partly_sent(connection, [row.id for row in held])
    whole = [row for row in held if _can_merge(row) and row.id not in begun]
    if len(whole) > 1:
        _summarise(connection, ChannelName(target), [MessageId(row.id) for row in whole], now)
    alone = [row.id for row in held if len(whole) < 2 or row not in whole]
    # Behind a breaker a message grows older, though not before it opened; what waited for anything else begins anew.
    changes: dict[str, Any] = {"hold": None, "next_try_at": None} if HoldReason.BREAKER in reasons else anew(now)
    for part in dialects.chunks(alone):
        connection.execute(
            update(messages).where(messages.c.id.in_(part)).values(state=MessageState.WAITING, **changes)
        )
    return len(held)


def anew(now: datetime) -> dict[str, Any]:
    """Return the columns of a message that is let go: its age and its tries count from now."""
    return {"hold": None, "next_try_at": None, "released_at": now, "tries": 0, "first_tried_at": None}


def _can_merge(row: Row[Any]) -> bool:
    return row.kind in (MessageKind.ALERT, MessageKind.SUMMARY) and not row.repeat


def _partly_sent(connection: Connection, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for part in dialects.chunks(ids):
        some = select(recipients.c.message).where(
            recipients.c.message.in_(part), recipients.c.result == AttemptClass.OK
        )
        found.update(connection.execute(some).scalars())
    return found


def _summarise(connection: Connection, target: ChannelName, held: Sequence[MessageId], now: datetime) -> None:
    by_message = alert_rows.alert_ids(connection, held)
    listed = rank(connection, {alert for ids in by_message.values() for alert in ids})
    summary = NewMessage(
        id=MessageId(public_id("m", digest("summary", target, *sorted(held)))),
        target=target,
        kind=MessageKind.SUMMARY,
        alerts=tuple(listed),
    )
    queue(connection, summary, now)
    for part in dialects.chunks(held):
        connection.execute(
            update(messages)
            .where(messages.c.id.in_(part))
            .values(state=MessageState.SKIPPED, hold=None, next_try_at=None, final_at=now)
        )


def rank(connection: Connection, wanted: Collection[AlertId]) -> list[AlertId]:
    """Return alerts in the order of a summary: severity, then how many articles tell it, then time."""
    size = select(alert_members.c.alert, func.count().label("size")).group_by(alert_members.c.alert).subquery()
    rows: list[Row[Any]] = []
    for part in dialects.chunks(wanted):
        chosen = (
            select(alerts.c.id, alerts.c.severity, alerts.c.created_at, size.c.size)
            .outerjoin(size, size.c.alert == alerts.c.id)
            .where(alerts.c.id.in_(part))
        )
        rows.extend(connection.execute(chosen))
    rows.sort(key=lambda row: (-row.severity, -(row.size or 0), row.created_at, row.id))
    return [AlertId(row.id) for row in rows]


def queue(connection: Connection, message: NewMessage, now: datetime) -> None:
    """Store a message for alerts that are stored already, and let it speak for them."""
    alert_rows.insert_messages(connection, [message], now)
    alert_rows.deliver(connection, [(message.id, alert) for alert in message.alerts])
    alert_rows.speak(connection, message.alerts, message.id)


def readdress(connection: Connection, addresses: Mapping[ChannelName, str], now: datetime) -> None:
    """Note where channels send; what waited behind the breaker of another address goes to the new one."""
    for name, address in sorted(addresses.items()):
        if not health.set_address(connection, name, address, now):
            continue
        if name in health.broken(connection):
            hold_channel(connection, name, HoldReason.BREAKER)
        else:
            release_channel(connection, name, {HoldReason.BREAKER}, now)


def settle(
    connection: Connection,
    ready: Sequence[ChannelName],
    off: Mapping[ChannelName, str],
    fallback: Sequence[ChannelName],
    now: datetime,
) -> int:
    """Fit what waits to the channels that exist now; see ports.Store.settle_channels."""
    waiting = select(messages.c.target).where(
        messages.c.state.in_((*OPEN, MessageState.HELD)), messages.c.target.not_in(list(ready))
    )
    changed = 0
    told = [target for target in fallback if target in ready]
    for target in sorted(set(connection.execute(waiting.distinct()).scalars())):
        reason = HoldReason(off.get(ChannelName(target), HoldReason.CHANNEL))
        changed += _switch_off(connection, ChannelName(target), reason, told, now)
    broken = health.broken(connection)
    for target in sorted(ready):
        if target in broken:
            held = update(messages).where(
                messages.c.target == target,
                messages.c.state == MessageState.HELD,
                messages.c.hold.in_(_CHANNEL_REASONS),
            )
            changed += int(connection.execute(held.values(hold=HoldReason.BREAKER)).rowcount)
        else:
            changed += release_channel(connection, target, _CHANNEL_REASONS, now)
    return changed


def _switch_off(
    connection: Connection, target: ChannelName, reason: HoldReason, told: Sequence[ChannelName], now: datetime
) -> int:
    """Hold what waits for a channel that is off, or for its breaker, and tell those alerts to the default channels
    instead.
    """
    other = update(messages).where(
        messages.c.target == target,
        messages.c.state == MessageState.HELD,
        messages.c.hold.in_([r for r in _CHANNEL_REASONS if r is not reason]),
    )
    connection.execute(other.values(hold=reason))
    waiting = select(messages.c.id).where(messages.c.target == target, _FOR_THE_CHANNEL)
    newly_held = [MessageId(id_) for id_ in connection.execute(waiting).scalars()]
    by_message = alert_rows.alert_ids(connection, newly_held)
    held = update(messages).where(messages.c.target == target, _FOR_THE_CHANNEL)
    changed = int(connection.execute(held.values(state=MessageState.HELD, hold=reason)).rowcount)
    unheard = rank(connection, {alert for ids in by_message.values() for alert in ids})
    for channel in told:
        _redirect(connection, unheard, target, channel, now)
    return changed


def _redirect(
    connection: Connection, wanted: Sequence[AlertId], off: ChannelName, target: ChannelName, now: datetime
) -> None:
    """Make alerts of a channel that is off to alerts of another one, but for those that it was told already."""
    made: list[NewAlert] = []
    facts: set[tuple[Any, ...]] = set()
    for original in wanted:
        row = connection.execute(select(alerts).where(alerts.c.id == original)).one()
        # Two alerts of one story wait where the first was dead when its copy came, and was asked for again.
        fact = (row.rule, row.story, row.kind, None if row.kind is AlertKind.FIRST else row.ordinal)
        if fact not in facts and not _is_told(connection, row, target):
            facts.add(fact)
            made.append(_copy_alert(connection, row, off, target, now))
    if made:
        ids = tuple(alert.id for alert in made)
        is_broken = target in health.broken(connection)
        message = NewMessage(
            id=MessageId(public_id("m", digest("redirected", target, *sorted(ids)))),
            target=target,
            kind=MessageKind.ALERT if len(ids) == 1 else MessageKind.SUMMARY,
            alerts=ids,
        )
        if is_broken:
            message = replace(message, state=MessageState.HELD, hold=HoldReason.BREAKER)
        queue(connection, message, now)


def _is_told(connection: Connection, row: Row[Any], target: ChannelName) -> bool:
    """Return whether an alert of the same kind and rule, about the same article or story, is on its way to `target`
    or was sent there.
    """
    fact = alerts.c.story == row.story
    if row.kind is not AlertKind.FIRST:
        fact = and_(fact, alerts.c.ordinal == row.ordinal)
    told = (
        select(alerts.c.id)
        .join(messages, messages.c.id == alerts.c.message)
        .join(alert_members, alert_members.c.alert == alerts.c.id)
        .where(
            alerts.c.rule == row.rule,
            alerts.c.target == target,
            alerts.c.kind == row.kind,
            or_(alert_members.c.article == row.article, fact),
            messages.c.state.in_(sorted(LIVE_STATES)),
        )
    )
    return connection.execute(told).first() is not None


def _copy_alert(
    connection: Connection, row: Row[Any], off: ChannelName, target: ChannelName, now: datetime
) -> NewAlert:
    same_key = select(func.max(alerts.c.ordinal)).where(
        alerts.c.rule == row.rule,
        alerts.c.target == target,
        alerts.c.story == row.story,
        alerts.c.kind == row.kind,
    )
    if row.kind is AlertKind.FIRST:
        last = connection.execute(same_key).scalar()
        ordinal = 0 if last is None else last + 1
        fact = str(ordinal)
    else:
        # As the judge names it: each severity of a story is one fact. One that died here is told again by the new
        # message.
        ordinal, fact = row.ordinal, Severity(row.severity).word
    alert = NewAlert(
        id=AlertId(public_id("l", digest("alert", row.rule, target, row.story, row.kind.value, fact))),
        rule=RuleId(row.rule),
        target=target,
        story=StoryId(row.story),
        kind=row.kind,
        ordinal=ordinal,
        severity=Severity(row.severity),
        article=ArticleId(row.article),
        revision=row.revision,
        sample=row.sample,
        text=row.text,
        note=f"sent here because the channel {off} is off",
    )
    alert_rows.insert_alerts(connection, [alert], {}, {alert.id: row.labels}, now)
    members = connection.execute(select(alert_members).where(alert_members.c.alert == row.id)).all()
    copied = [{**member._mapping, "alert": alert.id} for member in members]
    connection.execute(dialects.insert(alert_members).on_conflict_do_nothing(), copied)
    verdict = connection.execute(
        select(verdicts).where(
            verdicts.c.article == row.article,
            verdicts.c.text == row.text,
            verdicts.c.rule == row.rule,
            verdicts.c.target == row.target,
        )
    ).first()
    if verdict is not None:
        moved = replace(values.verdict(verdict), target=target, alert=alert.id, outcome=Outcome.WAITING)
        alert_rows.write_verdicts(connection, [moved], now)
    return alert
