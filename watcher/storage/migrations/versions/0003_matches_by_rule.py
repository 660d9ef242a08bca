"""Find what a rule matched lately at once: keep with each match when its article was first seen, and order by rule
and time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table anew with the column, and copy what is there."""
    op.rename_table("matches", "matches_before")
    op.create_table(
        "matches",
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("rule", sa.Text(), nullable=False),
        Column("revision", sa.Integer(), nullable=False),
        Column("groups", sa.Text(), nullable=False),
        Column("spans", sa.Text(), nullable=False),
        Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["articles.id"], name="fk_matches_article", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article", "rule", name="pk_matches"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO matches SELECT m.article, m.rule, m.revision, m.groups, m.spans, a.first_seen_at "
        "FROM matches_before AS m JOIN articles AS a ON a.id = m.article"
    )
    op.drop_table("matches_before")
    op.create_index("ix_matches_rule_seen_at", "matches", ["rule", "seen_at"])
