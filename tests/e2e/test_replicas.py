"""Several daemons on one PostgreSQL, killed like their server, which a standby takes over from: nothing is lost, each
thing told once.
"""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.e2e.test_daemon import LOOPBACK, SECRET, feed, rss, rule, write
from tests.fakes.http_server import Answer, HttpServer
from tests.fakes.program import Program, eventually
from tests.postgres import running, standby_of

FEEDS = 4


@pytest.mark.timeout(300)  # half a minute on an idle machine
def test_replicas_share_the_work_while_one_is_killed_the_server_crashes_and_a_standby_takes_over(
    tmp_path: Path,
) -> None:
    with (
        HttpServer() as papers,
        HttpServer() as receiver,
        running(durable=True) as server,
        standby_of(server) as second,
    ):
        receiver.on("/hook", lambda request: Answer(200, b"ok"))
        names = [f"paper{number}" for number in range(FEEDS)]
        _publish(papers, names, 1)
        hook = {"type": "webhook", "url": receiver.url("/hook"), "secrets": [SECRET], "allow_private": LOOPBACK}
        feeds = [feed(papers, f"/{name}", every="1s") for name in names]
        write(tmp_path / "config", [rule("Drills", "drill", send_to=["hook"])], feeds=feeds, channels={"hook": hook})
        url = server.make("watcher").replace(f":{server.port}", f":{server.port},127.0.0.1:{second.port}")
        replicas = [
            Program(tmp_path / "config", tmp_path / name, {"WATCHER_DATABASE": url}, "--database", url)
            for name in ("one", "two")
        ]
        with replicas[0], replicas[1]:
            for replica in replicas:
                replica.wait_ready()
            _all_told(receiver, 1)
            replicas[0].kill()
            _publish(papers, names, 2)
            replicas[0].start().wait_ready()
            _all_told(receiver, 2)
            server.stop(signal.SIGQUIT)
            _publish(papers, names, 3)
            server.start()
            _all_told(receiver, 3)
            server.hold_commits_for("standby")
            _publish(papers, names, 4)
            _all_told(receiver, 4)
            server.stop(signal.SIGQUIT)
            _publish(papers, names, 5)
            second.promote()
            _all_told(receiver, 5)
            assert papers.most_at_once == 1  # all feeds are of one host
        assert not [line[:3000] for replica in replicas for line in replica.logged.splitlines() if "Traceback" in line]


def _publish(papers: HttpServer, names: list[str], count: int) -> None:
    for number, name in enumerate(names):
        items = [(f"{name}-{item}", _title(number, item)) for item in range(count)]
        papers.publishes(f"/{name}", rss(*items), content_type="application/rss+xml")


def _title(number: int, item: int) -> str:
    ports = ("Harbour", "Airfield", "Railway", "Market", "Dam")
    return f"{ports[item]} drill in district {'ABCD'[number]} ends early"


def _all_told(receiver: HttpServer, count: int) -> None:
    """Wait until all was told; nothing is told twice under another id."""
    wanted = {_title(number, item) for number in range(FEEDS) for item in range(count)}
    eventually(lambda: wanted <= set(_told(receiver)), f"{count} items of each feed told")
    assert not [title for title, ids in _told(receiver).items() if len(ids) > 1]


def _told(receiver: HttpServer) -> dict[str, set[str]]:
    """Return by headline the ids of the messages that told it."""
    told: dict[str, set[str]] = {}
    for request in receiver.requests_to("/hook"):
        data = json.loads(request.body)["data"]
        for title in [one["title"] for one in data.get("alerts", [data])]:
            told.setdefault(title, set()).add(request.headers["webhook-id"])
    return told
