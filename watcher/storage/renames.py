"""What rules and channels did before they were renamed follows them: alerts, verdicts, messages, silences, health."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Table, delete, exists, select, update

from watcher.core.model.by_hand import Undo
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.policy import Renames
from watcher.storage import dialects
from watcher.storage import tables as t
from watcher.storage import tables_by_hand as b

_FOLLOWED: Final = "renames"
"""The name in `meta` under which stands what was followed last, so that a start looks through no table for it again."""

_RULES: Final[tuple[Column[Any], ...]] = (
    t.alerts.c.rule,
    t.matches.c.rule,
    t.pending_matches.c.rule,
    t.verdicts.c.rule,
    t.muted.c.rule,
    t.kept_back.c.rule,
    t.stopped.c.rule,
    b.hand_silences.c.rule,
    b.votes.c.rule,
)
_CHANNELS: Final[tuple[Column[Any], ...]] = (
    t.alerts.c.target,
    t.messages.c.target,
    t.verdicts.c.target,
    t.muted.c.target,
    t.kept_back.c.target,
    t.channels.c.name,
    t.channel_addresses.c.name,
    b.hand_silences.c.channel,
    b.paused_recipients.c.channel,
)


def follow(connection: Connection, renames: Renames) -> None:
    """Give what stands under the earlier ids of rules and names of channels to those that they have now."""
    written = connection.execute(select(t.meta.c.value).where(t.meta.c.name == _FOLLOWED)).scalar()
    before = json.loads(written) if written else {"rules": {}, "channels": {}}
    rules = {old: new for old, new in renames.rules.items() if before["rules"].get(old) != new}
    channels = {old: new for old, new in renames.channels.items() if before["channels"].get(old) != new}
    for rule, today in sorted(rules.items()):
        # A silence without a name is called as its rule; one that only shares the name stays as it is.
        mine = (b.hand_silences.c.name == rule) & (b.hand_silences.c.rule == rule)
        is_undo = b.hand_changes.c.undo == Undo.UNMUTE
        _rename(connection, b.hand_changes.c.what, rule, today, is_undo, exists().where(mine))
        _rename(connection, t.muted.c.silence, rule, today, t.muted.c.rule == rule)
        _rename(connection, b.hand_silences.c.name, rule, today, b.hand_silences.c.rule == rule)
    for columns, names in ((_RULES, rules), (_CHANNELS, channels)):
        for old, new in sorted(names.items()):
            for column in columns:
                _rename(connection, column, old, new)
    _rename_in_changes(connection, channels)
    if rules:
        _rename_in_stories(connection, rules)
        _rename_conditions(connection, rules)
    now = json.dumps({"rules": dict(renames.rules), "channels": dict(renames.channels)}, sort_keys=True)
    if now != written and (written or renames.rules or renames.channels):
        connection.execute(dialects.upsert(t.meta), {"name": _FOLLOWED, "value": now})


def _rename(connection: Connection, column: Column[Any], old: str, new: str, *only: ColumnElement[bool]) -> None:
    """Write a new name over an old one in a column, in the rows for which `only` holds."""
    table = column.table
    assert isinstance(table, Table)
    if column.primary_key:
        # What the new name did already stands; the old row beside it says nothing more.
        twin = table.alias()
        others = [one for one in table.primary_key.columns if one is not column]
        same = [twin.c[one.name] == one for one in others]
        has_twin = exists().where(twin.c[column.name] == new, *same).correlate(table)
        connection.execute(delete(table).where(column == old, has_twin, *only))
    connection.execute(update(table).where(column == old, *only).values({column: new}))


def _rename_in_changes(connection: Connection, channels: Mapping[ChannelName, ChannelName]) -> None:
    """Carry over what is undone of a recipient: it is named after the channel and a blank."""
    column = b.hand_changes.c.what
    undone = select(b.hand_changes.c.number, column).where(b.hand_changes.c.undo == Undo.RESUME)
    for number, what in connection.execute(undone).all():
        channel, _, recipient = what.partition(" ")
        if ChannelName(channel) in channels:
            renamed = {"what": f"{channels[ChannelName(channel)]} {recipient}"}
            connection.execute(update(b.hand_changes).where(b.hand_changes.c.number == number).values(renamed))


def _rename_in_stories(connection: Connection, rules: dict[RuleId, RuleId]) -> None:
    changed = [
        (row.id, sorted({rules.get(rule, rule) for rule in row.rules}))
        for row in connection.execute(select(t.stories.c.id, t.stories.c.rules))
        if not rules.keys().isdisjoint(row.rules)
    ]
    for id_, now in changed:
        connection.execute(update(t.stories).where(t.stories.c.id == id_).values(rules=now))


def _rename_conditions(connection: Connection, rules: dict[RuleId, RuleId]) -> None:
    """Carry over which conditions of rules over time were told; they begin with the id of the rule."""
    column = t.conditions.c.condition
    for condition in connection.execute(select(column)).scalars().all():
        rule, blank, rest = condition.partition(" ")
        if blank and RuleId(rule) in rules:
            renamed = {"condition": f"{rules[RuleId(rule)]} {rest}"}
            connection.execute(update(t.conditions).where(column == condition).values(renamed))
