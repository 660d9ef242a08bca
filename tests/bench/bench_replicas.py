"""`make bench-replicas`: several daemons on one PostgreSQL, of which one is killed again and again, the server once.

    make bench-replicas                                     1, 2, 4 and 8 daemons, half a minute each
    make bench-replicas ARGS="--daemons 2 --seconds 60 --every 5 --seed 7"
    make bench-replicas ARGS="--promote"                    instead of a crash, a synchronous standby takes over

Each of some hosts has feeds that gain an item every few seconds. What is counted in the end: items that were told not
at all, items that were told under two ids (a repeat after a kill has the id of before), requests that a host had to
answer at the same time, digests, and feeds that were set aside.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from tests.bench.bench_sending import a_word
from tests.e2e.test_daemon import LOOPBACK, SECRET, rss, rule, write
from tests.fakes.http_server import Answer, HttpServer
from tests.fakes.program import Program, eventually, pass_time
from tests.postgres import Server, running, standby_of
from watcher.daemon.clock import SystemClock

_HOSTS, _FEEDS_A_HOST = 4, 2
_PUBLISH_SECONDS: Final = 4.0
_PATIENCE_SECONDS: Final = 180.0


@dataclass
class Account:
    """What came of a run of so many daemons."""

    daemons: int
    kills: int = 0
    told: dict[str, set[str]] = field(default_factory=dict)
    messages: int = 0
    digests: dict[str, set[str]] = field(default_factory=dict)  # by headline the messages of the digest that list it
    most_at_once: int = 0
    requests: int = 0
    quarantined: int = 0
    tracebacks: int = 0
    seconds: float = 0.0

    def line(self, titles: Sequence[str]) -> str:
        """Return it as a line of the table."""
        lost = sum(title not in self.told for title in titles)
        twice = sum(len(ids) > 1 for ids in self.told.values())
        again = sum(len(ids) > 1 for ids in self.digests.values())
        repeats = self.messages - len({id_ for ids in self.told.values() for id_ in ids})
        return (
            f"{self.daemons:7} {self.kills:5} {len(titles):6} {lost:5} {twice:11} {repeats:8} "
            f"{len(self.digests):9} {again:12} "
            f"{self.most_at_once:8} {self.requests:9} {self.quarantined:9} {self.tracebacks:10} {self.seconds:8.0f}"
        )


HEAD = (
    "daemons kills  items  lost  told twice  repeats in digest digest twice  at once  requests set aside tracebacks  "
    "seconds"
)


class Run:
    """Some daemons, their feeds and their receiver."""

    def __init__(
        self, stack: ExitStack, folder: Path, daemons: int, server: Server, standby: Server | None = None
    ) -> None:
        self.account = Account(daemons)
        self.titles: list[str] = []
        self._server = server
        self._standby = standby
        self._papers = [stack.enter_context(HttpServer(host=f"127.0.0.{2 + number}")) for number in range(_HOSTS)]
        self._receiver = stack.enter_context(HttpServer())
        for path in ("/hook", "/digest"):
            self._receiver.on(path, lambda request: Answer(200, b"ok"))
        self._items: dict[tuple[int, int], list[tuple[str, str]]] = {
            (host, feed): [] for host in range(_HOSTS) for feed in range(_FEEDS_A_HOST)
        }
        self.publish()
        self._config = folder / "config"
        self._configure("03:00")
        url = server.url()
        if standby is not None:
            url = url.replace(f":{server.port}", f":{server.port},127.0.0.1:{standby.port}")
        self._replicas = [
            Program(folder / "config", folder / f"data{number}", {"WATCHER_DATABASE": url}, "--database", url)
            for number in range(daemons)
        ]
        for replica in self._replicas:
            stack.enter_context(replica)
        for replica in self._replicas:
            replica.wait_ready(300)  # several start at once on two cores
        # An edit that all take; the digest comes while they are killed, or soon after.
        self._configure((SystemClock().now() + timedelta(seconds=85)).strftime("%H:%M"))
        for replica in self._replicas:
            eventually(partial(_has_the_edit, replica), "the edit is in force", 120)

    def _configure(self, digest_at: str) -> None:
        feeds = [
            {"url": self._papers[host].url(f"/{feed}"), "name": f"paper {host} {feed}", "every": "2s",
             "first_poll": "alert", "allow_private": LOOPBACK}
            for host, feed in self._items
        ]  # fmt: skip
        hook = {"type": "webhook", "secrets": [SECRET], "allow_private": LOOPBACK}
        channels = {
            "hook": {**hook, "url": self._receiver.url("/hook")},
            "calm": {**hook, "url": self._receiver.url("/digest"), "digest": {"at": "soon"}},
        }
        rules = [rule("Drills", "drill", send_to=["hook"], limit="none"), rule("Calm", "drill", send_to=["calm"])]
        write(
            self._config,
            rules,
            feeds=feeds,
            channels=channels,
            schedules={"soon": {"at": [digest_at]}},
            defaults={"zone": "UTC"},
        )

    def publish(self) -> None:
        """Add an item to each feed."""
        for host, feed in self._items:
            number = len(self.titles)
            title = f"{a_word(number)} {a_word(number * 7 + 3)} drill"
            self.titles.append(title)
            self._items[host, feed].insert(0, (f"g{number}", title))
            self._papers[host].publishes(f"/{feed}", rss(*self._items[host, feed][:30]))

    def torment(self, seconds: float, every: float, chance: random.Random) -> None:
        """Publish, kill a daemon every few seconds and start it again, and crash the server in the middle."""
        began = time.monotonic()
        next_kill, next_news, is_server_due = every, _PUBLISH_SECONDS, True
        while (now := time.monotonic() - began) < seconds:
            if now >= next_news:
                self.publish()
                next_news += _PUBLISH_SECONDS
            if now >= next_kill:
                victim = chance.choice(self._replicas)
                victim.kill()
                victim.start()
                self.account.kills += 1
                next_kill += every
            if is_server_due and now >= seconds / 2:
                self._server.stop(signal.SIGQUIT)
                if self._standby is None:
                    self._server.start()
                else:
                    self._standby.promote()
                    self._server = self._standby
                is_server_due = False
            pass_time(0.05)

    def settle(self, began: float) -> Account:
        """Wait until all is told, or for so long, and return the account."""
        account, deadline = self.account, time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self._count()
            if set(self.titles) <= account.told.keys() and account.digests:
                break
            pass_time(0.5)
        pass_time(3.0)  # what comes twice comes now
        self._count()
        account.seconds = time.monotonic() - began
        account.most_at_once = max(paper.most_at_once for paper in self._papers)
        account.requests = sum(len(paper.requests) for paper in self._papers)
        account.tracebacks = sum(replica.logged.count("Traceback") for replica in self._replicas)
        with self._server.connect("watcher") as connection:
            [(quarantined,)] = connection.execute("SELECT count(*) FROM feeds WHERE status = 'quarantined'").fetchall()
        account.quarantined = int(str(quarantined))
        return account

    def say_what_is_left(self) -> None:
        """Print where what was not told is, and the last lines of each daemon's log."""
        lost = [title for title in self.titles if title not in self.account.told]
        if not lost and self.account.digests:
            return
        with self._server.connect("watcher") as connection:
            for query in (
                "SELECT target, kind, state, hold, count(*) FROM messages GROUP BY 1, 2, 3, 4",
                "SELECT status, problem_message, count(*) FROM feeds GROUP BY 1, 2",
                "SELECT count(*) FROM articles",
            ):
                print(*connection.execute(query).fetchall(), sep="\n")
        for replica in self._replicas:
            print(*replica.logged.splitlines()[-8:], sep="\n")

    def _count(self) -> None:
        account = self.account
        account.told.clear()
        account.digests.clear()
        requests = self._receiver.requests_to("/hook")
        account.messages = len(requests)
        for request in requests:
            data = json.loads(request.body)["data"]
            for one in data.get("alerts", [data]):
                if "title" in one:
                    account.told.setdefault(one["title"], set()).add(request.headers["webhook-id"])
        for request in self._receiver.requests_to("/digest"):
            data = json.loads(request.body)["data"]
            for one in data.get("alerts", [data]):
                account.digests.setdefault(one["title"], set()).add(request.headers["webhook-id"])


def _has_the_edit(replica: Program) -> bool:
    status = replica.status()
    return status is not None and status["revision"] == 2


def main() -> None:
    """Print a table; exit with 1 where something was lost or told twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--daemons", default="1,2,4,8")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--every", type=float, default=5, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--promote", action="store_true", help="a synchronous standby takes over in the middle")
    chosen = parser.parse_args()
    print(HEAD, flush=True)
    is_well = True
    for daemons in [int(one) for one in chosen.daemons.split(",")]:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            server = stack.enter_context(running(durable=True))
            server.make("watcher")
            standby = stack.enter_context(standby_of(server)) if chosen.promote else None
            if standby is not None:
                server.hold_commits_for("standby")
            run = Run(stack, folder, daemons, server, standby)
            began = time.monotonic()
            run.torment(chosen.seconds, chosen.every, random.Random(chosen.seed))
            account = run.settle(began)
            print(account.line(run.titles), flush=True)
            run.say_what_is_left()
            is_well &= set(run.titles) <= account.told.keys() and all(len(ids) == 1 for ids in account.told.values())
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
