"""A stop ends in its time with 0 whatever hangs, and what was not sent is kept for the next start."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from pathlib import Path
from typing import Self

import httpx
import pytest

from tests.e2e.test_daemon import LOOPBACK, TITLE, feed, rss, rule, serving, write
from tests.fakes.http_server import HttpServer
from tests.fakes.program import Program, eventually
from tests.fakes.smtp_server import SmtpServer
from watcher.daemon import loop
from watcher.daemon.control import socket_path

STOP_SECONDS = 25.0
OTHER_TITLE = "Second army range opened near the harbour of Velland"


def _stop(program: Program) -> float:
    began = time.monotonic()
    assert program.terminate() == 0, program.logged[-3000:]
    return time.monotonic() - began


class SilentMailServer:
    """A mail server on loopback that takes connections and never says a word, not even who it is; mail waits 30 s for
    that.
    """

    def __init__(self) -> None:
        self.connections: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._take, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self._listening.close()
        for connection in self.connections:
            connection.close()

    def _take(self) -> None:
        with contextlib.suppress(OSError):  # closed by the test
            while True:
                self.connections.append(self._listening.accept()[0])


@pytest.mark.timeout(200)
def test_a_receiver_that_never_answers_delays_a_stop_within_its_bound_and_gets_the_message_after_the_next_start(
    tmp_path: Path,
) -> None:
    mail = {"type": "email", "to": ["one@desk.example"], "allow_private": LOOPBACK}
    with HttpServer() as server, SilentMailServer() as silent:
        server.publishes("/paper", rss(("1", TITLE)))
        rules = [rule("Range", "army", severity="critical", send_to=["mail"])]
        write(tmp_path / "config", rules, feeds=[feed(server, "/paper")], channels={"mail": mail})
        with Program(tmp_path / "config", tmp_path / "data", _mail_env(silent.port)) as program:
            eventually(lambda: silent.connections, "the mail is in hand")
            server.publishes("/paper", rss(("2", OTHER_TITLE), ("1", TITLE)))
            program.ask(verb="poll")
            eventually(lambda: _alerts(program) == 2, "the second one waits")
            took = _stop(program)
        assert took < STOP_SECONDS, f"it took {took:.1f} s"
        assert took >= loop.GRACE_SECONDS - 1, f"nothing hung: it took {took:.1f} s"
        assert len(silent.connections) == 1, "something new was sent during the stop"
    with serving(SmtpServer()) as taking:
        with Program(tmp_path / "config", tmp_path / "data", _mail_env(taking.port)) as program:
            eventually(lambda: program.logged.count('"message sent"') == 2, "both are marked")
            assert program.terminate() == 0
        subjects = sorted(str(mail.message["Subject"]) for mail in taking.mails)
    assert len(subjects) == 2
    assert all(any(title in subject for subject in subjects) for title in (TITLE, OTHER_TITLE)), subjects


def _mail_env(port: int) -> dict[str, str]:
    return {"WATCHER_SMTP_URL": f"smtp://127.0.0.1:{port}?starttls=never", "WATCHER_SMTP_FROM": "watcher@desk.example"}


def _alerts(program: Program) -> int:
    lines = [json.loads(line) for line in program.logged.splitlines() if line.startswith("{")]
    return sum(line["alerts"] for line in lines if line["event"] == "feed polled")


@pytest.mark.timeout(200)
def test_a_stop_while_the_configuration_is_read_is_a_stop_in_order(tmp_path: Path) -> None:
    rules = [rule(f"Rule {number}", f"word{number}", f"other{number}") for number in range(3000)]
    write(tmp_path / "config", rules)
    with Program(tmp_path / "config", tmp_path / "data") as program:
        eventually(lambda: _probe(program, "/livez") == 200, "it lives")
        assert _probe(program, "/readyz") == 503
        took = _stop(program)
    assert took < STOP_SECONDS, f"it took {took:.1f} s"
    assert "Traceback" not in program.logged


def _probe(program: Program, path: str) -> int:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{program.port}{path}", timeout=5, trust_env=False).status_code
    return 0


@pytest.mark.timeout(200)
def test_connections_and_a_feed_that_hang_delay_a_stop_within_its_bound(tmp_path: Path) -> None:
    with HttpServer() as server, socket.socket(socket.AF_UNIX) as verb:
        server.stalls("/wire")
        write(tmp_path / "config", [rule("Range", "army")], feeds=[feed(server, "/wire")])
        with Program(tmp_path / "config", tmp_path / "data") as program:
            program.wait_ready()
            server.waits_for("/wire", seconds=60)
            verb.connect(str(socket_path(tmp_path / "data")))
            with socket.create_connection(("127.0.0.1", program.port)) as page:
                page.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
                took = _stop(program)
    assert took < STOP_SECONDS, f"it took {took:.1f} s"
