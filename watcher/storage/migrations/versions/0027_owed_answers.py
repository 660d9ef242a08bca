"""Keep what the reader who reacted to a message is yet to be told, over a crash too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Begin with nothing owed."""
    op.add_column("reactions", Column("owed", sa.Text(), nullable=False, server_default=""))
    op.add_column("reactions", Column("is_gone", sa.Integer(), nullable=False, server_default="0"))
