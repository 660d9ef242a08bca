"""Count the turns of writers beside the schema that they agree on: daemons that do not know of it change nothing more.

What is claimed and written at each poll gets room for that in its pages on a server.
"""

from __future__ import annotations

from alembic import op

from watcher.storage.migrate import leave_room

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Leave room in the pages that are written from now on."""
    leave_room(op.get_bind())
