"""Keep where each channel sends, as a digest: breaker and throttle belong to the address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table; until a start says where a channel sends, its health stands under its name."""
    op.create_table(
        "channel_addresses",
        Column("name", sa.Text(), nullable=False),
        Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_channel_addresses"),
    )
