"""Says each alert that was made in one line of the log."""

from __future__ import annotations

import structlog

from watcher.core.model.record import Committed
from watcher.telling.wording import HEADLINE_CHARS, label

log = structlog.get_logger()


def log_alerts(committed: Committed) -> None:
    """Say each alert in one line: who reads nothing but the log learns from it what was alerted, and where it goes."""
    for made in committed.made:
        log.info(
            "alert",
            rule=made.rule,
            severity=made.severity.word,
            headline=label(made.headline, HEADLINE_CHARS),
            story=made.story,
            article=made.article,
            kind=made.kind.value,
            channels=list(made.channels),
        )
