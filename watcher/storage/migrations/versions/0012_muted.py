"""Keep what silences held, so that it is told at their end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0012"
down_revision = "0011"

_ID = sa.LargeBinary(16)


def upgrade() -> None:
    """Make the table; what was held before is not known with its severity and is not told."""
    op.create_table(
        "muted",
        Column("silence", sa.Text(), nullable=False),
        Column("article", _ID, nullable=False),
        Column("rule", sa.Text(), nullable=False),
        Column("target", sa.Text(), nullable=False),
        Column("story", _ID, nullable=False),
        Column("severity", sa.Integer(), nullable=False),
        Column("at", sa.BigInteger(), nullable=False),
        Column("told_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("silence", "article", "rule", "target", name="pk_muted"),
        sa.ForeignKeyConstraint(["article"], ["items.id"], name="fk_muted_article", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_muted_told_at", "muted", ["told_at"])
    op.create_index("ix_muted_article", "muted", ["article"])
