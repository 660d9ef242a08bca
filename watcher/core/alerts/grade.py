"""Grading: how much an alert matters, and which raise of the rule made it so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from watcher.core.alerts.sources import sources_of
from watcher.core.matching.raises import independent
from watcher.core.model.alert import Member
from watcher.core.model.match import Match
from watcher.core.model.policy import Publisher
from watcher.core.model.rule import Independent, Rule, Severity

_NAMED: Final = 5
"""More sources than this are counted but not named."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A severity, and the raise that held in words; "" = it is the rule's own."""

    severity: Severity
    why: str = ""


def grade(rule: Rule, match: Match, members: Sequence[Member], publishers: Sequence[Publisher], now: datetime) -> Grade:
    """Return the highest severity that holds, the rule's own or that of a raise.

    `members` are the articles that matched the rule lately, in order of arrival, the matching one among them.
    """
    best = Grade(rule.severity)
    held = {one.number: one.why for one in match.raised}
    for number, one in enumerate(rule.raises):
        if one.severity <= best.severity or (one.when is not None and number not in held):
            continue
        reasons = [] if one.when is None else [held[number]]
        if one.sources is not None:
            sources = _sources(one.sources, members, publishers, now)
            if len(sources) < one.sources.count:
                continue
            named = ", ".join(sources[:_NAMED]) + (", …" if len(sources) > _NAMED else "")
            reasons.append(f"{independent(len(sources), one.sources)} ({named})")
        best = Grade(one.severity, " and ".join(reasons))
    return best


def _sources(
    wanted: Independent, members: Sequence[Member], publishers: Sequence[Publisher], now: datetime
) -> tuple[str, ...]:
    since = now - wanted.within
    return sources_of([one for one in members if (one.article.first_seen_at or now) >= since], publishers)
