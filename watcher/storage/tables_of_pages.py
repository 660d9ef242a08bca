"""The table of pages that are to be read whole, and of what became of them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table

from watcher.core.model.page import PageOutcome
from watcher.storage.tables import metadata
from watcher.storage.types import Moment, PublicId, Shown, Word

pages = Table(
    "pages",
    metadata,
    Column("article", PublicId("a"), ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("outcome", Word(PageOutcome), nullable=False),
    Column("said", Shown, nullable=False),
    Column("feed_chars", Integer, nullable=False),
    Column("page_chars", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", Moment),  # NULL: it is not wanted any more
    Column("at", Moment, nullable=False),
    Index(None, "next_try_at"),
    sqlite_with_rowid=False,
)
