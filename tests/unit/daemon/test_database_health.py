"""The database in trouble while the daemon works: a full disk, a broken page, a file that was removed or replaced."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import re
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.fakes.program import ROOT, clean_environment
from tests.fakes.station import Station, config, rss
from watcher.asking.store import with_store
from watcher.daemon.health import RESERVE, STANDS_STILL
from watcher.errors import StorageError
from watcher.settings.env import read_settings
from watcher.storage.store import SqlStore

WITHOUT_LIMIT = "\n  - {name: Shells, all: [shells], limit: none}"
TO_ME = config(rules=WITHOUT_LIMIT, channels=["desk", "me"], send_to=["desk"], more="meta: {send_to: [me]}")


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    """A station whose feed was polled once, with trouble told to `me`."""
    made = Station(tmp_path)
    await made.begin(TO_ME)
    yield made
    await made.close()


def heard(station: Station) -> list[str]:
    """Return what `me` was told, by title."""
    return [message.title for message in station.channels["me"].sent] if "me" in station.channels else []


async def looks(station: Station, times: int) -> None:
    """Look at the database as the daemon does, five seconds apart."""
    for _ in range(times):
        await station.database.look()
        station.clock.advance(seconds=5)


async def test_a_file_that_is_removed_is_told_once_and_turns_health_red(station: Station, tmp_path: Path) -> None:
    (tmp_path / "watcher.db").rename(tmp_path / "away")
    await looks(station, 12)
    assert heard(station) == ["The database file is gone"]
    assert any("removed or replaced" in reason for reason in station.state.readiness()[1])
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    await station.send()
    assert station.told("desk") == [["Shells shipped"]], "the daemon goes on with the file that it holds open"
    assert not (tmp_path / "watcher.db").exists(), "no empty database was begun in its place"
    (tmp_path / "away").rename(tmp_path / "watcher.db")
    await looks(station, 2)
    await station.send()
    assert heard(station) == ["The database file is gone", "The database file is back"]
    assert not any("removed" in reason for reason in station.state.readiness()[1])


@pytest.mark.parametrize("content", [b"", b"x" * 5000])
async def test_another_file_in_its_place_is_told_and_left_alone(
    station: Station, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "watcher.db"
    file.rename(tmp_path / "away")
    file.write_bytes(content)
    await looks(station, 1)
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    assert heard(station) == ["The database file is gone"]
    assert station.state.polling_paused
    assert file.read_bytes() == content


async def test_a_touch_of_the_file_is_no_trouble(station: Station, tmp_path: Path) -> None:
    os.utime(tmp_path / "watcher.db", (1, 1))
    await looks(station, 3)
    assert heard(station) == []


def _break(file: Path, name: str) -> None:
    """Overwrite every page of a table or index, as a failing disk does."""
    with sqlite3.connect(file) as connection:
        [size] = connection.execute("PRAGMA page_size").fetchone()
        [root] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    connection.close()
    with file.open("r+b") as raw:
        raw.seek((root - 1) * size)
        raw.write(b"\x99" * size)


@pytest.mark.parametrize("table", ["articles", "alerts", "messages"])
async def test_a_broken_page_is_told_directly_with_the_mend_and_blames_no_feed(tmp_path: Path, table: str) -> None:
    before = Station(tmp_path)
    before.feeds["wire"] = rss("Shells shipped")
    await before.begin(TO_ME)
    await before.poll()
    await before.close()
    station = Station(tmp_path)
    await station.adopt(TO_ME)
    await station.store.checkpoint()
    _break(tmp_path / "watcher.db", table)
    assert isinstance(station.store, SqlStore)
    station.store._readers._engine.dispose()  # what readers remember of the file would hide the break
    station.feeds["wire"] = rss("Shells found", "Shells shipped")
    for step in (station.store.messages, station.store.recent_alerts, station.poll, station.send):
        with contextlib.suppress(StorageError):
            await step()
    await looks(station, 20)
    assert heard(station) == ["The database is damaged"]
    assert ".recover" in station.channels["me"].sent[0].text
    assert "db check" in station.channels["me"].sent[0].text
    assert any("damaged" in reason for reason in station.state.readiness()[1])
    assert [record.state.failures for record in await station.store.feeds()] == [0]
    await station.close()


def test_check_of_a_damaged_database_names_the_mend(tmp_path: Path) -> None:
    async def life() -> None:
        station = Station(tmp_path)
        await station.begin(TO_ME)
        await station.close()

    asyncio.run(life())
    for table in ("articles", "sqlite_autoindex_feeds_1", "feeds", "alembic_version"):
        _break(tmp_path / "watcher.db", table)
        done = subprocess.run(
            [sys.executable, "-m", "watcher", "db", "check", "--data", str(tmp_path), "--json"],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=clean_environment(),
            check=False,
        )
        problems = json.loads(done.stdout)["problems"]
        assert done.returncode == 1
        assert "damaged" in problems[0]
        assert f"sqlite3 {tmp_path}/watcher.db .recover" in problems[-1]


def _long_read(place: re.Match[bytes]) -> bytes:
    """Return a text of 6 kB before an item's guid, letters by chance: none is stored small or looks alike."""
    letters = random.Random(place.start())
    words = ("".join(letters.choices("bcdfghklmnprst", k=9)) for _ in range(600))
    return f"<description>{' '.join(words)}</description><guid>".encode()


