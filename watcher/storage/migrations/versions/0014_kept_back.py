"""Keep what an unstable part of a feed keeps from being news, and how articles were graded: both can be released."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0014"
down_revision = "0013"

_ID = sa.LargeBinary(16)


def upgrade() -> None:
    """Add the table and the column; of what was decided before neither is known."""
    op.create_table(
        "kept_back",
        Column("article", _ID, nullable=False),
        Column("rule", sa.Text(), nullable=False),
        Column("target", sa.Text(), nullable=False),
        Column("severity", sa.Integer(), nullable=False),
        Column("why", sa.Text(), nullable=False),
        Column("url", sa.Text(), nullable=False),
        Column("published_at", sa.BigInteger()),
        Column("times", sa.Integer(), nullable=False),
        Column("first_at", sa.BigInteger(), nullable=False),
        Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("article", "rule", "target", name="pk_kept_back"),
        sa.ForeignKeyConstraint(["article"], ["items.id"], name="fk_kept_back_article", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_kept_back_last_at", "kept_back", ["last_at"])
    op.add_column("verdicts", Column("severity", sa.Integer()))
