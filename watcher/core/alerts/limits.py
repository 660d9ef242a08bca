"""Limits: how often a rule may ring one channel; what is over waits and goes as one summary.

| a message                                              | counts | is held |
|--------------------------------------------------------|--------|---------|
| to a channel that rings nobody                         | no     | no      |
| with a critical alert                                  | no     | no      |
| with a denial, correction, withdrawal or first death   | no     | no      |
| a summary: gathered, catch-up, released, about us      | no     | no      |
| of several rules, of which one has room                | yes    | no      |
| any other                                              | yes    | where there is no room |

A window begins with the first message after the last one ended. With the default of 3 stories in 30 minutes, stories at
10:00, 10:05 ... 10:25 ring at 10:00, 10:05 and 10:10; at 10:30 the other three come as one summary, and the next story
begins a window. Nothing is stored but "held": a limit that is changed or taken out holds from the next look on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from watcher.core.model.alert import AlertKind, NewAlert, Rung
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.message import LIVE_STATES, MessageState
from watcher.core.model.policy import Policy
from watcher.core.model.rule import Limit, Severity

LONGEST: Final = timedelta(hours=24)
"""No limit looks back further."""

RINGING_STATES: Final = tuple(sorted(LIVE_STATES - {MessageState.HELD}))
"""A message in one of these rang, or will; what is held rings with others, as one."""


class Budget:
    """What may still ring, as messages are planned or let go one after the other."""

    def __init__(self, policy: Policy, rung: Sequence[Rung], now: datetime) -> None:
        self._policy = policy
        self._now = now
        self._rung = list(rung)

    def takes(self, target: ChannelName, alerts: Iterable[NewAlert]) -> bool:
        """Return whether a message may go now; one that may, and counts, is counted."""
        listed = list(alerts)
        if target in self._policy.silent_targets or any(map(_is_free, listed)):
            return True
        rules = frozenset(alert.rule for alert in listed)
        if not self.has_room(target, rules):
            return False
        self._rung.append(Rung(target, rules, self._now))
        return True

    def has_room(self, target: ChannelName, rules: frozenset[RuleId]) -> bool:
        """Return whether one of the rules may ring a channel now."""
        here = [one for one in self._rung if one.target == target]
        known = [self._policy.rules[rule] for rule in rules if rule in self._policy.rules]
        every = [self._is_within(rule.limit, [one for one in here if rule.id in one.rules]) for rule in known]
        return any(every) or not every

    def _is_within(self, limit: Limit | None, rung: Sequence[Rung]) -> bool:
        if limit is None:
            return True
        begun_at, count = None, 0
        for at in sorted(one.at for one in rung if one.at <= self._now):  # what lies ahead had a wrong clock
            if begun_at is None or at >= begun_at + limit.per:
                begun_at, count = at, 0
            count += 1
        return begun_at is None or self._now >= begun_at + limit.per or count < limit.stories


def _is_free(alert: NewAlert) -> bool:
    is_urgent = alert.kind is AlertKind.UPDATE and alert.tell_at is None
    return alert.severity is Severity.CRITICAL or is_urgent


def free(
    policy: Policy, held: Mapping[ChannelName, Sequence[frozenset[RuleId]]], rung: Sequence[Rung], now: datetime
) -> frozenset[ChannelName]:
    """Return the channels whose held messages go now, all of a channel at once; `held` gives the rules of each message.

    They go as soon as there is room for one of them: together they are one message.
    """
    budget = Budget(policy, rung, now)
    return frozenset(
        target for target, messages in held.items() if any(budget.has_room(target, rules) for rules in messages)
    )
