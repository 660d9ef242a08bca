"""Keep with messages since when their age counts and what unclean ends said of them, and since when a channel fails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns and tables; attempts that ended with the process blamed messages by coincidence and are
    forgotten.
    """
    op.add_column("messages", Column("released_at", sa.BigInteger(), nullable=True))
    op.add_column("messages", Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("messages", Column("first_tried_at", sa.BigInteger(), nullable=True))
    op.add_column("messages", Column("for_recipient", sa.Text(), nullable=True))
    op.execute("ALTER TABLE messages RENAME COLUMN crashes TO unclean_ends")
    op.add_column("messages", Column("ends_alone", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE messages SET unclean_ends = 0")
    op.add_column("channels", Column("failing_since", sa.BigInteger(), nullable=True))
