"""Keep which reactions of readers to our own messages were acted on, so that taking one away undoes it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column, ForeignKey

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Make the table; nobody reacted yet."""
    op.create_table(
        "reactions",
        Column("message", sa.LargeBinary(16), ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
        Column("meaning", sa.String(), primary_key=True),
        Column("user", sa.Text(), primary_key=True),
        Column("at", sa.BigInteger(), nullable=False),
        Column("undo", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
