"""Every metric of watcher, in one list; labels have few values and never hold a URL or a title."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary, generate_latest

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200)


class Metrics:
    """The metrics of one process, in a registry of their own, so that several daemons can live in one test."""

    def __init__(self) -> None:
        r = self.registry = CollectorRegistry()
        self.polls = Counter("watcher_polls", "Polls by outcome", ["outcome"], registry=r)
        self.poll_seconds = Histogram("watcher_poll_seconds", "Time of one poll", registry=r, buckets=_SECONDS)
        self.articles = Counter("watcher_articles", "Articles by what they were", ["kind"], registry=r)
        self.matches = Counter("watcher_matched_articles", "Articles that matched a rule", registry=r)
        self.folded = Counter("watcher_folded", "Copies folded into an alert", registry=r)
        self.verdicts = Counter("watcher_verdicts", "Verdicts by level and outcome", ["level", "outcome"], registry=r)
        self.silenced = Counter("watcher_silenced", "Matches kept quiet by a silence", registry=r)
        self.alerts = Counter("watcher_alerts", "Alerts made", registry=r)
        self.conflicts = Counter("watcher_alert_conflicts", "Alerts that were queued before", registry=r)
        self.deliveries = Counter(
            "watcher_delivery_attempts", "Attempts to send by channel and result", ["channel", "result"], registry=r
        )
        self.delivery_seconds = Histogram(
            "watcher_delivery_seconds", "Time of one attempt to send", registry=r, buckets=_SECONDS
        )
        self.latency_published = Histogram(
            "watcher_published_to_sent_seconds",
            "From the publisher's time to the receiver's answer",
            registry=r,
            buckets=_SECONDS,
        )
        self.latency_seen = Histogram(
            "watcher_seen_to_sent_seconds",
            "From first seen by us to the receiver's answer",
            registry=r,
            buckets=_SECONDS,
        )
        # Two series a rule: buckets for thousands of rules would be more than all others together.
        self.rule_seconds = Summary(
            "watcher_rule_seen_to_sent_seconds", "From first seen to sent, by rule", ["rule"], registry=r
        )
        self.surprises = Counter("watcher_surprises", "Errors that nobody expected, by room", ["room"], registry=r)
        self.jobs_missed = Counter(
            "watcher_jobs_missed", "Scheduled jobs that were late or failed", ["job"], registry=r
        )
        self.config_ok = Gauge(
            "watcher_config_last_reload_success", "1 = the files on disk are the active revision", registry=r
        )
        self.config_revision = Gauge(
            "watcher_config_revision", "Number of the active configuration revision", registry=r
        )
        self.config_stale_since = Gauge(
            "watcher_config_stale_since_seconds", "Since when the files are refused (Unix time), or 0", registry=r
        )
        self.rules_held = Gauge("watcher_rules_held_back", "Rules whose change is held back by an example", registry=r)
        self.feeds = Gauge("watcher_feeds", "Feeds by state", ["state"], registry=r)
        self.feed_health = Gauge("watcher_feed_health", "Feeds by how they are", ["health"], registry=r)
        self.feed_changes = Counter("watcher_feed_changes", "Feeds that became so", ["health"], registry=r)
        self.pages = Counter("watcher_pages", "Linked pages by what became of them", ["outcome"], registry=r)
        self.messages = Gauge("watcher_messages", "Messages by state", ["state"], registry=r)
        self.oldest_waiting = Gauge(
            "watcher_oldest_waiting_message_seconds", "Age of the oldest message not yet sent", registry=r
        )
        self.oldest_due = Gauge("watcher_oldest_due_poll_seconds", "How late the most overdue poll is", registry=r)
        self.pending_matches = Gauge(
            "watcher_pending_matches", "Rules to be tried again on stored articles", registry=r
        )
        self.database_bytes = Gauge("watcher_database_bytes", "Size of the database", registry=r)

    def text(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self.registry)
