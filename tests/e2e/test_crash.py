"""Killed at any point of a round, the next round loses nothing and repeats only what could not be known."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.crash_driver import POINTS
from tests.e2e.crash_run import FEEDS, ITEMS, run
from tests.fakes.http_server import HttpServer
from tests.fakes.program import ROOT, clean_environment

ALERTS = 4
TWICE = {"before the database commits", "after commit", "after lease", "after send", "after mark"}
"""Points that mean something else once an earlier feed or message has passed them."""


def _feed(offset: int) -> bytes:
    items = "".join(
        f"<item><guid>{offset}-{n}</guid><title>Drill number {offset}{n} held near harbour of Port {'ABCDEFGH'[offset * 2 + n]}</title>"
        f"<link>https://paper{offset}.example/{n}</link><description>Soldiers trained in sector {offset}{n}.</description></item>"
        for n in range(2)
    )
    return f"<rss version='2.0'><channel><title>Paper</title>{items}</channel></rss>".encode()


def _configure(directory: Path, server: HttpServer) -> None:
    feeds = [
        {
            "url": server.url(f"/feed{n}"),
            "name": f"paper-{n}",
            "first_poll": "alert",
            "allow_private": ["127.0.0.0/8"],
            "every": "1m",
        }
        for n in range(ALERTS // 2)
    ]
    hook = {
        "type": "webhook",
        "url": server.url("/hook"),
        "secrets": ["whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"],
        "allow_private": ["127.0.0.0/8"],
    }
    config = {
        "rules": [{"name": "Drills", "all": ["drill"], "send_to": ["hook"]}],
        "feeds": feeds,
        "channels": {"hook": hook},
    }
    directory.mkdir()
    (directory / "watcher.yaml").write_text(json.dumps(config))


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    said = tmp_path_factory.mktemp("driver") / "log"
    with (
        said.open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.crash_driver"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=ROOT, env=clean_environment(),
        ) as driver,
    ):  # fmt: skip
        yield Rounds(driver, said)
        assert driver.stdin is not None
        driver.stdin.close()


@dataclass(frozen=True, slots=True)
class Rounds:
    driver: subprocess.Popen[bytes]
    said: Path

    def run(self, point: str, occurrence: int, config: Path, data: Path, hours: float) -> int:
        """Return 0 for two rounds that came to their end, or -9 for those that were killed."""
        assert self.driver.stdin is not None
        assert self.driver.stdout is not None
        self.driver.stdin.write(json.dumps([point, occurrence, str(config), str(data), hours]).encode() + b"\n")
        self.driver.stdin.flush()
        ended = int(self.driver.stdout.readline() or b"3")
        assert ended in {0, -9}, self.said.read_text("utf-8", "replace")[-3000:]
        return ended


@pytest.mark.parametrize(
    ("point", "occurrence"),
    [(point, occurrence) for point in POINTS for occurrence in ((1, 2) if point in TWICE else (1,))],
)
def test_nothing_is_lost_and_only_an_unmarked_send_is_repeated(
    point: str, occurrence: int, rounds: Rounds, tmp_path: Path
) -> None:
    with HttpServer() as server:
        for n in range(ALERTS // 2):
            server.publishes(f"/feed{n}", _feed(n), content_type="application/rss+xml")
        server.answers("/hook", *[200] * 50)
        config, data = tmp_path / "config", tmp_path / "data"
        _configure(config, server)
        assert rounds.run(point, occurrence, config, data, 0) == -9, "the point was never passed"
        assert rounds.run("", 1, config, data, 1) == 0
        keys = Counter(request.headers["webhook-id"] for request in server.requests if request.path == "/hook")
    assert len(keys) == ALERTS
    repeats = sum(keys.values()) - ALERTS
    assert repeats <= (1 if point == "after send" else 0), f"{repeats} repeats"


def _toll(paper: int, title: str) -> bytes:
    item = f"<item><guid>{paper}</guid><title>{title}</title><link>https://paper{paper}.example/toll</link></item>"
    return f"<rss version='2.0'><channel><title>Paper</title>{item}</channel></rss>".encode()


@pytest.mark.timeout(400)  # three rounds, some seconds each on an idle machine
@pytest.mark.parametrize("point", ["after the stories are written", "after commit"])
def test_story_in_hand_is_the_same_story_after_a_kill_and_its_update_is_told_once(
    point: str, rounds: Rounds, tmp_path: Path
) -> None:
    with HttpServer() as server:
        server.answers("/hook", *[200] * 50)
        server.publishes(
            "/feed0", _toll(0, "Drill at Port Elwin: explosion kills 3"), content_type="application/rss+xml"
        )
        server.publishes("/feed1", _feed(3), content_type="application/rss+xml")
        config, data = tmp_path / "config", tmp_path / "data"
        _configure(config, server)
        assert rounds.run("", 1, config, data, 0) == 0
        toll = _toll(1, "Drill at Port Elwin: explosion kills 5, toll rises")
        server.publishes("/feed1", toll, content_type="application/rss+xml")
        assert rounds.run(point, 1, config, data, 1) == -9, "the point was never passed"
        assert rounds.run("", 1, config, data, 2) == 0
        sent = [json.loads(one.body)["data"] for one in server.requests if one.path == "/hook"]
    alerts = [alert for message in sent for alert in message["alerts"] if "Elwin: explosion" in alert["title"]]
    first, update = alerts
    assert (first["story"], update["note"][:7], update["outlets"]) == (update["story"], "UPDATE:", 2)


@pytest.mark.timeout(400)  # half a minute on an idle machine
def test_kills_with_work_in_hand_among_failing_receivers_lose_nothing(tmp_path: Path) -> None:
    account = run(8, 1, tmp_path)
    assert account.has_tried, f"the kills missed what they were aimed at\n{account}"
    assert account.is_well, f"{FEEDS} feeds, {ITEMS} items\n{account}"
