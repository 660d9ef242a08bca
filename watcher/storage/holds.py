"""Holding messages back and letting them go: open breakers, channels that are off, channels that are ready again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, and_, exists, func, or_, select, update

from watcher.core.alerts.elsewhere import IS_OFF, REFUSES, first_free, ready_ways, say_also
from watcher.core.alerts.holding import OFF_REASONS, HeldMessage, LetGo, Standing, Weight, fit, let_go, rank, redirect
from watcher.core.alerts.recheck import silence_on
from watcher.core.alerts.timing import BY_TIME, Due
from watcher.core.dedup.habits import Habits, all_habit_keys
from watcher.core.model.alert import NewAlert, NewMessage
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId, RuleId, StoryId
from watcher.core.model.message import LIVE_STATES, AttemptClass, HoldReason, MessageKind, MessageState
from watcher.core.model.policy import Policy
from watcher.core.model.rule import Severity
from watcher.core.model.verdict import Outcome
from watcher.storage import alerts as alert_rows
from watcher.storage import copies, details, dialects, health, values
from watcher.storage.candidates import RECURRING
from watcher.storage.tables import alert_members, alerts, messages, recipients, verdicts
from watcher.storage.types import UNREADABLE

OPEN = (MessageState.WAITING, MessageState.RETRYING, MessageState.UNCONFIRMED)
"""A message in one of these is to be sent as soon as it is due."""

_FOR_THE_CHANNEL = or_(
    messages.c.state.in_(OPEN),
    and_(messages.c.state == MessageState.HELD, messages.c.hold.in_([HoldReason.BREAKER, *BY_TIME])),
)
"""What goes out as soon as its channel takes it, or its time has come."""


def hold_channel(connection: Connection, target: str, reason: HoldReason) -> int:
    """Hold all that waits for a channel; return how many messages."""
    waiting = update(messages).where(messages.c.target == target, messages.c.state.in_(OPEN))
    return int(connection.execute(waiting.values(state=MessageState.HELD, hold=reason)).rowcount)


def release_channel(connection: Connection, target: str, reasons: Collection[HoldReason], now: datetime) -> int:
    """Let go what was held for a channel for these reasons; return how many messages."""
    is_held = (messages.c.state == MessageState.HELD) & messages.c.hold.in_(list(reasons))
    rows = _in_order(connection, is_held & (messages.c.target == target))
    gone = _let_go(connection, target, rows, now)
    # Behind a breaker a message grows older, though not before it opened; what waited for anything else begins anew.
    changes: dict[str, Any] = {"hold": None, "next_try_at": None} if HoldReason.BREAKER in reasons else anew(now)
    _change(connection, gone.alone, {"state": MessageState.WAITING, **changes})
    if gone.summary is not None and any(row.let_go for row in rows):
        _change(connection, [gone.summary.id], {"let_go": True})
    return len(rows)


def release_due(connection: Connection, due: Due, now: datetime) -> int:
    """Let go the messages of a channel whose time has come; no schedule holds them again. Return how many."""
    rows = _in_order(connection, messages.c.id.in_(due.merged))
    gone = _let_go(connection, due.target, rows, now)
    _change(connection, [*gone.alone, *due.alone], {"state": MessageState.WAITING, "let_go": True, **anew(now)})
    if gone.summary is not None:
        _change(connection, [gone.summary.id], {"let_go": True})
    return len(rows) + len(due.alone)


def _in_order(connection: Connection, condition: ColumnElement[bool]) -> Sequence[Row[Any]]:
    return connection.execute(select(messages).where(condition).order_by(messages.c.created_at, messages.c.id)).all()


def _let_go(connection: Connection, target: str, rows: Sequence[Row[Any]], now: datetime) -> LetGo:
    """Make one summary of messages that are let go, as far as they can be; return what goes how."""
    held = held_messages(connection, rows)
    alerts_in = {alert for one in held for alert in one.alerts}
    gone = let_go(ChannelName(target), held, weights(connection, alerts_in))
    put_together(connection, gone.summary, gone.merged, now)
    return gone


def held_messages(connection: Connection, rows: Sequence[Row[Any]]) -> list[HeldMessage]:
    """Return messages that are held, with their alerts and whether each must stay as it is: a dead letter of one
    recipient, too, since the others have what it tells.
    """
    ids = [row.id for row in rows]
    listed = alert_rows.alert_ids(connection, ids)
    alone = _partly_sent(connection, ids) | _damaged(connection, listed)
    return [
        HeldMessage(
            MessageId(row.id),
            row.kind,
            row.repeat or row.id in alone or row.for_recipient is not None,
            tuple(listed.get(row.id, ())),
        )
        for row in rows
    ]


def put_together(
    connection: Connection, summary: NewMessage | None, merged: Sequence[MessageId], now: datetime
) -> None:
    """Store the summary that messages become, which are told by it from now on."""
    if summary is not None:
        queue(connection, summary, now)
    gone = {"state": MessageState.SKIPPED, "hold": None, "next_try_at": None, "final_at": now}
    _change(connection, merged, gone)


def _change(connection: Connection, ids: Sequence[str], changes: Mapping[str, Any]) -> None:
    for part in dialects.chunks(ids):
        connection.execute(update(messages).where(messages.c.id.in_(part)).values(**changes))


def anew(now: datetime) -> dict[str, Any]:
    """Return the columns of a message that is let go: its age and its tries count from now."""
    return {"hold": None, "next_try_at": None, "released_at": now, "tries": 0, "first_tried_at": None}


def _damaged(connection: Connection, listed: Mapping[str, Sequence[AlertId]]) -> set[str]:
    """Return the messages whose alerts cannot be read: in a summary they would keep all others from being told."""
    found: set[str] = set()
    try:
        details.alerts_of(connection, {alert for some in listed.values() for alert in some})
    except UNREADABLE:
        for message, some in listed.items():
            try:
                details.alerts_of(connection, some)
            except UNREADABLE:
                found.add(message)
    return found


def _partly_sent(connection: Connection, ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for part in dialects.chunks(ids):
        some = select(recipients.c.message).where(
            recipients.c.message.in_(part), recipients.c.result == AttemptClass.OK
        )
        found.update(connection.execute(some).scalars())
    return found


def rank_of(connection: Connection, wanted: Collection[AlertId]) -> list[AlertId]:
    """Return alerts in the order of a summary."""
    return rank(weights(connection, wanted).values())


def weights(connection: Connection, wanted: Collection[AlertId]) -> dict[AlertId, Weight]:
    """Return what ranks alerts."""
    size = select(alert_members.c.alert, func.count().label("size")).group_by(alert_members.c.alert).subquery()
    found: dict[AlertId, Weight] = {}
    for part in dialects.chunks(wanted):
        chosen = (
            select(alerts.c.id, alerts.c.severity, alerts.c.created_at, size.c.size)
            .outerjoin(size, size.c.alert == alerts.c.id)
            .where(alerts.c.id.in_(part))
        )
        for row in connection.execute(chosen):
            found[row.id] = Weight(AlertId(row.id), Severity(row.severity), row.size or 0, row.created_at)
    return found


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
    otherwise: Mapping[ChannelName, Sequence[ChannelName]],
    now: datetime,
) -> int:
    """Fit what waits to the channels that exist now; see ports.Store.settle_channels."""
    waiting = select(messages.c.target).where(
        messages.c.state.in_((*OPEN, MessageState.HELD)), messages.c.target.not_in(list(ready))
    )
    changed = 0
    told = [target for target in fallback if target in ready]
    broken = health.broken(connection)
    gone = [ChannelName(name) for name in connection.execute(waiting.distinct()).scalars()]
    for target in [*sorted(set(gone)), *sorted(ready)]:
        reason = fit(target, ready, off, broken)
        if reason is None:
            changed += release_channel(connection, target, OFF_REASONS, now)
        elif target in ready:
            changed += _hold_anew(connection, target, reason)
        else:
            named = first_free(otherwise.get(target, ()), broken)
            changed += _switch_off(connection, target, reason, [named] if named else told, now)
    return changed


def _hold_anew(connection: Connection, target: ChannelName, reason: HoldReason) -> int:
    """Give another reason to what is held because the channel was off; return how many messages."""
    held = update(messages).where(
        messages.c.target == target,
        messages.c.state == MessageState.HELD,
        messages.c.hold.in_([one for one in OFF_REASONS if one is not reason]),
    )
    return int(connection.execute(held.values(hold=reason)).rowcount)


def _switch_off(
    connection: Connection, target: ChannelName, reason: HoldReason, told: Sequence[ChannelName], now: datetime
) -> int:
    """Hold what waits for a channel that is off, or for its breaker, and tell those alerts to the default channels
    instead.
    """
    _hold_anew(connection, target, reason)
    waiting = select(messages.c.id).where(messages.c.target == target, _FOR_THE_CHANNEL)
    newly_held = [MessageId(id_) for id_ in connection.execute(waiting).scalars()]
    by_message = alert_rows.alert_ids(connection, newly_held)
    _change(connection, newly_held, {"state": MessageState.HELD, "hold": reason})
    unheard = rank_of(connection, {alert for ids in by_message.values() for alert in ids})
    for channel in told:
        _redirect(connection, unheard, channel, now)
    return len(newly_held)


def tell_what_breakers_hold(connection: Connection, policy: Policy, now: datetime) -> None:
    """Tell what broken channels hold to the first free one of their ways, where none of these has it, but for what is
    muted there.
    """
    ways, broken = ready_ways(policy), health.broken(connection)
    for target in sorted(broken):
        other = first_free(ways.get(target, ()), broken)
        if other is None:
            continue
        untold = _untold(connection, target, ways[target])
        heard = details.alerts_of(connection, untold) if policy.silences else {}
        muted = {one.id for one in heard.values() if silence_on(one, target, untold[one.id], policy, now)}
        if wanted := untold.keys() - muted:
            _redirect(connection, rank_of(connection, wanted), other, now, REFUSES)


def _untold(connection: Connection, target: ChannelName, way: Sequence[ChannelName]) -> dict[AlertId, MessageKind]:
    """Return the alerts that wait behind the breaker of a channel and that none of others was given, with the kind of
    their message.
    """
    twin = alerts.alias("twin")
    same = (twin.c.article == alerts.c.article, twin.c.rule == alerts.c.rule, twin.c.kind == alerts.c.kind)
    chosen = (
        select(alerts.c.id, messages.c.kind)
        .join(messages, messages.c.id == alerts.c.message)
        .where(
            messages.c.target == target,
            messages.c.state == MessageState.HELD,
            messages.c.hold == HoldReason.BREAKER,
            ~exists().where(*same, twin.c.target.in_(way)),
        )
    )
    return {AlertId(row.id): row.kind for row in connection.execute(chosen)}


def tell_elsewhere(
    connection: Connection,
    target: str,
    ids: Sequence[MessageId],
    ways: Mapping[ChannelName, Sequence[ChannelName]],
    why: str,
    now: datetime,
) -> None:
    """Tell the alerts of messages that a channel does not take to the first free one of its way round; both say so."""
    other = first_free(ways.get(ChannelName(target), ()), health.broken(connection))
    listed = alert_rows.alert_ids(connection, ids) if other is not None else {}
    wanted = {alert for alerts_of in listed.values() for alert in alerts_of}
    if other is not None and wanted:
        _redirect(connection, rank_of(connection, wanted), other, now, why)


def _redirect(
    connection: Connection, wanted: Sequence[AlertId], target: ChannelName, now: datetime, why: str = IS_OFF
) -> None:
    """Tell alerts of a channel that takes none to another one, but for those that it was told already."""
    rows = {row.id: row for row in _rows(connection, alerts.c.id, wanted)}
    members = details.members_of(connection, wanted)
    ranked = [Standing(_new_alert(rows[id_]), members.get(id_, ()), True) for id_ in wanted]
    there = _there(connection, target, ranked)
    carried = all_habit_keys(member for one in (*ranked, *there) for member in one.members)
    habits = Habits(copies.habits(connection, carried, now - RECURRING))
    made = redirect(ranked, target, there, habits, is_broken=target in health.broken(connection), why=why)
    if made is None:
        return
    labels = {alert.id: rows[of].labels for of, alert in made.alerts}
    alert_rows.insert_alerts(connection, [alert for _, alert in made.alerts], {}, labels, now)
    for of, alert in made.alerts:
        _follow(connection, rows[of], alert, now)
        said = "; ".join(filter(None, (rows[of].note, say_also(target))))
        connection.execute(update(alerts).where(alerts.c.id == of).values(note=said))
    queue(connection, made.message, now)


def _rows(connection: Connection, column: Column[Any], wanted: Collection[str]) -> list[Row[Any]]:
    chosen = [select(alerts).where(column.in_(part)) for part in dialects.chunks(wanted)]
    return [row for statement in chosen for row in connection.execute(statement)]


def _there(connection: Connection, target: ChannelName, wanted: Sequence[Standing]) -> list[Standing]:
    """Return the alerts of a channel about the stories and articles of others."""
    articles = {one.alert.article for one in wanted}
    known = {row.id: row for row in _rows(connection, alerts.c.story, {one.alert.story for one in wanted})}
    listing: set[str] = set()
    for part in dialects.chunks(articles):
        listing.update(
            connection.execute(select(alert_members.c.alert).where(alert_members.c.article.in_(part))).scalars()
        )
    known |= {row.id: row for row in _rows(connection, alerts.c.id, listing - known.keys())}
    mine = [row for row in known.values() if row.target == target]
    states: dict[str, MessageState] = {}
    for part in dialects.chunks(row.id for row in mine):
        speaking = select(alerts.c.id, messages.c.state).join(messages, messages.c.id == alerts.c.message)
        states |= {row.id: row.state for row in connection.execute(speaking.where(alerts.c.id.in_(part)))}
    members = details.members_of(connection, [row.id for row in mine])
    return [
        Standing(_new_alert(row), members.get(AlertId(row.id), ()), states.get(row.id) in LIVE_STATES) for row in mine
    ]


def _new_alert(row: Row[Any]) -> NewAlert:
    return NewAlert(
        id=AlertId(row.id),
        rule=RuleId(row.rule),
        target=ChannelName(row.target),
        story=StoryId(row.story),
        kind=row.kind,
        ordinal=row.ordinal,
        severity=Severity(row.severity),
        article=ArticleId(row.article),
        revision=row.revision,
        sample=row.sample,
        note=row.note,
        text=row.text,
    )


def _follow(connection: Connection, row: Row[Any], alert: NewAlert, now: datetime) -> None:
    """Give an alert the articles of the one that it stands for, and what was decided of the one that founded that."""
    members = connection.execute(select(alert_members).where(alert_members.c.alert == row.id)).all()
    copied = [{**member._mapping, "alert": alert.id} for member in members]
    connection.execute(dialects.insert(alert_members).on_conflict_do_nothing(), copied)
    its = (
        verdicts.c.article == row.article,
        verdicts.c.text == row.text,
        verdicts.c.rule == row.rule,
        verdicts.c.target == row.target,
    )
    verdict = connection.execute(select(verdicts).where(*its)).first()
    if verdict is not None:
        moved = replace(values.verdict(verdict), target=alert.target, alert=alert.id, outcome=Outcome.WAITING)
        alert_rows.write_verdicts(connection, [moved], now)
