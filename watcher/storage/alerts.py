"""Writing what `judge` decided: alerts, their messages, folds and verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select, update

from watcher.core.alerts.made import notes_of
from watcher.core.model.alert import Fold, Judgement, Member, Muted, NewAlert, NewMessage
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId, RuleId, digest, public_id
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import FINAL_STATES, MessageState
from watcher.core.model.record import AlertNote, CopyNote
from watcher.core.model.verdict import Level, Verdict
from watcher.storage import candidates, copies, dialects, kept_back, stories, values
from watcher.storage.changes import Change
from watcher.storage.lookup import Lookup
from watcher.storage.tables import alert_members, alerts, articles, deliveries, messages, muted, verdicts
from watcher.storage.wakeups import Wakeup

_KNOWN_ALERTS: Final = Lookup(alerts.c.id, lambda ids: select(alerts.c.id).where(alerts.c.id.in_(ids)))
_KNOWN_MESSAGES: Final = Lookup(messages.c.id, lambda ids: select(messages.c.id).where(messages.c.id.in_(ids)))
_MEMBERSHIPS: Final = Lookup(
    alert_members.c.article,
    lambda ids: select(alert_members.c.alert, alert_members.c.article).where(alert_members.c.article.in_(ids)),
)
_LAST_DELIVERY: Final = Lookup(
    deliveries.c.message,
    lambda ids: (
        select(deliveries.c.message, func.max(deliveries.c.position).label("last"))
        .where(deliveries.c.message.in_(ids))
        .group_by(deliveries.c.message)
    ),
)
_CARRIED: Final = Lookup(
    deliveries.c.message,
    lambda ids: (
        select(deliveries.c.message, deliveries.c.alert)
        .where(deliveries.c.message.in_(ids))
        .order_by(deliveries.c.message, deliveries.c.position)
    ),
)
_ADD_MESSAGES: Final = Change(dialects.insert(messages))
_ADD_ALERTS: Final = Change(dialects.insert(alerts).on_conflict_do_nothing())
_ADD_DELIVERIES: Final = Change(dialects.insert(deliveries).on_conflict_do_nothing())
_ADD_MEMBERS: Final = Change(dialects.insert(alert_members))
_ADD_MUTED: Final = Change(dialects.insert(muted).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Written:
    """What was really new of a judgement."""

    alerts: int = 0
    conflicts: int = 0
    targets: frozenset[ChannelName] = frozenset()
    copies: tuple[CopyNote, ...] = field(default=())
    made: tuple[AlertNote, ...] = field(default=())


def write(
    connection: Connection, judgement: Judgement, reads: Mapping[ArticleId, ReadArticle], now: datetime
) -> Written:
    """Write a judgement whose articles are stored already; an alert that exists is left as it is and counted."""
    fresh, conflicts = _fresh(connection, judgement.alerts)
    chosen = _messages(connection, judgement.messages, fresh)
    joins = [(message, alert) for message, alert in judgement.joins if alert in fresh]
    add(connection, list(fresh.values()), chosen, {a.id: _labels(a, reads) for a in fresh.values()}, now, joins)
    joined = add_members(connection, judgement.folds, now)
    told = {verdict.article for verdict in judgement.verdicts if verdict.alert is not None}
    members = {id_: reads[id_] for id_ in sorted(told) if id_ in reads}
    copies.write(connection, [Member(read.article, read.keys) for read in members.values()], now)
    write_verdicts(connection, judgement.verdicts, now)
    write_muted(connection, judgement.muted, now)
    kept_back.write(connection, judgement.kept_back, now)
    stories.write(connection, judgement.stories, now)
    for message, tell_at in judgement.sooner:
        connection.execute(update(messages).where(messages.c.id == message).values(next_try_at=tell_at))
    targets = {message.target for message in chosen if message.state is MessageState.WAITING}
    targets |= {fresh[alert].target for _, alert in joins}
    made = notes_of(fresh.values(), reads)
    return Written(len(fresh), conflicts, frozenset(targets), _copies(connection, joined), made)


def add(
    connection: Connection,
    made: Sequence[NewAlert],
    carried_by: Sequence[NewMessage],
    labels: Mapping[AlertId, Sequence[str]],
    now: datetime,
    joins: Sequence[tuple[MessageId, AlertId]] = (),
) -> None:
    """Store new alerts with their founders and the messages that carry them; `joins` put alerts in messages that are
    stored already.
    """
    insert_messages(connection, carried_by, now)
    pairs = [(message.id, alert) for message in carried_by for alert in message.alerts] + [*joins]
    insert_alerts(connection, made, {alert: message for message, alert in pairs}, labels, now)
    deliver(connection, pairs)
    add_members(connection, [Fold(alert.id, alert.article, Level.NEW, alert.text) for alert in made], now)


def _fresh(connection: Connection, wanted: Sequence[NewAlert]) -> tuple[dict[AlertId, NewAlert], int]:
    """Return the alerts that are not stored yet, by sorted id, and how many were."""
    stored = {row.id for row in _KNOWN_ALERTS.rows(connection, (alert.id for alert in wanted))}
    fresh: dict[AlertId, NewAlert] = {}
    for alert in sorted(wanted, key=lambda alert: alert.id):
        if alert.id not in stored:
            fresh.setdefault(alert.id, alert)
    return fresh, len(wanted) - len(fresh)


def _messages(
    connection: Connection, wanted: Sequence[NewMessage], fresh: Mapping[AlertId, NewAlert]
) -> list[NewMessage]:
    """Return the messages to store, each with its new alerts only; one whose id is taken gets another, so that no
    alert is left without.
    """
    taken = {row.id for row in _KNOWN_MESSAGES.rows(connection, (message.id for message in wanted))}
    chosen: list[NewMessage] = []
    for message in sorted(wanted, key=lambda message: message.id):
        listed = tuple(alert for alert in message.alerts if alert in fresh)
        if message.alerts and not listed:
            continue
        id_ = message.id
        if id_ in taken:
            id_ = MessageId(public_id("m", digest("message", message.id, *listed)))
        taken.add(id_)
        chosen.append(replace(message, id=id_, alerts=listed))
    return chosen


def insert_messages(connection: Connection, wanted: Sequence[NewMessage], now: datetime, text: str = "") -> int:
    """Store messages; those whose id is known are left alone. Return how many are new."""
    stored = {row.id for row in _KNOWN_MESSAGES.rows(connection, (message.id for message in wanted))}
    rows = [
        {
            "id": message.id,
            "target": message.target,
            "kind": message.kind,
            "state": message.state,
            "hold": message.hold,
            "attempts": 0,
            "tries": 0,
            "unclean_ends": 0,
            "ends_alone": 0,
            "next_try_at": message.not_before,
            "created_at": message.made_at(now),
            "final_at": now if message.state in FINAL_STATES else None,
            "title": message.title,
            "text": text,
            "plain": False,
            "repeat": False,
            "let_go": False,
        }
        for message in sorted(wanted, key=lambda message: message.id)
        if message.id not in stored
    ]
    _ADD_MESSAGES.run(connection, *rows)
    if any(message.not_before is None and message.state is MessageState.WAITING for message in wanted):
        dialects.announce(connection, Wakeup.MESSAGES)
    return len(rows)


def insert_alerts(
    connection: Connection,
    wanted: Iterable[NewAlert],
    speaking: Mapping[AlertId, MessageId],
    labels: Mapping[AlertId, Sequence[str]],
    now: datetime,
) -> None:
    """Store new alerts with the message that speaks for each."""
    rows = [
        {
            "id": alert.id,
            "rule": alert.rule,
            "target": alert.target,
            "story": alert.story,
            "kind": alert.kind,
            "ordinal": alert.ordinal,
            "severity": int(alert.severity),
            "article": alert.article,
            "text": alert.text,
            "revision": alert.revision,
            "sample": alert.sample,
            "note": alert.note,
            "labels": list(labels.get(alert.id, ())),
            "created_at": now,
            "promoted_from": alert.promoted_from,
            "message": speaking.get(alert.id),
            "urgent": alert.is_urgent,
        }
        for alert in wanted
    ]
    _ADD_ALERTS.run(connection, *rows)


def _labels(alert: NewAlert, reads: Mapping[ArticleId, ReadArticle]) -> list[str]:
    read = reads.get(alert.article)
    fired = [match for match in read.matches if match.rule == alert.rule] if read else []
    return [group.label for match in fired for group in match.groups]


def deliver(connection: Connection, pairs: Sequence[tuple[MessageId, AlertId]]) -> None:
    """Put alerts in messages, in the order given, after those that a message holds already."""
    ids: set[str] = {message for message, _ in pairs}
    last: dict[str, int] = {row.message: row.last for row in _LAST_DELIVERY.rows(connection, ids)}
    rows_to_add: list[values.Values] = []
    for message, alert in pairs:
        last[message] = last.get(message, -1) + 1
        id_ = public_id("d", digest("delivery", message, alert))
        rows_to_add.append({"id": id_, "message": message, "alert": alert, "position": last[message]})
    _ADD_DELIVERIES.run(connection, *sorted(rows_to_add, key=lambda row: row["id"]))


def add_members(connection: Connection, folds: Sequence[Fold], now: datetime) -> list[Fold]:
    """Let articles join alerts in the order given; return those that were not members yet."""
    arriving = {fold.article for fold in folds}
    stored = {(row.alert, row.article) for row in _MEMBERSHIPS.rows(connection, arriving)}
    last = candidates.last_position(connection, [fold.alert for fold in folds])
    joined: list[Fold] = []
    rows_to_add: list[values.Values] = []
    for fold in folds:
        if (fold.alert, fold.article) in stored:
            continue
        stored.add((fold.alert, fold.article))
        last[fold.alert] = last.get(fold.alert, -1) + 1
        joined.append(fold)
        rows_to_add.append(
            {
                "alert": fold.alert,
                "article": fold.article,
                "text": fold.text,
                "level": fold.level,
                "joined_at": now,
                "position": last[fold.alert],
            }
        )
    _ADD_MEMBERS.run(connection, *sorted(rows_to_add, key=lambda row: (row["alert"], row["article"])))
    return joined


_PUT_VERDICTS: Final = Change(dialects.upsert(verdicts, where=verdicts.c.alert.is_(None)))


def write_verdicts(connection: Connection, decided: Sequence[Verdict], now: datetime) -> None:
    """Store verdicts; a later one on the same text, rule and target takes the place of the earlier, unless that has
    an alert.
    """
    last = {(verdict.article, verdict.text, verdict.rule, verdict.target): verdict for verdict in decided}
    _PUT_VERDICTS.run(connection, *({**values.verdict_values(last[key]), "at": now} for key in sorted(last)))


def write_muted(connection: Connection, held: Sequence[Muted], now: datetime) -> None:
    """Keep what silences held; the same article under the same silence once."""
    rows = [
        {
            "silence": one.silence,
            "article": one.article,
            "rule": one.rule,
            "target": one.target,
            "story": one.story,
            "severity": int(one.severity),
            "at": now,
        }
        for one in held
    ]
    _ADD_MUTED.run(connection, *rows)


def _copies(connection: Connection, joined: Sequence[Fold]) -> tuple[CopyNote, ...]:
    """Return a note for each alert that was sent already and got copies now."""
    counts: dict[AlertId, int] = {}
    for fold in joined:
        counts[fold.alert] = counts.get(fold.alert, 0) + 1
    notes: list[CopyNote] = []
    for part in dialects.chunks(counts):
        rows = connection.execute(
            select(alerts.c.id, alerts.c.target, alerts.c.rule, articles.c.title)
            .join(messages, messages.c.id == alerts.c.message)
            .outerjoin(articles, articles.c.id == alerts.c.article)
            .where(alerts.c.id.in_(part), messages.c.state == MessageState.SENT)
            .order_by(alerts.c.created_at, alerts.c.id)
        )
        notes += [
            CopyNote(ChannelName(row.target), RuleId(row.rule), row.title or "", counts[AlertId(row.id)])
            for row in rows
        ]
    return tuple(notes)


def alert_ids(connection: Connection, message_ids: Sequence[str]) -> dict[str, list[AlertId]]:
    """Return the alerts of messages, in their order."""
    found: dict[str, list[AlertId]] = {}
    for row in _CARRIED.rows(connection, message_ids):
        found.setdefault(row.message, []).append(AlertId(row.alert))
    return found


def speak(connection: Connection, ids: Sequence[AlertId], message: MessageId) -> None:
    """Make a message the one that speaks for these alerts."""
    for part in dialects.chunks(ids):
        connection.execute(update(alerts).where(alerts.c.id.in_(part)).values(message=message))
