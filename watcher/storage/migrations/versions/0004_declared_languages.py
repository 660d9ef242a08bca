"""Note with each article whether its language was declared or guessed from its letters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; of the articles that are there nobody knows."""
    op.add_column("articles", Column("lang_declared", sa.Boolean(), nullable=True))
