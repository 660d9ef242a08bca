"""Keep from which dead alert a copy was promoted, and what news came closest to without being folded; find verdicts
by story and time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the columns; of what was decided before neither is known."""
    op.add_column("alerts", Column("promoted_from", sa.LargeBinary(16)))
    op.create_index("ix_alerts_promoted_from", "alerts", ["promoted_from"])
    op.add_column("verdicts", Column("miss", sa.Text()))
    op.create_index("ix_verdicts_story", "verdicts", ["story"])
    op.create_index("ix_verdicts_at", "verdicts", ["at"])
