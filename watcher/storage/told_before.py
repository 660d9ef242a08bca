"""What told the same as an alert whose message is about to be sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, select

from watcher.core.model.alert import AlertDetail, AlertKind
from watcher.core.model.ids import AlertId
from watcher.core.model.message import LIVE_STATES, MessageKind
from watcher.storage import details, dialects, promoted
from watcher.storage.lookup import Lookup
from watcher.storage.tables import alerts as alert_table
from watcher.storage.tables import messages


def told_before(
    connection: Connection, rows: Sequence[Row[Any]], alerts_in: Mapping[str, Sequence[AlertId]]
) -> dict[AlertId, tuple[AlertDetail, ...]]:
    """Return, for alerts of messages that are tried for the first time, or again by hand, what told the same."""
    first = [row.id for row in rows if row.attempts == 1 and not row.repeat and row.kind is MessageKind.ALERT]
    again = [row.id for row in rows if row.attempts > 1 and row.tries == 1 and not row.repeat]
    older = _older(connection, {alert for id_ in first for alert in alerts_in.get(id_, ())})
    meanwhile = promoted.told_meanwhile(connection, {alert for id_ in again for alert in alerts_in.get(id_, ())})
    return older | meanwhile


_NEW: Final = alert_table.alias("new")
_OLD: Final = alert_table.alias("old")
_IN_ONE_STORY: Final = and_(_OLD.c.story == _NEW.c.story, _OLD.c.rule == _NEW.c.rule, _OLD.c.target == _NEW.c.target)
_OLDER: Final = Lookup(
    _NEW.c.id,
    lambda ids: (
        select(_NEW.c.id.label("mine"), _OLD.c.id.label("older"))
        .join(_OLD, _IN_ONE_STORY)
        .join(messages, messages.c.id == _OLD.c.message)
        .where(
            _NEW.c.id.in_(ids),
            _NEW.c.kind == AlertKind.FIRST,
            _OLD.c.kind == AlertKind.FIRST,
            _OLD.c.created_at <= _NEW.c.created_at,
            _OLD.c.message != _NEW.c.message,
            messages.c.attempts > 0,
            messages.c.released_at >= _NEW.c.created_at,
            dialects.unindexed(messages.c.state).in_(sorted(LIVE_STATES)),
        )
        .order_by(_NEW.c.id, _OLD.c.created_at, _OLD.c.id)
    ),
)


def _older(connection: Connection, wanted: Collection[AlertId]) -> dict[AlertId, tuple[AlertDetail, ...]]:
    """Return the live alerts of the same rule, target and story that were made before, tried, and let go again since.

    Only such a one can have been dead when the copy came. What was live then, and was not joined, tells something else.
    """
    pairs = [(AlertId(row.mine), AlertId(row.older)) for row in _OLDER.rows(connection, wanted)]
    every = details.alerts_of(connection, {older for _, older in pairs})
    found: dict[AlertId, tuple[AlertDetail, ...]] = {}
    for alert, older in pairs:
        if older in every:
            found[alert] = (*found.get(alert, ()), every[older])
    return found
