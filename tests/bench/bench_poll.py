"""What a poll costs beside other feed readers: CPU a feed, feeds a CPU second, memory; all sides in turn, in one run.

    python -m tests.bench.bench_poll [--feeds 100] [--rounds 3] [--rules 25] [--items 30] [--peers FOLDER] [--rss2email]

Phases: the first poll (30 new items), all 304, channels that only re-date themselves, and one new item of 30. The
daemon's own poll loop, store and reader processes are measured; `reader` polls with 16 workers. rss2email is a program
that starts anew each time, so its start is measured with it, and it is slow: it takes part when asked.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from tests.bench.feed_server import ITEMS
from tests.bench.poll_meter import address

_ROOT: Final = Path(__file__).resolve().parents[2]
_PHASES: Final = ("304", "re-dated", "1 new")
_CHANGES: Final = {"re-dated": "redate", "1 new": "bump"}


@dataclass(frozen=True)
class Took:
    """What one round of polls took; seconds of all processes, `below` those of reader processes;
    `lag` is the p99 of the loop, in ms.
    """

    cpu: float
    below: float
    wall: float
    peaks: tuple[int, ...] = ()
    lag: float = 0.0


class Side(Protocol):
    """Something that polls all feeds."""

    def poll(self) -> Took:
        """Poll all feeds once."""
        ...


class Process:
    """A side in a process of its own (`poll_watcher`, `poll_reader`)."""

    def __init__(self, side: str, folder: Path, port: int, feeds: int, peers: Path | None = None, *more: str) -> None:
        self._name = side
        path = os.pathsep.join(str(part) for part in (_ROOT, peers) if part)
        # Not by -m: reader processes would import that module again, with all of a daemon.
        code = f"from tests.bench.poll_{side} import main; main()"
        argv = [sys.executable, "-c", code, str(folder), str(port), str(feeds), *more]
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
        )
        self._line()

    def poll(self) -> Took:
        """Poll all feeds once."""
        assert self.process.stdin is not None
        self.process.stdin.write("poll\n")
        self.process.stdin.flush()
        said = json.loads(self._line())
        return Took(
            said["own"] + said["below"], said["below"], said["wall"], tuple(said["peaks"]), said.get("lag", 0.0)
        )

    def close(self) -> None:
        """End it in order."""
        self.process.communicate(timeout=60)

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"a side ended: {self._name}")
        return line


class Rss2Email:
    """rss2email 3.14, which keeps its state in a JSON file and is started for each round."""

    def __init__(self, folder: Path, port: int, feeds: int, peers: Path) -> None:
        folder.mkdir()
        config = folder / "r2e.cfg"
        code = "import sys; from rss2email.main import run; sys.exit(run())"
        self._argv = [sys.executable, "-c", code, "-c", str(config), "-d", str(folder / "r2e.json")]
        self._env = {**os.environ, "PYTHONPATH": str(peers)}
        self._run("new", "me@example.org")
        with config.open("a") as file:
            file.writelines(f"\n[feed.f{number}]\nurl = {address(number, port)}\n" for number in range(feeds))

    def poll(self) -> Took:
        """Poll all feeds once, sending nothing."""
        return self._run("run", "-n")

    def _run(self, *words: str) -> Took:
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run([*self._argv, *words], check=False, env=self._env, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Took(cpu, 0.0, time.monotonic() - began)


class Server:
    """Serves the feeds from a process of its own."""

    def __init__(self, feeds: int, items: int) -> None:
        argv = [sys.executable, "-m", "tests.bench.feed_server", "--feeds", str(feeds), "--items", str(items)]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
        port, size = self._line().split()
        self.port, self.bytes_a_feed = int(port), int(size)

    def change(self, what: str) -> None:
        """Change all documents."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        self._line()

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=60)

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def measure(given: argparse.Namespace, peers: Path | None) -> None:
    """Print what each side took in each phase."""
    feeds, rounds = given.feeds, given.rounds
    with tempfile.TemporaryDirectory(prefix="watcher-bench-") as name, closing(Server(feeds, given.items)) as server:
        folder, port = Path(name), server.port
        print(f"{feeds} feeds of {server.bytes_a_feed // 1000} kB on loopback, {rounds} rounds; CPU ms a feed, medians")
        processes = {"watcher": Process("watcher", folder / "watcher", port, feeds, None, str(given.rules))}
        sides: dict[str, Side] = {}
        if peers is not None:
            processes["reader"] = Process("reader", folder / "reader", port, feeds, peers)
        sides |= processes
        if peers is not None and given.rss2email:
            sides["rss2email"] = Rss2Email(folder / "rss2email", port, feeds, peers)
        took: dict[tuple[str, str], list[Took]] = {}

        def phase(label: str) -> None:
            if change := _CHANGES.get(label):
                server.change(change)
            for side, polls in sides.items():
                took.setdefault((label, side), []).append(polls.poll())

        phase("first")
        for _ in range(rounds):
            for label in _PHASES:
                phase(label)
        for process in processes.values():
            process.close()
        _show(took, feeds)


def _show(took: dict[tuple[str, str], list[Took]], feeds: int) -> None:
    print(
        f"{'phase':10}{'side':11}{'ms/feed':>9}{'workers':>9}{'feeds/CPU s':>13}{'feeds/s':>9}{'of reader':>11}{'lag p99 ms':>12}"
    )
    for (label, side), runs in took.items():
        cpu = statistics.median(run.cpu for run in runs)
        below = statistics.median(run.below for run in runs)
        wall = statistics.median(run.wall for run in runs)
        peer = [run.cpu for run in took.get((label, "reader"), ())]
        share = f"{cpu / statistics.median(peer):.2f}" if peer else "-"
        lag = f"{statistics.median(run.lag for run in runs):.0f}" if side == "watcher" else "-"
        each, rate = 1000 * cpu / feeds, feeds / cpu
        print(
            f"{label:10}{side:11}{each:9.2f}{1000 * below / feeds:9.2f}{rate:13.0f}{feeds / wall:9.0f}{share:>11}{lag:>12}"
        )
    for side in ("watcher", "reader"):
        runs = [run for (_, of), found in took.items() if of == side for run in found]
        if runs:
            print(f"{side}: most memory a process, MB: {', '.join(map(str, runs[-1].peaks))}")


def main() -> None:
    """Measure as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--items", type=int, default=ITEMS, help="of each document")
    parser.add_argument("--rules", type=int, default=25, help="of the daemon")
    parser.add_argument("--peers", type=Path, help="where reader and rss2email are installed (`make bench-poll` does)")
    parser.add_argument("--rss2email", action="store_true")
    given = parser.parse_args()
    peers = given.peers if given.peers is not None and given.peers.is_dir() else None
    if peers is None:
        print("the peers are not installed; measuring without them", file=sys.stderr)
    measure(given, peers)


if __name__ == "__main__":
    main()
