"""Letting go what limits hold."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from watcher.core.alerts.limits import free
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.message import HoldReason, MessageState
from watcher.core.model.policy import Policy
from watcher.storage import health, history, holds
from watcher.storage.tables import alerts, messages

_IS_HELD = (messages.c.state == MessageState.HELD) & (messages.c.hold == HoldReason.LIMIT)


def release(connection: Connection, policy: Policy, now: datetime) -> int:
    """Let go what limits hold no longer; see ports.Store.release_limits."""
    chosen = select(messages.c.id, messages.c.target, alerts.c.rule).join(alerts, alerts.c.message == messages.c.id)
    rules: dict[ChannelName, dict[str, set[RuleId]]] = {}
    for row in connection.execute(chosen.where(_IS_HELD)):
        rules.setdefault(ChannelName(row.target), {}).setdefault(row.id, set()).add(RuleId(row.rule))
    if not rules:
        return 0
    held = {target: [frozenset(one) for one in by_id.values()] for target, by_id in rules.items()}
    broken = health.broken(connection)
    going = sorted(free(policy, held, history.rung(connection, now), now) - broken)
    return sum(holds.release_channel(connection, target, {HoldReason.LIMIT}, now) for target in going)
