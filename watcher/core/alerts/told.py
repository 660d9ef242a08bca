"""How much of what a story told is looked at: a story may be told hundreds of times, and each look at it must cost
the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from watcher.core.model.alert import AlertKind, PastAlert

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
    kept: list[PastAlert] = []
    seen: Counter[tuple[str, ...]] = Counter()
    for alert in sorted(alerts, key=lambda one: (one.created_at, one.id), reverse=True):
        told_to = (alert.story, alert.rule, alert.target, alert.kind, alert.severity.word, alert.state)
        seen[told_to] += 1
        if seen[told_to] <= MOST_TOLD or alert.kind not in PLAIN:
            kept.append(alert)
    return kept
