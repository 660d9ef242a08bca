"""Grading: how much an alert matters, and which raise of the rule made it so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from watcher.core.matching.asks import sources_in_words
from watcher.core.model.match import Match
from watcher.core.model.rule import Rule, Severity

_NAMED: Final = 5
"""More sources than this are counted but not named."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A severity, and the raise that held in words; "" = it is the rule's own."""

    severity: Severity
    why: str = ""


def grade(rule: Rule, match: Match, story: Mapping[str, datetime], now: datetime) -> Grade:
    """Return the highest severity that holds, the rule's own or that of a raise.

    `story` says since when each independent publisher tells the story, that of the matching article among them.
    """
    best = Grade(rule.severity)
    held = {one.number: one.why for one in match.raised}
    for number, one in enumerate(rule.raises):
        if one.severity <= best.severity or (one.when is not None and number not in held):
            continue
        reasons = [] if one.when is None else [held[number]]
        if one.sources is not None:
            sources = [name for name, at in story.items() if at >= now - one.sources.within]
            if len(sources) < one.sources.count:
                continue
            named = ", ".join(sources[:_NAMED]) + (", …" if len(sources) > _NAMED else "")
            reasons.append(f"{sources_in_words(len(sources), one.sources)} ({named})")
        best = Grade(one.severity, " and ".join(reasons))
    return best
