"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    _configuration()
    _feeds()
    _articles()
    _decisions()
    _messages()
    _alerts()


def _configuration() -> None:
    """Create what belongs to the configuration and to jobs."""
    op.create_table(
        "meta",
        Column("name", sa.String(), nullable=False),
        Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
    op.create_table(
        "revisions",
        Column("number", sa.Integer(), autoincrement=False, nullable=False),
        Column("digest", sa.LargeBinary(), nullable=False),
        Column("files", sa.Text(), nullable=False),
        Column("activated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_revisions"),
    )
    op.create_table(
        "job_runs",
        Column("name", sa.String(), nullable=False),
        Column("slot", sa.String(), nullable=False),
        Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "slot", name="pk_job_runs"),
    )
    op.create_table(
        "channels",
        Column("name", sa.Text(), nullable=False),
        Column("breaker_since", sa.BigInteger(), nullable=True),
        Column("breaker_reason", sa.Text(), nullable=False),
        Column("next_probe_at", sa.BigInteger(), nullable=True),
        Column("throttled_until", sa.BigInteger(), nullable=True),
        Column("failures", sa.Integer(), nullable=False),
        Column("last_ok_at", sa.BigInteger(), nullable=True),
        Column("last_answer", sa.Text(), nullable=False),
        Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_channels"),
    )


