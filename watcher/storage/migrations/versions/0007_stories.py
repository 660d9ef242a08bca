"""Keep stories as records of their own, with the words by which they are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the tables; stories of before keep their ids in alerts and verdicts, and no new article joins them by its
    words.
    """
    op.create_table(
        "stories",
        Column("id", sa.LargeBinary(16), nullable=False),
        Column("title", sa.Text(), nullable=False),
        *(Column(name, sa.BigInteger(), nullable=False) for name in ("first_at", "last_at", "mean_at")),
        *(
            Column(name, sa.Text(), nullable=False)
            for name in (
                "members",
                "weights",
                "facts",
                "rules",
                "headlines",
                "claims",
                "heard_in",
                "outlets",
                "independent",
            )
        ),
        Column("merged_into", sa.LargeBinary(16)),
        sa.PrimaryKeyConstraint("id", name="pk_stories"),
    )
    op.create_index("ix_stories_last_at", "stories", ["last_at"])
    op.create_table(
        "story_words",
        Column("word", sa.Text(), nullable=False),
        Column("story", sa.LargeBinary(16), nullable=False),
        Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("word", "story", name="pk_story_words"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_story_words_story", "story_words", ["story"])
    op.create_table(
        "word_counts",
        Column("word", sa.Text(), nullable=False),
        Column("stories", sa.Float(), nullable=False),
        Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("word", name="pk_word_counts"),
        sqlite_with_rowid=False,
    )
