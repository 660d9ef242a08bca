"""The search index: `searched` numbers the articles that are in it, `search_words` is an FTS5 table of their words.

It holds no text of its own and no positions: only which words stand in which numbered article.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import DDL, Column, ForeignKey, Index, Integer, Table, event

from watcher.storage.tables import metadata
from watcher.storage.types import Moment, PublicId

searched = Table(
    "searched",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("article", PublicId("a"), ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index(None, "article", unique=True),
)

WORDS_TABLE: Final = (
    "CREATE VIRTUAL TABLE search_words USING fts5(words, content='', detail=none, columnsize=0, tokenize='ascii')"
)
"""The words are cut and folded before; `ascii` takes them as they are, whatever their script."""

event.listen(metadata, "after_create", DDL(WORDS_TABLE))  # type: ignore[no-untyped-call]  # the library has no types here