def _feeds() -> None:
    """Create the feeds."""
    op.create_table(
        "feeds",
        Column("id", sa.LargeBinary(16), nullable=False),
        Column("name", sa.Text(), nullable=False),
        Column("named", sa.Boolean(), nullable=False),
        Column("configured_url", sa.Text(), nullable=False),
        Column("spec", sa.Text(), nullable=False),
        Column("active", sa.Boolean(), nullable=False),
        Column("token", sa.String(), nullable=True),
        Column("owner", sa.String(), nullable=True),
        Column("lease_until", sa.BigInteger(), nullable=True),
        Column("claims", sa.Integer(), nullable=False),
        Column("url", sa.Text(), nullable=False),
        Column("next_poll_at", sa.BigInteger(), nullable=False),
        Column("status", sa.String(), nullable=False),
        Column("etag", sa.Text(), nullable=False),
        Column("last_modified", sa.Text(), nullable=False),
        Column("body_hash", sa.LargeBinary(), nullable=False),
        Column("stripped_hash", sa.LargeBinary(), nullable=False),
        Column("identity", sa.String(), nullable=False),
        Column("interval", sa.BigInteger(), nullable=False),
        Column("last_poll_at", sa.BigInteger(), nullable=True),
        Column("last_ok_at", sa.BigInteger(), nullable=True),
        Column("last_item_at", sa.BigInteger(), nullable=True),
        Column("failures", sa.Integer(), nullable=False),
        Column("gone", sa.Integer(), nullable=False),
        Column("problem_kind", sa.String(), nullable=True),
        Column("problem_message", sa.Text(), nullable=True),
        Column("problem_status", sa.Integer(), nullable=True),
        Column("problem_retry_after", sa.BigInteger(), nullable=True),
        Column("problem_since", sa.BigInteger(), nullable=True),
        Column("moved_to", sa.Text(), nullable=False),
        Column("moved_since", sa.BigInteger(), nullable=True),
        Column("moved_polls", sa.Integer(), nullable=False),
        Column("cut", sa.Boolean(), nullable=False),
        Column("title", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
    )
    op.create_index("ix_feeds_active_next_poll_at", "feeds", ["active", "next_poll_at"])
    op.create_table(
        "refused_entries",
        Column("id", sa.LargeBinary(16), nullable=False),
        Column("feed", sa.LargeBinary(16), nullable=False),
        Column("position", sa.BigInteger(), nullable=False),
        Column("reason", sa.Text(), nullable=False),
        Column("title", sa.Text(), nullable=False),
        Column("guid", sa.Text(), nullable=False),
        Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feeds.id"], name="fk_refused_entries_feed"),
        sa.PrimaryKeyConstraint("id", name="pk_refused_entries"),
    )
    op.create_index("ix_refused_entries_feed_at", "refused_entries", ["feed", "at"])


def _articles() -> None:
    """Create items, their keys and their text."""
    op.create_table(
        "items",
        Column("id", sa.LargeBinary(16), nullable=False),
        Column("feed", sa.LargeBinary(16), nullable=False),
        Column("stage", sa.String(), nullable=False),
        Column("content", sa.LargeBinary(16), nullable=False),
        Column("revision", sa.Integer(), nullable=False),
        Column("first_seen_at", sa.BigInteger(), nullable=False),
        Column("absent_since", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["feed"], ["feeds.id"], name="fk_items_feed"),
        sa.PrimaryKeyConstraint("id", name="pk_items"),
    )
    op.create_index("ix_items_absent_since", "items", ["absent_since"])
    op.create_index("ix_items_feed_absent_since", "items", ["feed", "absent_since"])
    op.create_index("ix_items_first_seen_at", "items", ["first_seen_at"])
    op.create_table(
        "article_keys",
        Column("key", sa.LargeBinary(16), nullable=False),
        Column("kind", sa.String(), nullable=False),
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("key_version", sa.Integer(), nullable=False),
        Column("latest", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["items.id"], name="fk_article_keys_article", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", "kind", "article", name="pk_article_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_article_keys_article", "article_keys", ["article"])
    op.create_table(
        "articles",
        Column("id", sa.LargeBinary(16), nullable=False),
        Column("feed", sa.LargeBinary(16), nullable=False),
        Column("guid", sa.Text(), nullable=False),
        Column("url", sa.Text(), nullable=False),
        Column("title", sa.Text(), nullable=False),
        Column("summary", sa.Text(), nullable=False),
        Column("content", sa.Text(), nullable=False),
        Column("author", sa.Text(), nullable=False),
        Column("tags", sa.Text(), nullable=False),
        Column("lang", sa.Text(), nullable=False),
        Column("source", sa.Text(), nullable=False),
        Column("feed_name", sa.Text(), nullable=False),
        Column("published_at", sa.BigInteger(), nullable=True),
        Column("updated_at", sa.BigInteger(), nullable=True),
        Column("first_seen_at", sa.BigInteger(), nullable=False),
        Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feeds.id"], name="fk_articles_feed"),
        sa.ForeignKeyConstraint(["id"], ["items.id"], name="fk_articles_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
    )
    op.create_index("ix_articles_feed", "articles", ["feed"])
    op.create_index("ix_articles_first_seen_at", "articles", ["first_seen_at"])


def _decisions() -> None:
    """Create what is said about articles."""
    op.create_table(
        "matches",
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("rule", sa.Text(), nullable=False),
        Column("revision", sa.Integer(), nullable=False),
        Column("groups", sa.Text(), nullable=False),
        Column("spans", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["articles.id"], name="fk_matches_article", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article", "rule", name="pk_matches"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pending_matches",
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("rule", sa.Text(), nullable=False),
        Column("error", sa.Text(), nullable=False),
        Column("attempts", sa.Integer(), nullable=False),
        Column("next_try_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["articles.id"], name="fk_pending_matches_article", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article", "rule", name="pk_pending_matches"),
    )
    op.create_index("ix_pending_matches_next_try_at", "pending_matches", ["next_try_at"])
    op.create_table(
        "verdicts",
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("rule", sa.Text(), nullable=False),
        Column("target", sa.Text(), nullable=False),
        Column("outcome", sa.String(), nullable=False),
        Column("story", sa.LargeBinary(16), nullable=False),
        Column("level", sa.String(), nullable=False),
        Column("of", sa.LargeBinary(16), nullable=True),
        Column("because", sa.Text(), nullable=False),
        Column("alert", sa.LargeBinary(16), nullable=True),
        Column("reason", sa.Text(), nullable=False),
        Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["articles.id"], name="fk_verdicts_article", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article", "rule", "target", name="pk_verdicts"),
    )


def _messages() -> None:
    """Create messages and their history."""
    op.create_table(
        "messages",
        Column("id", sa.LargeBinary(16), nullable=False),
        Column("target", sa.Text(), nullable=False),
        Column("kind", sa.String(), nullable=False),
        Column("state", sa.String(), nullable=False),
        Column("hold", sa.String(), nullable=True),
        Column("attempts", sa.Integer(), nullable=False),
        Column("crashes", sa.Integer(), nullable=False),
        Column("owner", sa.String(), nullable=True),
        Column("lease_until", sa.BigInteger(), nullable=True),
        Column("claimed_from", sa.String(), nullable=True),
        Column("attempted_at", sa.BigInteger(), nullable=True),
        Column("next_try_at", sa.BigInteger(), nullable=True),
        Column("created_at", sa.BigInteger(), nullable=False),
        Column("sent_at", sa.BigInteger(), nullable=True),
        Column("final_at", sa.BigInteger(), nullable=True),
        Column("title", sa.Text(), nullable=False),
        Column("text", sa.Text(), nullable=False),
        Column("plain", sa.Boolean(), nullable=False),
        Column("repeat", sa.Boolean(), nullable=False),
        Column("dead_class", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_index("ix_messages_created_at", "messages", ["created_at"])
    op.create_index("ix_messages_final_at", "messages", ["final_at"])
    op.create_index("ix_messages_state_target_created_at", "messages", ["state", "target", "created_at"])
    op.create_table(
        "attempts",
        Column("message", sa.LargeBinary(16), nullable=False),
        Column("number", sa.Integer(), autoincrement=False, nullable=False),
        Column("at", sa.BigInteger(), nullable=False),
        Column("result", sa.String(), nullable=False),
        Column("answer", sa.Text(), nullable=False),
        Column("status", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="fk_attempts_message", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message", "number", name="pk_attempts"),
    )
    op.create_table(
        "recipients",
        Column("message", sa.LargeBinary(16), nullable=False),
        Column("recipient", sa.Text(), nullable=False),
        Column("result", sa.String(), nullable=False),
        Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="fk_recipients_message", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("message", "recipient", name="pk_recipients"),
    )


def _alerts() -> None:
    """Create alerts, their members and their place in messages."""
    op.create_table(
        "alerts",
        Column("id", sa.LargeBinary(16), nullable=False),
        Column("rule", sa.Text(), nullable=False),
        Column("target", sa.Text(), nullable=False),
        Column("story", sa.LargeBinary(16), nullable=False),
        Column("kind", sa.String(), nullable=False),
        Column("ordinal", sa.Integer(), nullable=False),
        Column("severity", sa.Integer(), nullable=False),
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("revision", sa.Integer(), nullable=False),
        Column("sample", sa.Boolean(), nullable=False),
        Column("note", sa.Text(), nullable=False),
        Column("labels", sa.Text(), nullable=False),
        Column("created_at", sa.BigInteger(), nullable=False),
        Column("message", sa.LargeBinary(16), nullable=True),
        sa.ForeignKeyConstraint(["article"], ["items.id"], name="fk_alerts_article"),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="fk_alerts_message", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_article", "alerts", ["article"])
    op.create_index("ix_alerts_created_at", "alerts", ["created_at"])
    op.create_index("ix_alerts_message", "alerts", ["message"])
    op.create_index("ix_alerts_story", "alerts", ["story"])
    op.create_table(
        "alert_members",
        Column("alert", sa.LargeBinary(16), nullable=False),
        Column("article", sa.LargeBinary(16), nullable=False),
        Column("level", sa.String(), nullable=False),
        Column("joined_at", sa.BigInteger(), nullable=False),
        Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name="fk_alert_members_alert", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["article"], ["items.id"], name="fk_alert_members_article"),
        sa.PrimaryKeyConstraint("alert", "article", name="pk_alert_members"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alert_members_article", "alert_members", ["article"])
    op.create_table(
        "deliveries",
        Column("id", sa.LargeBinary(16), nullable=False),
        Column("message", sa.LargeBinary(16), nullable=False),
        Column("alert", sa.LargeBinary(16), nullable=False),
        Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name="fk_deliveries_alert", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["message"], ["messages.id"], name="fk_deliveries_message", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_alert", "deliveries", ["alert"])
    op.create_index("ix_deliveries_message", "deliveries", ["message"])
