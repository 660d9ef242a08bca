"""`watcher doctor` as a user meets it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from watcher.cli.doctor import command
from watcher.daemon.control import serve_control
from watcher.storage.open import upgrade_store
from watcher.storage.tables import HEAD

HOOK = "https://hooks.example/services/T0/B0/tellnobody"
RULES = "rules: [{name: Ships, any: [tanker], send_to: [desk]}]\n"
CHANNELS = "channels: {desk: {type: webhook, url: '%s', secrets: ['${HOOK_KEY}']}}\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory with a configuration, and the settings that lead to it."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "rules.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "config" / "channels.yaml").write_text(CHANNELS % HOOK, encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HOOK_KEY", "whsec_aGlkZGVuIGtleSB0aGF0IGlzIGxvbmc=")
    monkeypatch.setenv("WATCHER_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("WATCHER_DATA", str(tmp_path))
    monkeypatch.setenv("WATCHER_DATABASE", f"sqlite:///{tmp_path}/watcher.db")
    monkeypatch.setenv("WATCHER_SMTP_URL", "smtp://desk:letmein99@mail.example:587")
    return tmp_path


def doctor() -> str:
    result = CliRunner().invoke(command)
    assert result.exit_code == 0, result.output
    return result.stdout


def report() -> Mapping[str, Any]:
    result = CliRunner().invoke(command, ["--json"])
    assert result.exit_code == 0, result.output
    found: Mapping[str, Any] = json.loads(result.stdout)
    return found


def test_it_tells_versions_extras_and_counts(home: Path) -> None:
    found = report()
    assert found["versions"]["sqlite"] == sqlite3.sqlite_version
    assert found["versions"]["packages"]["sqlalchemy"].startswith("2.")
    assert found["extras"]["morph"].startswith("simplemma")
    assert (found["configuration"]["rules"], found["configuration"]["errors"]) == (1, 0)
    assert found["configuration"]["channels"]["desk"] == "ready"
    assert found["database"]["problem"] == "there is no database yet"
    assert found["daemon"]["running"] is False


def test_it_shows_no_secret_and_no_home(home: Path) -> None:
    for shown in (doctor(), json.dumps(report())):
        assert "letmein99" not in shown
        assert "whsec_aGlk" not in shown
        assert str(home) not in shown
    assert "~/config" in doctor()


def test_it_reads_the_store(home: Path) -> None:
    upgrade_store(f"sqlite:///{home}/watcher.db")
    found = report()["database"]
    assert (found["schema"], found["articles"], found["last_24_hours"]["read"]) == (HEAD, 0, 0)
    assert found["bytes"] > 0


def test_it_tells_an_old_schema_and_a_file_that_is_no_database(home: Path) -> None:
    upgrade_store(f"sqlite:///{home}/watcher.db")
    with sqlite3.connect(home / "watcher.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    found = report()["database"]
    assert (found["schema"], found["expected_schema"]) == ("0001", HEAD)
    assert "articles" not in found
    (home / "watcher.db").write_text("no database" * 200)
    assert "not a SQLite database" in report()["database"]["problem"]


def test_it_works_with_a_broken_configuration_and_does_not_quote_it(home: Path) -> None:
    (home / "config" / "channels.yaml").write_text(
        "channels: {desk: {type: slack, webhok: letmein}}\n", encoding="utf-8"
    )
    found = report()
    assert found["configuration"]["errors"] >= 1
    assert found["configuration"]["mistakes_at"][0].startswith("channels.yaml:1:")
    assert "letmein" not in doctor()


def test_it_works_with_a_wrong_setting(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHER_WORKERS", "many")
    found = report()
    assert "WATCHER_WORKERS" in found["settings"]["problem"]
    assert found["versions"]["watcher"]


def test_it_asks_the_running_daemon(home: Path) -> None:
    async def status(request: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"ready": True, "revision": 7, "phase": "running"}

    async def ask() -> Mapping[str, Any]:
        async with serve_control(home, {"status": status}):
            return await asyncio.to_thread(report)

    found = asyncio.run(ask())["daemon"]
    assert found == {"running": True, "ready": True, "revision": 7, "phase": "running"}


def test_doctor_says_what_reader_processes_are_kept_from() -> None:
    assert report()["readers"]["kept_from"]
    assert "kept from" in doctor()
