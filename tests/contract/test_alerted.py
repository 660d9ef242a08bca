"""Counts of alerts over time, on every store."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

from tests.contract.test_votes import BRIDGE
from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.core.alerts.by_day import by_day
from watcher.core.model.rule import Severity
from watcher.ports import Store

RULES = (
    "\n  - {name: Shells, all: [shells], severity: high, send_to: [desk, me]}\n"
    "  - {name: Bridges, all: [bridge], severity: low, send_to: [desk]}"
)
TEXT = config(rules=RULES, feeds=FEEDS[:3], channels=("desk", "me"), send_to=("desk",))


async def test_an_alert_for_two_channels_counts_once_in_its_quarter_of_an_hour(store: Store, tmp_path: Path) -> None:
    desk = await Reporters.open(tmp_path, store, TEXT)
    await desk.report("wire", BRIDGE)
    assert len(await store.recent_alerts()) == 3
    now = desk.clock.now()
    found = await store.alerted(now - timedelta(hours=1))
    assert sorted((one.severity, one.alerts) for one in found) == [(Severity.LOW, 1), (Severity.HIGH, 1)]
    assert {timedelta(0) <= now - one.at < timedelta(minutes=15) for one in found} == {True}
    assert by_day(found, now, UTC)[-1].alerts == 2
    assert await store.alerted(now + timedelta(minutes=1)) == []
