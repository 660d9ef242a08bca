"""A reload that fails an example of one rule: the others change, it goes on as it was, over a restart too."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from tests.fakes.reloading import begin_from_file
from tests.fakes.station import Station, config, rss
from watcher.daemon.examine import begun_from
from watcher.settings.env import read_settings
from watcher.settings.load import load

TESTS = "tests: [{text: Shells shipped, expect: match}]"


def rules(shells: str, drones: str) -> str:
    return config(
        more="meta: {send_to: [desk]}",
        rules=f"\n  - {{name: Shells, any: [{shells}], {TESTS}}}\n  - {{name: Drones, any: [{drones}]}}\n",
    )


async def test_a_failing_example_holds_back_its_rule_alone(tmp_path: Path) -> None:
    station, file = Station(tmp_path), tmp_path / "config" / "watcher.yaml"
    reloader = await begin_from_file(station, file, rules("shells", "drones"))
    station.feeds["wire"] = rss("Shells shipped", "Uavs seen")
    await station.poll()

    file.write_text(rules("pearls", "drones, uavs"), encoding="utf-8")
    said = await reloader.reload()
    assert said == (
        "revision 2: 1 changed (drones), 1 same; last 14 days +1 -0; "
        "1 held back by an example (shells stays as in revision 1)"
    )
    assert station.state.degraded_by() == ["rules held back by their examples: shells"]
    assert b"watcher_rules_held_back 1.0" in station.metrics.text()
    await station.send()
    [told] = [one for one in station.channels["desk"].sent if "held back" in one.title]
    assert "shells: it goes on as in revision 1" in told.text
    assert "Shells shipped" in told.text

    record = await station.store.active_revision()
    assert record is not None
    settings = read_settings(config=file.parent, data=tmp_path)
    found = load(file.parent, settings).configuration
    assert found is not None
    examined, before = await begun_from(station.store, settings, found, record)
    assert before is not None
    assert examined.configuration.held == {"shells": 1}
    assert examined.configuration.digest == record.digest
    assert examined.configuration.rules == before.rules

    file.write_text(rules("shells, pearls", "drones, uavs"), encoding="utf-8")
    assert (await reloader.reload()).startswith("revision 3: 1 changed (shells), 1 same; last 14 days +0 -0")
    assert not station.state.degraded
    await station.close()


async def test_what_was_taken_when_asked_for_is_not_taken_again_by_the_look_that_waited(tmp_path: Path) -> None:
    station, file = Station(tmp_path), tmp_path / "config" / "watcher.yaml"
    reloader = await begin_from_file(station, file, rules("shells", "drones"))
    file.write_text(rules("shells", "drones, uavs"), encoding="utf-8")
    await reloader.look()
    with structlog.testing.capture_logs() as events:
        async with asyncio.TaskGroup() as group:
            group.create_task(reloader.reload())
            group.create_task(reloader.look())
    assert [one["event"] for one in events].count("configuration reloaded") == 1
    await station.close()
