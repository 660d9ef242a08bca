"""Rules over time: look at their numbers each minute, and tell once when a condition begins to hold."""

from __future__ import annotations

from datetime import datetime

import structlog

from watcher.core.alerts.over_time import Finding, quiet_source, reach, spike, volume
from watcher.core.alerts.route import route
from watcher.core.alerts.silence import is_in_force
from watcher.core.model.ids import ChannelName, RuleId, digest
from watcher.core.model.policy import CONSOLE, Policy
from watcher.core.model.rule import FirstSeen, QuietSource, Rule, Spike, Trend, Volume
from watcher.daemon.world import World
from watcher.ports import OverTime
from watcher.telling.over_time import condition_of_rule

log = structlog.get_logger()


async def find(store: OverTime, trend: Trend, now: datetime, watched_since: datetime | None = None) -> Finding | None:
    """Return what the numbers of a rule over time say now; None for one that looks at articles, or at a feed that is
    not there.

    `watched_since` None asks for the numbers as they stood at the last poll.
    """
    match trend:
        case Volume():
            return volume(trend, await store.stories(trend.of, now - reach(trend)), now)
        case Spike():
            return spike(trend, await store.stories(trend.of, now - reach(trend)), now)
        case QuietSource():
            news = await store.feed_news(trend.feed)
            return None if news is None else quiet_source(trend, news, watched_since or news.last_poll_at or now, now)
        case FirstSeen():
            return None


class TrendWatch:
    """Watches the rules over time of the configuration in force.

    What holds is remembered in the store, so that a restart repeats nothing; here only what was written last, so that
    an unchanged answer costs no write. While a rule is silenced its state stands still: what still holds afterwards
    is told then.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._store: OverTime = world.store
        self._clock = world.clock
        self._since = world.clock.now()
        self._noted: dict[str, bool] = {}

    async def look(self) -> None:
        """Look at every rule over time once; not at all while the wall clock cannot be believed."""
        if not self._world.is_clock_trusted():
            return
        policy = self._world.ruling().policy
        for rule in policy.rules.values():
            if rule.trend is not None and not rule.is_paused and not _is_silenced(rule.id, policy, self._clock.now()):
                await self._look_at(rule, rule.trend, policy)

    async def _look_at(self, rule: Rule, trend: Trend, policy: Policy) -> None:
        now = self._clock.now()
        finding = await find(self._store, trend, now, self._since)
        if finding is None or finding.holds is None:
            return
        # A rule that was edited asks for something else, which may begin to hold at once.
        condition = f"{rule.id} {digest('trend', repr(trend)).hex()}"
        if self._noted.get(condition) is finding.holds:
            return
        title, text = condition_of_rule(rule, finding, policy.zone)
        told = await self._store.note_condition(condition, finding.holds, _targets(rule, policy), title, text, now)
        self._noted[condition] = finding.holds
        if told:
            log.info("condition holds", rule=rule.id, numbers=title)
            self._world.send_bell.ring()


def _is_silenced(rule: RuleId, policy: Policy, now: datetime) -> bool:
    return any(
        one.rule == rule and not (one.words or one.feed or one.story) and is_in_force(one, now)
        for one in policy.silences
    )


def _targets(rule: Rule, policy: Policy) -> list[ChannelName]:
    return [target.name for target in route(rule, policy, frozenset()) if target.hold is None] or [CONSOLE]
