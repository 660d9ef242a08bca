"""Keep which conditions of rules over time hold in a table of their own; they stood among the slots of scheduled
jobs.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the table and carry over what holds, so that nothing is told twice."""
    op.create_table(
        "conditions",
        Column("condition", sa.Text(), primary_key=True),
        Column("since", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO conditions SELECT slot, at FROM job_runs WHERE name = 'condition'")
    op.execute("DELETE FROM job_runs WHERE name = 'condition'")
