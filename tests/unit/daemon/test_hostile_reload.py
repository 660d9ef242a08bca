"""Whatever is saved into the configuration, the daemon goes on as before, says so once, and takes the mended files."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog

from tests.fakes.reloading import begin_from_file
from tests.fakes.station import Station, config, rss

GOOD = config()
MENDED = config(rules="\n  - {name: Shells, all: [shells]}\n  - {name: Drones, all: [drones]}\n")
FILE = "watcher.yaml"
MEBIBYTE = 1024 * 1024
LAG_SECONDS = 0.5
"""Of CPU; nothing may hold the loop so long, and a tenth is usual."""


def multiplied() -> str:
    """Return twelve concepts of which each names the next ten times, beside ten words of its own: 10^13 terms."""
    rows = [
        f"  c{at}: [{', '.join([*(f'w{at}x{n}' for n in range(10)), *([f'$c{at + 1}'] * 10)])}]" for at in range(12)
    ]
    return GOOD + "\nconcepts:\n" + "\n".join([*rows, "  c12: [w]"]) + "\n"


def written(text: str | bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / FILE).write_bytes(text.encode() if isinstance(text, str) else text)

    return write


def without_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def without_file(folder: Path) -> None:
    (folder / FILE).unlink()


def folder_for_file(folder: Path) -> None:
    (folder / FILE).unlink()
    (folder / FILE).mkdir()


TERMS = "rules: [{name: R, any: [" + ", ".join(f"w{n}" for n in range(MEBIBYTE // 8)) + "]}]"
SLIPS = "rules:\n" + "".join(f"  - {{name: R{n}, al: [x]}}\n" for n in range(300))
HOSTILE: dict[str, tuple[Callable[[Path], None], str]] = {
    "twelve concepts that multiply": (written(multiplied()), "100,000 terms"),
    "half-written": (written(GOOD[: GOOD.index("https")]), FILE),
    "empty": (written(""), "watcher.yaml:1:1: this file is empty, and held text"),
    "blanks": (written("\ufeff\n \n"), "this file is empty, and held text"),
    "comments only": (written("# to be written\n"), "no rule and no feed any more"),
    "file deleted": (without_file, "holds no *.yaml files"),
    "folder deleted": (without_folder, "does not exist"),
    "a folder in its place": (folder_for_file, "not a regular file"),
    "a mebibyte of terms": (written(TERMS[:MEBIBYTE]), FILE),
    "bad UTF-8": (written(GOOD.encode() + b"\n# \xff\xfe\xc3\n"), "UTF-8"),
    "hundreds of slips": (written(SLIPS), "did you mean `all`"),
}


class Lag:
    """Measures how much work held the loop at one time, by a task that wakes each few milliseconds; what other
    processes take from it is no work of ours.
    """

    def __init__(self) -> None:
        self.worst = 0.0

    async def watch(self) -> None:
        while True:
            began = time.thread_time()
            await asyncio.sleep(0.005)
            self.worst = max(self.worst, time.thread_time() - began)


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_saved_into_the_configuration_changes_nothing_and_is_told_once(tmp_path: Path, name: str) -> None:
    spoil, said = HOSTILE[name]
    station, folder = Station(tmp_path), tmp_path / "config"
    reloader = await begin_from_file(station, folder / FILE, GOOD)
    revision = station.state.revision

    async def look() -> list[dict[str, object]]:
        """Look until the files hold still and twice more; return what was logged of an error."""
        with structlog.testing.capture_logs() as logged:
            for _ in range(4):
                await reloader.look()
        return [dict(one) for one in logged if one["log_level"] in {"error", "critical"}]

    spoil(folder)
    lag = Lag()
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(lag.watch())
        errors = await look()
        watching.cancel()

    assert [one["event"] for one in errors] == ["configuration refused"]
    told = errors[0]["mistakes"]
    assert isinstance(told, list)
    assert 1 <= len(told) <= 20
    assert said in "\n".join(told)
    assert errors[0].get("more") == (280 if name == "hundreds of slips" else None)
    assert lag.worst < LAG_SECONDS
    assert station.state.revision == revision
    (words,) = station.state.degraded_by()
    assert words.startswith("configuration stale since ")

    station.feeds["wire"] = rss("Shells shipped")
    await station.poll()
    await station.send()
    assert ["Shells shipped"] in station.told("desk"), "the old rules go on"

    if (folder / FILE).is_dir():
        (folder / FILE).rmdir()
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_text(MENDED, encoding="utf-8")
    assert await look() == []
    assert (station.state.revision, station.state.degraded_by()) == (revision + 1, [])
    await station.close()
