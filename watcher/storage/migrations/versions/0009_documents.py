"""Keep with a feed when a document last came, so that a server that says 304 to everything is not believed for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Count from the last good poll, so that feeds are asked for a whole document one after the other and not all at
    once.
    """
    op.add_column("feeds", Column("document_at", sa.BigInteger()))
    op.execute("UPDATE feeds SET document_at = last_ok_at")
