"""What people changed while the program ran: silences of their own, and the list of changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from watcher.core.alerts.lasting import OF_A_SILENCE
from watcher.core.model.by_hand import HandChange, Paused
from watcher.core.model.ids import ChannelName, RuleId, StoryId
from watcher.core.model.policy import Silence
from watcher.errors import StorageError
from watcher.storage import dialects
from watcher.storage.tables import conditions
from watcher.storage.tables_by_hand import hand_changes, hand_silences, paused_recipients

CHANGES_KEPT: Final = timedelta(days=90)
SILENCES_KEPT: Final = timedelta(days=8)
"""So long after its end a silence is kept, for the page shows it for a week."""


def add_silence(connection: Connection, silence: Silence, change: HandChange, instead_of: Sequence[str] = ()) -> None:
    """Store a silence and who made it; see by_hand.ByHand.add_silence."""
    assert silence.starts_at is not None
    assert silence.ends_at is not None
    connection.execute(delete(hand_silences).where(hand_silences.c.name.in_(instead_of)))
    row = {
        "name": silence.name,
        "rule": silence.rule,
        "feed": silence.feed,
        "story": silence.story,
        "channel": silence.channel,
        "starts_at": silence.starts_at,
        "lasts": silence.ends_at - silence.starts_at,
        "because": silence.because,
        "by": silence.by,
    }
    if connection.execute(dialects.insert(hand_silences).on_conflict_do_nothing(), row).rowcount != 1:
        raise StorageError(f"there is a silence `{silence.name}` already")
    note(connection, change)


def end_silence(connection: Connection, name: str, change: HandChange) -> None:
    """Take a silence back; see by_hand.ByHand.end_silence."""
    if connection.execute(delete(hand_silences).where(hand_silences.c.name == name)).rowcount != 1:
        raise StorageError(f"no silence `{name}` was made by hand, or it was ended already")
    note(connection, change)


def silences(connection: Connection) -> list[Silence]:
    """Return the silences made by hand, in the order of their start."""
    rows = connection.execute(select(hand_silences).order_by(hand_silences.c.starts_at, hand_silences.c.name))
    return [
        Silence(
            row.name,
            RuleId(row.rule) if row.rule is not None else None,
            feed=row.feed,
            story=StoryId(row.story) if row.story is not None else None,
            starts_at=row.starts_at,
            ends_at=row.starts_at + row.lasts,
            because=row.because,
            channel=ChannelName(row.channel) if row.channel is not None else None,
            by=row.by,
        )
        for row in rows
    ]


def starts(connection: Connection) -> dict[str, datetime]:
    """Return since when silences of the files that have no start are held."""
    rows = connection.execute(select(conditions).where(conditions.c.condition.contains(OF_A_SILENCE, autoescape=True)))
    return {row.condition: row.since for row in rows}


def begin_silences(connection: Connection, held: Mapping[str, datetime]) -> None:
    """Note which silences without a start are held, and since when; others are forgotten."""
    known = starts(connection)
    for gone in known.keys() - held.keys():
        connection.execute(delete(conditions).where(conditions.c.condition == gone))
    for new in sorted(held.keys() - known.keys()):
        connection.execute(insert(conditions).values(condition=new, since=held[new]))


def pause_recipient(connection: Connection, paused: Paused, change: HandChange) -> bool:
    """Write to one recipient of a channel no more; see by_hand.ByHand.pause_recipient."""
    row = {"channel": paused.channel, "recipient": paused.recipient, "at": paused.at, "by": paused.by}
    is_new = connection.execute(dialects.insert(paused_recipients).on_conflict_do_nothing(), row).rowcount == 1
    if is_new:
        note(connection, change)
    return is_new


def resume_recipient(connection: Connection, channel: ChannelName, recipient: str, change: HandChange) -> None:
    """Write to a recipient again; see by_hand.ByHand.resume_recipient."""
    mine = (paused_recipients.c.channel == channel) & (paused_recipients.c.recipient == recipient)
    if connection.execute(delete(paused_recipients).where(mine)).rowcount != 1:
        raise StorageError(f"{recipient} of {channel} is not paused")
    note(connection, change)


def paused(connection: Connection) -> list[Paused]:
    """Return who is written to no more, in order."""
    found = connection.execute(select(paused_recipients).order_by(paused_recipients.c.channel, paused_recipients.c.at))
    return [Paused(ChannelName(row.channel), row.recipient, row.at, row.by) for row in found]


def note(connection: Connection, change: HandChange) -> None:
    """Write down what was changed."""
    row = {"at": change.at, "by": change.by, "did": change.did, "undo": change.undo, "what": change.what}
    connection.execute(insert(hand_changes), row)


def changes(connection: Connection, limit: int) -> list[HandChange]:
    """Return what was changed, the newest first."""
    rows = connection.execute(select(hand_changes).order_by(hand_changes.c.number.desc()).limit(limit))
    return [HandChange(row.at, row.by, row.did, row.undo, row.what) for row in rows]


def prune_by_hand(connection: Connection, now: datetime) -> None:
    """Delete what is long over."""
    connection.execute(delete(hand_changes).where(hand_changes.c.at < now - CHANGES_KEPT))
    ended = [one.name for one in silences(connection) if one.ends_at is not None and one.ends_at < now - SILENCES_KEPT]
    connection.execute(delete(hand_silences).where(hand_silences.c.name.in_(ended)))
