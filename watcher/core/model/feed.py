"""What one feed document says, before its entries become articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from watcher.core.model.article import Entry
from watcher.core.model.outcome import NO_SKIPS, FeedProblem, Skips


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document, read.

    `kind` is "rss 2.0", "rdf 1.0", "atom 1.0", "json 1.1" and the like, "" when it is not a feed. `entries` are in
    document order, at most the newest `ReadLimits.max_items`, and `cut` says that there were more. `whole`, `problem`,
    `ttl`, `period`, `skips`, `hub` and `topic` as in `Reading`. `by_feedparser` says that the tolerant reader was
    needed.
    """

    kind: str = ""
    title: str = ""
    site_url: str = ""
    lang: str = ""
    entries: tuple[Entry, ...] = ()
    whole: bool = True
    cut: bool = False
    problem: FeedProblem | None = None
    ttl: timedelta | None = None
    period: timedelta | None = None
    skips: Skips = NO_SKIPS
    hub: str = ""
    topic: str = ""
    by_feedparser: bool = False
