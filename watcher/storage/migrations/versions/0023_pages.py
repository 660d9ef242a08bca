"""Keep which linked pages are to be read whole, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Make the table; no feed asked for pages yet."""
    op.create_table(
        "pages",
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("outcome", sa.String(), nullable=False),
        Column("said", sa.Text(), nullable=False),
        Column("feed_chars", sa.Integer(), nullable=False),
        Column("page_chars", sa.Integer(), nullable=False),
        Column("attempts", sa.Integer(), nullable=False),
        Column("next_try_at", sa.BigInteger()),
        Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("article", name="pk_pages"),
        sa.ForeignKeyConstraint(["article"], ["items.id"], name="fk_pages_article", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_pages_next_try_at", "pages", ["next_try_at"])
