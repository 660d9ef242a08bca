"""Gathering: below `high`, the alerts of a channel wait a minute, so that what comes together is one message.

| an alert                                              | waits                                    |
|-------------------------------------------------------|------------------------------------------|
| the first of its story, below `high`                  | `gather` of its rule, 60 s where it says nothing |
| of severity `high` or `critical`, or a raise          | no                                       |
| a denial, correction, withdrawal or first death       | no                                       |
| to a channel that rings nobody                        | no                                       |
| more on a story that waits so, and cannot wait itself | no, and the message that waits goes with it, or before it |

A message that waits takes what comes for its channel, of whatever rule, and goes when the first of its alerts may wait
no longer. It counts once for limits, and holds at most ten alerts; then the next one begins. Nothing on a story is told
before what began it: a denial sends off every message that waits with its claim, and goes in the last of them, or as
the next message where that is full.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from watcher.core.model.alert import AlertKind, JudgeContext, NewAlert, NewMessage, OpenMessage
from watcher.core.model.ids import AlertId, MessageId, RuleId, StoryId
from watcher.core.model.policy import Policy
from watcher.core.model.rule import Severity

MOST_GATHERED: Final = 10
"""Every channel lists so many alerts in one message."""

_AT_ONCE: Final = timedelta(0)


def waits_until(policy: Policy, alerts: Iterable[tuple[RuleId, datetime]]) -> datetime | None:
    """Return until when a message may wait for more of its channel under the rules in force, as the first of its alerts
    may; `alerts` are their rules and when they were made. None = the rules are gone.
    """
    ends = [made_at + policy.rules[rule].gather for rule, made_at in alerts if rule in policy.rules]
    return min(ends, default=None)


class Gatherer:
    """The messages that wait for more of their channel, as a reading adds to them.

    `messages` are those that the reading makes; `joins` and `sooner` change those that are stored. `merged` names the
    story that another one became in this reading.
    """

    def __init__(self, policy: Policy, context: JudgeContext, merged: Mapping[StoryId, StoryId]) -> None:
        self._policy = policy
        self._now = context.now
        self._merged = merged
        self._open = {target: list(waiting) for target, waiting in context.open_messages.items()}
        self._stories = {past.id: (past.rule, past.story) for past in context.past}
        self._new: dict[MessageId, NewMessage] = {}
        self.joins: list[tuple[MessageId, AlertId]] = []
        self.sooner: dict[MessageId, datetime] = {}

    @property
    def messages(self) -> tuple[NewMessage, ...]:
        """The messages that the reading makes, with all that joined them."""
        return tuple(self._new.values())

    def until(self, alerts: Sequence[NewAlert]) -> datetime | None:
        """Return until when the alerts of one article wait for others; None = they go at once."""
        shortest = min(self._wait(alert) for alert in alerts)
        return self._now + shortest if shortest > _AT_ONCE else None

    def _wait(self, alert: NewAlert) -> timedelta:
        rule = self._policy.rules.get(alert.rule)
        is_first = alert.kind is AlertKind.FIRST and alert.severity < Severity.HIGH
        if rule is None or not is_first or alert.target in self._policy.silent_targets:
            return _AT_ONCE
        return rule.gather

    def takes(self, alerts: Sequence[NewAlert], until: datetime | None) -> bool:
        """Return whether a message that waits for more of its channel takes the alerts of one article, and put them
        there.

        `until` None = they cannot wait: then only what waits of their own story takes them, and goes now.
        """
        waiting = self._open.get(alerts[0].target, [])
        if until is None:
            return self._sends_off([one for one in waiting if self._is_of_its_story(one, alerts)], alerts)
        if not waiting or len(waiting[-1].alerts) + len(alerts) > MOST_GATHERED:
            return False
        newest = waiting.pop()
        tell_at = min(until, newest.tell_at)
        self._join(newest, alerts, tell_at)
        self._wait_with(newest, alerts, tell_at)
        return True

    def head_at(self, alert: NewAlert) -> datetime | None:
        """Return when the last message goes that waits with the story of an alert; None = none does."""
        waiting = self._open.get(alert.target, [])
        return max((one.tell_at for one in waiting if self._is_of_its_story(one, [alert])), default=None)

    def opens(self, message: NewMessage, alerts: Sequence[NewAlert], until: datetime) -> None:
        """Let a new message wait for more of its channel."""
        self._new[message.id] = replace(message, not_before=until)
        self._wait_with(OpenMessage(message.id, until, ()), alerts, until)

    def _wait_with(self, waiting: OpenMessage, alerts: Sequence[NewAlert], tell_at: datetime) -> None:
        held = (*waiting.alerts, *(alert.id for alert in alerts))
        self._open.setdefault(alerts[0].target, []).append(replace(waiting, tell_at=tell_at, alerts=held))
        self._stories |= {alert.id: (alert.rule, alert.story) for alert in alerts}

    def _join(self, waiting: OpenMessage, alerts: Sequence[NewAlert], tell_at: datetime) -> None:
        ids = [alert.id for alert in alerts]
        if (new := self._new.get(waiting.message)) is not None:
            self._new[new.id] = replace(new, alerts=(*new.alerts, *ids), not_before=tell_at)
            return
        self.joins += [(waiting.message, id_) for id_ in ids]
        if tell_at < waiting.tell_at:
            self.sooner[waiting.message] = tell_at

    def _is_of_its_story(self, waiting: OpenMessage, alerts: Sequence[NewAlert]) -> bool:
        told = {self._now_of(*self._stories[id_]) for id_ in waiting.alerts if id_ in self._stories}
        return any(self._now_of(alert.rule, alert.story) in told for alert in alerts)

    def _now_of(self, rule: RuleId, story: StoryId) -> tuple[RuleId, StoryId]:
        while (into := self._merged.get(story)) is not None:
            story = into
        return rule, story

    def _sends_off(self, of_story: Sequence[OpenMessage], alerts: Sequence[NewAlert]) -> bool:
        """Let messages go now with alerts that cannot wait; return whether the last of them took these along."""
        if not of_story:
            return False
        last = of_story[-1]
        takes = len(last.alerts) + len(alerts) <= MOST_GATHERED
        for one in of_story:
            self._open[alerts[0].target].remove(one)
            self._join(one, alerts if takes and one is last else (), self._now)
        return takes