async def story_of_a_full_disk(
    folder: Path, fill: Callable[[], None], free: Callable[[], None], *, has_reserve: bool = True
) -> None:
    """News comes while the disk is full: it is told that it is, and afterwards the news, once."""
    station = Station(folder)
    station.feeds["wire"] = rss("Shells waiting")
    await station.begin(TO_ME)
    await station.database.begin()
    await station.poll()
    station.clock.advance(minutes=5)
    fill()
    # Each is news of its own: where figures alone differ, the rest would wait to be told together.
    parts = [f"Shells in port {first}{second}" for first in "abcdefgh" for second in "abcde"]
    station.feeds["wire"] = re.sub(b"<guid>", _long_read, rss("Shells shipped", *parts))
    for _ in range(10):
        with contextlib.suppress(StorageError):
            await station.poll()
        await looks(station, 12)
    assert heard(station) == ["The disk of the database is full or fails"], heard(station)
    assert station.state.polling_paused
    assert not station.state.readiness()[0]
    assert not (folder / RESERVE).exists()
    await station.send()
    if has_reserve:
        assert ["Shells waiting"] in station.told("desk"), "what waits goes on where it can be noted"
    free()
    await looks(station, 20)
    assert (folder / RESERVE).exists()
    assert station.state.readiness()[1] in ([], ["starting"]), station.state.readiness()
    station.clock.advance(minutes=1)
    await station.poll()
    for _ in range(30):
        await station.send()
        station.clock.advance(minutes=2)
    assert heard(station) == ["The disk of the database is full or fails", "The disk of the database has room again"]
    told = [title for titles in station.told("desk") for title in titles]
    assert sorted(told) == sorted(["Shells waiting", "Shells shipped", *parts])
    [feed] = await station.store.feeds()
    assert feed.state.failures == 0
    await station.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("mounting a small file system is not permitted here")
    yield disk
    # A test that failed left files open there.
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


async def test_a_full_disk_pauses_polling_is_told_and_ends_by_itself(small_disk: Path) -> None:
    ballast = small_disk / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(64 * 1024))
            except OSError:
                pass

    await story_of_a_full_disk(small_disk, fill, ballast.unlink)


def limited(folder: Path) -> None:
    """Live through the story under a limit of the size of files; for a process of its own."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    def fill() -> None:
        size = (folder / "watcher.db-wal").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 64 * 1024, hard))

    def free() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))

    asyncio.run(story_of_a_full_disk(folder, fill, free, has_reserve=False))


def test_a_limit_of_the_size_of_files_is_met_like_a_full_disk(tmp_path: Path) -> None:
    program = f"from pathlib import Path; from {__name__} import limited; limited(Path({str(tmp_path)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, env=clean_environment(), check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]


def test_readers_of_a_full_disk_still_answer(small_disk: Path) -> None:
    async def life() -> None:
        station = Station(small_disk)
        await station.begin(TO_ME)
        await station.close()

    asyncio.run(life())
    (small_disk / "ballast").write_bytes(bytes(small_disk_free(small_disk)))
    settings = read_settings(data=small_disk)
    assert with_store(settings, lambda store: store.check()) == []


def small_disk_free(disk: Path) -> int:
    """Return how many bytes but one block are free."""
    found = os.statvfs(disk)
    return max(0, (found.f_bavail - 16) * found.f_frsize)


@pytest.mark.parametrize("begins", ["missing", "empty"])
def test_a_new_database_is_told_where_meta_is_configured(tmp_path: Path, begins: str) -> None:
    if begins == "empty":
        (tmp_path / "watcher.db").touch()
    hook = "channels:\n  out: {type: file, path: told.jsonl}\nmeta: {send_to: [out]}\n"
    (tmp_path / "watcher.yaml").write_text(f"rules:\n  - name: Shells\n    all: [shells]\n{hook}", "utf-8")
    command = [sys.executable, "-m", "watcher", "poll", "--config", str(tmp_path), "--data", str(tmp_path)]
    for _ in range(2):
        subprocess.run(command, capture_output=True, cwd=ROOT, env=clean_environment(), check=True)
    lines = (tmp_path / "out" / "told.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 1
    assert "A new database begins" in lines[0]
    assert "counts as seen" in lines[0]


async def test_a_write_that_stands_still_is_said_and_taken_back_by_the_next_claim(station: Station) -> None:
    is_writing, may_end = threading.Event(), threading.Event()
    assert isinstance(station.store, SqlStore)

    def stands_still(connection: Connection) -> None:
        is_writing.set()
        may_end.wait(20)

    async with asyncio.TaskGroup() as group:
        group.create_task(station.store._writer.run(stands_still))
        await asyncio.to_thread(is_writing.wait, 20)
        await looks(station, 12)
        assert station.state.database_problem == ""
        await looks(station, 1)
        assert f"database: {STANDS_STILL}" in station.state.readiness()[1]
        may_end.set()
    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    assert station.state.database_problem == ""
