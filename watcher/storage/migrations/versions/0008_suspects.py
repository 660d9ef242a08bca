"""Keep with each feed how often the process ended while it was polled, and how often with no other suspect in hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns; what earlier versions counted blamed feeds by coincidence, so that nobody is suspected."""
    op.add_column("feeds", Column("unclean_ends", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("feeds", Column("ends_alone", sa.Integer(), nullable=False, server_default="0"))
