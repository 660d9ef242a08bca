"""The tables, as the newest migration leaves them.

feeds 1--* items 1--1 articles 1--* matches, pending_matches, verdicts
items 1--* article_keys, texts, copy_keys
alerts *--* articles (alert_members), alerts *--* messages (deliveries), messages 1--* attempts, recipients

An item is what is remembered of an article after its text is gone: its identity, and whether its feed still lists it.
`articles` holds its newest text, `texts` the earlier ones; alerts, matches and verdicts name the text that they are
about. What people change by hand has tables of its own, in `tables_by_hand`,
pages have one in `tables_of_pages`, and the search index in `tables_of_search`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)

from watcher.core.model.alert import AlertKind
from watcher.core.model.ids import DIGEST_BYTES
from watcher.core.model.message import AttemptClass, HoldReason, MessageKind, MessageState
from watcher.core.model.outcome import FeedStatus, FetchProblemKind, Identity
from watcher.core.model.verdict import Level, Outcome, Stage
from watcher.storage.types import Moment, Packed, Period, PublicId, Shown, Word

HEAD = "0029"
"""The migration that this code works with; a test compares it with the newest one."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

KEY = LargeBinary(DIGEST_BYTES)

TURN: Final = "writer"
"""The name of the row of `meta` that a transaction on a server takes before it changes what is told (turns.py)."""

meta = Table("meta", metadata, Column("name", String, primary_key=True), Column("value", Text, nullable=False))

revisions = Table(
    "revisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False),
    Column("files", Packed, nullable=False),
    Column("activated_at", Moment, nullable=False),
)

