"""How much of what a story told is looked at: a story may be told hundreds of times, and each look at it must cost
the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from watcher.core.model.alert import AlertKind, PastAlert
from watcher.core.model.article import Article

MOST_TOLD: Final = 30
"""As many of the newest alerts of a story are looked at, for each rule, target, kind, severity and state; of updates
and raises all.

So what a target heard, when, and how much it mattered is known exactly; only the words of older alerts are not
compared any more.
"""

PLAIN: Final = (AlertKind.FIRST, AlertKind.FOLLOW_UP)
"""The kinds of which a story may have any number; updates and raises are as many as there are facts and severities."""


def newest_told(alerts: Iterable[PastAlert]) -> list[PastAlert]:
    """Return those of the alerts of stories that are looked at, the newest first."""
    return newest_of_each(sorted(alerts, key=lambda one: (one.created_at, one.id), reverse=True))


def newest_of_each(alerts: Iterable[PastAlert]) -> list[PastAlert]:
    """Return those that are looked at of alerts that come the newest first, in the same order."""
    kept: list[PastAlert] = []
    seen: Counter[tuple[str, ...]] = Counter()
    for alert in alerts:
        told_to = (alert.story, alert.rule, alert.target, alert.kind, alert.severity.word, alert.state)
        seen[told_to] += 1
        if seen[told_to] <= MOST_TOLD or alert.kind not in PLAIN:
            kept.append(alert)
    return kept


def in_other_words(article: Article, told: Iterable[Article]) -> list[Article]:
    """Return the texts that were told, each wording once: what an article changes is the same however often it was
    said.

    Its own earlier texts stay apart from those of others.
    """
    found: dict[tuple[object, ...], Article] = {}
    for one in told:
        found.setdefault((one.id == article.id, one.lang, one.title, one.summary, one.content), one)
    return list(found.values())
