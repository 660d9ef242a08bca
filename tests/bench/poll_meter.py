"""What a side of `bench_poll` needs: where the feeds are, and a meter of CPU, time and memory of a process and those
below it.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Final

HOSTS: Final = 400
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def address(number: int, port: int) -> str:
    """Return where feed `number` is served."""
    return f"http://{host(number)}:{port}/f/{number}.xml"


def host(number: int) -> str:
    """Return the host of feed `number`."""
    number %= HOSTS
    return f"127.20.{number // 200}.{number % 200 + 1}"


def _children() -> list[int]:
    """Return the processes below this one."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                fields = (path / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(path.name))
    todo, found = [os.getpid()], []
    while todo:
        below = parents.get(todo.pop(), [])
        found += below
        todo += below
    return found


def cpu_of(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def peak_of(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


class Meter:
    """CPU and wall time since it was made, of this process and those below it."""

    def __init__(self) -> None:
        self._below = {child: cpu_of(child) for child in _children()}
        self._own, self._wall = time.process_time(), time.monotonic()

    def say(self, **more: float) -> None:
        """Print what was used, and what more was measured."""
        own, wall = time.process_time() - self._own, time.monotonic() - self._wall
        below = {child: cpu_of(child) - self._below.get(child, 0.0) for child in _children()}
        peaks = [peak_of(os.getpid()), *sorted((peak_of(child) for child in below), reverse=True)]
        print(json.dumps({"own": own, "below": sum(below.values()), "wall": wall, "peaks": peaks, **more}), flush=True)
