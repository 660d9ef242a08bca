"""The tables of what people change while the program runs: silences, votes, reactions, who gets no more, and the list
of changes.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from watcher.core.model.by_hand import Undo
from watcher.core.model.reaction import Meaning
from watcher.core.model.vote import VoteValue
from watcher.storage.tables import metadata
from watcher.storage.types import Moment, Packed, Period, PublicId, Shown, Word

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

# No foreign key: a vote and its text outlive the alert and the article.
votes = Table(
    "votes",
    metadata,
    Column("alert", PublicId("l"), primary_key=True),
    Column("by", Shown, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("article", PublicId("a"), nullable=False),
    Column("value", Word(VoteValue), nullable=False),
    Column("at", Moment, nullable=False),
    Column("title", Shown, nullable=False),
    Column("body", Packed),  # the article as it was told; NULL where its text was gone
    Index(None, "rule"),
    Index(None, "at"),
    sqlite_with_rowid=False,
)

reactions = Table(
    "reactions",
    metadata,
    Column("message", PublicId("m"), ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("meaning", Word(Meaning), primary_key=True),
    Column("user", Shown, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("undo", Shown, nullable=False),  # the silence that it made
    Column("owed", Text, nullable=False, server_default=""),  # what its reader is yet to be told
    Column("is_gone", Integer, nullable=False, server_default="0"),  # undone, but that is yet to be told
    sqlite_with_rowid=False,
)
