"""What an article that was made to fire a rule must come to: a verdict, an alert in a message, and its copy folded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from watcher.core.model.alert import FeedContext, JudgeContext, Judgement, Member, NewAlert, PastAlert
from watcher.core.model.ids import RuleId
from watcher.core.model.match import ReadArticle
from watcher.core.model.message import MessageState
from watcher.core.model.verdict import Outcome

_Judge = Callable[[Sequence[ReadArticle], JudgeContext], Judgement]

NO_MATCH: Final = "its words do not make it fire any more"
NO_VERDICT: Final = "it fired, and nothing was decided"
NO_MESSAGE: Final = "an alert was made, and stands in no message"
NO_FOLD: Final = "a copy of what was told is told again"

_TELLS: Final = (Outcome.SILENCED, Outcome.DROPPED, Outcome.SKIPPED)
"""Decisions after which nothing is told, as the configuration asks."""


def lost(rule: RuleId, first: ReadArticle, copy: ReadArticle, judge: _Judge, now: datetime) -> str:
    """Return where an article that fires a rule gets lost between match and message, "" when it comes through.

    `copy` is the same article of another feed.
    """
    if not any(match.rule == rule for match in first.matches):
        return NO_MATCH
    context = JudgeContext(_feed(first, now), now)
    made = judge([first], context)
    verdicts = [verdict for verdict in made.verdicts if verdict.rule == rule]
    if not verdicts:
        return NO_VERDICT
    if any(verdict.outcome in _TELLS for verdict in verdicts):
        return ""
    if not _is_carried(rule, made):
        return NO_MESSAGE
    past = tuple(_past(alert, made, first, now) for alert in made.alerts)
    again = judge([copy], replace(context, feed=_feed(copy, now), past=past, stories=made.stories.stories))
    return "" if (rule, Outcome.FOLDED) in {(one.rule, one.outcome) for one in again.verdicts} else NO_FOLD


def _feed(read: ReadArticle, now: datetime) -> FeedContext:
    return FeedContext(read.article.feed, read.article.feed_name, first=False, last_ok_at=now)


def _is_carried(rule: RuleId, made: Judgement) -> bool:
    """Return whether the alerts of a rule, at least one, stand in messages."""
    carried = {alert for message in made.messages for alert in message.alerts}
    mine = {alert.id for alert in made.alerts if alert.rule == rule}
    return bool(mine) and mine <= carried


def _past(alert: NewAlert, made: Judgement, first: ReadArticle, now: datetime) -> PastAlert:
    message = next(one.id for one in made.messages if alert.id in one.alerts)
    member = Member(first.article, first.keys)
    return PastAlert(
        alert.id,
        alert.rule,
        alert.target,
        alert.story,
        alert.kind,
        alert.ordinal,
        alert.severity,
        message,
        MessageState.SENT,
        now,
        (member,),
    )
