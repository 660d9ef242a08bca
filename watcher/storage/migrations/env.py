"""What Alembic runs: the migrations, on the connection and in the transaction that watcher.storage.migrate hands
over.
"""

from __future__ import annotations

from alembic import context

from watcher.storage import tables_by_hand, tables_of_pages  # noqa: F401 - their tables belong to the metadata
from watcher.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
