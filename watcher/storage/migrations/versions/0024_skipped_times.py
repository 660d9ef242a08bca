"""Keep with a feed at which hours and on which days it says that it brings nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Begin with none: the next document of each feed says it."""
    op.add_column("feeds", Column("skips", sa.Text(), nullable=False, server_default="/"))
