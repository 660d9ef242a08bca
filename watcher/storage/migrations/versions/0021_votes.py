"""Keep what people say of the alerts they got, with the text that they speak of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the table; nobody voted yet."""
    op.create_table(
        "votes",
        Column("alert", sa.LargeBinary(16), primary_key=True),
        Column("by", sa.Text(), primary_key=True),
        Column("rule", sa.Text(), nullable=False),
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("value", sa.String(), nullable=False),
        Column("at", sa.BigInteger(), nullable=False),
        Column("title", sa.Text(), nullable=False),
        Column("body", sa.Text()),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_votes_rule", "votes", ["rule"])
    op.create_index("ix_votes_at", "votes", ["at"])
