"""Limits: how often a rule, and all rules together, may ring one channel; what is over waits and goes as one summary.

| a message                                              | counts | is held |
|--------------------------------------------------------|--------|---------|
| to a channel that rings nobody                         | no     | no      |
| with a critical alert                                  | no     | no      |
| with a denial, correction, withdrawal or first death   | no     | no      |
| the same, of a story of which all is still held        | no     | with it |
| more of a story, in its thread                         | no     | no      |
| a summary: gathered, catch-up, released, about us      | no     | no      |
| of several rules, of which one has room                | yes    | no      |
| any other                                              | yes    | where there is no room |

A window begins with the first message after the last one ended. With the default of 3 stories in 30 minutes, stories at
10:00, 10:05 ... 10:25 ring at 10:00, 10:05 and 10:10; at 10:30 the other three come as one summary, and the next story
begins a window. The limit of a channel counts the messages of all rules in the same way. Nothing is stored but
"held": a limit that is changed or taken out holds from the next look on. A limit that drops makes no summary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
        is_quiet = target in self._policy.threaded and all(one.kind is AlertKind.FOLLOW_UP for one in listed)
        if is_quiet or target in self._policy.silent_targets or any(map(_is_free, listed)):
            return True
        rules = frozenset(alert.rule for alert in listed)
        if not self.has_room(target, rules):
            return False
        self._rung.append(Rung(target, rules, self._now))
        return True

    def has_room(self, target: ChannelName, rules: frozenset[RuleId]) -> bool:
        """Return whether one of the rules may ring a channel now."""
        if not self._channel_has_room(target):
            return False
        every = [self._rule_has_room(target, rule) for rule in rules if rule in self._policy.rules]
        return any(every) or not every

    def drops(self, target: ChannelName, rules: frozenset[RuleId]) -> bool:
        """Return whether a message for which there is no room is dropped: all limits in its way ask for it."""
        if not self._channel_has_room(target):
            limit = self._policy.timings[target].limit
            return limit is not None and limit.drops
        limits = [self._policy.rules[rule].limit for rule in rules if rule in self._policy.rules]
        return bool(limits) and all(limit is not None and limit.drops for limit in limits)

    def _channel_has_room(self, target: ChannelName) -> bool:
        timing = self._policy.timings.get(target)
        here = [one for one in self._rung if one.target == target]
        return timing is None or self._is_within(timing.limit, here)

    def _rule_has_room(self, target: ChannelName, rule: RuleId) -> bool:
        here = [one for one in self._rung if one.target == target and rule in one.rules]
        return self._is_within(self._policy.rules[rule].limit, here)

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
    return alert.severity is Severity.CRITICAL or alert.is_urgent
