"""`watcher tail`: what happens, as it happens."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner, Result

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.asking.tails import Tail
from watcher.cli.tail import command
from watcher.errors import StorageError
from watcher.storage.open import open_store


async def test_each_look_tells_what_is_new_and_no_more(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/watcher.db")
    desk = await Reporters.open(tmp_path, store, config(feeds=FEEDS[:3]))
    tail = Tail(store, desk.clock.now())
    assert await tail.look(desk.clock.now()) == []
    await desk.report("wire", "Shells hit bridge at Nikopol", minutes=5)
    await desk.report("wire", "Ships leave\x1b[31m the bay", minutes=5)
    told = await tail.look(desk.clock.now())
    assert [one.what for one in told][:3] == ["article", "decided", "article"]
    assert told[-1].what == "message"
    assert "Shells hit bridge at Nikopol" in told[0].shown()
    assert not any("\x1b" in one.shown() for one in told)
    assert told[0].json()["article"] == told[1].json()["article"]
    assert await tail.look(desk.clock.now() + timedelta(seconds=1)) == []
    await store.close()


def test_once_ends_and_without_a_database_it_is_said(tmp_path: Path) -> None:
    place = ["--database", f"sqlite:///{tmp_path}/watcher.db", "--data", str(tmp_path)]
    missing: Result = CliRunner().invoke(command, ["--once", *place])
    assert isinstance(missing.exception, StorageError)


async def _filled(folder: Path) -> None:
    store = open_store(f"sqlite:///{folder}/watcher.db")
    desk = await Reporters.open(folder, store, config(feeds=FEEDS[:3]))
    await desk.report("wire", "Shells hit bridge at Nikopol", minutes=5)
    await store.close()


def test_ctrl_c_ends_it_without_a_traceback(tmp_path: Path) -> None:
    asyncio.run(_filled(tmp_path))
    arguments = ["tail", "--json", "--minutes", "10080", "--database", f"sqlite:///{tmp_path}/watcher.db"]
    child = subprocess.Popen(
        [sys.executable, "-m", "watcher", *arguments, "--data", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=60)
    assert (child.returncode, said) == (0, b"")
    assert json.loads(first)["what"] == "article"
