"""What daemons on one database work with is one configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.fakes.station import Station, config, rss
from tests.fakes.store import MemoryStore
from watcher.daemon.shared_revision import SharedRevision, is_shared, taken_last
from watcher.settings.configuration import Configuration
from watcher.settings.env import Settings, read_settings
from watcher.settings.load import load_files
from watcher.storage.open import open_store

DRILLS = config(rules="\n  - {name: Drills, all: [drills]}", send_to=["console"])
TANKS = config(rules="\n  - {name: Tanks, all: [tanks]}")


@pytest.fixture
async def pair(tmp_path: Path) -> tuple[Station, Station]:
    """Two daemons that took the same files."""
    store = MemoryStore()
    stations = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        stations.append(Station(tmp_path / name, store))
        await stations[-1].begin(config())
    return stations[0], stations[1]


def _shared(station: Station) -> SharedRevision:
    return SharedRevision(station.world, station.active, station.meta)


def _settings(folder: Path) -> Settings:
    return read_settings(config=folder, data=folder, workers=1)


def _loaded(text: str, folder: Path) -> Configuration:
    found = load_files({"watcher.yaml": text}, _settings(folder)).configuration
    assert found is not None
    return found


async def test_what_one_daemon_takes_the_other_matches_by(pair: tuple[Station, Station]) -> None:
    first, second = pair
    await first.adopt(DRILLS)
    await _shared(second).look()
    assert [rule.name for rule in second.active.configuration().rules] == ["Drills"]
    assert second.state.revision == first.state.revision == 2
    second.feeds["wire"] = rss("Drills begin", "Shells shipped")
    await second.poll()
    await second.send()
    assert second.told("console") == [["Drills begin"]]


async def test_two_that_take_different_files_at_once_end_with_one_revision(pair: tuple[Station, Station]) -> None:
    first, second = pair
    before = await first.store.active_revision()
    await first.adopt(DRILLS)
    await second.adopt(TANKS)
    await _shared(first).look()
    await _shared(second).look()
    assert before is not None
    assert {rule.name for one in pair for rule in one.active.configuration().rules} == {"Tanks"}


async def test_a_look_without_a_change_does_nothing(pair: tuple[Station, Station]) -> None:
    with capture_logs() as logged:
        await _shared(pair[1]).look()
    assert logged == []
    assert pair[1].state.revision == 1


async def test_a_store_that_is_away_is_said_and_no_error(pair: tuple[Station, Station], tmp_path: Path) -> None:
    away = open_store(f"sqlite:///{tmp_path}/away.db")
    await away.close()
    pair[1].use_store(away)
    with capture_logs() as logged:
        await _shared(pair[1]).look()
    assert [(one["log_level"], one["reason"]) for one in logged] == [("warning", "the store is closed")]


async def test_a_revision_that_cannot_be_read_here_is_told_once(pair: tuple[Station, Station]) -> None:
    first, second = pair
    await first.adopt(DRILLS)
    record = await first.store.active_revision()
    assert record is not None
    first.store._revisions[record.number].files["watcher.yaml"] = "rules: [{nam: Drills}]"  # type: ignore[attr-defined]
    shared = _shared(second)
    await shared.look()
    await shared.look()
    await second.send()
    assert [rule.name for rule in second.active.configuration().rules] == ["Shells"]
    queued = [message for message in await second.store.messages(limit=10) if "different rules" in message.title]
    assert len(queued) == 1


async def test_a_late_start_does_not_bring_back_older_files(pair: tuple[Station, Station], tmp_path: Path) -> None:
    await pair[0].adopt(DRILLS)
    old, new = _loaded(config(), tmp_path), _loaded(TANKS, tmp_path)
    begun = await taken_last(pair[0].store, _settings(tmp_path), old)
    assert [rule.name for rule in begun.rules] == ["Drills"]
    assert await taken_last(pair[0].store, _settings(tmp_path), new) is new


def test_only_a_database_on_a_server_is_shared(tmp_path: Path) -> None:
    assert not is_shared(_settings(tmp_path))
    assert is_shared(read_settings(config=tmp_path, data=tmp_path, database="postgresql://u:p@db/watcher", workers=1))
