"""Keep what receivers call our messages, and which updates must be heard, so that a story is told in one thread."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the columns; what was sent before begins no thread."""
    op.add_column("messages", Column("remote", sa.Text()))
    op.add_column("alerts", Column("urgent", sa.Boolean(), nullable=False, server_default="0"))
