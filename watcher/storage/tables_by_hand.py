"""The tables of what people change while the program runs: silences, who gets no more, and the list of changes."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from watcher.core.model.by_hand import Undo
from watcher.storage.tables import metadata
from watcher.storage.types import Moment, Period, PublicId, Shown, Word

hand_silences = Table(
    "hand_silences",
    metadata,
    Column("name", Text, primary_key=True),
    Column("rule", Text),
    Column("feed", Text, nullable=False),
    Column("story", PublicId("s")),
    Column("channel", Text),
    Column("starts_at", Moment, nullable=False),
    Column("lasts", Period, nullable=False),
    Column("because", Shown, nullable=False),
    Column("by", Shown, nullable=False),
    sqlite_with_rowid=False,
)

hand_changes = Table(
    "hand_changes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", Shown, nullable=False),
    Column("did", Shown, nullable=False),
    Column("undo", Word(Undo), nullable=False),
    Column("what", Shown, nullable=False),
    Index(None, "at"),
)

paused_recipients = Table(
    "paused_recipients",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", Shown, nullable=False),
    sqlite_with_rowid=False,
)
