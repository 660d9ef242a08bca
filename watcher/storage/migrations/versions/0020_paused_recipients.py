"""Keep the recipients of a channel who asked for no more messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Make the table; nobody asked yet."""
    op.create_table(
        "paused_recipients",
        Column("channel", sa.Text(), primary_key=True),
        Column("recipient", sa.Text(), primary_key=True),
        Column("at", sa.BigInteger(), nullable=False),
        Column("by", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
