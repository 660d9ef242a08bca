"""Keep with a feed how far apart its items are, when it is too quiet, and how long it takes to answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Begin with nothing known: the next document of each feed says it."""
    for name in ("usual_gap", "quiet_after", "took"):
        op.add_column("feeds", Column(name, sa.BigInteger()))
