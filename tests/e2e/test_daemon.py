"""The daemon as its users meet it: started, edited, stopped, killed, with real receivers on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.fakes.http_server import Answer, HttpServer
from tests.fakes.program import Program, eventually
from tests.fakes.smtp_server import SmtpServer
from watcher.settings.bundled import bundled

LOOPBACK = ["127.0.0.0/8", "::1/128"]
SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
TITLE = "North Korean gunners seen at Russian army range"


def rss(*items: tuple[str, str]) -> bytes:
    """Return an RSS document of (guid, title) items."""
    entries = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title><link>https://paper.example/{guid}</link>"
        f"<description>What was seen, in one sentence, about {title}.</description></item>"
        for guid, title in items
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>Paper</title>{entries}</channel></rss>".encode()


def rule(name: str, *words: str, **more: Any) -> dict[str, Any]:
    """Return a rule that asks for every word, and whose alerts wait for no others."""
    return {"name": name, "all": list(words), "gather": "none", **more}


def write(config: Path, rules: list[dict[str, Any]], **more: Any) -> None:
    """Write a configuration as one file; JSON is YAML."""
    config.mkdir(exist_ok=True)
    (config / "watcher.yaml").write_text(json.dumps({"rules": rules, **more}), encoding="utf-8")


def feed(server: HttpServer, path: str, **more: Any) -> dict[str, Any]:
    """Return a feed on the loopback server that alerts from its first poll."""
    return {"url": server.url(path), "name": path.strip("/"), "first_poll": "alert", "allow_private": LOOPBACK, **more}


@contextlib.contextmanager
def serving(server: SmtpServer) -> Iterator[SmtpServer]:
    """Run the mail server on a loop of its own, beside a test that has none."""
    started, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with server:
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert started.wait(10)
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


def test_each_receiver_gets_the_alert_once_and_well_formed(tmp_path: Path) -> None:
    with HttpServer() as server, serving(SmtpServer()) as mail:
        server.publishes("/paper", rss(("1", TITLE)), content_type="application/rss+xml")
        server.on("/slack", lambda request: _ok())
        server.on("/hook", lambda request: _ok())
        channels = {
            "desk": {"type": "slack", "webhook_url": "${DESK_URL}", "allow_private": LOOPBACK},
            "me": {"type": "email", "to": ["one@desk.example", "two@desk.example"], "allow_private": LOOPBACK},
            "hook": {
                "type": "webhook",
                "url": server.url("/hook"),
                "secrets": ["${HOOK_SECRET}"],
                "allow_private": LOOPBACK,
            },
        }
        rules = [rule("Army range", "Russian", "army", send_to=["desk", "me", "hook", "console"])]
        write(tmp_path / "config", rules, feeds=[feed(server, "/paper")], channels=channels)
        env = {
            "DESK_URL": server.url("/slack"),
            "HOOK_SECRET": SECRET,
            "WATCHER_SMTP_URL": f"smtp://127.0.0.1:{mail.port}?starttls=never",
            "WATCHER_SMTP_FROM": "watcher@desk.example",
        }
        with Program(tmp_path / "config", tmp_path / "data", env) as program:
            eventually(
                lambda: mail.mails and server.requests_to("/hook") and server.requests_to("/slack"),
                "all receivers were told",
            )
            eventually(lambda: TITLE in program.printed, "the console shows it")
            assert program.terminate() == 0
        slack, hook = server.requests_to("/slack"), server.requests_to("/hook")
        assert [len(slack), len(hook), len(mail.mails)] == [1, 1, 2], "each recipient has a mail of their own"
        payload = json.loads(slack[0].body)
        assert TITLE in payload["text"]
        assert payload["blocks"]
        verified: Any = Webhook(SECRET).verify(hook[0].body, dict(hook[0].headers))
        assert verified["data"]["alerts"][0]["title"] == TITLE
        letter = mail.mails[0].message
        assert TITLE in letter["subject"]
        assert {part.get_content_type() for part in letter.walk()} >= {"text/plain", "text/html"}
        assert sorted(one.recipients[0] for one in mail.mails) == ["one@desk.example", "two@desk.example"]
        assert "secret-secret" not in program.logged + program.printed


def test_an_edit_takes_effect_and_a_typo_is_refused_with_its_place(tmp_path: Path) -> None:
    with HttpServer() as server:
        server.publishes("/paper", rss(("1", TITLE)), content_type="application/rss+xml")
        config = tmp_path / "config"
        feeds = [feed(server, "/paper", every="1m")]
        write(config, [rule("Football", "football")], feeds=feeds)
        with Program(config, tmp_path / "data") as program:
            program.wait_ready()
            eventually(lambda: server.requests_to("/paper"), "the feed was polled")
            write(config, [rule("Football", "football"), rule("Range", "army", "range")], feeds=feeds)
            eventually(lambda: (program.status() or {}).get("revision") == 2, "the edit is in force")
            eventually(lambda: "1 added (range), 1 same" in program.logged, "the edit is logged")
            eventually(lambda: TITLE in program.printed, "the new rule looks back")
            (config / "more.yaml").write_text("rules:\n  - name: Typo\n    al: [x]\n")
            eventually(lambda: (program.status() or {}).get("degraded"), "the typo is refused")
            eventually(lambda: "more.yaml:3:5" in program.logged, "the place of the typo is logged")
            server.publishes(
                "/paper", rss(("2", "Second army range opened"), ("1", TITLE)), content_type="application/rss+xml"
            )
            program.ask(verb="poll")
            eventually(lambda: "Second army range opened" in program.printed, "the old rules go on")
            eventually(lambda: "configuration was refused" in program.printed, "meta tells of it")
            (config / "more.yaml").unlink()
            eventually(lambda: not (program.status() or {"degraded": True})["degraded"], "the mend is taken")
            assert program.terminate() == 0


def test_kill_and_restart_lose_and_repeat_nothing(tmp_path: Path) -> None:
    with HttpServer() as server:
        hook = {"type": "webhook", "url": server.url("/hook"), "secrets": [SECRET], "allow_private": LOOPBACK}
        write(
            tmp_path / "config",
            [rule("Range", "army", send_to=["hook"])],
            feeds=[feed(server, "/paper")],
            channels={"hook": hook},
        )
        server.on("/hook", lambda request: _ok())
        server.publishes("/paper", rss(("1", TITLE)), content_type="application/rss+xml")
        with Program(tmp_path / "config", tmp_path / "data") as program:
            server.waits_for("/hook", 1, seconds=60)
            eventually(lambda: "message sent" in program.logged, "it is marked")
            program.kill()
            server.publishes(
                "/paper", rss(("2", "An army moves north"), ("1", TITLE)), content_type="application/rss+xml"
            )
            program.start().wait_ready()
            program.ask(verb="poll")
            server.waits_for("/hook", 2, seconds=60)
            program.ask(verb="poll")
            assert program.terminate() == 0
        keys = Counter(request.headers["webhook-id"] for request in server.requests_to("/hook"))
        assert sorted(keys.values()) == [1, 1]


def test_a_wire_copy_in_fourteen_feeds_is_one_alert(tmp_path: Path) -> None:
    with HttpServer() as server:
        title = "North Korean gunners seen at Russian army range, officials say"
        names = [f"/paper{n}" for n in range(14)]
        for n, name in enumerate(names):
            body = rss((str(n), title)).replace(b"https://paper.example", f"https://paper{n}.example".encode())
            server.publishes(name, body, content_type="application/rss+xml")
        write(
            tmp_path / "config",
            [rule("Range", "army", send_to=["out"])],
            feeds=[feed(server, name) for name in names],
            channels={"out": {"type": "file", "path": "alerts.jsonl"}},
        )
        with Program(tmp_path / "config", tmp_path / "data") as program:
            eventually(lambda: all(server.requests_to(name) for name in names), "every feed was polled")
            out = tmp_path / "data" / "out" / "alerts.jsonl"
            eventually(out.exists, "the alert is written")
            eventually(lambda: _folded(program) == 13, "thirteen copies are folded")
            assert program.terminate() == 0
        assert len(out.read_text("utf-8").splitlines()) == 1


def test_a_bad_first_start_lists_the_mistakes_and_exits(tmp_path: Path) -> None:
    write(tmp_path / "config", [rule("Range", "army", send_to=["nowhere"]), {"name": "No body"}])
    program = Program(tmp_path / "config", tmp_path / "data")
    with program, pytest.raises(AssertionError, match="it ended with 1"):
        program.wait_ready()
    assert "nowhere" in program.logged


def test_a_restart_with_bad_files_runs_on_the_last_good_revision(tmp_path: Path) -> None:
    config = tmp_path / "config"
    write(config, [rule("Range", "army")])
    with Program(config, tmp_path / "data") as program:
        program.wait_ready()
        assert program.terminate() == 0
        write(config, [{"nam": "Range"}])
        program.start().wait_ready()
        status = program.status() or {}
        assert [status["revision"], status["degraded"]] == [1, True]
        assert program.terminate() == 0


def test_a_second_daemon_on_the_same_data_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "config", [rule("Range", "army")])
    with Program(tmp_path / "config", tmp_path / "data") as first:
        first.wait_ready()
        second = Program(tmp_path / "config", tmp_path / "data")
        with second, pytest.raises(AssertionError, match="it ended with 1"):
            eventually(lambda: (second.status(), False)[1], "it never runs", seconds=20)
        assert first.terminate() == 0


def _ok() -> Any:
    return Answer(200, b"ok")


def _folded(program: Program) -> int:
    return sum(
        int(part.split('"folded": ')[1].split(",")[0].rstrip("}"))
        for part in program.logged.splitlines()
        if '"folded": ' in part
    )


def test_the_sample_is_shown_at_once_and_as_already_sent_the_next_time(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(bundled("config") / "sample", config / "sample")
    sample = {"url": "file:sample/feed.xml", "name": "sample", "sample": True, "first_poll": "alert"}
    write(config, [rule("Officers", "military", "Russia")], feeds=[sample])
    with Program(config, tmp_path / "data") as program:
        eventually(lambda: '"sample":true' in program.printed, "the sample alert is shown")
        assert '"copies":1' in program.printed
        assert program.terminate() == 0
        assert "already sent" not in program.printed
        program.start()
        eventually(lambda: "already sent on" in program.printed, "the second start shows it again, as sent")
        assert program.terminate() == 0
    assert program.printed.count('"sample":true') == 2
