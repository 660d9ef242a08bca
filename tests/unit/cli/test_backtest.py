"""`watcher backtest`: what an edited rule would have told, beside the live one."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.cli.backtest import command
from watcher.core.model.ids import RuleId
from watcher.errors import ConfigError, StorageError
from watcher.settings.env import read_settings
from watcher.settings.load import load
from watcher.storage.open import open_store

RULES = """
  - name: Shells
    id: shells
    all: [shell*]
    none: [museum]
    send_to: [desk]
"""
TITLES = [
    "Shells hit bridge at Nikopol, police say",
    "Museum opens hall on shells of the last war",
    "Freighter leaves Rason with drones below deck",
    "Shells hit bridge at Nikopol, police say",
]
ALL = ["--days", "3650"]


@pytest.fixture
async def archive(tmp_path: Path) -> Path:
    """The folder of a database with three pieces of news, one of them twice, and its configuration."""
    (tmp_path / "config").mkdir()
    text = config(feeds=FEEDS[:3], rules=RULES)
    (tmp_path / "config" / "all.yaml").write_text(text, encoding="utf-8")
    store = open_store(f"sqlite:///{tmp_path}/watcher.db")
    desk = await Reporters.open(tmp_path, store, text)
    for number, title in enumerate(TITLES):
        await desk.report(FEEDS[number % 2], title, minutes=30)
    await store.close()
    return tmp_path


def edit(folder: Path, old: str, new: str) -> None:
    file = folder / "config" / "all.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def run(folder: Path, *arguments: str) -> Result:
    place = ["--config", f"{folder}/config", "--database", f"sqlite:///{folder}/watcher.db", "--data", str(folder)]
    return CliRunner().invoke(command, [*arguments, *place])


def test_what_an_edit_gains_and_loses_is_told_by_story_with_its_words(archive: Path) -> None:
    edit(archive, "all: [shell*]\n    none: [museum]", "all: [museum, drones]\n    none: [nothing]")
    edit(archive, "all: [museum, drones]", "any: [museum, drone*]")
    result = run(archive, "shells", *ALL)
    assert result.exception is None, result.exception
    lines = result.stdout.splitlines()
    assert lines[0].startswith("shells: 2 stories (live: 1), ")
    assert lines[0].endswith("of 2 articles that match")
    assert any(
        line.startswith("  + ") and "[Museum] opens hall" in line and line.endswith("none: museum") for line in lines
    )
    assert any(line.startswith("  + ") and "[drones]" in line for line in lines)
    assert any(line.startswith("  - ") and "[Shells] hit bridge" in line for line in lines)
    assert lines[-1] == "  2 gained, 1 lost, 0 same"


async def test_live_is_what_goes_on_where_an_example_holds_an_edit_back(archive: Path) -> None:
    edit(archive, "all: [shell*]\n    none: [museum]", "all: [drones]")
    settings = read_settings(config=archive / "config", data=archive, database=f"sqlite:///{archive}/watcher.db")
    found = load(archive / "config", settings).configuration
    assert found is not None
    store = open_store(settings.database)
    last = await store.active_revision()
    assert last is not None
    held = {RuleId("shells"): last.number}
    record = replace(last, number=last.number + 1, digest=b"held", files=found.files, held=held)
    await store.activate(record, found.feeds, record.activated_at)
    await store.close()
    lines = (await asyncio.to_thread(run, archive, "shells", *ALL)).stdout.splitlines()
    assert lines[-1] == "  1 gained, 1 lost, 0 same"


def test_an_unchanged_rule_tells_the_same_and_copies_are_one_story(archive: Path) -> None:
    [found] = map(json.loads, run(archive, *ALL, "--json").stdout.splitlines())
    assert (found["matched"], found["stories"], found["alerts"], found["same"]) == (2, 1, 1, 1)
    assert found["live"] == {"matched": 2, "stories": 1, "alerts": 1}
    assert (found["gained"], found["lost"]) == ([], [])
    assert sum(found["days"].values()) == 1


def test_a_file_beside_the_configuration_is_tried_and_nothing_is_written(archive: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    file.write_text("rules:\n  - {name: Drones, use: [topics/military], all: [$military, drone*]}\n", encoding="utf-8")
    before = (tmp_path / "watcher.db").read_bytes()
    result = run(archive, str(file), *ALL)
    assert result.exception is None, result.exception
    assert result.stdout.startswith("drones: ")
    assert "(no such rule is live)" in result.stdout
    assert (tmp_path / "watcher.db").read_bytes() == before


def test_a_changed_concept_is_asked_in_both_forms(archive: Path) -> None:
    edit(archive, "all: [shell*]", "all: [$what]")
    edit(archive, "rules:", "concepts: {what: [drone*]}\nrules:")
    [found] = map(json.loads, run(archive, "shells", *ALL, "--json").stdout.splitlines())
    assert [one["title"] for one in found["gained"]] == [TITLES[2]]
    assert [one["title"] for one in found["lost"]] == [TITLES[0]]


@pytest.mark.parametrize(
    ("wanted", "says"),
    [("shels", "did you mean"), ("none.yaml", "cannot be read"), ("", "no rule is called")],
)
def test_what_cannot_be_tried_is_said(archive: Path, wanted: str, says: str) -> None:
    error = run(archive, wanted).exception
    assert isinstance(error, ConfigError)
    assert says in str(error)


def test_a_file_with_mistakes_or_no_rule_is_said_with_its_place(archive: Path, tmp_path: Path) -> None:
    for text, says in (("rules: [{name: A, al: [x]}]\n", "did you mean"), ("feeds: []\n", "holds no rule")):
        (tmp_path / "new.yaml").write_text(text, encoding="utf-8")
        error = run(archive, str(tmp_path / "new.yaml")).exception
        assert isinstance(error, ConfigError)
        assert says in str(error)


def test_without_a_database_it_is_said(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "watcher.db").unlink()
    assert isinstance(run(archive, "shells").exception, StorageError)
