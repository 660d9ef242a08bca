"""Reactions of readers: our own messages that can have some, and those that were acted on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select, update

from watcher.core.model.ids import AlertId, ArticleId, ChannelName, MessageId, StoryId
from watcher.core.model.message import MessageState
from watcher.core.model.reaction import Mark, OwnMessage, Reaction, ReadingLease
from watcher.storage import dialects
from watcher.storage import tables as t
from watcher.storage.tables import meta
from watcher.storage.tables_by_hand import reactions
from watcher.storage.types import microseconds

_MADE_EARLIER: Final = timedelta(days=2)
"""A message that waited for longer than this is not looked at; so few rows are read by when they were made."""

_AT_MOST: Final = 200
_READ_BY: Final = "reactions of"


def own_messages(connection: Connection, target: ChannelName, since: datetime) -> list[OwnMessage]:
    """Return messages that were sent since; see by_hand.HandShown.own_messages."""
    m = t.messages.c
    chosen = (
        select(m.id, m.remote, m.sent_at)
        .where(
            m.created_at >= since - _MADE_EARLIER,
            m.target == target,
            m.state == MessageState.SENT,
            m.sent_at >= since,
            m.remote.is_not(None),
            m.remote != "",
        )
        .order_by(m.sent_at.desc(), m.id)
        .limit(_AT_MOST)
    )
    rows = connection.execute(chosen).all()
    alerts: dict[str, list[tuple[AlertId, ArticleId, StoryId]]] = {}
    acted: dict[str, list[Reaction]] = {}
    for part in dialects.chunks(row.id for row in rows):
        told = (
            select(t.deliveries.c.message, t.alerts.c.id, t.alerts.c.article, t.alerts.c.story)
            .join(t.alerts, t.alerts.c.id == t.deliveries.c.alert)
            .where(t.deliveries.c.message.in_(part))
            .order_by(t.deliveries.c.message, t.deliveries.c.position)
        )
        for row in connection.execute(told):
            alerts.setdefault(row.message, []).append((AlertId(row.id), ArticleId(row.article), StoryId(row.story)))
        known = select(reactions).where(reactions.c.message.in_(part)).order_by(reactions.c.at, reactions.c.user)
        for row in connection.execute(known):
            id_ = MessageId(row.message)
            one = Reaction(id_, row.meaning, row.user, row.at, row.undo, row.owed, bool(row.is_gone))
            acted.setdefault(row.message, []).append(one)
    return [
        OwnMessage(
            MessageId(row.id),
            row.remote,
            row.sent_at,
            tuple(alerts[row.id]),
            tuple(one for one in acted.get(row.id, ()) if not one.is_gone),
            tuple(one for one in acted.get(row.id, ()) if one.owed),
        )
        for row in rows
        if row.id in alerts
    ]


def note_reaction(connection: Connection, reaction: Reaction) -> None:
    """Keep a reaction that was acted on."""
    row = {
        "message": reaction.message,
        "meaning": reaction.meaning,
        "user": reaction.user,
        "at": reaction.at,
        "undo": reaction.undo,
        "owed": reaction.owed,
        "is_gone": int(reaction.is_gone),
    }
    connection.execute(dialects.upsert(reactions), row)


def lease_reactions(
    connection: Connection, channel: ChannelName, owner: str, now: datetime, lease: timedelta
) -> ReadingLease:
    """Return whether `owner` is the process that reads the reactions of a channel; see by_hand.ByHand.

    The row of `meta` says who it is and until when, in microseconds.
    """
    if not dialects.is_shared(connection):
        return ReadingLease.KEPT
    name = f"{_READ_BY} {channel}"
    chosen = select(meta.c.value).where(meta.c.name == name).with_for_update()
    until, _, holder = (connection.execute(chosen).scalar() or "0 ").partition(" ")
    left = int(until) - microseconds(now)
    most = lease // timedelta(microseconds=1)
    is_mine = holder == owner and left > 0
    if not is_mine and 0 < left <= 2 * most:  # one that ends later was given before a clock was set back
        return ReadingLease.OTHERS
    if not is_mine or left < most // 2:
        # Of two that find none one waits for the other here, and looks again at its next turn.
        row = {"name": name, "value": f"{microseconds(now + lease)} {owner}"}
        if not holder and connection.execute(dialects.insert(meta).on_conflict_do_nothing(), row).rowcount != 1:
            return ReadingLease.OTHERS
        connection.execute(update(meta).where(meta.c.name == name).values(value=row["value"]))
    return ReadingLease.KEPT if is_mine else ReadingLease.BEGUN


def end_leases(connection: Connection, owner: str) -> None:
    """Let others read at once the reactions that `owner` read until it stopped."""
    if dialects.is_shared(connection):
        is_lease = meta.c.name.startswith(f"{_READ_BY} ", autoescape=True)
        connection.execute(delete(meta).where(is_lease, meta.c.value.endswith(f" {owner}", autoescape=True)))


def forget_reaction(connection: Connection, message: MessageId, mark: Mark) -> None:
    """Forget a reaction that was taken away."""
    is_it = (reactions.c.message == message) & (reactions.c.meaning == mark[0]) & (reactions.c.user == mark[1])
    connection.execute(delete(reactions).where(is_it))
