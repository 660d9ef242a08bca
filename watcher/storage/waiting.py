"""Letting go what waits for its time: the end of quiet hours, a digest, room within a limit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select, update

from watcher.core.alerts.timing import BY_TIME, About, DigestSlot, Waiting, digest_slots, is_urgent, look
from watcher.core.model.ids import ChannelName, MessageId, RuleId
from watcher.core.model.message import MessageState
from watcher.core.model.policy import ChannelState, Policy
from watcher.core.model.rule import Severity
from watcher.storage import dialects, health, history, holds, upkeep
from watcher.storage.tables import alerts, articles, messages

_IS_HELD = (messages.c.state == MessageState.HELD) & (messages.c.hold.in_(BY_TIME))


def release(connection: Connection, policy: Policy, now: datetime) -> int:
    """Let go whose time has come; see ports.Store.release_due."""
    broken = health.broken(connection)
    ready = {name for name, state in policy.channels.items() if state is ChannelState.READY}
    due = _claimed(connection, digest_slots(policy, ready, now), now)
    waiting = _waiting(connection)
    if not waiting:
        return 0
    seen = look(policy, waiting, due, history.rung(connection, now), now, broken)
    for message, reason in seen.renamed:
        connection.execute(update(messages).where(messages.c.id == message).values(hold=reason))
    return sum(holds.release_due(connection, one, now) for one in seen.due)


def _claimed(connection: Connection, slots: Iterable[DigestSlot], now: datetime) -> dict[ChannelName, set[str]]:
    """Return the digests of each channel whose last time nobody has taken yet, and take it."""
    found: dict[ChannelName, set[str]] = {}
    for one in slots:
        if upkeep.claim_slot(connection, one.job, one.slot, now):
            found.setdefault(one.target, set()).add(one.digest)
    return found


def _waiting(connection: Connection) -> list[Waiting]:
    rows = connection.execute(
        select(
            messages.c.id,
            messages.c.target,
            messages.c.kind,
            messages.c.hold,
            messages.c.created_at,
            alerts.c.rule,
            alerts.c.severity,
            alerts.c.kind.label("alert_kind"),
            alerts.c.article,
        )
        .join(alerts, alerts.c.message == messages.c.id)
        .where(_IS_HELD)
        .order_by(messages.c.created_at, messages.c.id)
    ).all()
    origins: dict[str, tuple[str, tuple[str, ...]]] = {}
    for part in dialects.chunks({row.article for row in rows}):
        texts = select(articles.c.id, articles.c.feed_name, articles.c.tags).where(articles.c.id.in_(part))
        origins |= {row.id: (row.feed_name, tuple(row.tags)) for row in connection.execute(texts)}
    about: dict[str, list[About]] = {}
    for row in rows:
        feed, tags = origins.get(row.article, ("", ()))
        one = About(RuleId(row.rule), Severity(row.severity), feed, tags, is_urgent(row.alert_kind, row.kind))
        about.setdefault(row.id, []).append(one)
    firsts = {row.id: row for row in reversed(rows)}
    return [
        Waiting(
            MessageId(id_), ChannelName(firsts[id_].target), firsts[id_].hold, firsts[id_].created_at, tuple(listed)
        )
        for id_, listed in about.items()
    ]
