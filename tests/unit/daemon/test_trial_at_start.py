"""A start reads files that are in force already without a trial in another process; what is new is tried first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.store import MemoryStore
from tests.unit.settings.support import settings
from watcher.core.lint.terms import Shares
from watcher.core.model.record import RevisionRecord
from watcher.daemon.start import first_configuration, first_files
from watcher.reading.configurations import load_tried
from watcher.settings.env import Settings
from watcher.settings.load import Loaded, fingerprint, load, revision_digest

RULE = "rules: [{name: R, any: [shells]}]"
OTHER = "rules: [{name: R, any: [drones]}]"


class Tried:
    """Reads files in another process, and lists the directories."""

    def __init__(self) -> None:
        self.directories: list[Path] = []

    def __call__(self, place: Path, given: Settings, shares: Shares | None) -> Loaded:
        self.directories.append(place)
        return load_tried(place, given, shares)


async def started_with(directory: Path, text: str, in_force: str | None) -> list[Path]:
    """Start on files that hold `text` beside a store whose active revision holds `in_force`; return what was tried."""
    clock, store = FakeClock(), MemoryStore()
    rules = directory / "rules.yaml"
    if in_force is not None:
        rules.write_text(in_force, encoding="utf-8")
        taken = load(directory, settings(), shares=None).configuration
        assert taken is not None
        await store.activate(RevisionRecord(1, taken.digest, taken.files, clock.now()), (), clock.now())
    rules.write_text(text, encoding="utf-8")
    tried = Tried()
    configuration, mistakes = await first_configuration(
        store, settings(config=str(directory)), strict=True, trial=tried
    )
    assert (len(configuration.rules), mistakes) == (1, "")
    return tried.directories


async def test_files_that_are_in_force_are_not_tried_again(tmp_path: Path) -> None:
    assert await started_with(tmp_path, RULE, in_force=RULE) == []


@pytest.mark.parametrize("in_force", [None, OTHER, RULE + "\n"])
async def test_files_that_were_never_taken_are_tried_first(tmp_path: Path, in_force: str | None) -> None:
    assert await started_with(tmp_path, RULE, in_force=in_force) == [tmp_path]


async def test_start_on_a_file_that_lost_its_text_goes_on_with_the_last_good_revision(tmp_path: Path) -> None:
    clock, store = FakeClock(), MemoryStore()
    (tmp_path / "rules.yaml").write_text(RULE, encoding="utf-8")
    taken = load(tmp_path, settings(), shares=None).configuration
    assert taken is not None
    await store.activate(RevisionRecord(1, taken.digest, taken.files, clock.now()), (), clock.now())
    (tmp_path / "rules.yaml").write_text("", encoding="utf-8")
    configuration, mistakes = await first_configuration(store, settings(config=str(tmp_path)), strict=False)
    assert len(configuration.rules) == 1
    assert "rules.yaml:1:1" in mistakes
    assert "this file is empty, and held text in the revision in force" in mistakes


def test_digest_of_files_is_that_of_their_configuration_and_none_where_one_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULE, encoding="utf-8")
    loaded = load(tmp_path, settings(), shares=None)
    assert loaded.configuration is not None
    assert revision_digest(tmp_path) == loaded.configuration.digest

    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\xff")
    assert revision_digest(tmp_path) is None


async def test_an_edit_while_the_files_are_read_is_one_that_is_yet_to_be_taken(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULE, encoding="utf-8")

    def edited_meanwhile(directory: Path, given: Settings, shares: Shares | None) -> Loaded:
        loaded = load(directory, given, shares=shares)
        (tmp_path / "rules.yaml").write_text(OTHER, encoding="utf-8")
        return loaded

    before = fingerprint(tmp_path)
    content, configuration, _ = await first_files(
        MemoryStore(), settings(config=str(tmp_path)), strict=True, trial=edited_meanwhile
    )
    assert content == before != fingerprint(tmp_path)
    assert configuration.files["rules.yaml"] == RULE
