"""Find the feeds that are due, and those in hand, without reading all feeds: each daemon looks once a second."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Index what the two looks ask for."""
    op.create_index("ix_feeds_last_poll_at", "feeds", ["last_poll_at"])
    taken = sa.text("token IS NOT NULL")
    op.create_index("ix_feeds_in_hand", "feeds", ["owner"], postgresql_where=taken, sqlite_where=taken)
