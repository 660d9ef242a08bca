"""Which conditions of rules over time hold, remembered so that each is told once when it begins to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete

from watcher.core.model.ids import ChannelName
from watcher.storage import outbox, upkeep
from watcher.storage.tables import job_runs

_CONDITION: Final = "condition"


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
    if not upkeep.claim_slot(connection, _CONDITION, condition, now):
        return 0
    return outbox.notify(connection, targets, f"{_CONDITION} {condition} {now.isoformat()}", title, text, now)


def end_condition(
    connection: Connection, condition: str, targets: Sequence[ChannelName], title: str, text: str, now: datetime
) -> int:
    """Note that a condition does not hold; tell its end where it did. See ports.Store.end_condition."""
    if not _forget(connection, condition):
        return 0
    return outbox.notify(connection, targets, f"{_CONDITION} ended {condition} {now.isoformat()}", title, text, now)


def _forget(connection: Connection, condition: str) -> bool:
    here = (job_runs.c.name == _CONDITION) & (job_runs.c.slot == condition)
    return connection.execute(delete(job_runs).where(here)).rowcount > 0
