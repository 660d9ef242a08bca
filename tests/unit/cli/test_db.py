"""`watcher db` as a user meets it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from watcher.cli.db import command
from watcher.errors import StorageError
from watcher.storage.lock import hold_lock
from watcher.storage.tables import HEAD


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data directory, and the settings that lead to it."""
    monkeypatch.setenv("WATCHER_DATA", str(tmp_path))
    monkeypatch.setenv("WATCHER_DATABASE", f"sqlite:///{tmp_path}/watcher.db")
    return tmp_path


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_migrate_makes_a_store_and_then_has_nothing_to_do(data: Path) -> None:
    first, second = _run("migrate", "--json"), _run("migrate")
    assert json.loads(first.stdout) == {"before": None, "after": HEAD, "copy": None}
    assert second.stdout == f"the schema is {HEAD}; nothing to do\n"
    assert (data / "watcher.db").exists()


def test_migrate_leaves_a_store_alone_that_a_daemon_works_on(data: Path) -> None:
    with hold_lock(data):
        result = _run("migrate")
    assert isinstance(result.exception, StorageError)
    assert not (data / "watcher.db").exists()


def test_check_of_a_sound_store(data: Path) -> None:
    _run("migrate")
    result = _run("check", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"ok": True, "problems": []}


def test_check_lists_what_is_wrong_and_exits_1(data: Path) -> None:
    _run("migrate")
    with sqlite3.connect(data / "watcher.db") as connection:
        connection.execute("INSERT INTO attempts VALUES (x'00', 1, 0, 'ok', '', NULL)")
    connection.close()
    result = _run("check")
    assert result.exit_code == 1
    assert result.stdout == "1 rows of attempts point to messages that are missing\n"


def test_check_makes_no_store(data: Path) -> None:
    result = _run("check")
    assert isinstance(result.exception, StorageError)
    assert "there is no database" in str(result.exception)
    assert list(data.iterdir()) == []


def test_stats_are_one_object(data: Path) -> None:
    _run("migrate")
    counts = json.loads(_run("stats", "--json").stdout)
    assert counts["articles"] == 0
    assert counts["last_24_hours"] == {"read": 0, "matched": 0, "stories": 0, "sent": 0}
    assert "last 24 hours      read 0, matched 0, stories 0, sent 0" in _run("stats").stdout
