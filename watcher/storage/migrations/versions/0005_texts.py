"""Give alerts, matches and verdicts to a text of their article, and keep the earlier texts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make what is there the first text of each article, or a later one where it was revised before."""
    op.execute("ALTER TABLE items RENAME COLUMN revision TO text")
    op.execute("UPDATE items SET text = text + 1")
    op.add_column("items", Column("rules", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("items", Column("published_at", sa.BigInteger()))
    op.add_column("items", Column("signs", sa.Text()))
    op.execute("UPDATE items SET published_at = (SELECT published_at FROM articles WHERE articles.id = items.id)")
    op.add_column("articles", Column("text", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("articles", Column("changed_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE articles SET changed_at = first_seen_at, "
        "text = (SELECT items.text FROM items WHERE items.id = articles.id)"
    )
    op.create_index("ix_articles_changed_at", "articles", ["changed_at"])
    for table in ("alerts", "alert_members"):
        op.add_column(table, Column("text", sa.Integer(), nullable=False, server_default="1"))
        # two names of ours
        op.execute(f"UPDATE {table} SET text = (SELECT items.text FROM items WHERE items.id = {table}.article)")  # noqa: S608
    op.add_column("feeds", Column("memory", sa.Text()))
    _texts()
    _matches()
    _verdicts()


def _texts() -> None:
    op.create_table(
        "texts",
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("number", sa.Integer(), nullable=False),
        Column("content", sa.LargeBinary(16), nullable=False),
        Column("published_at", sa.BigInteger()),
        Column("rules", sa.Integer(), nullable=False),
        Column("replaced_at", sa.BigInteger(), nullable=False),
        Column("body", sa.Text()),
        sa.ForeignKeyConstraint(["article"], ["items.id"], name="fk_texts_article", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article", "number", name="pk_texts"),
        sqlite_with_rowid=False,
    )


def _matches() -> None:
    op.drop_index("ix_matches_rule_seen_at", "matches")
    op.rename_table("matches", "matches_before")
    op.create_table(
        "matches",
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("text", sa.Integer(), nullable=False),
        Column("rule", sa.Text(), nullable=False),
        Column("revision", sa.Integer(), nullable=False),
        Column("groups", sa.Text(), nullable=False),
        Column("spans", sa.Text(), nullable=False),
        Column("seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["articles.id"], name="fk_matches_article", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article", "text", "rule", name="pk_matches"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO matches SELECT m.article, a.text, m.rule, m.revision, m.groups, m.spans, m.seen_at "
        "FROM matches_before AS m JOIN articles AS a ON a.id = m.article"
    )
    op.drop_table("matches_before")
    op.create_index("ix_matches_rule_seen_at", "matches", ["rule", "seen_at"])


def _verdicts() -> None:
    op.rename_table("verdicts", "verdicts_before")
    op.create_table(
        "verdicts",
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("text", sa.Integer(), nullable=False),
        Column("rule", sa.Text(), nullable=False),
        Column("target", sa.Text(), nullable=False),
        Column("outcome", sa.String(), nullable=False),
        Column("story", sa.LargeBinary(16), nullable=False),
        Column("level", sa.String(), nullable=False),
        Column("of", sa.LargeBinary(16)),
        Column("because", sa.Text(), nullable=False),
        Column("alert", sa.LargeBinary(16)),
        Column("reason", sa.Text(), nullable=False),
        Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["articles.id"], name="fk_verdicts_article", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article", "text", "rule", "target", name="pk_verdicts"),
    )
    op.execute(
        "INSERT INTO verdicts SELECT v.article, a.text, v.rule, v.target, v.outcome, v.story, v.level, v.of, "
        "v.because, v.alert, v.reason, v.at FROM verdicts_before AS v JOIN articles AS a ON a.id = v.article"
    )
    op.drop_table("verdicts_before")
