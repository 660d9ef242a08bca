"""The daemon beside a standard output, or error, that nobody reads: everything else goes on, and it ends when asked."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path

from tests.e2e.test_daemon import feed, rss, rule, write
from tests.fakes.http_server import HttpServer
from tests.fakes.program import Program, eventually

STOP_SECONDS = 25.0


def a_full_pipe(path: Path) -> int:
    """Make a named pipe of one page that is full already, and return the end that nobody reads."""
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 4096)
    try:
        while True:
            os.write(pipe, b"." * 4096)
    except BlockingIOError:
        return pipe


def test_an_output_that_nobody_reads_stops_neither_files_nor_reload_nor_the_end(tmp_path: Path) -> None:
    rules = [rule("Army range", "Russian", "army", send_to=["console", "log"])]
    channels = {"log": {"type": "file", "path": "log.jsonl"}}
    log = tmp_path / "data" / "out" / "log.jsonl"
    pipe = a_full_pipe(tmp_path / "data.stdout")
    try:
        with HttpServer() as server:
            items = [(str(number), f"Russian army at range {number}: {word}") for number, word in enumerate(WORDS)]
            server.publishes("/paper", rss(*items[:3]))
            more = {"feeds": [feed(server, "/paper", every="5s")], "channels": channels}
            write(tmp_path / "config", rules, **more)
            with Program(tmp_path / "config", tmp_path / "data") as program:
                eventually(lambda: log.exists() and told(log) >= {"range 0", "range 2"}, "the file has the first three")
                eventually(lambda: "output takes nothing" in program.logged, "the console is known to hang")
                server.publishes("/paper", rss(*items))
                write(tmp_path / "config", [*rules, rule("Second", "peace")], **more)
                eventually(
                    lambda: told(log) >= {f"range {number}" for number in range(len(WORDS))}, "and the later ones"
                )
                eventually(lambda: "configuration reloaded" in program.logged, "the edit was taken")
                began = time.monotonic()
                assert program.terminate() == 0
                assert time.monotonic() - began < STOP_SECONDS
                assert "Traceback" not in program.logged
    finally:
        os.close(pipe)


def test_logs_that_nobody_reads_stop_nothing(tmp_path: Path) -> None:
    rules = [rule("Army range", "Russian", "army", send_to=["log"])]
    channels = {"log": {"type": "file", "path": "log.jsonl"}}
    log = tmp_path / "data" / "out" / "log.jsonl"
    pipe = a_full_pipe(tmp_path / "data.stderr")
    try:
        with HttpServer() as server:
            items = [(str(number), f"Russian army at range {number}: {word}") for number, word in enumerate(WORDS)]
            server.publishes("/paper", rss(*items[:3]))
            more = {"feeds": [feed(server, "/paper", every="5s")], "channels": channels}
            write(tmp_path / "config", rules, **more)
            with Program(tmp_path / "config", tmp_path / "data", {"WATCHER_LOG_LEVEL": "debug"}) as program:
                eventually(lambda: log.exists() and told(log) >= {"range 0", "range 2"}, "the file has the first three")
                server.publishes("/paper", rss(*items))
                write(tmp_path / "config", [*rules, rule("Second", "peace")], **more)
                eventually(
                    lambda: told(log) >= {f"range {number}" for number in range(len(WORDS))}, "and the later ones"
                )
                began = time.monotonic()
                assert program.terminate() == 0
                assert time.monotonic() - began < STOP_SECONDS
    finally:
        os.close(pipe)


WORDS = ("artillery seen", "bridge closed", "train halted", "harbour shut", "mine found", "airfield busy")


def told(log: Path) -> set[str]:
    """Return which ranges the file channel told of."""
    titles = [
        alert["title"] for line in log.read_text("utf-8").splitlines() for alert in json.loads(line)["data"]["alerts"]
    ]
    return {title.partition("at ")[2].partition(":")[0] for title in titles}
