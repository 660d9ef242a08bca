"""How many alerts came when, counted in the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from watcher.core.alerts.by_day import Alerted
from watcher.core.model.rule import Severity
from watcher.storage import tables as t
from watcher.storage.types import EPOCH

_QUARTER: Final = timedelta(minutes=15)
"""Days of every zone begin with one of these."""

_MICROSECONDS: Final = _QUARTER // timedelta(microseconds=1)


def alerted_since(connection: Connection, since: datetime) -> list[Alerted]:
    """Return how many alerts came in each quarter of an hour since then; one that went to several channels counts
    once, by its highest severity.
    """
    alerts = t.alerts.c
    each = (
        select(
            func.min(type_coerce(alerts.created_at, BigInteger)).label("at"),
            func.max(alerts.severity).label("severity"),
        )
        .where(alerts.created_at >= since)
        .group_by(alerts.rule, alerts.story, alerts.kind, alerts.article)
        .subquery()
    )
    quarter = (each.c.at // _MICROSECONDS).label("quarter")
    rows = connection.execute(select(quarter, each.c.severity, func.count()).group_by(quarter, each.c.severity))
    return [Alerted(EPOCH + number * _QUARTER, Severity(severity), count) for number, severity, count in rows]
