"""Which conditions of rules over time hold, remembered so that each is told once when it begins to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete

from watcher.core.model.ids import ChannelName
from watcher.storage import dialects, outbox
from watcher.storage.tables import conditions


def note_condition(
    connection: Connection,
    condition: str,
    holds: bool,
    targets: Sequence[ChannelName],
    title: str,
    text: str,
    now: datetime,
) -> int:
    """Remember whether a condition holds; tell when it begins to. See ports.Store.note_condition."""
    if not holds:
        _forget(connection, condition)
        return 0
    begins = dialects.insert(conditions).on_conflict_do_nothing()
    if connection.execute(begins, {"condition": condition, "since": now}).rowcount == 0:
        return 0
    return outbox.notify(connection, targets, f"condition {condition} {now.isoformat()}", title, text, now)


def end_condition(
    connection: Connection, condition: str, targets: Sequence[ChannelName], title: str, text: str, now: datetime
) -> int:
    """Note that a condition does not hold; tell its end where it did. See ports.Store.end_condition."""
    if not _forget(connection, condition):
        return 0
    return outbox.notify(connection, targets, f"condition ended {condition} {now.isoformat()}", title, text, now)


def note_conditions(
    connection: Connection,
    begun: Sequence[str],
    targets: Sequence[ChannelName],
    title: str,
    text: str,
    now: datetime,
) -> int:
    """Remember that several conditions hold; tell when one begins to. See ports.Store.note_conditions."""
    begins = dialects.insert(conditions).on_conflict_do_nothing()
    new = [one for one in begun if connection.execute(begins, {"condition": one, "since": now}).rowcount]
    if not new:
        return 0
    return outbox.notify(connection, targets, f"conditions {' '.join(new)} {now.isoformat()}", title, text, now)


def end_conditions(
    connection: Connection, ended: Sequence[str], targets: Sequence[ChannelName], title: str, text: str, now: datetime
) -> int:
    """Note that several conditions do not hold; tell where one did. See ports.Store.end_conditions."""
    held = [one for one in ended if _forget(connection, one)]
    if not held:
        return 0
    return outbox.notify(connection, targets, f"conditions ended {' '.join(held)} {now.isoformat()}", title, text, now)


def _forget(connection: Connection, condition: str) -> bool:
    return connection.execute(delete(conditions).where(conditions.c.condition == condition)).rowcount > 0
