"""`make bench-scale`: how many polls a second daemons reach with a PostgreSQL and the feeds on the same machine.

    make bench-scale                                             one daemon, 200 feeds, a minute
    make bench-scale ARGS="--daemons 2 --feeds 500 --seconds 600"

Each feed has a host of its own and is due again a second after its last poll, so that the daemons are never idle. Six
of seven answers are "not modified", the seventh brings one new item of twenty; one new item in twenty is matched. What
is counted begins once every feed was polled. A feed every 15 min is asked 1/900 times a second.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.bench.bench_sending import a_word
from tests.e2e.test_daemon import LOOPBACK, SECRET, rss, rule, write
from tests.fakes.http_server import Answer, HttpServer, Received
from tests.fakes.program import Program, eventually, pass_time
from tests.postgres import running

_LISTED: Final = 20
_UNCHANGED: Final = 6
_MATCHED: Final = 20
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass
class _Paper:
    """A feed that changes with every seventh answer."""

    number: int
    count: int = 0
    asked: int = 0
    items: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, request: Received) -> Answer:
        self.asked += 1
        etag = f'"{self.count}"'
        if self.asked > 1 and self.asked % (_UNCHANGED + 1) and request.headers.get("if-none-match") == etag:
            return Answer(304, headers=[("ETag", etag)])
        for _ in range(1 if self.items else _LISTED):
            self._add()
        body = rss(*self.items[:_LISTED])
        return Answer(200, body, [("Content-Type", "application/rss+xml"), ("ETag", f'"{self.count}"')])

    def _add(self) -> None:
        self.count += 1
        number = self.number * 1009 + self.count
        what = "drill" if self.count % _MATCHED == 0 and self.count > _LISTED else "council"
        self.items.insert(0, (f"g{number}", f"{a_word(number)} {a_word(number * 7 + 3)} {what}"))


def _cpu_seconds() -> dict[str, float]:
    """Return the CPU seconds so far of our children and theirs, by what they are."""
    parents, names, spent = {}, {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, rest = stat.read_text().rpartition(") ")
            command = (stat.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it ended meanwhile
        pid, fields = int(stat.parent.name), rest.split()
        parents[pid] = int(fields[1])
        names[pid] = "server" if "postgres" in head else "readers" if "forkserver" in command else "daemons"
        spent[pid] = (int(fields[11]) + int(fields[12])) / _TICKS
    total = {"server": 0.0, "daemons": 0.0, "readers": 0.0}
    for pid in spent:
        if pid != os.getpid() and os.getpid() in _ancestors(pid, parents):
            total[names[pid]] += spent[pid]
    return total | {"feeds": time.process_time()}


def _ancestors(pid: int, parents: dict[int, int]) -> Iterator[int]:
    while pid := parents.get(pid, 0):
        yield pid


def _hook(receiver: HttpServer) -> dict[str, Any]:
    receiver.on("/hook", lambda request: Answer(200, b"ok"))
    return {"type": "webhook", "secrets": [SECRET], "allow_private": LOOPBACK, "url": receiver.url("/hook")}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--daemons", type=int, default=1)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--durable", action="store_true", help="wait for the disk at each commit")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(HttpServer(host="0.0.0.0"))
        hook = _hook(stack.enter_context(HttpServer()))
        papers = [_Paper(number) for number in range(chosen.feeds)]
        feeds = []
        for paper in papers:
            server.on(f"/{paper.number}", paper)
            host = f"127.0.{1 + paper.number // 250}.{1 + paper.number % 250}"
            url = server.url(f"/{paper.number}", host=host)
            feeds.append({"url": url, "name": f"paper {paper.number}", "every": "1s", "allow_private": LOOPBACK})
        rules = [rule("Drills", "drill", send_to=["hook"], limit="none")]
        write(folder / "config", rules, feeds=feeds, channels={"hook": hook})
        url = stack.enter_context(running(durable=chosen.durable)).make("watcher")
        for number in range(chosen.daemons):
            data = folder / f"data{number}"
            program = Program(folder / "config", data, {"WATCHER_DATABASE": url}, "--database", url)
            stack.enter_context(program).wait_ready()
        eventually(lambda: all(paper.asked > 1 for paper in papers), "every feed was polled", 600)
        before, cpu, began = sum(paper.asked for paper in papers), _cpu_seconds(), time.monotonic()
        new = sum(paper.count for paper in papers)
        pass_time(chosen.seconds)
        seconds = time.monotonic() - began
        polls = sum(paper.asked for paper in papers) - before
        new = sum(paper.count for paper in papers) - new
        spent = {name: after - cpu[name] for name, after in _cpu_seconds().items()}
    print(
        f"{polls} polls in {seconds:.0f} s: {polls / seconds:.1f} a second, {new} with news ({100 * new / polls:.0f} %)"
    )
    print("ms of CPU a poll: " + ", ".join(f"{name} {1000 * one / polls:.1f}" for name, one in spent.items()))
    print(f"that many a second are {polls / seconds * 900:.0f} feeds every 15 min; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
