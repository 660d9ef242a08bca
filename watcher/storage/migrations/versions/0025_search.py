"""Make the search index; articles that are stored already are put into it bit by bit, while the daemon runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Make the tables, and note where there is nothing that is yet to be put in."""
    op.create_table(
        "searched",
        Column("number", sa.Integer(), nullable=False),
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_searched"),
        sa.ForeignKeyConstraint(["article"], ["articles.id"], name="fk_searched_article", ondelete="CASCADE"),
    )
    op.create_index("ix_searched_article", "searched", ["article"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_words "
            "USING fts5(words, content='', detail=none, columnsize=0, tokenize='ascii')"
        )
    else:
        op.create_table(
            "search_words",
            Column("number", sa.Integer(), nullable=False),
            Column("words", TSVECTOR(), nullable=False),
            sa.PrimaryKeyConstraint("number", name="search_words_pkey"),
            sa.ForeignKeyConstraint(["number"], ["searched.number"], ondelete="CASCADE"),
        )
        op.create_index("ix_search_words_words", "search_words", ["words"], postgresql_using="gin")
    op.execute("INSERT INTO meta (name, value) SELECT 'indexed to', '' WHERE EXISTS (SELECT 1 FROM articles)")