feeds = Table(
    "feeds",
    metadata,
    Column("id", PublicId("f"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("named", Boolean(create_constraint=False), nullable=False),
    Column("configured_url", Text, nullable=False),
    Column("spec", Packed, nullable=False),  # without credentials: those live in memory only
    Column("active", Boolean(create_constraint=False), nullable=False),
    # the claim
    Column("token", String),
    Column("owner", String),
    Column("lease_until", Moment),
    Column("claims", Integer, nullable=False, default=0),
    Column("asked_by", String),  # whose the last claim was
    Column("host", Text),
    Column("unclean_ends", Integer, nullable=False, server_default="0"),
    Column("ends_alone", Integer, nullable=False, server_default="0"),
    # the state
    Column("url", Text, nullable=False),
    Column("next_poll_at", Moment, nullable=False),
    Column("status", Word(FeedStatus), nullable=False),
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("stripped_hash", LargeBinary, nullable=False),
    Column("identity", Word(Identity), nullable=False),
    Column("interval", Period, nullable=False),
    Column("last_poll_at", Moment),
    Column("last_ok_at", Moment),
    Column("last_item_at", Moment),
    Column("document_at", Moment),
    Column("failures", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    Column("problem_kind", Word(FetchProblemKind)),
    Column("problem_message", Shown),
    Column("problem_status", Integer),
    Column("problem_retry_after", Period),
    Column("problem_since", Moment),
    Column("moved_to", Text, nullable=False),
    Column("moved_since", Moment),
    Column("moved_polls", Integer, nullable=False),
    Column("cut", Boolean(create_constraint=False), nullable=False),
    Column("title", Shown, nullable=False),
    Column("usual_gap", Period),
    Column("quiet_after", Period),
    Column("took", Period),
    Column("skips", Text, nullable=False, server_default="/"),
    Column("memory", Packed),  # what was learned of how it names its items
    Index(None, "active", "next_poll_at"),
    Index(None, "host"),
    Index(None, "last_poll_at"),
    Index("ix_feeds_in_hand", "owner", postgresql_where=(taken := text("token IS NOT NULL")), sqlite_where=taken),
)

items = Table(
    "items",
    metadata,
    Column("id", PublicId("a"), primary_key=True),
    Column("feed", PublicId("f"), ForeignKey("feeds.id"), nullable=False),
    Column("stage", Word(Stage), nullable=False),
    Column("content", KEY, nullable=False),
    Column("text", Integer, nullable=False),  # the number of its newest text, from 1
    Column(
        "rules", Integer, nullable=False, server_default="0"
    ),  # the rule revision under which that was matched; 0 = unknown
    Column("published_at", Moment),
    Column("signs", Packed),  # what identity needs of the text, once that is gone
    Column("first_seen_at", Moment, nullable=False),
    # None while the feed lists it; else when a wholly read document first came without it
    Column("absent_since", Moment),
    Index(None, "feed", "absent_since"),
    Index(None, "absent_since"),
    Index(None, "first_seen_at"),
)

texts = Table(
    "texts",
    metadata,
    Column("article", PublicId("a"), ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", KEY, nullable=False),
    Column("published_at", Moment),
    Column("rules", Integer, nullable=False),
    Column("replaced_at", Moment, nullable=False),
    Column("body", Packed),  # the whole article as it was; NULL where nothing rests on it
    sqlite_with_rowid=False,
)

article_keys = Table(
    "article_keys",
    metadata,
    Column("key", KEY, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("article", PublicId("a"), ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("key_version", Integer, nullable=False),
    Column("latest", Boolean(create_constraint=False), nullable=False),  # False: a key from before a revision
    Index(None, "article"),
    sqlite_with_rowid=False,
)

copy_keys = Table(
    "copy_keys",
    metadata,
    Column("key", KEY, primary_key=True),
    Column("seen_at", Moment, primary_key=True),
    Column("article", PublicId("a"), ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("key_version", Integer, nullable=False),
    Index(None, "article"),
    Index(None, "seen_at"),
    sqlite_with_rowid=False,
)

articles = Table(
    "articles",
    metadata,
    Column("id", PublicId("a"), ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("feed", PublicId("f"), ForeignKey("feeds.id"), nullable=False),
    Column("guid", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("tags", Packed, nullable=False),
    Column("lang", Text, nullable=False),
    Column("lang_declared", Boolean(create_constraint=False)),  # NULL: stored before this was noted
    Column("source", Text, nullable=False),
    Column("feed_name", Text, nullable=False),
    Column("published_at", Moment),
    Column("updated_at", Moment),
    Column("first_seen_at", Moment, nullable=False),
    Column("sample", Boolean(create_constraint=False), nullable=False),
    Column("text", Integer, nullable=False, server_default="1"),
    Column(
        "changed_at", Moment, nullable=False, server_default="0"
    ),  # when its newest text was first seen: it ages from then
    Index(None, "first_seen_at"),
    Index(None, "changed_at"),
    Index(None, "feed"),
)

matches = Table(
    "matches",
    metadata,
    Column("article", PublicId("a"), ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("text", Integer, primary_key=True, autoincrement=False),
    Column("rule", Text, primary_key=True),
    Column("revision", Integer, nullable=False),  # of the rules
    Column("groups", Packed, nullable=False),
    Column("spans", Packed, nullable=False),
    # when its article was first seen: what a rule matched lately is asked inside each commit, and no other order
    # finds it at once
    Column("seen_at", Moment, nullable=False),
    Index(None, "rule", "seen_at"),
    sqlite_with_rowid=False,
)

pending_matches = Table(
    "pending_matches",
    metadata,
    Column("article", PublicId("a"), ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("error", Shown, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", Moment, nullable=False),
    Index(None, "next_try_at"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("article", PublicId("a"), ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("text", Integer, primary_key=True, autoincrement=False),
    Column("rule", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("outcome", Word(Outcome), nullable=False),
    Column("story", PublicId("s"), nullable=False),
    Column("level", Word(Level), nullable=False),
    Column("of", PublicId("a")),
    Column("because", Packed, nullable=False),
    Column("alert", PublicId("l")),
    Column("reason", Text, nullable=False),
    Column("severity", Integer),  # as it was graded; NULL: stored before this was noted
    Column("miss", Packed),  # what news came closest to, and the guard that kept the two apart
    Column("at", Moment, nullable=False),
    Index(None, "story"),
    Index(None, "at"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", PublicId("m"), primary_key=True),
    Column("target", Text, nullable=False),
    Column("kind", Word(MessageKind), nullable=False),
    Column("state", Word(MessageState), nullable=False),
    Column("hold", Word(HoldReason)),
    Column("attempts", Integer, nullable=False, default=0),
    # its age counts from here (None: from when it was made), and so do its tries and the first of them
    Column("released_at", Moment),
    Column("tries", Integer, nullable=False, default=0, server_default="0"),
    Column("first_tried_at", Moment),
    # what unclean ends of the process said, see core/feeds/suspicion.py
    Column("unclean_ends", Integer, nullable=False, default=0),
    Column("ends_alone", Integer, nullable=False, default=0, server_default="0"),
    Column("owner", String),
    Column("lease_until", Moment),
    Column("claimed_from", Word(MessageState)),  # what it was before it was claimed
    Column("attempted_at", Moment),
    Column("next_try_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("final_at", Moment),
    Column("title", Shown, nullable=False),
    Column("text", Shown, nullable=False),
    Column("plain", Boolean(create_constraint=False), nullable=False, default=False),
    Column("repeat", Boolean(create_constraint=False), nullable=False, default=False),
    Column("dead_class", Word(AttemptClass)),
    Column("for_recipient", Text),  # the dead letter of one recipient alone
    # its time has come, or somebody asked for it: no quiet hours or digest holds it again
    Column("let_go", Boolean(create_constraint=False), nullable=False, default=False, server_default=false()),
    Column("remote", Shown),  # what the receiver calls it
    Index(None, "state", "target", "created_at"),
    Index(None, "created_at"),
    Index(None, "final_at"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", PublicId("l"), primary_key=True),
    Column("rule", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("story", PublicId("s"), nullable=False),
    Column("kind", Word(AlertKind), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("article", PublicId("a"), ForeignKey("items.id"), nullable=False),
    Column("text", Integer, nullable=False, server_default="1"),  # of the article: the one that founded it
    Column("revision", Integer, nullable=False),
    Column("sample", Boolean(create_constraint=False), nullable=False),
    Column("note", Shown, nullable=False),
    Column("labels", Packed, nullable=False),  # what fired, for when a revised text no longer matches
    Column("created_at", Moment, nullable=False),
    Column("promoted_from", PublicId("l")),  # the dead alert into which its article was folded
    # the message that speaks for it now; None once retention has taken that
    Column("message", PublicId("m"), ForeignKey("messages.id", ondelete="SET NULL")),
    Column("urgent", Boolean(create_constraint=False), nullable=False, server_default="0"),
    Index(None, "story"),
    Index(None, "article"),
    Index(None, "message"),
    Index(None, "created_at"),
    Index(None, "promoted_from"),
)

alert_members = Table(
    "alert_members",
    metadata,
    Column("alert", PublicId("l"), ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("article", PublicId("a"), ForeignKey("items.id"), primary_key=True),
    Column("text", Integer, nullable=False, server_default="1"),
    Column("level", Word(Level), nullable=False),
    Column("joined_at", Moment, nullable=False),
    Column("position", Integer, nullable=False),
    Index(None, "article"),
    sqlite_with_rowid=False,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", PublicId("d"), primary_key=True),
    Column("message", PublicId("m"), ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    Column("alert", PublicId("l"), ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Index(None, "message"),
    Index(None, "alert"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("message", PublicId("m"), ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("result", Word(AttemptClass), nullable=False),
    Column("answer", Shown, nullable=False),
    Column("status", Integer),
)

recipients = Table(
    "recipients",
    metadata,
    Column("message", PublicId("m"), ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("result", Word(AttemptClass), nullable=False),
    Column("answer", Shown, nullable=False),
)

channels = Table(
    "channels",
    metadata,
    Column("name", Text, primary_key=True),  # its address, where `channel_addresses` knows that
    Column("breaker_since", Moment),
    Column("breaker_reason", Shown, nullable=False),
    Column("next_probe_at", Moment),
    Column("throttled_until", Moment),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Moment),
    Column("last_ok_at", Moment),
    Column("last_answer", Shown, nullable=False),
    Column("changed_at", Moment, nullable=False),
)

channel_addresses = Table(
    "channel_addresses",
    metadata,
    Column("name", Text, primary_key=True),
    Column("address", Text, nullable=False),  # a digest
)

muted = Table(
    "muted",
    metadata,
    Column("silence", Text, primary_key=True),
    Column("article", PublicId("a"), ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("story", PublicId("s"), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("told_at", Moment),  # when the end of the silence was told, with this
    Index(None, "told_at"),
    Index(None, "article"),
    sqlite_with_rowid=False,
)

kept_back = Table(
    "kept_back",
    metadata,
    Column("article", PublicId("a"), ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("severity", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("url", Text, nullable=False),  # of the entry as it was listed last
    Column("published_at", Moment),  # the same
    Column("times", Integer, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Index(None, "last_at"),
    sqlite_with_rowid=False,
)

refused_entries = Table(
    "refused_entries",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("feed", PublicId("f"), ForeignKey("feeds.id"), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "feed", "at"),
)

stopped = Table(
    "stopped",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("term", Text, primary_key=True),  # of the rule's `none`
    Column("day", Moment, primary_key=True),
    Column("articles", Integer, nullable=False),
    sqlite_with_rowid=False,
)

stories = Table(
    "stories",
    metadata,
    Column("id", PublicId("s"), primary_key=True),
    Column("title", Shown, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("mean_at", Moment, nullable=False),
    Column("members", Packed, nullable=False),  # articles by language
    Column("weights", Packed, nullable=False),
    Column("facts", Packed, nullable=False),
    Column("rules", Packed, nullable=False),
    Column("headlines", Packed, nullable=False),  # its newest ones
    Column("claims", Packed, nullable=False),  # what its texts claim, by language
    Column("heard_in", Packed, nullable=False),  # since when each language tells it
    Column("outlets", Packed, nullable=False),  # since when each publisher has it
    Column("independent", Packed, nullable=False),  # the same for those that did not copy it
    Column("merged_into", PublicId("s")),
    Index(None, "last_at"),
)

story_words = Table(
    "story_words",
    metadata,
    Column("word", Text, primary_key=True),  # language, a blank, word or fact
    Column("story", PublicId("s"), primary_key=True),
    Column("at", Moment, nullable=False),
    Index(None, "story"),
    sqlite_with_rowid=False,
)

word_counts = Table(
    "word_counts",
    metadata,
    Column("word", Text, primary_key=True),  # as in story_words; a blank word counts the stories of a language
    Column("stories", Float, nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

conditions = Table(
    "conditions",
    metadata,
    Column("condition", Text, primary_key=True),  # the id of its rule, a blank, and what it is about
    Column("since", Moment, nullable=False),
    sqlite_with_rowid=False,
)

job_runs = Table(
    "job_runs",
    metadata,
    Column("name", String, primary_key=True),
    Column("slot", String, primary_key=True),
    Column("at", Moment, nullable=False),
)
