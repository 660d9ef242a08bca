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


def test_a_backup_is_one_whole_file_that_only_its_owner_reads_made_while_a_daemon_works(data: Path) -> None:
    _run("migrate")
    target = data / "copies" / "one.db"
    target.parent.mkdir()
    with hold_lock(data), sqlite3.connect(data / "watcher.db") as working:
        working.execute("BEGIN IMMEDIATE")  # the daemon writes
        result = _run("backup", str(target))
    working.close()
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"wrote {target} (")
    assert [path.name for path in target.parent.iterdir()] == ["one.db"]
    assert target.stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(target) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
    copy.close()


def test_a_backup_leaves_a_file_that_is_there_as_it_is(data: Path) -> None:
    _run("migrate")
    target = data / "one.db"
    target.write_text("mine", encoding="utf-8")
    result = _run("backup", str(target))
    assert "exists already and was left as it is" in str(result.exception)
    assert target.read_text("utf-8") == "mine"


@pytest.mark.parametrize("target", ["no/folder/one.db", "watcher.db", "watcher.db-wal", "watcher.db-journal"])
def test_a_backup_that_cannot_be_written_leaves_nothing(data: Path, target: str) -> None:
    _run("migrate")
    before = sorted(path.name for path in data.iterdir())
    result = _run("backup", str(data / target))
    assert isinstance(result.exception, StorageError)
    assert str(data / target) in str(result.exception)
    assert sorted(path.name for path in data.iterdir()) == before


def test_a_backup_of_what_is_no_database_says_so_and_leaves_nothing(data: Path) -> None:
    assert "there is no database at" in str(_run("backup", str(data / "one.db")).exception)
    (data / "watcher.db").write_bytes(b"no database at all" * 1000)
    result = _run("backup", str(data / "one.db"))
    assert isinstance(result.exception, StorageError)
    assert "nothing was left there" in str(result.exception)
    assert not (data / "one.db").exists()


def test_a_backup_of_a_damaged_database_is_made_and_says_that_it_is_damaged(data: Path) -> None:
    _run("migrate")
    file = data / "watcher.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'articles'").fetchall()
        [(size,)] = connection.execute("PRAGMA page_size").fetchall()
    connection.close()
    raw = bytearray(file.read_bytes())
    raw[(page - 1) * size : (page - 1) * size + 64] = b"\xff" * 64
    file.write_bytes(raw)
    result = _run("backup", str(data / "one.db"))
    assert result.exit_code == 1
    assert "damaged: " in result.stderr
    assert (data / "one.db").is_file()


def test_a_copy_beside_the_database_is_counted_and_leaves_it_alone(data: Path) -> None:
    _run("migrate")
    here, there = f"sqlite:///{data}/watcher.db", f"sqlite:///{data}/other.db"
    result = CliRunner().invoke(command, ["copy", here, there])
    assert result.stdout.startswith("copied ")
    assert "each table counted on both sides: 0 feeds, 0 articles" in result.stdout
    again = CliRunner().invoke(command, ["copy", f"sqlite:///{data}/none.db", there])
    assert "there is no database" in str(again.exception)
    assert not (data / "none.db").exists()
