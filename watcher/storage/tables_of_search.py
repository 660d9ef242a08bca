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

ON_SERVER: Final = (
    "CREATE TABLE search_words (number INTEGER PRIMARY KEY REFERENCES searched ON DELETE CASCADE, words TSVECTOR NOT NULL)",
    "CREATE INDEX ix_search_words_words ON search_words USING GIN (words)",
    "CREATE SEQUENCE IF NOT EXISTS search_numbers",
)
"""The same where SQLite is not the engine."""

for _engine, _statements in (("sqlite", (WORDS_TABLE,)), ("postgresql", ON_SERVER)):
    for _one in _statements:
        _made = DDL(_one).execute_if(dialect=_engine)  # type: ignore[no-untyped-call]  # the library has no types here
        event.listen(metadata, "after_create", _made)
