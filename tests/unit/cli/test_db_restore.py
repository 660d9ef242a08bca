"""`watcher db restore` as a user meets it: what is refused, what is kept, and how it is undone."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.fakes.places import place_database
from watcher.cli.db import command
from watcher.storage.lock import hold_lock
from watcher.storage.tables import HEAD


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with a database, a copy of it, and a change since."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("WATCHER_DATA", str(folder))
    monkeypatch.setenv("WATCHER_DATABASE", f"sqlite:///{folder}/watcher.db")
    place_database(folder)
    _run("backup", str(tmp_path / "copy.db"))
    _note(folder / "watcher.db", "since")
    return folder


def _run(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(command, arguments, input=answer)


def _note(file: Path, name: str) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("INSERT INTO meta VALUES (?, '')", (name,))


def _notes(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as database:
        return {name for (name,) in database.execute("SELECT name FROM meta")}


def test_a_copy_takes_the_place_of_the_database_and_what_it_replaced_takes_it_back(data: Path) -> None:
    copy = data.parent / "copy.db"
    before = copy.read_bytes()
    done = json.loads(_run("restore", str(copy), "--yes", "--json").stdout)
    assert _notes(data / "watcher.db") == {"restored"}
    assert (data / "watcher.db").stat().st_mode & 0o777 == 0o600
    assert copy.read_bytes() == before
    kept = Path(done["kept"])
    assert "since" in _notes(kept)
    result = _run("restore", str(kept), "--yes")
    assert result.exit_code == 0, result.output
    assert "since" in _notes(data / "watcher.db")


def test_it_asks_and_says_what_it_would_replace(data: Path) -> None:
    result = _run("restore", str(data.parent / "copy.db"), answer="n\n")
    assert result.exit_code == 1
    assert "which it replaces: 0 articles" in result.output
    assert "nothing was changed" in result.output
    assert "--yes" in _run("restore", str(data.parent / "copy.db")).output
    assert "since" in _notes(data / "watcher.db")
    assert _run("restore", str(data.parent / "copy.db"), answer="y\n").exit_code == 0
    assert "since" not in _notes(data / "watcher.db")


def test_a_log_that_was_not_folded_in_yet_is_kept_and_never_read_into_the_copy(data: Path) -> None:
    with closing(sqlite3.connect(data / "watcher.db")) as reading:
        reading.execute("PRAGMA wal_autocheckpoint=0")
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM meta").fetchone()
        _note(data / "watcher.db", "in the log")
        assert (data / "watcher.db-wal").stat().st_size > 0
        done = json.loads(_run("restore", str(data.parent / "copy.db"), "--yes", "--json").stdout)
    assert _notes(data / "watcher.db") == {"restored"}
    assert {"since", "in the log"} <= _notes(Path(done["kept"]))


def test_it_refuses_while_a_daemon_works(data: Path) -> None:
    with hold_lock(data):
        result = _run("restore", str(data.parent / "copy.db"), "--yes")
    assert "already works on the data directory" in str(result.exception)
    assert "since" in _notes(data / "watcher.db")


def test_without_a_database_it_makes_one_and_a_refusal_leaves_none(data: Path) -> None:
    (data / "watcher.db").unlink()
    assert "cannot be read" in str(_run("restore", "absent.db", "--yes").exception)
    assert not (data / "watcher.db").exists()
    done = json.loads(_run("restore", str(data.parent / "copy.db"), "--yes", "--json").stdout)
    assert done["kept"] is None
    assert _notes(data / "watcher.db") == {"restored"}


def _sql(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(statement)


def _garble(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        [(page,)] = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'articles'").fetchall()
        [(size,)] = database.execute("PRAGMA page_size").fetchall()
    raw = bytearray(file.read_bytes())
    raw[(page - 1) * size : (page - 1) * size + 64] = b"\xff" * 64
    file.write_bytes(raw)


def _other_program(file: Path) -> None:
    file.unlink()
    _sql(file, "CREATE TABLE places (url TEXT)")


def _fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda file: file.write_text("feeds: []\n"), "is no database; give a file that `watcher db backup` made"),
    "empty": (lambda file: file.write_bytes(b""), "is no database"),
    "packed": (lambda file: file.write_bytes(b"\x1f\x8b" + zlib.compress(bytes(1_000_000))), "is packed (gzip)"),
    "zip": (lambda file: file.write_bytes(b"PK\x03\x04../../etc/passwd"), "is packed (zip)"),
    "cut": (lambda file: file.write_bytes(file.read_bytes()[:9000]), "copy.db"),
    "damaged": (_garble, "is damaged"),
    "another program": (_other_program, "none of this program"),
    "newer": (lambda file: _sql(file, "UPDATE alembic_version SET version_num = '9999'"), "is newer than this version"),
    "trigger": (
        lambda file: _sql(file, "CREATE TRIGGER evil AFTER UPDATE ON messages BEGIN DELETE FROM alerts; END"),
        "the trigger 'evil'",
    ),
    "view": (lambda file: _sql(file, "CREATE VIEW evil AS SELECT 1"), "the view 'evil'"),
    "pipe": (_fifo, "is no regular file"),
    "folder": (_folder, "is no regular file"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_file_is_refused_and_nothing_is_changed(data: Path, what: str) -> None:
    copy = data.parent / "copy.db"
    change, said = WRONG[what]
    change(copy)
    before = sorted(path.name for path in data.iterdir())
    result = _run("restore", str(copy), "--yes")
    assert said in str(result.exception)
    assert "since" in _notes(data / "watcher.db")
    assert sorted(path.name for path in data.iterdir() if not path.name.endswith(("-wal", "-shm"))) == [
        name for name in sorted({*before, "watcher.lock"}) if not name.endswith(("-wal", "-shm"))
    ]


@pytest.mark.parametrize("name", ["watcher.db", "../data/watcher.db", "link.db"])
def test_the_database_itself_is_no_copy_by_whatever_name(data: Path, name: str) -> None:
    (data / "link.db").symlink_to(data / "watcher.db")
    result = _run("restore", str(data / name), "--yes")
    assert "is the database itself" in str(result.exception)


def test_an_older_schema_is_brought_up_to_date(data: Path) -> None:
    old = data.parent / "old.db"
    with closing(sqlite3.connect(old)) as database:
        database.executescript((Path(__file__).parent.parent / "storage" / "schema_0004.sql").read_text("utf-8"))
    result = _run("restore", str(old), "--yes")
    assert result.exit_code == 0, (result.output, result.exception)
    assert f"its schema 0004 is {HEAD} now" in result.output
    assert _run("check").exit_code == 0
