"""Messages know that their time has come, or that somebody asked for them: no schedule holds them again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the column; what waits by now may be held."""
    op.add_column("messages", Column("let_go", sa.Boolean(), nullable=False, server_default=sa.false()))
