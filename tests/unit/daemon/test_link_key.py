"""The key of signed links: made once, kept, and whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from watcher.daemon.world import link_key
from watcher.errors import StorageError


def test_the_key_is_made_once_and_nobody_else_reads_it(tmp_path: Path) -> None:
    first = link_key(tmp_path).reveal()
    assert link_key(tmp_path).reveal() == first
    assert len(first) == 64
    assert (tmp_path / "links.key").stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["links.key"]


@pytest.mark.parametrize("text", ["", "\n", "  \n"])
def test_an_empty_file_is_no_key_and_a_new_one_is_made(tmp_path: Path, text: str) -> None:
    (tmp_path / "links.key").write_text(text)
    made = link_key(tmp_path).reveal()
    assert len(made) == 64
    assert link_key(tmp_path).reveal() == made


def test_a_full_disk_leaves_no_half_key_and_the_next_start_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as now:
        now.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match=r"links\.key"):
            link_key(tmp_path)
    assert not (tmp_path / "links.key").exists()
    assert len(link_key(tmp_path).reveal()) == 64


def test_a_file_that_is_no_key_is_left_and_named(tmp_path: Path) -> None:
    (tmp_path / "links.key").write_text("short")
    with pytest.raises(StorageError, match="holds no key"):
        link_key(tmp_path)
    assert (tmp_path / "links.key").read_text() == "short"
