"""Keep the silences that people make while the program runs, and a list of what they changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make the tables; they begin empty."""
    op.create_table(
        "hand_silences",
        Column("name", sa.Text(), primary_key=True),
        Column("rule", sa.Text()),
        Column("feed", sa.Text(), nullable=False),
        Column("story", sa.LargeBinary(16)),
        Column("channel", sa.Text()),
        Column("starts_at", sa.BigInteger(), nullable=False),
        Column("lasts", sa.BigInteger(), nullable=False),
        Column("because", sa.Text(), nullable=False),
        Column("by", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hand_changes",
        Column("number", sa.Integer(), primary_key=True),
        Column("at", sa.BigInteger(), nullable=False),
        Column("by", sa.Text(), nullable=False),
        Column("did", sa.Text(), nullable=False),
        Column("undo", sa.String(), nullable=False),
        Column("what", sa.Text(), nullable=False),
    )
    op.create_index("ix_hand_changes_at", "hand_changes", ["at"])
