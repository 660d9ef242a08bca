"""Where the database lies, and who holds it: two daemons in one folder, installations of the first version, readers."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import io
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from watcher.cli.db import command as db
from watcher.cli.deliveries import command as deliveries
from watcher.daemon.clock import SystemClock
from watcher.daemon.world import open_world
from watcher.errors import ConfigError, StorageError
from watcher.settings.env import read_settings
from watcher.storage.lock import NAME, hold_lock, hold_locks, names_of, read_lock
from watcher.storage.open import upgrade_store
from watcher.storage.place import find_database
from watcher.telemetry.logging import Masker


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WATCHER_DATA", "WATCHER_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def _first_version() -> Path:
    """Make the database of a first version: below the working directory, without a lock beside it."""
    Path("data").mkdir()
    upgrade_store("sqlite:///data/watcher.db")
    return Path("data/watcher.db")


@contextmanager
def _works(data: str) -> Iterator[None]:
    settings = read_settings(data=data)
    with hold_locks(settings.data, settings.place().file):
        yield


def _open(data: str) -> set[str]:
    """Open and close the parts of a daemon, as `run --data` does, and return what then lies in the folder."""

    async def life() -> None:
        async with open_world(read_settings(data=data, workers=1), SystemClock(), Masker(), io.StringIO()):
            pass

    asyncio.run(life())
    return {str(path) for path in Path().rglob("watcher.*")}


def test_each_data_directory_has_a_database_of_its_own() -> None:
    _open("a")
    found = _open("b")
    assert {"a/watcher.db", "a/watcher.lock", "b/watcher.db", "b/watcher.lock"} <= found
    assert not Path("data").exists()


def test_a_database_of_the_first_version_goes_on_where_it_lies_and_one_line_says_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _first_version()
    found = _open("a")
    assert "a/watcher.db" not in found
    assert "data/watcher.lock" in found
    said = [line for line in capsys.readouterr().out.splitlines() if "lies outside the data directory" in line]
    assert len(said) == 1
    assert "data/watcher.db" in said[0]


def test_a_second_daemon_on_that_database_is_refused_by_name() -> None:
    _first_version()
    with (
        _works("a"),
        pytest.raises(StorageError, match=rf"process {os.getpid()} \(data directory .*/a\) already .*data/watcher.db"),
    ):
        _open("b")
    assert not Path("b/watcher.db").exists()


def test_a_database_in_the_data_directory_wins_over_one_of_the_first_version() -> None:
    _first_version()
    upgrade_store("sqlite:///a/watcher.db")
    assert find_database(Path("a")).file == Path("a/watcher.db")


def test_the_database_of_another_data_directory_is_not_taken_for_one_of_the_first_version() -> None:
    _open("data")
    assert find_database(Path("b")).url == "sqlite:///b/watcher.db"


@pytest.mark.parametrize("link", [False, True])
def test_a_database_is_locked_where_it_really_lies(link: bool) -> None:
    upgrade_store("sqlite:///far/off.db")
    told = "far/off.db"
    if link:
        Path("near").mkdir()
        Path("near/one.db").symlink_to(Path("far/off.db").absolute())
        told = "near/one.db"
    with (
        hold_locks(Path("a"), Path("far/off.db")),
        pytest.raises(StorageError, match="already works on the database"),
        hold_locks(Path("b"), Path(told)),
    ):
        pass


def test_a_database_and_its_data_directory_in_one_place_are_one_lock() -> None:
    with hold_locks(Path("a"), Path("a/../a/watcher.db")):
        held = read_lock(Path("a"))
    assert (held.pid, held.data) == (os.getpid(), Path("a").resolve())


def test_a_daemon_of_the_first_version_in_the_data_directory_is_met_too() -> None:
    with hold_lock(Path("a")), pytest.raises(StorageError, match=f"process {os.getpid()} already works"), _works("a"):
        pass


def test_a_data_directory_goes_on_with_the_database_that_it_was_told_of_once() -> None:
    upgrade_store("sqlite:///far/off.db")
    with hold_locks(Path("a"), Path("far/off.db")):
        pass
    place = find_database(Path("a"))
    assert (place.file, place.why) == (Path("far/off.db").resolve(), "this data directory worked with it before")


def test_verbs_that_read_make_neither_folder_nor_database() -> None:
    for command, verb in ((db, "check"), (db, "stats"), (deliveries, "list")):
        result = CliRunner().invoke(command, [verb, "--data", "a"])
        assert isinstance(result.exception, StorageError), result.output
        assert "there is no database at a/watcher.db" in str(result.exception)
    assert list(Path().iterdir()) == []


def test_a_reader_says_where_the_database_of_the_daemon_is() -> None:
    upgrade_store("sqlite:///far/off.db")
    with hold_locks(Path("a"), Path("far/off.db")):
        result = CliRunner().invoke(db, ["check", "--data", "a", "--database", "sqlite:///slip/watcher.db"])
    assert "works with" in str(result.exception)
    assert "--database sqlite:///" in str(result.exception)
    assert not Path("slip").exists()


@pytest.mark.parametrize("name", ["with space", "per%41cent", "hash#tag", "what?mode=ro", "한글"])
def test_names_of_data_directories_reach_the_database_as_they_are(name: str) -> None:
    assert f"{name}/watcher.db" in _open(name)
    assert CliRunner().invoke(db, ["check", "--data", name]).exit_code == 0
    with sqlite3.connect(Path(name) / "watcher.db") as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    connection.close()


@pytest.mark.parametrize(
    "text", ["", "junk", "12\ndatabase relative.db\ndata \n", "12\ndatabase /nowhere/x\n", "\0" * 9]
)
def test_a_lock_with_another_text_names_no_database(text: str) -> None:
    Path("a").mkdir()
    Path("a", NAME).write_text(text)
    assert find_database(Path("a")).url == "sqlite:///a/watcher.db"


def test_database_is_locked_whatever_other_name_it_has(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    other.mkdir()
    with hold_locks(one, one / "watcher.db"):
        os.link(one / "watcher.db", other / "mine.db")
        for data, file in ((other, other / "mine.db"), (tmp_path / "third", other / "mine.db")):
            with pytest.raises(StorageError, match=r"mine\.db by another name of it"), hold_locks(data, file):
                pass
    with hold_locks(other, other / "mine.db"):
        assert names_of(other / "mine.db") == 2


@pytest.mark.parametrize("name", ["watcher.db", "my watcher.db"])
def test_database_that_is_mounted_as_a_single_file_is_refused(tmp_path: Path, name: str) -> None:
    mounts = tmp_path / "mountinfo"
    point = str(tmp_path / name).replace(" ", "\\040")
    mounts.write_text(f"36 35 98:0 /x {point} rw,noatime master:1 - ext3 /dev/root rw\n")
    with pytest.raises(StorageError, match="mounted as a single file"), hold_locks(tmp_path, tmp_path / name, mounts):
        pass
    with hold_locks(tmp_path, tmp_path / "other.db", mounts):
        pass


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("sqlite:///file:/srv/x.db?uri=true", "sqlite:////srv/x.db"),
        ("sqlite:///file:///srv/x.db", "sqlite:////srv/x.db"),
        ("sqlite:///FILE:x.db?mode=rw&uri=true", "sqlite:///x.db"),
        ("sqlite:///file%3Ax.db", "sqlite:///x.db"),
    ],
)
def test_file_uri_is_no_database_and_the_path_is_offered(url: str, written: str) -> None:
    with pytest.raises(ConfigError, match=f"WATCHER_DATABASE takes a path and no file: URI; write {written}"):
        read_settings(database=url)
    assert not Path("file:").exists()


@pytest.mark.parametrize("refusal", [errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP])
def test_where_the_system_has_no_lock_for_the_file_the_one_beside_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: int
) -> None:
    taken = fcntl.flock

    def as_on_nfs(handle: int, operation: int) -> None:
        if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(refusal, os.strerror(refusal))
        taken(handle, operation)

    monkeypatch.setattr(fcntl, "flock", as_on_nfs)
    second = hold_locks(tmp_path / "b", tmp_path / "watcher.db")
    with (
        hold_locks(tmp_path / "a", tmp_path / "watcher.db"),
        pytest.raises(StorageError, match="already works on the database"),
        second,
    ):
        pass
    with hold_locks(tmp_path / "b", tmp_path / "watcher.db"):
        pass


def test_what_is_no_file_is_refused_as_a_database_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.db")
    (tmp_path / "round.db").symlink_to("round.db")
    for name, why in (("pipe.db", "no regular file"), ("round.db", "leads to itself")):
        with pytest.raises(StorageError, match=why), hold_locks(tmp_path / "a", tmp_path / name):
            pass


def test_a_backup_put_in_the_place_of_the_database_or_a_moved_folder_is_locked_anew(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    upgrade_store(f"sqlite:///{here}/watcher.db")
    shutil.copy(here / "watcher.db", tmp_path / "backup.db")
    with hold_locks(here, here / "watcher.db"):
        with hold_locks(tmp_path / "b", tmp_path / "backup.db"):
            pass  # a copy is another database
        (here / "watcher.db").rename(tmp_path / "moved.db")
        with pytest.raises(StorageError, match="another name"), hold_locks(tmp_path / "c", tmp_path / "moved.db"):
            pass
    (tmp_path / "backup.db").replace(here / "watcher.db")
    here.rename(there)
    second = hold_locks(there, there / "watcher.db")
    with hold_locks(there, there / "watcher.db"), pytest.raises(StorageError, match="already works"), second:
        pass
