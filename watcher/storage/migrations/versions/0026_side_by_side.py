"""Know of each feed at which host it is asked and who asked it last; number the search index from a sequence.

Hosts are noted as their feeds are polled next. Where a file is the database, one process numbers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Begin the sequence after the newest number in use."""
    op.add_column("feeds", Column("host", sa.Text()))
    op.add_column("feeds", Column("asked_by", sa.String()))
    op.create_index("ix_feeds_host", "feeds", ["host"])
    if op.get_bind().dialect.name != "sqlite":
        op.execute("CREATE SEQUENCE IF NOT EXISTS search_numbers")
        op.execute("SELECT setval('search_numbers', (SELECT coalesce(max(number), 0) + 1 FROM searched), false)")
