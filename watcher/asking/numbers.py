"""The present numbers of rules over time, for `explain`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from watcher.asking.store import with_store
from watcher.core.model.ids import RuleId
from watcher.core.model.rule import Rule
from watcher.daemon.clock import SystemClock
from watcher.daemon.trends import find
from watcher.errors import StorageError
from watcher.ports import OverTime
from watcher.settings.env import Settings
from watcher.telling.over_time import state_now


def numbers(settings: Settings, rules: Sequence[Rule]) -> Mapping[RuleId, str]:
    """Return what the store says now of each rule over time, in a sentence; nothing when there is no store."""

    async def look(store: OverTime) -> Mapping[RuleId, str]:
        now = SystemClock().now()
        found = {rule.id: await find(store, rule.trend, now) for rule in rules if rule.trend is not None}
        return {rule: state_now(finding) for rule, finding in found.items() if finding is not None}

    try:
        return with_store(settings, look)
    except StorageError:
        return {}  # no database yet: there are no numbers
