"""Count the articles that only a term of `none` kept from matching, by rule, term and day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table; nothing was counted before."""
    op.create_table(
        "stopped",
        Column("rule", sa.Text(), nullable=False),
        Column("term", sa.Text(), nullable=False),
        Column("day", sa.BigInteger(), nullable=False),
        Column("articles", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "term", "day", name="pk_stopped"),
        sqlite_with_rowid=False,
    )
